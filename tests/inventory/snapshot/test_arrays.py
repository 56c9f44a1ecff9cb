"""The metadata of arrays are read as far as they can be, in few requests."""

import importlib
import json
from typing import Any

import pytest

from zstore import LoggingStore, MemoryStore, as_zarr
from zstore._compat import override
from zstore.errors import AccessDeniedError, BackendError, StoreClosedError
from zstore.inventory.snapshot.arrays import MAX_NCHUNKS, SCHEMA, read_arrays
from zstore.wrappers.base import WrapperStore

zarr: Any = importlib.import_module("zarr")

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning", "ignore::FutureWarning")

N5 = json.dumps(
    {
        "dimensions": [10, 20],
        "blockSize": [5, 5],
        "dataType": "uint8",
        "compression": {"type": "raw"},
    }
).encode()


async def keys_of(store: Any) -> list[str]:
    return [key async for key in store.list()]


def requests_of(store: LoggingStore[Any]) -> int:
    """Return how many calls were made."""
    return sum(store.counter.values())


async def rows_of(store: Any, **options: Any) -> dict[str, dict[str, Any]]:
    table = await read_arrays(store, await keys_of(store), **options)
    assert table.schema.equals(SCHEMA)
    assert table.column("path").to_pylist() == sorted(
        table.column("path").to_pylist(), key=lambda path: f"{path}/"
    )
    return {row["path"]: row for row in table.to_pylist()}


def array_at(store: Any, path: str, zarr_format: int = 3, **options: Any) -> None:
    options = {"shape": (10, 20), "chunks": (5, 5), "dtype": "f4"} | options
    array = zarr.create_array(as_zarr(store), name=path, zarr_format=zarr_format, **options)
    array[...] = 1


async def test_arrays_of_every_format_have_a_row_and_groups_have_none():
    store = MemoryStore()
    zarr.create_group(as_zarr(store), path="g", zarr_format=3)
    array_at(store, "g/three", compressors=None)
    array_at(store, "two", 2, compressors=None, filters=None)
    await store.set("five/attributes.json", N5)
    await store.set("group/attributes.json", b"{}")
    rows = await rows_of(store)
    assert list(rows) == ["five", "g/three", "two"]
    assert {row["zarr_format"] for row in rows.values()} == {"n5", "zarr3", "zarr2"}
    assert rows["g/three"] == {
        "path": "g/three",
        "zarr_format": "zarr3",
        "dtype": "float32",
        "itemsize": 4,
        "shape": [10, 20],
        "chunks": [5, 5],
        "codecs": "bytes(little)",
        "nchunks": 8,
        "lead": "c",
        "separator": "/",
        "reverses": False,
        "problem": None,
    }
    assert (rows["two"]["lead"], rows["two"]["separator"]) == ("", ".")
    assert rows["five"]["shape"] == [20, 10]
    assert rows["five"]["reverses"]


async def test_of_shards_the_shape_under_one_key_is_told():
    store = MemoryStore()
    array_at(store, "s", shards=(10, 10), compressors=None)
    row = (await rows_of(store))["s"]
    assert row["chunks"] == [10, 10]
    assert row["nchunks"] == 2
    assert row["codecs"].startswith("shards of ")


async def test_one_document_is_one_request():
    inner = MemoryStore()
    for number in range(5):
        array_at(inner, f"a{number}")
    store = LoggingStore(inner)
    keys = await keys_of(inner)
    await read_arrays(store, keys)
    assert requests_of(store) == sum(key.endswith("zarr.json") for key in keys)


