"""The map of an array's chunks, from a listing alone."""

from typing import Any

import numpy as np
import pytest
import zarr

from tests.widgets.arrays.test_arrays import ArrayHarness, SeenKeys
from tests.widgets.front import Answer, Front, KernelError
from zstore import MemoryStore, Store
from zstore.interop.zarr import as_zarr


def columns(answer: Answer) -> dict[int, int]:
    """Return the bytes of each chunk by its flat index."""
    found: dict[int, int] = {}
    for pair in answer.buffers[1:]:
        flat, nbytes = (np.frombuffer(buffer, np.float64) for buffer in pair)
        found |= dict(zip(flat.astype(int).tolist(), nbytes.astype(int), strict=True))
    return found


def sparse(**options: Any) -> Store:
    """A 4 by 6 grid of which two chunks are written."""
    store = MemoryStore()
    array = zarr.create_array(
        as_zarr(store), name="a", shape=(40, 60), dtype="u1", **options
    )
    array[0:10, 10:20] = 1
    array[30:40, 50:60] = 1
    return store


@pytest.mark.parametrize(
    "options",
    [
        {"chunks": (10, 10)},
        {"chunks": (5, 5), "shards": (10, 10)},
        {"chunks": (10, 10), "zarr_format": 2},
    ],
)
async def test_a_map_says_which_chunks_are_stored_and_how_large(options: dict[str, Any]):
    store = sparse(**options)
    answer = await Front(ArrayHarness(store)).call("chunk_map", path="a")
    grid = answer.parts[0]
    assert (grid["counts"], grid["stored_shape"]) == ([4, 6], [10, 10])
    assert grid["sharded"] == ("shards" in options)
    assert grid["nbytes_of_chunk"] == 100
    found = columns(answer)
    assert sorted(found) == [1, 23]
    first = "a/0.1" if options.get("zarr_format") == 2 else "a/c/0/1"
    assert found[1] == await store.getsize(first)
    assert answer.result == {"present": 2, "nbytes": sum(found.values())}


async def test_no_chunk_is_read_for_a_map():
    seen = SeenKeys(sparse(chunks=(10, 10)))
    await Front(ArrayHarness(seen)).call("chunk_map", path="a")
    assert not [key for key in seen.keys if "/c/" in key]


async def test_a_map_of_many_chunks_comes_in_parts():
    store = MemoryStore()
    zarr.create_array(as_zarr(store), name="a", shape=(30_000,), chunks=(1,), dtype="u1")
    for number in range(30_000):
        await store.set(f"a/c/{number}", b"x")
    answer = await Front(ArrayHarness(store)).call("chunk_map", path="a")
    assert len(answer.parts) > 3
    assert columns(answer) == dict.fromkeys(range(30_000), 1)


async def test_a_map_of_what_is_no_array_is_a_sentence():
    with pytest.raises(KernelError, match="no value is stored under"):
        await Front(ArrayHarness(MemoryStore())).call("chunk_map", path="b")
