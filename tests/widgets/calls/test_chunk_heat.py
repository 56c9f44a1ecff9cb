import asyncio
from typing import Any

import zarr

from zstore import LoggingStore, MemoryStore, Store, as_zarr
from zstore.display.quiet import quiet
from zstore.hierarchy import read_node
from zstore_widgets.calls.chunk_heat import ChunkHeat, arrays_seen, heat_of


async def _heat(
    store: LoggingStore[Store], path: str, direction: str = "read"
) -> ChunkHeat:
    node = await read_node(quiet(store), path)
    assert node is not None
    return heat_of(node, store.trace, direction)  # type: ignore[arg-type]


def _made(**options: Any) -> LoggingStore[Store]:
    """A store with one array, written to."""
    store: LoggingStore[Store] = LoggingStore(MemoryStore(), log_level="WARNING")
    array = zarr.create_array(as_zarr(store), shape=(40, 40), dtype="f4", **options)
    array[:20] = 1
    return store


async def test_chunks_read_twice_are_said():
    store = await asyncio.to_thread(_made, name="a/b", chunks=(10, 10))
    store.reset()

    def read() -> None:
        array = zarr.open_array(as_zarr(store), path="a/b", mode="r")
        array[0:10, 0:30]
        array[0:10, 20:40]
        array[0, 39]

    await asyncio.to_thread(read)
    heat = await _heat(store, "a/b")
    assert heat.words == "4 chunks read, 2 of them twice, by 6 calls"
    assert sorted(heat.touches.tolist()) == [1, 1, 2, 2]
    assert repr(heat) == f"ChunkHeat('a/b': {heat.words})"


async def test_chunks_that_are_not_stored_are_touched_too():
    store = await asyncio.to_thread(_made, name="a", chunks=(10, 10))
    store.reset()
    array = await asyncio.to_thread(zarr.open_array, as_zarr(store), path="a", mode="r")
    await asyncio.to_thread(array.__getitem__, (slice(15, 25), slice(0, 10)))
    heat = await _heat(store, "a")
    assert heat.words == "2 chunks read, none of them twice, 1 not stored"


async def test_writes_are_counted_apart():
    store = await asyncio.to_thread(_made, name="a", chunks=(20, 20))
    assert (await _heat(store, "a", "written")).words == (
        "2 chunks written, none of them twice"
    )
    store.reset()
    assert (await _heat(store, "a", "written")).words == "no chunk written"


async def test_other_bytes_of_a_shard_are_not_the_same_twice():
    store = await asyncio.to_thread(_made, name="a", chunks=(5, 5), shards=(20, 20))
    store.reset()

    def read() -> None:
        zarr.open_array(as_zarr(store), path="a", mode="r")[0:10, 0:10]

    await asyncio.to_thread(read)
    heat = await _heat(store, "a")
    assert heat.what == "shard"
    assert heat.words.startswith("1 shard read, by ")
    assert heat.repeats.tolist() == [0]
    await asyncio.to_thread(read)
    assert "the same bytes of 1 of them more often" in (await _heat(store, "a")).words


async def test_a_batch_touches_all_its_chunks_in_order():
    store = await asyncio.to_thread(_made, name="a", chunks=(10, 10))
    store.reset()
    await store.get_many(["a/c/1/1", "a/c/0/3", "a/c/1/1", "a/zarr.json", "a/c/9/9"])
    heat = await _heat(store, "a")
    assert heat.indices.tolist() == [[1, 1], [0, 3]]
    assert heat.touches.tolist() == [2, 1]
    assert heat.repeats.tolist() == [1, 0]


async def test_arrays_are_found_by_their_chunks_where_no_metadata_was_read():
    store = await asyncio.to_thread(_made, name="deep/er/a", chunks=(10, 10))
    store.reset()
    await store.get("deep/er/a/c/0/1")
    await store.get("readme.txt")
    nodes = await arrays_seen(quiet(store), store.trace)
    assert [node.path for node in nodes] == ["deep/er/a"]


async def test_hostile_keys_in_a_trace_name_no_array():
    store: LoggingStore[Store] = LoggingStore(MemoryStore(), log_level="WARNING")
    for key in ("x//c/0", "/zarr.json", "\x00/c/0/0", "9" * 400, ""):
        try:
            await store.get(key)
        except ValueError:
            continue
    assert await arrays_seen(quiet(store), store.trace) == []
