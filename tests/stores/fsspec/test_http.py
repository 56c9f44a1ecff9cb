"""FsspecStore on a web server: fsspec's HTTP filesystem and aiohttp."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.servers import HttpServer
from zstore import FsspecStore, OffsetByteRequest, RangeByteRequest, SuffixByteRequest
from zstore.errors import (
    AccessDeniedError,
    BackendError,
    BackendTimeoutError,
    InvalidByteRangeError,
    UnsupportedError,
)

KEYS = {
    "r/a": b"0123456789",
    "r/d/x": b"1",
    "r/d/e/y": b"22",
    "r/a b%20#?&[*]": b"odd",
    "other": b"-",
}


@pytest.fixture
async def store(http_server: HttpServer) -> AsyncIterator[FsspecStore]:
    http_server.values.update(KEYS)
    opened = FsspecStore.from_url(f"{http_server.url}/r", {"asynchronous": True})
    yield opened
    await opened.aclose()


async def test_a_value_is_one_request(store: FsspecStore, http_server: HttpServer):
    assert await store.get_bytes("a") == b"0123456789"
    assert await store.get("b") is None
    assert await store.get_bytes("a b%20#?&[*]") == b"odd"
    assert http_server.faults.counts == {"GET": 3}


async def test_ranges(store: FsspecStore):
    for request, expected in (
        (RangeByteRequest(2, 5), b"234"),
        (RangeByteRequest(8, 20), b"89"),
        (OffsetByteRequest(7), b"789"),
        (SuffixByteRequest(3), b"789"),
        (SuffixByteRequest(15), b"0123456789"),
    ):
        assert await store.get_bytes("a", request) == expected
    for bad in (RangeByteRequest(10, 12), OffsetByteRequest(10)):
        with pytest.raises(InvalidByteRangeError):
            await store.get("a", byte_range=bad)


async def test_sizes_are_asked_without_a_body(store: FsspecStore, http_server: HttpServer):
    assert await store.getsize("a") == 10
    assert not await store.exists("b")
    assert http_server.faults.counts == {"HEAD": 2}


async def test_sizes_without_head(store: FsspecStore, http_server: HttpServer):
    http_server.heads = False
    http_server.values["r/empty"] = b""
    assert await store.getsize("a") == 10
    assert await store.getsize("empty") == 0
    http_server.faults.fail("whole")
    assert await store.getsize("a") == 10


async def test_a_folder_is_no_value(store: FsspecStore):
    assert not await store.exists("d")
    assert await store.get("d") is None


async def test_listings_follow_the_links(store: FsspecStore):
    assert sorted([key async for key in store.list()]) == [
        "a",
        "a b%20#?&[*]",
        "d/e/y",
        "d/x",
    ]
    assert sorted([name async for name in store.list_dir("")]) == ["a", "a b%20#?&[*]", "d"]
    assert [name async for name in store.list_dir("d/none")] == []
    assert [key async for key in store.list_prefix("nothing")] == []
    assert await store.getsize_prefix("d") == 3
    entries = [e async for b in store.list_entries("d", limit=1) for e in b]
    assert [entry.cursor for entry in entries] == ["e/"]


async def test_an_empty_folder_is_empty(http_server: HttpServer):
    store = FsspecStore.from_url(http_server.url)
    assert await store.is_empty()
    await store.aclose()


async def test_a_server_without_listings_is_not_empty(
    store: FsspecStore, http_server: HttpServer
):
    http_server.lists = False
    with pytest.raises(UnsupportedError, match="listing"):
        await anext(aiter(store.list()))
    with pytest.raises(UnsupportedError, match="listing"):
        await anext(aiter(store.list_dir("d")))


@pytest.mark.parametrize(
    ("page", "reason"), [("just words", "no links"), (b"\x00", "not a page of links")]
)
async def test_a_page_that_lists_nothing_is_not_empty(
    http_server: HttpServer, page: str | bytes, reason: str
):
    http_server.pages[""] = page
    store = FsspecStore.from_url(http_server.url)
    with pytest.raises(UnsupportedError, match=reason):
        await anext(aiter(store.list()))
    await store.aclose()


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, AccessDeniedError),
        (403, AccessDeniedError),
        (500, BackendError),
        (503, BackendError),
        (504, BackendTimeoutError),
    ],
)
async def test_a_failure_is_never_missing_nor_empty(
    store: FsspecStore, http_server: HttpServer, status: int, error: type[Exception]
):
    http_server.faults.fail(status)
    for call in (
        lambda: store.get("a"),
        lambda: store.get("a", byte_range=RangeByteRequest(0, 2)),
        lambda: store.exists("a"),
        lambda: store.getsize("a"),
        lambda: store.getsize_prefix(""),
        lambda: anext(aiter(store.list_dir(""))),
    ):
        with pytest.raises(error) as caught:
            await call()
        assert caught.value.__cause__ is not None


async def test_a_body_that_breaks_off_is_an_error(
    store: FsspecStore, http_server: HttpServer
):
    http_server.faults.fail("short", method="GET")
    for request in (None, RangeByteRequest(2, 5), OffsetByteRequest(2)):
        with pytest.raises(BackendError):
            await store.get("a", byte_range=request)


async def test_a_range_that_is_ignored_is_an_error(
    store: FsspecStore, http_server: HttpServer
):
    http_server.faults.fail("whole")
    for request in (RangeByteRequest(2, 20), OffsetByteRequest(2), SuffixByteRequest(2)):
        with pytest.raises(BackendError, match="ranges are ignored"):
            await store.get("a", byte_range=request)


async def test_no_answer_in_time_is_an_error(http_server: HttpServer):
    http_server.values.update(KEYS)
    http_server.faults.fail("hang")
    timeout = aiohttp.ClientTimeout(total=0.2)
    store = FsspecStore.from_url(http_server.url, {"client_kwargs": {"timeout": timeout}})
    with pytest.raises(BackendTimeoutError):
        await store.get("other")
    await store.aclose()


async def test_no_server_is_an_error():
    store = FsspecStore.from_url("http://127.0.0.1:1")
    for call in (store.get, store.exists, store.getsize_prefix):
        with pytest.raises(BackendError):
            await call("a")
    await store.aclose()


async def test_a_token_is_sent_and_never_shown(http_server: HttpServer):
    http_server.values["r/a"] = b"1"
    host = http_server.url.removeprefix("http://")
    store = FsspecStore.from_url(f"http://me:canary@{host}/r?token=canary&v=canary")
    assert await store.get_bytes("a") == b"1"
    assert http_server.faults.requests[0].query == "token=canary&v=canary"
    assert "canary" not in repr(store) + str(store)
    http_server.faults.fail(403)
    with pytest.raises(AccessDeniedError) as caught:
        await store.get("a")
    assert "canary" not in str(caught.value) + repr(caught.value)
    await store.aclose()


async def test_nothing_can_be_written(store: FsspecStore):
    assert not store.supports_writes
    assert not store.supports_deletes
    for call in (
        lambda: store.set("k", b""),
        lambda: store.set_if_not_exists("k", b""),
        lambda: store.delete("k"),
        store.clear,
    ):
        with pytest.raises(UnsupportedError):
            await call()


async def test_many_at_once(store: FsspecStore):
    got = await asyncio.gather(*[store.get_bytes("d/x") for _ in range(64)])
    assert got == [b"1"] * 64