@pytest.mark.parametrize("zarr_format", [2, 3])
async def test_consolidated_metadata_save_requests(zarr_format: Any):
    inner = MemoryStore()
    zarr.create_group(as_zarr(inner), path="g", zarr_format=zarr_format)
    for number in range(20):
        array_at(inner, f"g/a{number}", zarr_format)
    zarr.consolidate_metadata(as_zarr(inner), path="g", zarr_format=zarr_format)
    # Written later, so that the copies do not know of it.
    array_at(inner, "g/late", zarr_format)
    store = LoggingStore(inner)
    keys = await keys_of(inner)
    table = await read_arrays(store, keys)
    assert len(table) == 21
    assert not any(table.column("problem").to_pylist())
    single = await read_arrays(inner, [key for key in keys if key.startswith("g/a1/")])
    assert single.to_pylist()[0] in table.to_pylist()
    # Of the groups above, and of the one that was late.
    assert requests_of(store) <= 6


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        (b"{", "JSON"),
        (b"", "JSON"),
        (b'{"zarr_format": 3, "node_type": "array"}', "shape"),
        (b"[" * 10_000, "JSON"),
        (b"x" * 5 * 2**20, "more than"),
    ],
)
async def test_a_hostile_document_is_a_row_with_a_problem(document: bytes, problem: str):
    store = MemoryStore()
    array_at(store, "good")
    await store.set("bad/zarr.json", document)
    table = await read_arrays(store, ["bad/zarr.json", "good/zarr.json"])
    rows = {row["path"]: row for row in table.to_pylist()}
    assert rows["good"]["problem"] is None
    if "bad" in rows:
        assert problem in rows["bad"]["problem"]
        assert rows["bad"]["shape"] is None


async def test_an_array_with_more_chunks_than_anybody_has_is_a_problem():
    store = MemoryStore()
    array_at(store, "a")
    text = await store.get("a/zarr.json")
    assert text is not None
    document = json.loads(text.to_bytes())
    document["shape"] = [2**62, 2**60]
    await store.set("a/zarr.json", json.dumps(document).encode())
    row = (await rows_of(store))["a"]
    assert row["nchunks"] is None
    assert str(MAX_NCHUNKS)[:2] != row["problem"]
    assert "chunks" in row["problem"]


async def test_an_array_below_another_is_a_problem():
    store = MemoryStore()
    array_at(store, "a")
    array_at(store, "a-")
    text = await store.get("a/zarr.json")
    assert text is not None
    await store.set("a/b/zarr.json", text)
    rows = await rows_of(store)
    assert rows["a-"]["problem"] is None
    assert rows["a"]["problem"] is None
    assert rows["a/b"]["problem"] == "it lies below the array 'a'"


class _Refusing(WrapperStore[MemoryStore]):
    """A store that refuses, or fails, for some keys."""

    error: Exception = BackendError("bad/zarr.json", "500")

    @override
    async def get_partial_values(self, prototype: Any, key_ranges: Any) -> Any:
        pairs = list(key_ranges)
        if any(key.startswith("bad") for key, _ in pairs):
            raise self.error
        return await super().get_partial_values(prototype, pairs)

    @override
    async def get(self, key: str, *args: Any, **kwargs: Any) -> Any:
        if key.startswith("bad"):
            raise self.error
        return await super().get(key, *args, **kwargs)


@pytest.mark.parametrize("kind", [BackendError, AccessDeniedError])
async def test_what_cannot_be_read_is_told_of_that_array_alone(kind: Any):
    inner = MemoryStore()
    for path in ("bad/x", "bad/y", "good"):
        array_at(inner, path)
    store = _Refusing(inner)
    store.error = kind("bad/zarr.json", "as the test wants")
    table = await read_arrays(store, await keys_of(inner))
    rows = {row["path"]: row["problem"] for row in table.to_pylist()}
    assert rows.pop("good") is None
    assert len(rows) == 3
    assert all("as the test wants" in problem for problem in rows.values())


async def test_a_closed_store_is_no_problem_of_an_array():
    store = MemoryStore()
    array_at(store, "a")
    keys = await keys_of(store)
    await store.aclose()
    with pytest.raises(StoreClosedError):
        await read_arrays(store, keys)


async def test_no_more_documents_are_read_than_wanted_and_the_rest_is_told():
    store = MemoryStore()
    for number in range(5):
        array_at(store, f"a{number}")
    table = await read_arrays(store, await keys_of(store), max_documents=2)
    left = int(table.schema.metadata[b"left_out"])
    assert left == sum(key.endswith("zarr.json") for key in await keys_of(store)) - 2
    assert len(table) <= 2


async def test_a_document_that_went_away_and_keys_that_are_none_are_passed_over():
    store = MemoryStore()
    table = await read_arrays(store, ["gone/zarr.json", "a/c/0/0", "b"])
    assert len(table) == 0
    table = await read_arrays(store, ["a//zarr.json"])
    assert "empty segment" in table.to_pylist()[0]["problem"]
