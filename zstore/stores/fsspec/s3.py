"""S3 by its own requests, through the client of s3fs.

The common methods of fsspec ask twice for a value (its size, then its bytes), drop what
the server says about the range it sent, take ``?versionId=`` in a key for a version, and
leave out failures of a bulk deletion. The requests are therefore made here: one each.

Source: Amazon S3 API reference, GetObject, ListObjectsV2, DeleteObjects, PutObject.
"""

import asyncio
from bisect import bisect_right
from collections.abc import AsyncGenerator, Awaitable, Mapping, Sequence
from contextlib import aclosing
from typing import Any

from zstore._compat import override
from zstore.entries import Entry, EntryBatch, KeyPage, SizeBatch
from zstore.errors import AccessDeniedError, BackendError, InvalidByteRangeError
from zstore.ranges import ByteRequest
from zstore.stores.answers import checked, range_header
from zstore.stores.failures import http_status
from zstore.stores.fsspec.filesystem import Client
from zstore.stores.fsspec.remote import Remote
from zstore.stores.listed import ListedNames, microseconds, page_of

__all__ = ["S3Remote"]

_PAGE = 1000
# Sorts after every key below a prefix, so that a listing can skip them.
_LAST = "\U0010ffff"
# s3fs sends larger values in parts.
_ONE_REQUEST_NBYTES = 100 * 2**20
# Bodies that broke off on the way are asked for again; so are writes that met another.
_ATTEMPTS = 3
_CONFLICT, _PRECONDITION_FAILED, _NOT_SATISFIABLE = 409, 412, 416


