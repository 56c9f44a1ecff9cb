"""Single requests of S3 through the client of s3fs, and whether the answers are whole.

Source: Amazon S3 API reference, GetObject, ListObjectsV2.
"""

from collections.abc import AsyncGenerator, Mapping
from typing import Any

from zstore.errors import BackendError, InvalidByteRangeError
from zstore.ranges import ByteRequest
from zstore.stores.answers import checked, range_header
from zstore.stores.checksums import check_md5, md5_of
from zstore.stores.failures import http_status
from zstore.stores.fsspec.filesystem import Client
from zstore.stores.tries import Patience, Try

__all__ = ["S3Requests"]

_OK, _NOT_SATISFIABLE = 200, 416


class S3Requests:
    """Requests of one bucket.

    Parameters
    ----------
    bucket
        Its name.
    patience
        How often a request is tried, and for how long.
    verify
        Whether values are compared with their checksums.
    """

    def __init__(self, bucket: str, patience: Patience, *, verify: bool) -> None:
        self.bucket = bucket
        self.patience = patience
        self._verify = verify
        # Directory buckets (S3 Express) list in no order, and cannot start at a key.
        self.lists_in_order = not bucket.endswith("--x-s3")

    async def once(self, client: Client, operation: str, **fields: Any) -> Any:
        """Send a request of the API a single time, and return what botocore makes of it."""
        send = getattr(client.fs, _SEND)
        return await send(operation, Bucket=self.bucket, **fields)

    async def call(self, client: Client, where: str, operation: str, **fields: Any) -> Any:
        """Send a request of the API, again if need be."""
        body = fields.get("Body", b"")

        async def send(attempt: Try) -> Any:
            attempt.allow(len(body))
            return await self.once(client, operation, **fields)

        return await self.patience.ask(where, send)

    async def get(
        self, client: Client, name: str, key: str, request: ByteRequest | None
    ) -> bytes:
        """Read a value, or a range of it.

        Parameters
        ----------
        name, key
            What it is called in the bucket, and in errors.
        """
        # The bytes of a range have no checksum.
        part = None if self._verify else request
        fields = {} if part is None else {"Range": range_header(part)}

        async def send(attempt: Try) -> bytes:
            try:
                answer = await self.once(client, "get_object", Key=name, **fields)
            except OSError as error:
                if http_status(error) == _NOT_SATISFIABLE:
                    msg = f"{request} asks for no byte of the value of {key!r}"
                    raise InvalidByteRangeError(msg) from error
                raise
            attempt.allow(answer.get("ContentLength", 0))
            async with answer["Body"] as body:
                data: bytes = await body.read()
            if part is not None:
                return checked(key, part, data, answer.get("ContentRange"))
            _require_whole(key, answer, len(data))
            if self._verify:
                encryption = answer.get("ServerSideEncryption")
                await check_md5(key, data, md5_of(answer.get("ETag"), encryption))
            return data

        return await self.patience.ask(key, send)

    async def list_pages(
        self, client: Client, where: str, **fields: Any
    ) -> AsyncGenerator[Mapping[str, Any], None]:
        """Iterate over the answers to a listing, all of them or an error."""
        before: list[str] = []
        while True:
            page = await self.call(client, where, "list_objects_v2", **fields)
            _require_listing(where, page)
            names = _ends_of(page)
            token = page.get("NextContinuationToken")
            again = token and token == fields.get("ContinuationToken")
            if again or (names and names == before):
                raise BackendError(where, "a page of the listing came twice")
            yield page
            if not token:
                return
            fields["ContinuationToken"], before = token, names


def _require_whole(key: str, answer: Mapping[str, Any], nbytes: int) -> None:
    status = answer["ResponseMetadata"]["HTTPStatusCode"]
    announced = answer.get("ContentLength")
    # A proxy, or a page that asks to log in, gives no ETag.
    if status != _OK or announced is None or "ETag" not in answer:
        said = f"status {status}, Content-Length {announced}, ETag {answer.get('ETag')}"
        raise BackendError(key, f"what came is no value of S3: {said}")
    if nbytes != announced:
        raise BackendError(key, f"{announced} bytes announced, {nbytes} sent")


def _require_listing(where: str, page: Mapping[str, Any]) -> None:
    """Refuse what is no listing, or contradicts itself: names would be left out."""
    if "IsTruncated" not in page:
        # As of any page of HTML: nothing that a listing has is in it.
        raise BackendError(where, "what came is no listing of S3")
    if page["IsTruncated"] and not page.get("NextContinuationToken"):
        raise BackendError(where, "there is more to list, but no token to ask for it")
    found = len(page.get("Contents", ())) + len(page.get("CommonPrefixes", ()))
    # More than it says is no loss: some servers count the keys only.
    if page.get("KeyCount", found) > found:
        reason = f"{page['KeyCount']} names announced, {found} listed"
        raise BackendError(where, reason)


def _ends_of(page: Mapping[str, Any]) -> list[str]:
    """Return the first and the last names of a page."""
    keys, prefixes = page.get("Contents", []), page.get("CommonPrefixes", [])
    ends = [one["Key"] for one in (*keys[:1], *keys[-1:])]
    return ends + [one["Prefix"] for one in (*prefixes[:1], *prefixes[-1:])]


# s3fs's way to send any request of the API, with its translated errors.
_SEND = "_call_s3"
