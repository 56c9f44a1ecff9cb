"""Chunks that are stored, and those that are not, are counted exactly."""

import importlib
from typing import Any

import pyarrow as pa
import pytest

from tests.inventory.rows import Row, ranges
from tests.inventory.written import opened, unfinished
from zstore import MemoryStore, as_zarr
from zstore.errors import CorruptStoreError, SnapshotError
from zstore.inventory.asking import array_usage
from zstore.inventory.asking.array_usage import CodecUsage
from zstore.inventory.inventory import Inventory
from zstore.inventory.snapshot.arrays import SCHEMA, read_arrays

zarr: Any = importlib.import_module("zarr")

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning", "ignore::FutureWarning")


async def store_of_arrays() -> MemoryStore:
    """Return arrays of all kinds of keys, each with holes, and neighbours of its name."""
    store = MemoryStore()
    kinds: list[dict[str, Any]] = [
        {"name": "a", "chunks": (3, 4)},
        {"name": "a-", "chunks": (3, 4), "zarr_format": 2},
        {
            "name": "deep/é/v2",
            "chunks": (3, 4),
            "zarr_format": 2,
            "chunk_key_encoding": {"name": "v2", "separator": "/"},
        },
        {"name": "sharded", "chunks": (1, 2), "shards": (6, 4)},
        {"name": "scalar", "shape": ()},
    ]
    for kind in kinds:
        options = {"shape": (10, 9), "dtype": "i4", "fill_value": 0, **kind}
        array = zarr.create_array(as_zarr(store), **options)
        if array.shape:
            array[2:8, 3:7] = 5
        else:
            array[...] = 5
    await store.set("a.txt", b"12345")
    await store.set("a/c/77/77", b"beyond the grid")
    await store.set("a/notes", b"123")
    return store


async def listed(store: MemoryStore) -> list[Row]:
    rows: list[Row] = []
    async for batch in store.scan():
        rows += [(key, nbytes, None) for key, nbytes in batch]
    return sorted(rows)


@pytest.mark.parametrize("nparts", [1, 4])
async def test_usage_is_what_zarr_and_a_listing_say(nparts: int):
    store = await store_of_arrays()
    rows = await listed(store)
    arrays = await read_arrays(store, [row[0] for row in rows])
    with await opened(rows, nparts=nparts, arrays=arrays) as inventory:
        usages = inventory.by_array()
        assert {usage.path for usage in usages} == {
            "a",
            "a-",
            "deep/é/v2",
            "sharded",
            "scalar",
        }
        assert usages == sorted(usages, key=lambda usage: (-usage.nbytes, usage.path))
        for usage in usages:
            array = zarr.open_array(as_zarr(store), path=usage.path)
            assert usage.shape is not None
            assert usage.chunks is not None
            assert usage.shape == array.shape
            assert usage.chunks == (array.shards or array.chunks)
            assert usage.nbytes == inventory.total(usage.path + "/").nbytes
            grid = [
                -(-n // step) for n, step in zip(usage.shape, usage.chunks, strict=True)
            ]
            expected = 1
            for count in grid:
                expected *= count
            assert usage.nchunks_expected == expected
            missing = inventory.missing_chunks(usage.path)
            assert usage.missing == len(missing) == expected - (usage.nchunks or 0)
            stored = {row[0] for row in rows}
            assert not stored & set(missing)
            assert 0 < (usage.nchunks or 0) <= expected
        assert sum(one.narrays for one in inventory.by_codec()) == 5
        assert sum(one.nbytes for one in inventory.by_codec()) == sum(
            usage.nbytes for usage in usages
        )


async def test_missing_chunks_are_the_first_ones_however_small_the_windows(
    monkeypatch: pytest.MonkeyPatch,
):
    store = await store_of_arrays()
    rows = await listed(store)
    arrays = await read_arrays(store, [row[0] for row in rows])
    with await opened(rows, arrays=arrays) as inventory:
        whole = inventory.missing_chunks("a")
        assert whole[:2] == ["a/c/0/2", "a/c/1/2"]
        for window in (1, 2, 5):
            monkeypatch.setattr(array_usage, "_WINDOW", window)
            assert inventory.missing_chunks("a/") == whole
            assert inventory.missing_chunks("a", limit=2) == whole[:2]
            assert inventory.missing_chunks("a", limit=0) == []


async def test_of_an_unfinished_scan_nothing_is_called_missing():
    store = await store_of_arrays()
    rows = await listed(store)
    arrays = await read_arrays(store, [row[0] for row in rows])
    # All of "a" is there, and only some of what comes later.
    place = await unfinished(rows, list(ranges("a0", "deep/é/v2/1"))[:2], arrays=arrays)
    with await Inventory.open(place) as inventory:
        missing = {usage.path: usage.missing for usage in inventory.by_array()}
        assert missing["a"] is not None
        assert missing["deep/é/v2"] is None
        assert inventory.missing_chunks("a")
        with pytest.raises(SnapshotError, match="not all keys below 'deep/é/v2'"):
            inventory.missing_chunks("deep/é/v2")


def table_of(**row: Any) -> Any:
    good = {
        "path": "x",
        "zarr_format": "zarr3",
        "dtype": "int8",
        "shape": [10],
        "chunks": [5],
        "codecs": "bytes",
        "nchunks": 2,
        "lead": "c",
        "separator": "/",
        "reverses": False,
    }
    return pa.Table.from_pylist([good | row], schema=SCHEMA)


@pytest.mark.parametrize(
    "row",
    [
        {"chunks": [0]},
        {"chunks": [5, 5]},
        {"shape": [-1]},
        {"lead": "(c|d)"},
        {"separator": "|"},
        {"shape": [2**62], "chunks": [1]},
        {"shape": [1] * 65, "chunks": [1] * 65},
    ],
)
async def test_nonsense_about_an_array_is_told(row: dict[str, Any]):
    with await opened([("x/c/0", 1, None)], arrays=table_of(**row)) as inventory:
        with pytest.raises(CorruptStoreError, match="'x' is no array"):
            inventory.by_array()
        with pytest.raises(CorruptStoreError, match="'x' is no array"):
            inventory.missing_chunks("x")


async def test_an_array_that_is_not_understood_is_measured_all_the_same():
    row = {"path": "x", "zarr_format": "zarr3", "problem": "it is no JSON"}
    table = pa.Table.from_pylist([row], schema=SCHEMA)
    with await opened([("x/c/0", 7, None)], arrays=table) as inventory:
        [usage] = inventory.by_array()
        assert (usage.nbytes, usage.nchunks, usage.missing) == (7, None, None)
        assert usage.problem == "it is no JSON"
        assert inventory.by_codec() == [CodecUsage(None, 1, 0, 7)]
        with pytest.raises(SnapshotError, match="no array at 'x'"):
            inventory.missing_chunks("x")


async def test_the_root_can_be_an_array():
    with await opened([("c/0", 7, None)], arrays=table_of(path="")) as inventory:
        [usage] = inventory.by_array()
        assert (usage.path, usage.nchunks, usage.missing) == ("", 1, 1)
        assert inventory.missing_chunks("") == ["c/1"]
