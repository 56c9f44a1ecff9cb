"""ObjectStore on servers: wrong answers, lost ones, and late ones."""

from datetime import timedelta
from typing import Any

import obstore.store
import pytest

from tests.servers import HttpServer, S3Server
from tests.stores.object_store.test_store import S3Store as Listing
from zstore import ObjectStore, RangeByteRequest
from zstore.errors import (
    BackendError,
    BackendTimeoutError,
    CorruptStoreError,
    UnsupportedError,
)
from zstore.stores import tries
from zstore.stores.object_store.asking import client_options_for

VALUE = bytes(range(256)) * 4


@pytest.fixture
def patient(s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> ObjectStore:
    """A store that tries again, at once; obstore does not."""
    monkeypatch.setattr(tries, "TRIES", 3)
    s3_server.put("k", body=VALUE)
    return open_store(s3_server)


def open_store(server: S3Server, **options: Any) -> ObjectStore:
    client = obstore.store.S3Store(server.bucket, **server.obstore_options)
    return ObjectStore(client, **options)


@pytest.mark.parametrize("fault", ["500", "dropped", "reset-body", "cut"])
async def test_what_passes_is_got_over(
    patient: ObjectStore, s3_server: S3Server, fault: str
):
    s3_server.faults.fail(fault, method="GET", times=2)
    assert await patient.get_bytes("k") == VALUE
    assert await patient.get_bytes("k", RangeByteRequest(2, 9)) == VALUE[2:9]


@pytest.mark.parametrize("fault", ["html", "error-200", "cut-unframed", "cut-chunked"])
async def test_what_is_no_whole_value_is_an_error(
    patient: ObjectStore, s3_server: S3Server, fault: str
):
    s3_server.faults.fail(fault, method="GET")
    with pytest.raises(BackendError):
        await patient.get("k")


async def test_what_a_web_server_compresses_is_an_error(http_server: HttpServer):
    http_server.values["k"] = VALUE
    http_server.faults.fail("gzip")
    with pytest.raises(BackendError, match="gzip"):
        await ObjectStore.from_url(http_server.url).get("k")


@pytest.mark.parametrize("fault", ["lost", "500-after", "unheard"])
async def test_whose_answer_is_lost_has_won_all_the_same(
    patient: ObjectStore, s3_server: S3Server, fault: str
):
    s3_server.put("theirs", body=b"mine")
    s3_server.faults.fail(fault, method="PUT", path="/ours", times=1)
    s3_server.faults.fail(fault, method="PUT", path="/theirs", times=1)
    assert await patient.set_if_not_exists("ours", b"mine")
    # The same value, but of another writer.
    assert not await patient.set_if_not_exists("theirs", b"mine")
    assert not await patient.set_if_not_exists("ours", b"mine")


async def test_a_write_that_obstore_repeated_has_won_all_the_same(s3_server: S3Server):
    options = {**s3_server.obstore_options, "retry_config": {"max_retries": 3}}
    store = ObjectStore(obstore.store.S3Store(s3_server.bucket, **options))
    s3_server.faults.fail("500-after", method="PUT", times=1)
    assert await store.set_if_not_exists("ours", b"mine")
    # Our own try was one; the other was obstore's.
    assert s3_server.faults.counts["PUT"] == 2


async def test_a_server_that_says_nothing_is_an_error(s3_server: S3Server):
    s3_server.put("k", body=VALUE)
    store = open_store(s3_server, timeout=0.3)
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


async def test_a_listing_of_a_url_has_a_deadline(s3_server: S3Server):
    options = {**s3_server.obstore_options}
    del options["retry_config"]
    url = f"s3://{s3_server.bucket}"
    store = ObjectStore.from_url(url, **options, timeout=0.6)
    s3_server.faults.fail("stall")
    with pytest.raises(BackendError):
        await store.getsize_prefix("")


@pytest.mark.parametrize("fault", ["flip", "short-honest", "empty", "other-etag"])
async def test_damage_is_found_by_the_checksum(
    s3_server: S3Server, fault: str, monkeypatch: pytest.MonkeyPatch
):
    # The server closes the connection, which may be noticed at the next request only.
    monkeypatch.setattr(tries, "TRIES", 3)
    s3_server.put("k", body=VALUE)
    store = open_store(s3_server, verify=True)
    assert await store.get_bytes("k", RangeByteRequest(2, 9)) == VALUE[2:9]
    s3_server.faults.fail(fault, method="GET")
    for request in (None, RangeByteRequest(2, 9)):
        with pytest.raises(CorruptStoreError, match="damaged"):
            await store.get("k", byte_range=request)


def test_only_s3_can_be_verified():
    with pytest.raises(UnsupportedError, match="checksums"):
        ObjectStore(obstore.store.MemoryStore(), verify=True)


async def test_a_page_that_comes_twice_is_an_error():
    client = Listing()
    client.paths = [["a", "b"], ["a", "b"]]
    with pytest.raises(BackendError, match="came twice"):
        assert [key async for key in ObjectStore(client).list()]


def test_what_a_user_chose_wins():
    mine = {"client_options": {"read_timeout": "1s"}, "retry_config": {"max_retries": 0}}
    assert client_options_for("s3://b", 30, mine) == mine
    assert client_options_for("file:///x", 30, {}) == {}
    plain = client_options_for("http://h", None, {})
    assert plain == {"client_options": {"allow_http": True}}
    given = client_options_for("https://h", 30, {"region": "x"})
    assert given["region"] == "x"
    assert given["client_options"] == {"read_timeout": timedelta(seconds=10)}
    assert given["retry_config"]["retry_timeout"] == timedelta(seconds=20)
