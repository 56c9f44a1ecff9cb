"""Pages of FsspecStore on S3: requests, bounds, and names that are no keys."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from tests.servers.listing import ListedKeys, ListingServer, modified
from zstore import FsspecStore
from zstore.errors import BackendError
from zstore.stores.fsspec.s3 import S3Remote
from zstore.stores.fsspec.s3_requests import S3Requests
from zstore.stores.listed import ListedNames, microseconds
from zstore.stores.tries import Patience

Pairs = list[tuple[str, int]]
ODD = {"%41": 1, "a b": 2, "a/./b": 4, "a//b": 8, "e/": 16, "e/1": 32, "f/": 0, "x": 64}
ODD |= {"x-": 128, "x/": 256, "é": 512}
MANY = {f"k/{i:04}": i for i in range(2000)}
MIXED = {**{f"a/{i:04}": 1 for i in range(1500)}, **{f"c{i:04}": 2 for i in range(1500)}}


@pytest.fixture
def server() -> Iterator[ListingServer]:
    buckets = {"odd": ODD, "many": MANY, "mixed": MIXED}
    with ListingServer({n: ListedKeys(keys) for n, keys in buckets.items()}) as running:
        yield running


@pytest.fixture
async def many(server: ListingServer) -> AsyncIterator[FsspecStore]:
    opened = server.fsspec_store("many")
    yield opened
    await opened.aclose()


async def pairs(store: FsspecStore, prefix: str = "", **bounds: Any) -> Pairs:
    return [
        pair
        async for page in store.scan_pages(prefix, **bounds)
        for pair in zip(page.keys, page.nbytes, strict=True)
    ]


async def test_each_page_is_one_request_and_nothing_is_asked_of_a_key(
    many: FsspecStore, server: ListingServer
):
    for prefix in ("", "k/"):
        server.reset()
        assert await pairs(many, prefix) == list(MANY.items())
        assert (server.nlist, server.nhead) == (2, 0)
        server.reset()
        assert await many.getsize_prefix(prefix) == sum(MANY.values())
        assert (server.nlist, server.nhead) == (2, 0)


async def test_a_range_costs_the_pages_that_it_lies_in(
    many: FsspecStore, server: ListingServer
):
    found = await pairs(many, after="k/0099", until="k/0399")
    assert [name for name, _ in found] == [f"k/{i:04}" for i in range(100, 400)]
    assert server.nlist == 1
    assert await pairs(many, after="l") == []


async def test_each_odd_name_is_there_once_wherever_a_range_ends(server: ListingServer):
    store = server.fsspec_store("odd")
    whole = sorted(ODD.items())
    assert await pairs(store) == whole
    for cut in [*ODD, *[f"{name}." for name in ODD], "a", "x-/", "zz"]:
        found = await pairs(store, until=cut) + await pairs(store, after=cut)
        assert found == whole, cut
    await store.aclose()


async def test_pages_say_when_values_were_written(many: FsspecStore):
    pages = [page async for page in many.scan_pages(until="k/0002")]
    times = [microseconds(modified(i)) for i in range(3)]
    assert [page.modified for page in pages] == [times]


@pytest.mark.parametrize("fault", ["repeat", "disorder"])
async def test_a_listing_that_lies_is_an_error(
    many: FsspecStore, server: ListingServer, fault: Any
):
    server.fail(fault, after=1)
    with pytest.raises(BackendError, match=r"not in order|came twice"):
        await pairs(many)


class Listing:
    """The client of a bucket that lists in no order; as much of it as is used."""

    def __init__(self, *names: str) -> None:
        self.fs, self.names = self, names
        self.asked: list[dict[str, Any]] = []

    async def _call_s3(self, operation: str, **fields: Any) -> dict[str, Any]:
        assert operation == "list_objects_v2"
        self.asked.append(fields)
        time = modified(0)
        contents = [{"Key": n, "Size": 1, "LastModified": time} for n in self.names]
        return {"Contents": contents, "IsTruncated": False}


async def test_a_directory_bucket_is_not_asked_for_a_place_in_the_order():
    requests = S3Requests("b--use1-az4--x-s3", Patience(), verify=False)
    remote = S3Remote(requests, "", ListedNames())
    client: Any = Listing("c", "a", "b")
    assert not remote.lists_in_order
    names = [
        name async for page in remote.pages(client, "", "", None) for name in page.keys
    ]
    assert names == ["c", "a", "b"]
    levels = [level async for level in remote.entries(client, "", 1, "a")]
    assert [[entry.name for entry in level] for level in levels] == [["b"]]
    assert not any("StartAfter" in fields for fields in client.asked)


@pytest.mark.parametrize(("bucket", "prefix"), [("many", "k"), ("mixed", "")])
async def test_the_first_page_of_a_large_level_is_one_request(
    server: ListingServer, bucket: str, prefix: str
):
    store = server.fsspec_store(bucket)
    level = [e async for b in store.list_entries(prefix, limit=500) for e in b]
    assert len(level) == 500
    assert (server.nlist, server.nhead) == (1, 0)
    await store.aclose()