class S3Remote(Remote):
    """A bucket, or what lies below a prefix of it.

    Parameters
    ----------
    bucket
        Its name.
    base
        What all keys in the bucket begin with; empty, or ending in ``/``.
    """

    def __init__(self, bucket: str, base: str, names: ListedNames) -> None:
        super().__init__(names)
        self._bucket = bucket
        self._base = base
        # Directory buckets (S3 Express) list in no order, and cannot start at a key.
        self.lists_in_order = not bucket.endswith("--x-s3")

    def _call(self, client: Client, operation: str, **fields: Any) -> Awaitable[Any]:
        send = getattr(client.fs, _SEND)
        answer: Awaitable[Any] = send(operation, Bucket=self._bucket, **fields)
        return answer

    @override
    async def read(self, client: Client, key: str, request: ByteRequest | None) -> bytes:
        fields = {} if request is None else {"Range": range_header(request)}
        for attempt in range(_ATTEMPTS):
            try:
                answer = await self._call(
                    client, "get_object", Key=self._base + key, **fields
                )
            except OSError as error:
                if http_status(error) == _NOT_SATISFIABLE:
                    msg = f"{request} asks for no byte of the value of {key!r}"
                    raise InvalidByteRangeError(msg) from error
                raise
            try:
                async with answer["Body"] as body:
                    data: bytes = await body.read()
                break
            except Exception:
                if attempt == _ATTEMPTS - 1:
                    raise
        else:  # pragma: no cover -- the last attempt ends or raises
            raise AssertionError(key)
        if request is not None:
            return checked(key, request, data, answer.get("ContentRange"))
        if len(data) != answer.get("ContentLength", len(data)):
            raise BackendError(
                key, f"{answer['ContentLength']} bytes announced, {len(data)} sent"
            )
        return data

    @override
    async def size(self, client: Client, key: str) -> int:
        answer = await self._call(client, "head_object", Key=self._base + key)
        return int(answer["ContentLength"])

    @override
    async def write(self, client: Client, key: str, data: bytes) -> None:
        path = f"{self._bucket}/{self._base}{key}"
        if len(data) >= _ONE_REQUEST_NBYTES and "?versionId=" not in path:
            await client.pipe_file(path, data)
        else:
            await self._call(client, "put_object", Key=self._base + key, Body=data)

    @override
    async def create(self, client: Client, key: str, data: bytes) -> None:
        self._require_conditional_writes(client)
        for attempt in range(_ATTEMPTS):
            try:
                await self._call(
                    client, "put_object", Key=self._base + key, Body=data, IfNoneMatch="*"
                )
            except OSError as error:
                status = http_status(error)
                if status == _PRECONDITION_FAILED:
                    raise FileExistsError(key) from error
                # Another write of the key is under way; S3 asks to try again.
                if status != _CONFLICT or attempt == _ATTEMPTS - 1:
                    raise
                await asyncio.sleep(0.1 * 2**attempt)
            else:
                return

    @staticmethod
    def _require_conditional_writes(client: Client) -> None:
        service = client.fs.s3.meta.service_model
        model = service.operation_model("PutObject")
        if "IfNoneMatch" not in model.input_shape.members:
            msg = "the installed botocore knows no conditional writes"
            raise NotImplementedError(msg)

    @override
    async def remove(self, client: Client, key: str) -> None:
        await self._call(client, "delete_object", Key=self._base + key)

    @override
    async def remove_many(self, client: Client, keys: Sequence[str]) -> None:
        for first in range(0, len(keys), _PAGE):
            doomed = [{"Key": self._base + key} for key in keys[first : first + _PAGE]]
            answer = await self._call(
                client, "delete_objects", Delete={"Objects": doomed, "Quiet": True}
            )
            for failure in answer.get("Errors", []):
                key = str(failure["Key"]).removeprefix(self._base)
                reason = f"{failure.get('Code')}: {failure.get('Message')}"
                denied = failure.get("Code") == "AccessDenied"
                raise (
                    AccessDeniedError(key, reason) if denied else BackendError(key, reason)
                )

    async def _answers(
        self, client: Client, **fields: Any
    ) -> AsyncGenerator[Mapping[str, Any], None]:
        while True:
            page = await self._call(client, "list_objects_v2", **fields)
            yield page
            if not page.get("IsTruncated"):
                return
            fields["ContinuationToken"] = page["NextContinuationToken"]

    @override
    async def scan(self, client: Client, prefix: str) -> AsyncGenerator[SizeBatch, None]:
        start = len(self._base)
        async for page in self._answers(client, Prefix=self._base + prefix):
            found = [(one["Key"][start:], one["Size"]) for one in page.get("Contents", [])]
            yield [pair for pair in found if self._names.admit(pair[0])]

    @override
    async def pages(
        self, client: Client, prefix: str, after: str, until: str | None
    ) -> AsyncGenerator[KeyPage, None]:
        start, last = len(self._base), after
        fields = {"StartAfter": self._base + after} if after else {}
        answers = self._answers(client, Prefix=self._base + prefix, **fields)
        async with aclosing(answers):
            async for answer in answers:
                # The marker of the root itself is not below it: it has no name.
                found = [one for one in answer.get("Contents", []) if one["Key"][start:]]
                names = [one["Key"][start:] for one in found]
                if self.lists_in_order:
                    _require_order(prefix, last, names)
                last = names[-1] if names else last
                stop = len(names) if until is None else bisect_right(names, until)
                yield KeyPage(
                    names[:stop],
                    [one["Size"] for one in found[:stop]],
                    [microseconds(one["LastModified"]) for one in found[:stop]],
                )
                if until is not None and last >= until:
                    return

    @override
    async def entries(
        self, client: Client, prefix: str, limit: int | None, after: str
    ) -> AsyncGenerator[EntryBatch, None]:
        full = self._base + prefix
        fields: dict[str, Any] = {"Prefix": full, "Delimiter": "/"}
        if not self.lists_in_order and (after or limit is not None):
            answers = self._answers(client, **fields)
            level = [one async for page in answers for one in self._level(page, prefix)]
            yield page_of(level, limit, after)
            return
        if after:
            # Past all that a prefix stands for, or it would be listed again.
            fields["StartAfter"] = full + after + (_LAST if after.endswith("/") else "")
        if limit is not None:
            fields["MaxKeys"] = min(limit, _PAGE)
        left = limit
        async for page in self._answers(client, **fields):
            # A page has keys and prefixes apart, each in order; pages follow in order.
            batch = page_of(self._level(page, prefix), left, after)
            yield batch
            if left is not None:
                left -= len(batch)
                if left <= 0:
                    return

    def _level(self, page: Mapping[str, Any], prefix: str) -> list[Entry]:
        start = len(self._base) + len(prefix)
        entries: list[Entry] = []
        for one in page.get("Contents", []):
            name = one["Key"][start:]
            if self._names.admit(prefix + name):
                entries.append(Entry(name, "key", one["Size"], one["LastModified"]))
        for one in page.get("CommonPrefixes", []):
            name = one["Prefix"][start:-1]
            if self._names.admit(prefix + name):
                entries.append(Entry(name, "prefix"))
        return entries


def _require_order(prefix: str, last: str, names: Sequence[str]) -> None:
    for name in names:
        if name <= last:
            reason = f"the listing is not in order: {name!r} comes after {last!r}"
            raise BackendError(prefix, reason)
        last = name


# s3fs's way to send any request of the API, with its retries and translated errors.
_SEND = "_call_s3"
