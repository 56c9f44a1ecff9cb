"""The bucket of a million keys: computed, and the same however it is asked."""

import asyncio
import json
import pickle
from collections.abc import AsyncIterable
from functools import cache
from typing import Any, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zstore import ReadOnlyStore, Store
from zstore.demo import ComputedStore, million_keys
from zstore.entries import KeyPage
from zstore.errors import (
    InvalidByteRangeError,
    InvalidTypeError,
    KeyNotFoundError,
    ReadOnlyError,
    UnsupportedError,
)
from zstore.hierarchy import read_node, scan_chunks
from zstore.ranges import RangeByteRequest, SuffixByteRequest

T = TypeVar("T")

NKEYS = 1_234
STORES = [ComputedStore(NKEYS), ComputedStore(NKEYS, a_week_later=True)]


async def gather(items: AsyncIterable[T]) -> list[T]:
    return [item async for item in items]


def rows_of(pages: list[KeyPage]) -> list[tuple[Any, ...]]:
    return [
        row
        for page in pages
        for row in zip(page.keys, page.nbytes, page.modified, strict=True)
    ]


@cache
def everything(a_week_later: bool) -> list[tuple[Any, ...]]:
    store = ComputedStore(NKEYS, a_week_later=a_week_later)
    return rows_of(asyncio.run(gather(store.scan_pages())))


def names(*, a_week_later: bool = False) -> list[str]:
    return [row[0] for row in everything(a_week_later)]


@st.composite
def near_keys(draw: st.DrawFn) -> str:
    """Keys, what they begin with, and what lies just before and after them."""
    key = draw(st.sampled_from(names() + names(a_week_later=True)))
    end = draw(st.sampled_from(["", "", "0", "~", "-", "/c", "/c/0/zz"]))
    return key[: draw(st.integers(1, len(key)))].rstrip("/") + end


@pytest.mark.parametrize("nkeys", [1_000, NKEYS, 20_011])
async def test_there_are_as_many_keys_as_were_asked_for(nkeys: int):
    store = ComputedStore(nkeys)
    keys = await gather(store.list())
    assert len(keys) == nkeys
    assert keys == sorted(set(keys))
    assert await gather(store.scan_pages()) != []


async def test_a_page_has_a_thousand_keys():
    pages = await gather(ComputedStore(20_011).scan_pages())
    assert [len(page) for page in pages] == [1_000] * 20 + [11]


@given(prefix=st.just("") | near_keys(), after=st.just("") | near_keys(), data=st.data())
def test_pages_hold_what_lies_between(prefix: str, after: str, data: st.DataObject):
    until = data.draw(st.none() | near_keys())
    later = data.draw(st.booleans())
    store = ComputedStore(NKEYS, a_week_later=later)
    found = asyncio.run(gather(store.scan_pages(prefix, after=after, until=until)))
    expected = [
        row
        for row in everything(later)
        if not prefix or row[0] == prefix or row[0].startswith(f"{prefix}/")
        if row[0] > after and (until is None or row[0] <= until)
    ]
    # A page of a key that has the name of the prefix says no time.
    pairs = [zip(page.keys, page.nbytes, strict=True) for page in found]
    assert [pair for page in pairs for pair in page] == [row[:2] for row in expected]


def level_of(prefix: str, *, a_week_later: bool) -> list[str]:
    """Return the cursors of a level, by looking at every key."""
    below = f"{prefix}/" if prefix else ""
    rest = [
        key.removeprefix(below)
        for key in names(a_week_later=a_week_later)
        if key.startswith(below)
    ]
    return sorted({name + slash for name, slash, _ in (key.partition("/") for key in rest)})


@given(
    prefix=st.just("") | near_keys(),
    after=st.just("") | near_keys(),
    limit=st.none() | st.integers(1, 40),
    later=st.booleans(),
)
def test_a_level_has_what_lies_there(
    prefix: str,
    after: str,
    limit: int | None,
    later: bool,
):
    store = ComputedStore(NKEYS, a_week_later=later)
    cursors = level_of(prefix, a_week_later=later)
    for cursor in ("", after, *cursors[:2], *cursors[-1:]):
        batches = asyncio.run(gather(store.list_entries(prefix, limit=limit, after=cursor)))
        found = [entry for batch in batches for entry in batch]
        assert [entry.cursor for entry in found] == [c for c in cursors if c > cursor][
            :limit
        ]


async def test_a_long_level_comes_in_batches():
    store = ComputedStore(200_000)
    batches = await gather(store.list_entries("reanalysis/temperature/c"))
    assert len(batches) == 2
    found = [entry.name for batch in batches for entry in batch]
    assert sorted(found, key=int) == [str(i) for i in range(len(found))]
    batches = await gather(store.list_entries("reanalysis/temperature/c", limit=1_500))
    assert [entry.name for batch in batches for entry in batch] == found[:1_500]


