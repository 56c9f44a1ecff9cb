"""What a view learns from a snapshot is what the store holds, and costs no request."""

import asyncio
from pathlib import Path

import pytest

from tests.fakes import RecordingStore
from tests.waiting import until
from tests.widgets.listings import Gate, OrderedStore
from zstore import MemoryStore, Store, Usage
from zstore.errors import SnapshotError
from zstore.inventory import Inventory
from zstore.inventory.snapshot.manifest import UNFINISHED
from zstore_widgets.sizes.snapshot import MAX_KEYS, SizeSnapshot, part_of

TREE = {
    "zarr.json": 3,
    "a/zarr.json": 2,
    "a/b/zarr.json": 1,
    "a/b/c/0/0": 100,
    "a/b/c/0/1": 100,
    "a/b/c/1/0": 50,
    "ab/x": 7,
    "it's \"%_\u202e$limit/x": 9,
}


async def filled(place: Store, *, prefix: str = "") -> RecordingStore:
    store = RecordingStore({key: bytes(nbytes) for key, nbytes in TREE.items()})
    (await Inventory.scan(store, prefix, snapshot=place)).close()
    store.hooks.clear()
    return store


async def counted(store: Store, depth: int, path: str = "") -> Usage:
    *_, last = [usage async for usage in store.usage(path, depth=depth)]
    return last


@pytest.mark.parametrize("depth", [1, 2, 3, 8])
@pytest.mark.parametrize(
    "path", ["", "a", "a/b", "ab", "it's \"%_\u202e$limit", "not there"]
)
async def test_it_knows_what_a_count_of_the_store_finds(path: str, depth: int):
    place = MemoryStore()
    store = await filled(place)
    expected = await counted(store, depth, path)
    store.hooks.clear()
    snapshot = SizeSnapshot(place, path)
    known = await snapshot.usage(depth)
    assert known is not None
    assert known.usage == expected
    assert store.hooks == []
    snapshot.close()


@pytest.mark.parametrize("path", ["", "a"])
async def test_an_interrupted_scan_knows_what_it_has_found(path: str):
    place = MemoryStore()
    items = [
        (f"{name}/{i:03}/{j}", i) for name in "ab" for i in range(40) for j in range(5)
    ]
    gate = Gate(11)
    store = OrderedStore(items, gate=gate, batch=10)
    scan = asyncio.ensure_future(Inventory.scan(store, snapshot=place, max_concurrency=1))
    await until(lambda: gate.passed == 11)
    scan.cancel()
    with pytest.raises(asyncio.CancelledError):
        await scan
    assert await place.exists(UNFINISHED)
    snapshot = SizeSnapshot(place, path)
    known = await snapshot.usage(2)
    assert known is not None
    assert not known.usage.complete
    inventory = await snapshot.load()
    assert inventory is not None
    found = {
        key: nbytes for key, nbytes, _ in inventory.largest(1000) if key.startswith(path)
    }
    assert 0 < len(found) < len(items)
    assert (known.usage.nkeys, known.usage.nbytes) == (len(found), sum(found.values()))
    top = [counts for child, counts in known.usage.children.items() if "/" not in child]
    assert sum(nkeys for nkeys, _ in top) == len(found)
    assert sum(nbytes for _, nbytes in top) == sum(found.values())
    level = await snapshot.level("")
    assert level is not None
    assert not level.complete
    assert sum(nkeys for _, (nkeys, _) in level.folders) == len(found)
    snapshot.close()


async def test_a_level_has_its_folders_largest_first():
    place = MemoryStore()
    await filled(place)
    snapshot = SizeSnapshot(place, "a")
    level = await snapshot.level("")
    assert level is not None
    assert (level.nkeys, level.nbytes, level.complete) == (5, 253, True)
    assert level.folders == [("b", (4, 251))]
    inner = await snapshot.level("b/c/")
    assert inner is not None
    assert inner.folders == [("0", (2, 200)), ("1", (1, 50))]
    snapshot.close()


async def test_where_there_is_none_nothing_is_known_and_nothing_made(tmp_path: Path):
    snapshot = SizeSnapshot(tmp_path / "none")
    assert await snapshot.load() is None
    assert await snapshot.usage(3) is None
    assert await snapshot.level("") is None
    assert list(tmp_path.iterdir()) == []
    # One that is written later is found.
    await filled(MemoryStore())
    (await Inventory.scan({"a": b"1"}, snapshot=tmp_path / "none")).close()
    known = await snapshot.usage(3)
    assert known is not None
    assert known.usage.nkeys == 1
    snapshot.close()


async def test_a_snapshot_of_another_part_is_refused():
    place = MemoryStore()
    await filled(place, prefix="a/b")
    for path in ("", "a", "ab", "a/bc"):
        with pytest.raises(SnapshotError, match="is of 'a/b' only"):
            await SizeSnapshot(place, path).load()
    inner = SizeSnapshot(place, "a/b/c")
    known = await inner.usage(1)
    assert known is not None
    assert known.usage == Usage(3, 250, {"0": (2, 200), "1": (1, 50)}, complete=True)
    inner.close()


async def test_of_very_many_keys_the_largest_are_told_apart_and_all_counted(
    monkeypatch: pytest.MonkeyPatch,
):
    assert MAX_KEYS >= 10_000
    monkeypatch.setattr("zstore_widgets.sizes.snapshot.MAX_KEYS", 5)
    place = MemoryStore()
    items = [("a/zarr.json", 1), *((f"a/c{i:03}", i) for i in range(300))]
    (await Inventory.scan(OrderedStore(items), snapshot=place)).close()
    snapshot = SizeSnapshot(place)
    known = await snapshot.usage(3)
    assert known is not None
    # The document says what the folder is.
    names = ["a", "a/zarr.json", "a/c299", "a/c298", "a/c297", "a/c296"]
    assert list(known.usage.children) == names
    assert known.usage.children["a"] == (301, 1 + sum(range(300)))
    snapshot.close()


async def test_of_too_many_keys_only_folders_are_told_apart(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr("zstore_widgets.sizes.snapshot._MAX_SEARCHED", 7)
    place = MemoryStore()
    await filled(place)
    snapshot = SizeSnapshot(place)
    known = await snapshot.usage(8)
    assert known is not None
    assert known.usage.nkeys == len(TREE)
    folders = {"a", "a/b", "a/b/c", "a/b/c/0", "a/b/c/1", "ab", "it's \"%_\u202e$limit"}
    assert set(known.usage.children) == folders
    snapshot.close()


def test_a_part_of_a_total_is_what_lies_below_a_path():
    children = {"a": (3, 6), "a/b": (2, 5), "a/b/c": (1, 1), "ab": (1, 9)}
    whole = Usage(4, 15, children, complete=True)
    assert part_of(whole, "") is whole
    assert part_of(whole, "a") == Usage(3, 6, {"b": (2, 5), "b/c": (1, 1)}, complete=True)
    assert part_of(whole, "x") == Usage(0, 0, {}, complete=True)
