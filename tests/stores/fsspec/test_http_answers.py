"""FsspecStore on a web server: wrong answers, and late ones."""

import traceback
from collections.abc import AsyncIterator

import pytest

from tests.servers import HttpServer
from zstore import FsspecStore, RangeByteRequest
from zstore.errors import AccessDeniedError, BackendError, BackendTimeoutError
from zstore.stores import tries

VALUE = bytes(range(256)) * 4


@pytest.fixture
async def patient(
    http_server: HttpServer, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[FsspecStore]:
    """A store that tries again, at once."""
    monkeypatch.setattr(tries, "TRIES", 3)
    http_server.values["k"] = VALUE
    opened = FsspecStore.from_url(http_server.url)
    yield opened
    await opened.aclose()


@pytest.mark.parametrize(
    "fault", ["503", "dropped", "reset-body", "cut", "cut-chunked", "cut-unframed"]
)
async def test_what_passes_is_got_over(
    patient: FsspecStore, http_server: HttpServer, fault: str
):
    http_server.faults.fail(fault, method="GET", times=2)
    assert await patient.get_bytes("k") == VALUE
    assert await patient.get_bytes("k", RangeByteRequest(2, 9)) == VALUE[2:9]


@pytest.mark.parametrize("fault", ["cut-unframed", "no-content", "unasked", "not-gzip"])
async def test_what_is_no_whole_value_is_an_error(
    patient: FsspecStore, http_server: HttpServer, fault: str
):
    http_server.faults.fail(fault)
    with pytest.raises(BackendError):
        await patient.get("k")


async def test_what_comes_compressed_is_unpacked(
    patient: FsspecStore, http_server: HttpServer
):
    http_server.faults.fail("gzip")
    assert await patient.get_bytes("k") == VALUE


async def test_a_server_that_says_nothing_is_an_error(http_server: HttpServer):
    http_server.values["k"] = VALUE
    store = FsspecStore.from_url(http_server.url, timeout=0.2)
    for fault in ("stall", "stall-head", "stall-body"):
        http_server.faults.clear()
        http_server.faults.fail(fault, method="GET")
        with pytest.raises(BackendTimeoutError):
            await store.get("k")
    await store.aclose()


async def test_no_traceback_shows_a_token(http_server: HttpServer):
    host = http_server.url.removeprefix("http://")
    http_server.faults.fail(403)
    store = FsspecStore.from_url(f"http://me:canary@{host}/r?token=canary")
    for call in (store.get, store.exists, store.getsize_prefix):
        with pytest.raises(AccessDeniedError) as caught:
            await call("a")
        assert caught.value.__cause__ is not None
        assert "canary" not in "".join(traceback.format_exception(caught.value))
    await store.aclose()