async def test_values_are_as_long_as_the_listing_says():
    store = STORES[0]
    for key, nbytes, _ in everything(False)[::50]:
        assert await store.getsize(key) == nbytes
        assert len(await store.get_bytes(key)) == nbytes
    first = await store.get_bytes("zarr.json", RangeByteRequest(1, 14))
    assert first == b'"zarr_format"'
    key = "old/temperature_copy/c/0/0/0"
    assert await store.get_bytes(key, SuffixByteRequest(3)) == bytes(3)
    with pytest.raises(InvalidByteRangeError):
        await store.get(key, byte_range=RangeByteRequest(3_000_000, 3_000_001))


@pytest.mark.parametrize("key", ["a", "zarr", "zarr.json/c", "satellite", "z", "logs/9"])
async def test_what_is_not_there_is_missing(key: str):
    assert await STORES[0].get(key) is None
    assert not await STORES[0].exists(key)
    with pytest.raises(KeyNotFoundError):
        await STORES[0].getsize(key)


@pytest.mark.parametrize("store", STORES, ids=str)
async def test_the_documents_say_what_is_there(store: ComputedStore):
    keys = await gather(store.list())
    documents = [key for key in keys if key.endswith("zarr.json")]
    missing: dict[str, int] = {}
    for key in documents:
        path = key.rpartition("/")[0]
        node = await read_node(store, path)
        assert node is not None
        assert node.problem is None
        if node.array is not None:
            batches = await gather(scan_chunks(store, node))
            nchunks = sum(len(batch.indices) for batch in batches)
            missing[path] = node.array.grid.nchunks - nchunks
            # Nothing else lies below an array.
            assert nchunks + 1 == sum(key.startswith(f"{path}/") for key in keys)
    later = "a-week-later" in str(store)
    assert len(missing) == 26 - later
    assert set(missing.values()) == {0}


async def test_one_array_has_a_gap_which_is_filled_later():
    for later in (False, True):
        store = ComputedStore(100_000, a_week_later=later)
        node = await read_node(store, "satellite/clouds")
        assert node is not None
        assert node.array is not None
        batches = await gather(scan_chunks(store, node))
        steps = {int(index[0]) for batch in batches for index in batch.indices}
        missing = set(range(node.array.grid.counts[0])) - steps
        assert missing == (set() if later else {50, 51, 52, 53})


async def test_a_week_later_nothing_else_has_changed():
    before, after = (
        {row[0]: row[1:] for row in everything(later)} for later in (False, True)
    )
    gone = {key for key in before if key not in after}
    assert gone == {key for key in before if key.startswith("old/temperature_copy/")}
    assert gone
    new = {key.rpartition("/c/")[0] for key in after if key not in before}
    assert new == {"forecast/rain", "forecast/wind"}
    changed = {key for key in before if after.get(key, before[key]) != before[key]}
    assert changed == {"forecast/rain/zarr.json", "forecast/wind/zarr.json"}


async def test_nothing_can_be_written():
    store: Store = ComputedStore(NKEYS)
    assert not store.supports_writes
    with pytest.raises(ReadOnlyError):
        await store.set("a", b"")
    store = store.with_read_only(False)
    with pytest.raises(UnsupportedError):
        await store.set("a", b"")
    with pytest.raises(UnsupportedError):
        await store.delete("zarr.json")


async def test_it_travels_by_pickle():
    store = million_keys(NKEYS, latency=0, a_week_later=True)
    same = pickle.loads(pickle.dumps(store))  # noqa: S301 -- our own bytes
    assert same == store
    assert str(same) == f"slow-computed://{NKEYS}/a-week-later"
    assert store != million_keys(NKEYS, latency=0)
    assert len(pickle.dumps(store.store)) < 1_000
    rows = rows_of(await gather(same.scan_pages("forecast", until="forecast/rain/d")))
    assert rows
    assert set(rows) <= set(everything(True))


async def test_it_is_as_slow_as_it_is_told():
    assert million_keys(NKEYS).latency == 0.03
    wrapped = ReadOnlyStore(million_keys(NKEYS, latency=0))
    assert wrapped.lists_in_order
    assert json.loads(await wrapped.get_bytes("zarr.json"))["node_type"] == "group"


@pytest.mark.parametrize("nkeys", [999, 10**8 + 1, 5000.0, True, "5000"])
def test_other_numbers_of_keys_are_refused(nkeys: Any):
    with pytest.raises(InvalidTypeError, match="nkeys must be an int from 1,000"):
        million_keys(nkeys)
