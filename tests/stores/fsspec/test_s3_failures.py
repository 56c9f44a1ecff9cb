"""FsspecStore on an S3 server that refuses, fails, or answers wrong."""

import traceback

import pytest
import s3fs

from tests.servers import SECRET, S3Server
from zstore import FsspecStore, OffsetByteRequest, RangeByteRequest, SuffixByteRequest
from zstore.errors import (
    AccessDeniedError,
    BackendError,
    BackendTimeoutError,
    StoreNotFoundError,
    UnsupportedError,
)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (403, AccessDeniedError),
        (500, BackendError),
        (503, BackendError),
        (504, BackendTimeoutError),
    ],
)
async def test_a_failure_is_never_missing_nor_empty(
    store: FsspecStore, s3_server: S3Server, status: int, error: type[Exception]
):
    s3_server.put("root/k")
    s3_server.faults.fail(status)
    for call in (
        lambda: store.get("k"),
        lambda: store.exists("k"),
        lambda: store.getsize("k"),
        lambda: store.set("k", b"1"),
        lambda: store.set_if_not_exists("k", b"1"),
        lambda: store.delete("k"),
        lambda: store.getsize_prefix(""),
        lambda: store.delete_dir("d/"),
        lambda: anext(store.list_entries()),
    ):
        with pytest.raises(error) as caught:
            await call()
        assert caught.value.__cause__ is not None
        assert SECRET not in "".join(traceback.format_exception(caught.value))


async def test_a_404_is_missing(store: FsspecStore):
    assert await store.get("k") is None
    assert not await store.exists("k")
    await store.delete("k")
    with pytest.raises(FileNotFoundError):
        await store.getsize("k")


async def test_a_refusal_can_be_made_to_mean_missing(s3_server: S3Server):
    s3_server.faults.fail(403)
    allowed = (FileNotFoundError, PermissionError)
    store = s3_server.fsspec_store(allowed_exceptions=allowed)
    assert await store.get("k") is None
    with pytest.raises(AccessDeniedError):
        await store.set("k", b"1")
    await store.aclose()


async def test_a_missing_bucket_is_no_empty_store(s3_server: S3Server):
    store = FsspecStore.from_url("s3://no-such-bucket", s3_server.fsspec_options)
    with pytest.raises(StoreNotFoundError):
        await store.get("k")
    with pytest.raises(StoreNotFoundError):
        await anext(aiter(store.list()))
    await store.aclose()


async def test_a_short_body_is_an_error(store: FsspecStore, s3_server: S3Server):
    s3_server.put("root/k")
    s3_server.faults.fail("short", method="GET")
    for request in (RangeByteRequest(2, 5), OffsetByteRequest(2), None):
        with pytest.raises(BackendError):
            await store.get("k", byte_range=request)


async def test_a_range_that_is_ignored_is_an_error(store: FsspecStore, s3_server: S3Server):
    s3_server.put("root/k")
    s3_server.faults.fail("whole")
    for request in (RangeByteRequest(2, 20), OffsetByteRequest(2), SuffixByteRequest(2)):
        with pytest.raises(BackendError, match="ranges are ignored"):
            await store.get("k", byte_range=request)
    # All of the value was asked for, and is there.
    assert await store.get_bytes("k", OffsetByteRequest(0)) == b"0123456789"


async def test_a_bulk_deletion_that_fails_in_part_is_an_error(
    store: FsspecStore, s3_server: S3Server, monkeypatch: pytest.MonkeyPatch
):
    s3_server.put("root/k")
    refused = {"Errors": [{"Key": "root/k", "Code": "AccessDenied", "Message": "no"}]}
    client = await store._clients.get()
    send = client.fs._call_s3

    async def call(operation: str, **fields: object) -> object:
        if operation == "delete_objects":
            return refused
        return await send(operation, **fields)

    monkeypatch.setattr(client.fs, "_call_s3", call)
    with pytest.raises(AccessDeniedError, match="'k'"):
        await store.clear()


async def test_a_write_that_meets_another_is_tried_again(
    s3_server: S3Server, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(s3fs.S3FileSystem, "retries", 3)
    store = s3_server.fsspec_store()
    client = await store._clients.get()
    send, conflicts = client.fs._call_s3, 2

    async def call(operation: str, **fields: object) -> object:
        nonlocal conflicts
        if conflicts:
            conflicts -= 1
            raise OSError from ConflictError
        return await send(operation, **fields)

    monkeypatch.setattr(client.fs, "_call_s3", call)
    assert await store.set_if_not_exists("k", b"1")
    assert not await store.set_if_not_exists("k", b"2")
    conflicts = 99
    with pytest.raises(BackendError, match="after 3 tries"):
        await store.set_if_not_exists("k", b"2")
    assert conflicts == 96
    await store.aclose()


class ConflictError(Exception):
    status = 409


async def test_without_conditional_writes_nothing_is_written(
    store: FsspecStore, s3_server: S3Server
):
    client = await store._clients.get()
    model = client.fs.s3.meta.service_model.operation_model("PutObject")
    members = model.input_shape.members
    field = members.pop("IfNoneMatch")
    with pytest.raises(UnsupportedError, match="botocore"):
        await store.set_if_not_exists("k", b"1")
    members["IfNoneMatch"] = field
    assert s3_server.keys == []
