"""Both stores on S3: wrong answers, lost ones, late ones, and damage."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import obstore.store
import pytest
import s3fs

from tests.servers import S3Server
from zstore import FsspecStore, ObjectStore, RangeByteRequest, Store
from zstore.errors import BackendError, BackendTimeoutError, CorruptStoreError
from zstore.stores import tries

VALUE = bytes(range(256)) * 4
PART = RangeByteRequest(2, 9)

Open = Callable[..., Store]


@pytest.fixture(params=[FsspecStore, ObjectStore])
async def open_store(
    request: pytest.FixtureRequest, s3_server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Open]:
    """Open a store on a bucket with the value ``"k"``; it tries three times."""
    monkeypatch.setattr(s3fs.S3FileSystem, "retries", 3)
    monkeypatch.setattr(tries, "TRIES", 3)
    s3_server.put("k", body=VALUE)
    opened: list[Store] = []

    def open_one(**options: Any) -> Store:
        if request.param is FsspecStore:
            store: Store = s3_server.fsspec_store(**options)
        else:
            client = obstore.store.S3Store(s3_server.bucket, **s3_server.obstore_options)
            store = ObjectStore(client, **options)
        opened.append(store)
        return store

    yield open_one
    for store in opened:
        await store.aclose()


@pytest.mark.parametrize("fault", ["500", "dropped", "reset-body", "cut"])
async def test_what_passes_is_got_over(open_store: Open, s3_server: S3Server, fault: str):
    store = open_store()
    s3_server.faults.fail(fault, method="GET", times=2)
    assert await store.get_bytes("k") == VALUE
    assert await store.get_bytes("k", PART) == VALUE[2:9]


@pytest.mark.parametrize("fault", ["html", "error-200", "cut-unframed", "cut-chunked"])
async def test_what_is_no_whole_value_is_an_error(
    open_store: Open, s3_server: S3Server, fault: str
):
    s3_server.faults.fail(fault, method="GET")
    with pytest.raises(BackendError):
        await open_store().get("k")


@pytest.mark.parametrize("fault", ["lost", "500-after", "unheard"])
async def test_whose_answer_is_lost_has_won_all_the_same(
    open_store: Open, s3_server: S3Server, fault: str
):
    store = open_store()
    s3_server.put("theirs", body=b"mine")
    s3_server.faults.fail(fault, method="PUT", path="/ours", times=1)
    s3_server.faults.fail(fault, method="PUT", path="/theirs", times=1)
    assert await store.set_if_not_exists("ours", b"mine")
    # The same value, but of another writer.
    assert not await store.set_if_not_exists("theirs", b"mine")
    assert not await store.set_if_not_exists("ours", b"mine")


async def test_a_server_that_says_nothing_is_an_error(
    open_store: Open, s3_server: S3Server
):
    store = open_store(timeout=0.3)
    s3_server.faults.fail("stall")
    for call in (
        lambda: store.get("k"),
        lambda: store.exists("k"),
        lambda: store.set("k", b""),
        lambda: store.set_if_not_exists("k", b""),
        lambda: store.delete("k"),
    ):
        with pytest.raises(BackendTimeoutError, match=r"no .*answer within"):
            await call()


@pytest.mark.parametrize("fault", ["flip", "short-honest", "empty", "other-etag"])
async def test_damage_is_found_by_the_checksum(
    open_store: Open, s3_server: S3Server, fault: str
):
    store = open_store(verify=True)
    assert await store.get_bytes("k", PART) == VALUE[2:9]
    s3_server.faults.fail(fault, method="GET")
    for request in (None, PART):
        with pytest.raises(CorruptStoreError, match="damaged"):
            await store.get("k", byte_range=request)
