"""S3 by its own requests, through the client of s3fs.

The common methods of fsspec ask twice for a value (its size, then its bytes), drop what
the server says about the range it sent, take ``?versionId=`` in a key for a version, and
leave out failures of a bulk deletion. The requests are therefore made here: one each.

Source: Amazon S3 API reference, GetObject, ListObjectsV2, DeleteObjects, PutObject.
"""

from bisect import bisect_right
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Any

from zstore._compat import override
from zstore.entries import Entry, EntryBatch, KeyPage, SizeBatch
from zstore.errors import AccessDeniedError, BackendError
from zstore.ranges import ByteRequest
from zstore.stores.fsspec.filesystem import Client
from zstore.stores.fsspec.remote import Remote
from zstore.stores.fsspec.s3_requests import S3Requests
from zstore.stores.fsspec.s3_writing import create, write
from zstore.stores.listed import ListedNames, microseconds, page_of

__all__ = ["S3Remote"]

_PAGE = 1000
# Sorts after every key below a prefix, so that a listing can skip them.
_LAST = "\U0010ffff"


class S3Remote(Remote):
    """A bucket, or what lies below a prefix of it.

    Parameters
    ----------
    requests
        Those of the bucket.
    base
        What all keys in the bucket begin with; empty, or ending in ``/``.
    """

    sends_once = True

    def __init__(self, requests: S3Requests, base: str, names: ListedNames) -> None:
        super().__init__(names)
        self._requests = requests
        self._base = base
        self.lists_in_order = requests.lists_in_order

    @override
    async def read(self, client: Client, key: str, request: ByteRequest | None) -> bytes:
        return await self._requests.get(client, self._base + key, key, request)

    @override
    async def size(self, client: Client, key: str) -> int:
        name = self._base + key
        answer = await self._requests.call(client, key, "head_object", Key=name)
        return int(answer["ContentLength"])

    @override
    async def write(self, client: Client, key: str, data: bytes) -> None:
        await write(self._requests, client, self._base + key, key, data)

    @override
    async def create(self, client: Client, key: str, data: bytes) -> None:
        await create(self._requests, client, self._base + key, key, data)

    @override
    async def remove(self, client: Client, key: str) -> None:
        name = self._base + key
        await self._requests.call(client, key, "delete_object", Key=name)

    @override
    async def remove_many(self, client: Client, keys: Sequence[str]) -> None:
        for first in range(0, len(keys), _PAGE):
            doomed = [{"Key": self._base + key} for key in keys[first : first + _PAGE]]
            answer = await self._requests.call(
                client,
                keys[first],
                "delete_objects",
                Delete={"Objects": doomed, "Quiet": True},
            )
            for failure in answer.get("Errors", []):
                key = str(failure["Key"]).removeprefix(self._base)
                reason = f"{failure.get('Code')}: {failure.get('Message')}"
                denied = failure.get("Code") == "AccessDenied"
                raise (
                    AccessDeniedError(key, reason) if denied else BackendError(key, reason)
                )

    @override
    async def scan(self, client: Client, prefix: str) -> AsyncGenerator[SizeBatch, None]:
        start = len(self._base)
        async for page in self._requests.list_pages(
            client, prefix, Prefix=self._base + prefix
        ):
            found = [(one["Key"][start:], one["Size"]) for one in page.get("Contents", [])]
            yield [pair for pair in found if self._names.admit(pair[0])]

    @override
    async def pages(
        self, client: Client, prefix: str, after: str, until: str | None
    ) -> AsyncGenerator[KeyPage, None]:
        start, last = len(self._base), after
        fields = {"StartAfter": self._base + after} if after else {}
        answers = self._requests.list_pages(
            client, prefix, Prefix=self._base + prefix, **fields
        )
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
            answers = self._requests.list_pages(client, prefix, **fields)
            level = [one async for page in answers for one in self._level(page, prefix)]
            yield page_of(level, limit, after)
            return
        if after:
            # Past all that a prefix stands for, or it would be listed again.
            fields["StartAfter"] = full + after + (_LAST if after.endswith("/") else "")
        if limit is not None:
            fields["MaxKeys"] = min(limit, _PAGE)
        left = limit
        async for page in self._requests.list_pages(client, prefix, **fields):
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
