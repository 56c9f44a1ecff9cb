"""ObjectStore on servers: what obstore itself repeats, refuses and is told."""

from datetime import timedelta

import obstore.store
import pytest

from tests.servers import HttpServer, S3Server
from tests.stores.object_store.test_store import S3Store as Listing
from zstore import ObjectStore
from zstore.errors import BackendError, UnsupportedError
from zstore.stores.object_store.asking import client_options_for

VALUE = bytes(range(256)) * 4


async def test_what_a_web_server_compresses_is_an_error(http_server: HttpServer):
    http_server.values["k"] = VALUE
    http_server.faults.fail("gzip")
    with pytest.raises(BackendError, match="gzip"):
        await ObjectStore.from_url(http_server.url).get("k")


async def test_a_write_that_obstore_repeated_has_won_all_the_same(s3_server: S3Server):
    options = {**s3_server.obstore_options, "retry_config": {"max_retries": 3}}
    store = ObjectStore(obstore.store.S3Store(s3_server.bucket, **options))
    s3_server.faults.fail("500-after", method="PUT", times=1)
    assert await store.set_if_not_exists("ours", b"mine")
    # Our own try was one; the other was obstore's.
    assert s3_server.faults.counts["PUT"] == 2


async def test_a_listing_of_a_url_has_a_deadline(s3_server: S3Server):
    options = {**s3_server.obstore_options}
    del options["retry_config"]
    url = f"s3://{s3_server.bucket}"
    store = ObjectStore.from_url(url, **options, timeout=0.6)
    s3_server.faults.fail("stall")
    with pytest.raises(BackendError):
        await store.getsize_prefix("")


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
