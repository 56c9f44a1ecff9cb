"""ObjectStore on servers: obstore's S3Store and HTTPStore, moto and aiohttp."""

import pickle
from typing import Any

import obstore.store
import pytest

from tests.servers import SECRET, HttpServer, S3Server
from zstore import ObjectStore, OffsetByteRequest, RangeByteRequest, SuffixByteRequest
from zstore.errors import (
    AccessDeniedError,
    BackendError,
    BackendTimeoutError,
    InvalidByteRangeError,
    StoreNotFoundError,
    UnsupportedError,
)

RANGES = (
    (RangeByteRequest(2, 5), b"234"),
    (RangeByteRequest(8, 20), b"89"),
    (OffsetByteRequest(7), b"789"),
    (SuffixByteRequest(3), b"789"),
    (SuffixByteRequest(15), b"0123456789"),
)
ODD_KEYS = ["a b", "a%20b", "a#b", "a?versionId=1", "g/*", "g/[x]", "ü/é", "+/&=", "g/1"]


@pytest.fixture
def store(s3_server: S3Server) -> ObjectStore:
    return open_store(s3_server, prefix="root")


def open_store(server: S3Server, **options: Any) -> ObjectStore:
    options = {**server.obstore_options, **options}
    return ObjectStore(obstore.store.S3Store(server.bucket, **options))


@pytest.fixture
def web(http_server: HttpServer) -> ObjectStore:
    http_server.values.update({"r/a": b"0123456789", "r/empty": b"", "r/a b%20#?": b"odd"})
    retries = {"max_retries": 0}
    return ObjectStore.from_url(f"{http_server.url}/r", retry_config=retries)


async def cursors(store: ObjectStore, *args: Any, **kwargs: Any) -> list[str]:
    return [e.cursor async for b in store.list_entries(*args, **kwargs) for e in b]


async def test_a_get_is_one_request(store: ObjectStore, s3_server: S3Server):
    s3_server.put("root/k")
    for request, expected in ((None, b"0123456789"), *RANGES):
        s3_server.faults.requests.clear()
        assert await store.get_bytes("k", request) == expected
        assert s3_server.faults.counts == {"GET": 1}


async def test_a_range_without_bytes_is_an_error(store: ObjectStore, s3_server: S3Server):
    s3_server.put("root/k")
    s3_server.put("root/empty", body=b"")
    for key, request in (
        ("k", RangeByteRequest(10, 12)),
        ("k", OffsetByteRequest(10)),
        ("empty", RangeByteRequest(0, 2)),
        ("empty", OffsetByteRequest(0)),
        ("empty", SuffixByteRequest(2)),
    ):
        with pytest.raises(InvalidByteRangeError):
            await store.get(key, byte_range=request)
    s3_server.faults.requests.clear()
    with pytest.raises(InvalidByteRangeError):
        await store.get("k", byte_range=RangeByteRequest(5, 5))
    assert not s3_server.faults.requests


async def test_keys_are_literal(store: ObjectStore, s3_server: S3Server):
    await store.set_many({key: key.encode() for key in ODD_KEYS})
    assert sorted(s3_server.keys) == sorted(f"root/{key}" for key in ODD_KEYS)
    for key in ODD_KEYS:
        assert await store.get_bytes(key) == key.encode()
        assert await store.exists(key)
    assert sorted([key async for key in store.list()]) == sorted(ODD_KEYS)
    await store.delete("g/*")
    await store.delete("g/[x]")
    assert [key async for key in store.list_prefix("g/")] == ["g/1"]


async def test_writing(store: ObjectStore, s3_server: S3Server):
    assert await store.set_if_not_exists("k", b"1")
    assert not await store.set_if_not_exists("k", b"2")
    await store.set("large", bytes(8 * 2**20))
    assert s3_server.faults.counts == {"PUT": 3}
    assert await store.get_bytes("k") == b"1"


async def test_a_listing_is_one_request_for_each_thousand_keys(s3_server: S3Server):
    s3_server.put(*[f"x/{i:04}" for i in range(2001)], body=b"12")
    store = open_store(s3_server)
    for prefix in ("", "x/"):
        s3_server.faults.requests.clear()
        assert await store.getsize_prefix(prefix) == 4002
        assert s3_server.faults.counts == {"GET": 3}


async def test_a_page_of_a_level_is_one_request(store: ObjectStore, s3_server: S3Server):
    s3_server.put(*[f"root/x/{i:03}" for i in range(50)])
    page = await cursors(store, "x", limit=5, after="007")
    assert page == ["008", "009", "010", "011", "012"]
    assert s3_server.faults.counts == {"GET": 1}


async def test_a_deletion_is_one_request_for_each_thousand_keys(
    store: ObjectStore, s3_server: S3Server
):
    s3_server.put("root/x", "root/xy", *[f"root/x/{i:04}" for i in range(1001)])
    await store.delete_dir("x")
    # obstore deletes a single key, "x" itself, in the same way.
    assert s3_server.faults.counts == {"GET": 2, "POST": 3}
    assert s3_server.keys == ["root/xy"]


