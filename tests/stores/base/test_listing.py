"""How `BaseStore` makes every listing of one hook."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from tests.fakes import DictStore, RecordingStore
from zstore._compat import override
from zstore.entries import Entry


async def test_a_prefix_costs_one_look_at_the_key_of_that_name():
    store = RecordingStore({"a": b"1", "a/b": b"22"})
    for prefix, hooks in (("a", ["_read", "_scan"]), ("a/", ["_scan"])):
        store.hooks.clear()
        assert await store.getsize_prefix(prefix) == (3 if prefix == "a" else 2)
        assert store.hooks == hooks


class Batches(DictStore):
    """Lists in several batches, and tells whether the listing was closed."""

    left = False

    @override
    async def _scan(self, prefix: str) -> AsyncGenerator[list[tuple[str, int]], None]:
        try:
            async for batch in super()._scan(prefix):
                for pair in batch:
                    yield [pair]
                    yield []
        finally:
            self.left = True


FULL = {"a/b/1": b"1", "a/b/2": b"22", "a/c": b"333", "a/b": b"4444", "d": b""}


async def test_the_default_hooks_make_everything_of_a_scan():
    store = Batches(FULL)
    assert sorted([name async for name in store.list_dir("a")]) == ["b", "c"]
    entries = [entry async for batch in store.list_entries("a") for entry in batch]
    assert entries == [Entry("b", "key", 4), Entry("b", "prefix"), Entry("c", "key", 3)]
    page = [e async for batch in store.list_entries("a", limit=1, after="b") for e in batch]
    assert page == [Entry("b", "prefix")]
    assert await store.getsize("a/b") == 4
    await store.delete_dir("a")
    assert list(store.values) == ["d"]


@pytest.mark.parametrize(
    "name", ["list", "list_prefix", "list_dir", "scan", "list_entries"]
)
async def test_leaving_a_listing_closes_that_of_the_backend(name: str):
    store = Batches(FULL)
    listing = getattr(store, name)(*([] if name == "list" else [""]))
    async with aclosing(listing) as items:
        async for _ in items:
            break
    assert store.left


async def test_is_empty_stops_at_the_first_key():
    class Endless(DictStore):
        @override
        async def _scan(self, prefix: str) -> AsyncGenerator[list[tuple[str, int]], None]:
            while True:
                yield [("a", 1)]

    assert not await Endless().is_empty()
