"""Whole listings of ObjectStore: requests, bounds, and names that obstore changes."""

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

import obstore.store
import pytest

from tests.servers import S3Server
from tests.servers.listing import ListedKeys, ListingServer
from zstore import FsspecStore, ObjectStore
from zstore.errors import BackendError, UnsupportedError
from zstore.stores.object_store.columns import gives_columns
from zstore.stores.object_store.pages import offset_before

Pairs = list[tuple[str, int]]
# Between "x" and "x/" there is "x-"; "x/" has bytes, "e/" and "f/" have none.
ODD = {"%41": 1, "a b": 2, "e/": 0, "e/1": 4, "f/": 0, "x": 8, "x-": 16, "x/": 32, "é": 64}
MANY = {f"k/{i:04}": i for i in range(2000)}
FLAT = {**dict.fromkeys(MANY, 1), "l": 1}


@pytest.fixture
def server() -> Iterator[ListingServer]:
    buckets = {"odd": ODD, "many": MANY, "flat": FLAT}
    with ListingServer({n: ListedKeys(keys) for n, keys in buckets.items()}) as running:
        yield running


@pytest.fixture(params=["columns", "lists"])
def columns(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """With Arrow, and where it is not installed."""
    if request.param == "lists":

        async def never(client: object) -> bool:
            del client
            return False

        monkeypatch.setattr("zstore.stores.object_store.pages.gives_columns", never)


async def pairs(store: Any, prefix: str = "", **bounds: Any) -> Pairs:
    return [
        (name, int(str(nbytes)))
        async for page in store.scan_pages(prefix, **bounds)
        for name, nbytes in zip(page.names(), page.nbytes, strict=True)
    ]


@pytest.mark.usefixtures("columns")
async def test_each_page_is_one_request_and_nothing_is_asked_of_a_key(
    server: ListingServer,
):
    store = server.obstore_store("many")
    for prefix in ("", "k/"):
        server.reset()
        assert await pairs(store, prefix) == list(MANY.items())
        assert (server.nlist, server.nhead) == (2, 0)
        server.reset()
        assert await store.getsize_prefix(prefix) == sum(MANY.values())
        assert (server.nlist, server.nhead) == (2, 0)


@pytest.mark.usefixtures("columns")
async def test_a_range_costs_the_pages_that_it_lies_in(server: ListingServer):
    store = server.obstore_store("many")
    found = await pairs(store, after="k/0099", until="k/0399")
    assert [name for name, _ in found] == [f"k/{i:04}" for i in range(100, 400)]
    assert server.nlist == 1
    assert await pairs(store, "k", after="k/0000x", until="k/0001/") == [("k/0001", 1)]
    assert await pairs(store, after="l") == []


@pytest.mark.usefixtures("columns")
async def test_each_odd_name_is_there_once_wherever_a_range_ends(server: ListingServer):
    store = server.obstore_store("odd")
    whole = [("f", 0) if name == "f/" else (name, nbytes) for name, nbytes in ODD.items()]
    assert await pairs(store) == whole
    names = [name for name, _ in whole]
    for cut in [*names, *[f"{name}." for name in names], "a", "x-/", "x/./y", "x//", "zz"]:
        found = await pairs(store, until=cut) + await pairs(store, after=cut)
        # What "f" is does not show, unless a range begins where only "f/" can follow.
        assert [("f", 0) if one == ("f/", 0) else one for one in found] == whole, cut


async def test_pages_say_when_values_were_written(server: ListingServer):
    store, other = server.obstore_store("many"), server.fsspec_store("many")
    times = [
        [int(str(t)) for p in [page] for t in p.modified] for page in await first(store)
    ]
    assert times == [list(page.modified) for page in await first(other)]
    await other.aclose()


async def first(store: Any) -> list[Any]:
    return [page async for page in store.scan_pages(until="k/0900")]


async def test_long_listings_are_columns(server: ListingServer):
    store = server.obstore_store("many")
    assert await gives_columns(store.store)
    pages = [page async for page in store.scan_pages()]
    assert [len(page) for page in pages] == [1000, 1000]
    assert not any(isinstance(page.keys, list) for page in pages)
    assert str(pages[0].nbytes.type) == str(pages[0].modified.type) == "int64"


@pytest.mark.usefixtures("columns")
async def test_the_total_is_that_of_the_keys(s3_server: S3Server):
    s3_server.put("a", "a-", "a/", "a/1", "b/", "b/1", "c\\d", "c:/e", "f/2")
    store = ObjectStore(
        obstore.store.S3Store(s3_server.bucket, **s3_server.obstore_options)
    )
    with pytest.warns(UserWarning, match="no key"):
        scanned = [pair async for batch in store.scan() for pair in batch]
    # Nothing shows that "b/" is a marker: it has bytes.
    assert [key for key, _ in scanned] == ["a", "a-", "a/1", "b", "b/1", "f/2"]
    assert await store.getsize_prefix("") == sum(nbytes for _, nbytes in scanned)
    assert await store.getsize_prefix("a/") == 10


@pytest.mark.parametrize("name", ["a//b", "a/./b", "a\tb"])
async def test_a_name_that_obstore_refuses_is_an_error_and_no_gap(
    s3_server: S3Server, name: str
):
    s3_server.put("a/a", name)
    store = ObjectStore(
        obstore.store.S3Store(s3_server.bucket, **s3_server.obstore_options)
    )
    for call in (pairs(store), store.getsize_prefix("")):
        with pytest.raises(BackendError, match="FsspecStore can"):
            await call
    other: FsspecStore = s3_server.fsspec_store()
    assert sorted(await pairs(other)) == sorted([("a/a", 10), (name, 10)])
    await other.aclose()


@pytest.mark.parametrize("fault", ["repeat", "disorder"])
async def test_a_listing_that_lies_is_an_error(server: ListingServer, fault: Any):
    server.fail(fault, after=1)
    with pytest.raises(BackendError, match="not in order"):
        await pairs(server.obstore_store("many"))


async def test_a_server_that_throttles_changes_nothing(server: ListingServer):
    server.slow_down_share = 0.3
    store = server.obstore_store("many", retries=10)
    for _ in range(5):
        assert await pairs(store) == list(MANY.items())
    assert server.n503 == server.nlist - 10


async def test_the_first_page_of_a_large_level_is_one_request(server: ListingServer):
    store = server.obstore_store("flat")
    for limit, nlist in ((500, 1), (1000, 1), (1500, 2)):
        server.reset()
        level = [e async for b in store.list_entries("k", limit=limit) for e in b]
        assert [e.name for e in level] == [f"{i:04}" for i in range(limit)]
        assert (server.nlist, server.nhead) == (nlist, 0)
    # One child of many keys comes first: the level is asked for.
    server.reset()
    level = [e async for b in store.list_entries(limit=2) for e in b]
    assert [e.cursor for e in level] == ["k/", "l"]
    assert (server.nlist, server.nhead) == (2, 0)


class S3Store:
    """Somebody else's, which lists what the test says."""

    def __init__(self, *pages: Sequence[tuple[str, int]], bucket: str = "b") -> None:
        self.pages, self.config = pages, {"bucket": bucket}
        self.asked: list[str] = []

    async def list(self, *_: object, **__: object) -> AsyncIterator[list[dict[str, Any]]]:
        for page in self.pages:
            yield [{"path": p, "size": n, "last_modified": None} for p, n in page]

    async def head_async(self, path: str) -> dict[str, Any]:
        self.asked.append(path)
        raise FileNotFoundError(path)

    async def get_async(self, *_: object, **__: object) -> Any: ...
    async def put_async(self, *_: object, **__: object) -> Any: ...
    async def delete_async(self, *_: object) -> None: ...
    async def list_with_delimiter_async(self, *_: object) -> Any: ...


async def test_an_empty_object_at_the_end_of_a_page_waits_for_the_next():
    inner = S3Store([("a", 0)], [("a/1", 1), ("b", 0)], [("c", 0)])
    store = ObjectStore(inner)
    assert await pairs(store) == [("a/", 0), ("a/1", 1), ("b", 0), ("c", 0)]
    assert inner.asked == []
    # A reader is told the truth about each.
    assert [key async for key in store.list()] == ["a/1", "b", "c"]
    assert inner.asked == ["a"]


async def test_a_directory_bucket_lists_in_no_order():
    store = ObjectStore(S3Store([("b", 1), ("a", 2)], bucket="b--use1-az4--x-s3"))
    assert not store.lists_in_order
    assert await pairs(store) == [("b", 1), ("a", 2)]
    assert await store.getsize_prefix("") == 3
    with pytest.raises(UnsupportedError):
        await pairs(store, after="a")


def test_a_listing_starts_after_the_last_path_that_obstore_takes():
    assert offset_before("a/1/") == "a/1"
    assert offset_before("a//1") == "a"
    assert offset_before("/") is None