async def test_markers_are_no_keys(store: ObjectStore, s3_server: S3Server):
    s3_server.put(
        "root/", "root/d-", "root/d/", "root/d/k", "root/f/", "root/f/g", body=b""
    )
    assert [key async for key in store.list()] == ["d-", "d/k", "f/g"]
    assert await cursors(store) == ["d-", "d/", "f/"]
    assert await cursors(store, "d", limit=2) == ["k"]
    assert not await store.exists("d")


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
    store: ObjectStore, s3_server: S3Server, status: int, error: type[Exception]
):
    s3_server.put("root/k")
    s3_server.faults.fail(status)
    for call in (
        lambda: store.get("k"),
        lambda: store.get("k", byte_range=OffsetByteRequest(2)),
        lambda: store.exists("k"),
        lambda: store.set("k", b"1"),
        lambda: store.set_if_not_exists("k", b"1"),
        lambda: store.delete("k"),
        lambda: store.getsize_prefix(""),
        lambda: store.delete_dir("d/"),
        lambda: cursors(store),
    ):
        with pytest.raises(error) as caught:
            await call()
        assert caught.value.__cause__ is not None
        assert SECRET not in f"{caught.value} {caught.value.__cause__!r}"


async def test_a_missing_bucket_is_no_empty_store(s3_server: S3Server):
    options = s3_server.obstore_options
    store = ObjectStore(obstore.store.S3Store("no-such-bucket", **options))
    with pytest.raises(StoreNotFoundError):
        await store.get("k")
    with pytest.raises(StoreNotFoundError):
        await store.getsize_prefix("")


async def test_a_bad_answer_is_an_error(store: ObjectStore, s3_server: S3Server):
    s3_server.put("root/k")
    s3_server.faults.fail("short", method="GET")
    for request in (None, RangeByteRequest(2, 5), OffsetByteRequest(2)):
        with pytest.raises(BackendError):
            await store.get("k", byte_range=request)
    s3_server.faults.clear()
    s3_server.faults.fail("whole")
    for ignored in (RangeByteRequest(2, 5), OffsetByteRequest(2), SuffixByteRequest(2)):
        with pytest.raises(BackendError):
            await store.get("k", byte_range=ignored)


async def test_no_answer_in_time_is_an_error(s3_server: S3Server):
    options = {"allow_http": True, "timeout": "200ms"}
    store = open_store(s3_server, client_options=options)
    s3_server.faults.fail("hang")
    with pytest.raises(BackendTimeoutError):
        await store.get("k")


async def test_no_secret_is_shown(store: ObjectStore, s3_server: S3Server):
    assert str(store) == f"<ObjectStore(S3Store, {s3_server.bucket}/root)>"
    s3_server.put("root/k")
    copy = pickle.loads(pickle.dumps(store))  # noqa: S301 -- made here
    assert copy == store
    assert await copy.get_bytes("k") == b"0123456789"


async def test_a_web_server(web: ObjectStore, http_server: HttpServer):
    for request, expected in ((None, b"0123456789"), *RANGES):
        assert await web.get_bytes("a", request) == expected
    assert await web.getsize("a") == 10
    assert await web.get_bytes("a b%20#?") == b"odd"
    assert await web.get("none") is None
    assert not await web.exists("none")
    for key, bad in (("a", OffsetByteRequest(10)), ("empty", SuffixByteRequest(1))):
        with pytest.raises(InvalidByteRangeError):
            await web.get(key, byte_range=bad)
    assert set(http_server.faults.counts) == {"GET", "HEAD"}


async def test_a_web_server_cannot_be_written_nor_listed(web: ObjectStore):
    assert not web.supports_writes
    assert not web.supports_deletes
    with pytest.raises(UnsupportedError):
        await web.set("k", b"")
    for call in (lambda: web.getsize_prefix(""), lambda: cursors(web)):
        with pytest.raises(UnsupportedError, match="listing"):
            await call()


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (401, AccessDeniedError),
        (403, AccessDeniedError),
        (500, BackendError),
        (503, BackendError),
        ("short", BackendError),
    ],
)
async def test_a_web_server_that_fails(
    web: ObjectStore, http_server: HttpServer, fault: object, error: type[Exception]
):
    http_server.faults.fail(fault, method="GET")
    for request in (None, RangeByteRequest(2, 5)):
        with pytest.raises(error):
            await web.get("a", byte_range=request)


async def test_a_web_server_that_ignores_ranges(web: ObjectStore, http_server: HttpServer):
    http_server.faults.fail("whole")
    for request in (RangeByteRequest(2, 20), OffsetByteRequest(2), SuffixByteRequest(2)):
        with pytest.raises(BackendError):
            await web.get("a", byte_range=request)


async def test_no_secret_is_in_an_error(http_server: HttpServer):
    host = http_server.url.removeprefix("http://")
    retries = {"max_retries": 0}
    store = ObjectStore.from_url(f"http://me:canary@{host}/r", retry_config=retries)
    http_server.faults.fail(500)
    with pytest.raises(BackendError) as caught:
        await store.get("a")
    assert "canary" not in f"{caught.value} {caught.value!r} {store}"
