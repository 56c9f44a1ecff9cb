"""The first levels of a store, in bounded rows, requests and time."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.display.stores import FailingStore, HangingStore, evil, ocean
from tests.waiting import LONG
from zstore import LocalStore, LoggingStore, MemoryStore
from zstore.display import Outline, Row, outline
from zstore.errors import InvalidKeyError
from zstore.store import Store


async def stored(values: dict[str, bytes]) -> MemoryStore:
    store = MemoryStore()
    await store.set_many(values)
    return store


def tree(row: Row) -> dict[str, Any]:
    return {child.name or "*": tree(child) for child in row.children}


def by_path(found: Outline, path: str) -> Row:
    return next(row for row in found.root.below(99) if row.path == path)


async def test_the_first_levels_are_shown_and_no_more():
    store = await stored(ocean())
    one = await outline(store, depth=1)
    assert tree(one.root) == {"ocean": {}, "plain": {}, "readme.txt": {}}
    two = await outline(store)
    assert tree(two.root) == {
        "ocean": {"salt": {}, "temp": {}},
        "plain": {"a": {}},
        "readme.txt": {},
    }
    three = await outline(store, depth=3)
    assert tree(three.root)["ocean"]["temp"] == {"*": {}, "notes.txt": {}}


async def test_groups_arrays_and_folders_are_told_apart():
    found = await outline(await stored(ocean()))
    kinds = {row.path: row.kind for row in found.root.below(9)}
    assert kinds == {
        "ocean": "group",
        "ocean/salt": "array",
        "ocean/temp": "array",
        "plain": "prefix",
        "plain/a": "prefix",
        "readme.txt": "key",
    }
    assert found.root.kind == "group"
    assert found.root.node is not None
    assert found.root.node.attributes == {"title": "sea"}


async def test_it_begins_where_it_is_asked_to():
    store = await stored(ocean())
    for prefix in ("ocean", "ocean/"):
        found = await outline(store, prefix, depth=1)
        assert [row.path for row in found.root.children] == ["ocean/salt", "ocean/temp"]
        assert found.root.path == "ocean"


async def test_an_array_is_looked_into():
    found = await outline(await stored(ocean()), "ocean/temp", depth=1)
    assert [row.kind for row in found.root.children] == ["chunks", "key"]
    assert found.root.kind == "array"


async def test_what_is_no_prefix_is_refused():
    with pytest.raises(InvalidKeyError):
        await outline(MemoryStore(), "a//b")


async def test_an_empty_store_is_empty():
    found = await outline(MemoryStore())
    assert (found.root.children, found.root.hidden, found.root.problem) == ((), 0, None)


async def test_rows_that_are_cut_are_counted():
    store = await stored({f"k{number:03}": b"1" for number in range(300)})
    found = await outline(store)
    assert (len(found.root.children), found.root.hidden) == (100, 200)
    few = await outline(store, max_rows=6)
    assert (len(few.root.children), few.root.hidden) == (5, 295)


async def test_rows_that_nobody_counted_are_said_to_be_there():
    store = await stored({f"k{number:04}": b"1" for number in range(1500)})
    found = await outline(store)
    assert (len(found.root.children), found.root.hidden) == (100, None)


async def test_no_store_makes_more_rows_than_asked_for():
    values = {
        f"a{i:02}/b{j:02}/c{k}": b"1" for i in range(40) for j in range(40) for k in (0, 1)
    }
    found = await outline(await stored(values), depth=3, max_rows=200)
    rows = list(found.root.below(9))
    assert len(rows) == 200
    # Each level below has its share; what is cut of it is counted.
    first = by_path(found, "a00")
    assert (len(first.children), first.hidden) == (25, 15)
    assert by_path(found, "a39").hidden == 40


async def test_a_level_that_fails_keeps_its_place():
    store = FailingStore({**ocean(), "broken/x": b"1"})
    found = await outline(store)
    broken = by_path(found, "broken")
    assert broken.problem is not None
    assert "denied" in broken.problem
    assert "word" not in broken.problem
    # The failure of one is not the failure of the others in its batch.
    assert by_path(found, "ocean").kind == "group"
    assert by_path(found, "ocean/temp").kind == "array"


async def test_metadata_that_nobody_understands_keep_their_place():
    store = await stored({"a/.zarray": b'{"zarr_format": 2, "shape": "large"}'})
    row = by_path(await outline(store), "a")
    assert row.kind == "array"
    assert row.problem


async def test_what_hangs_keeps_its_place_and_the_others_are_shown():
    store = HangingStore({**ocean(), "hangs/x": b"1"})
    # Time enough for the others, on the slowest machine.
    found = await asyncio.wait_for(outline(store, seconds=3), LONG)
    assert found.is_late
    assert [row.name for row in found.root.children] == [
        "hangs",
        "ocean",
        "plain",
        "readme.txt",
    ]


async def test_a_store_that_never_answers_is_left_in_time():
    store = HangingStore()
    store.from_start = True
    found = await asyncio.wait_for(outline(store, seconds=0.2), LONG)
    assert found.root.problem == "the listing did not end within 0.2 s"


async def test_a_closed_store_says_so():
    store = MemoryStore()
    store.close()
    found = await outline(store)
    assert found.root.problem == ("memory:// is closed; open a new store on the same place")


class UnlistedStore(MemoryStore):
    """As a web server that has no pages of links."""

    _can_list = False


def consolidated(values: dict[str, bytes]) -> dict[str, bytes]:
    names = (".zgroup", ".zarray", ".zattrs")
    metadata = {k: json.loads(v) for k, v in values.items() if k.endswith(names)}
    document = {"zarr_consolidated_format": 1, "metadata": metadata}
    return {**values, ".zmetadata": json.dumps(document).encode()}


async def test_a_store_that_cannot_list_says_so():
    store = UnlistedStore()
    await store.set_many(ocean())
    found = await outline(store)
    assert found.root.problem == "this store cannot list its keys"
    assert found.root.kind == "group"
    assert found.root.children == ()


async def test_consolidated_metadata_show_what_cannot_be_listed():
    store = UnlistedStore()
    await store.set_many(consolidated(ocean()))
    found = await outline(store)
    assert tree(found.root) == {"ocean": {"salt": {}, "temp": {}}}
    assert by_path(found, "ocean/temp").kind == "array"


async def test_below_consolidated_metadata_nothing_is_read():
    store = LoggingStore(MemoryStore(), log_level="CRITICAL")
    await store.set_many(consolidated(ocean()))
    store.counter.clear()
    store.clear_trace() if hasattr(store, "clear_trace") else None
    await outline(store)
    read = {key for key in keys_read(store) if key.startswith("ocean")}
    assert read == set()


def keys_read(store: LoggingStore[Any]) -> Iterator[str]:
    for record in store.trace:
        if record.method in {"get", "get_many", "get_partial_values", "get_ranges"}:
            yield from record.keys


async def test_a_level_is_listed_once_and_no_value_is_read():
    store = LoggingStore(await stored(ocean()), log_level="CRITICAL")
    await outline(store)
    assert store.counter["list_entries"] == 3
    assert "ocean/temp/0.0" not in set(keys_read(store))
    assert set(store.counter) <= {"list_entries", "get", "get_many", "get_partial_values"}


async def test_hostile_names_make_rows_and_nothing_else():
    found = await outline(evil(), max_rows=2000)
    names = {row.name for row in found.root.children}
    assert {"__proto__", "exe\u202egnp.zarr", "two\nlines"} <= names
    odd = [row for row in found.root.below(9) if row.problem is not None]
    assert {row.problem for row in odd} == {"this name is no key"}
    assert all(row.children == () for row in odd)


@pytest.mark.parametrize("codec", ["blosc", "gzip", "raw", "zlib"])
async def test_real_arrays_are_recognised(shared: Path, codec: str):
    store: Store = LocalStore(shared / "zarr-v2-implementations", read_only=True)
    row = by_path(await outline(store), codec)
    assert row.kind == "array"
    chunks = row.children[0]
    assert (chunks.kind, chunks.nchunks) == ("chunks", 108)
