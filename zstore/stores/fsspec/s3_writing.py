"""Values written to S3: in one request, in parts, or where there is none.

Source: Amazon S3 API reference, PutObject, CreateMultipartUpload.
"""

from contextlib import suppress
from typing import Any
from uuid import uuid4

from zstore.concurrency import map_limited
from zstore.stores.failures import http_status
from zstore.stores.fsspec.filesystem import Client
from zstore.stores.fsspec.s3_requests import S3Requests
from zstore.stores.tries import WRITER, Try

__all__ = ["create", "write"]

# Larger values are sent in parts of this size; S3 takes 10,000 of them.
_PART_NBYTES = 100 * 2**20
_MAX_PARTS = 10_000
_MAX_CONCURRENCY = 4
_PRECONDITION_FAILED = 412


async def write(
    requests: S3Requests, client: Client, name: str, key: str, data: bytes
) -> None:
    """Store a value, whatever was there.

    Parameters
    ----------
    name, key
        What it is called in the bucket, and in errors.
    """
    if len(data) < _PART_NBYTES:
        await requests.call(client, key, "put_object", Key=name, Body=data)
        return
    begun = await requests.call(client, key, "create_multipart_upload", Key=name)
    upload = {"Key": name, "UploadId": begun["UploadId"]}
    nbytes = max(_PART_NBYTES, -(-len(data) // _MAX_PARTS))

    async def send(number: int) -> dict[str, Any]:
        part = data[(number - 1) * nbytes : number * nbytes]
        answer = await requests.call(
            client, key, "upload_part", Body=part, PartNumber=number, **upload
        )
        return {"PartNumber": number, "ETag": answer["ETag"]}

    numbers = range(1, -(-len(data) // nbytes) + 1)
    try:
        parts = await map_limited(send, numbers, limit=_MAX_CONCURRENCY)
        await requests.call(
            client,
            key,
            "complete_multipart_upload",
            MultipartUpload={"Parts": parts},
            **upload,
        )
    except BaseException:
        # Parts that nobody completes cost money; the failure says more than this one.
        with suppress(Exception):
            await requests.call(client, key, "abort_multipart_upload", **upload)
        raise


async def create(
    requests: S3Requests, client: Client, name: str, key: str, data: bytes
) -> None:
    """Store a value if there is none; `FileExistsError` if there is one.

    A try whose answer was lost may have stored it: the next one is refused then, and
    aiohttp sends a request again without a word. So whoever is refused asks whose value is
    there: a word in its metadata tells, which no other writer knows.
    """
    _require_conditional_writes(client)
    writer = uuid4().hex

    async def send(attempt: Try) -> None:
        attempt.allow(len(data))
        fields = {"Key": name, "Body": data, "Metadata": {WRITER: writer}}
        try:
            await requests.once(client, "put_object", IfNoneMatch="*", **fields)
        except OSError as error:
            if http_status(error) != _PRECONDITION_FAILED:
                raise
            if await _writer_of(requests, client, name) != writer:
                raise FileExistsError(key) from error

    await requests.patience.ask(key, send)


async def _writer_of(requests: S3Requests, client: Client, name: str) -> str | None:
    try:
        found = await requests.once(client, "head_object", Key=name)
    except PermissionError:
        # Who may not read is told what the server said.
        return None
    metadata: dict[str, str] = found.get("Metadata", {})
    return metadata.get(WRITER)


def _require_conditional_writes(client: Client) -> None:
    service = client.fs.s3.meta.service_model
    model = service.operation_model("PutObject")
    if "IfNoneMatch" not in model.input_shape.members:
        msg = "the installed botocore knows no conditional writes"
        raise NotImplementedError(msg)
