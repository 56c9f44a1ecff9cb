"""One level of a store, in bounded time."""

import asyncio
import json

import pytest

from tests.display.stores import FailingStore, HangingStore, StubbornStore, ocean
from tests.waiting import LONG, until
from zstore import MemoryStore
from zstore.display.levels import PAGE, Deadline, Level, list_level, rows_of
from zstore.hierarchy import read_node
from zstore.store import Store


async def level_of(store: Store, path: str, seconds: float = LONG) -> Level:
    level = Level(path, await read_node(store, path))
    await list_level(store, level, Deadline(seconds))
    return level


async def stored(values: dict[str, bytes]) -> MemoryStore:
    store = MemoryStore()
    await store.set_many(values)
    return store


async def test_a_level_has_its_entries_in_order():
    level = await level_of(await stored(ocean()), "")
    assert [entry.cursor for entry in level.entries] == [
        ".zattrs",
        ".zgroup",
        "ocean/",
        "plain/",
        "readme.txt",
    ]
    assert not level.has_more
    assert level.problem is None


async def test_a_large_level_is_cut_and_says_so():
    store = await stored({f"k{number:05}": b"1" for number in range(PAGE + 1)})
    level = await level_of(store, "")
    assert len(level.entries) == PAGE
    assert level.has_more


async def test_metadata_are_within_what_they_describe():
    level = await level_of(await stored(ocean()), "")
    assert [row.name for row in rows_of(level, {})] == ["ocean", "plain", "readme.txt"]


async def test_metadata_of_nothing_are_values_like_others():
    store = await stored({"a/.zattrs": b"{}", "a/x": b"1"})
    level = await level_of(store, "a")
    level.node = None
    assert [row.name for row in rows_of(level, {})] == [".zattrs", "x"]


async def test_the_chunks_of_an_array_are_one_row_that_counts_them():
    level = await level_of(await stored(ocean()), "ocean/temp")
    chunks, notes = rows_of(level, {})
    assert (chunks.kind, chunks.nchunks, chunks.nbytes) == ("chunks", 2, 48)
    assert (notes.name, notes.nbytes) == ("notes.txt", 4)


@pytest.mark.parametrize(
    ("extra", "chunk"),
    [
        ({"chunk_key_encoding": {"name": "default"}}, "c/0/1"),
        (
            {"chunk_key_encoding": {"name": "v2", "configuration": {"separator": "/"}}},
            "1/0",
        ),
    ],
)
async def test_folders_of_chunks_are_folded_and_not_counted(
    extra: dict[str, object], chunk: str
):
    document = {
        "zarr_format": 3,
        "node_type": "array",
        "shape": [4, 6],
        "data_type": "float32",
        "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": [2, 3]}},
        "codecs": [{"name": "bytes", "configuration": {"endian": "little"}}],
        "fill_value": 0,
        **extra,
    }
    store = MemoryStore()
    await store.set("a/zarr.json", json.dumps(document).encode())
    await store.set_many({f"a/{chunk}": b"1", "a/other/x": b"1"})
    level = await level_of(store, "a")
    chunks, other = rows_of(level, {})
    assert (chunks.kind, chunks.nchunks, chunks.nbytes) == ("chunks", None, None)
    assert (other.name, other.kind) == ("other", "prefix")


async def test_an_array_without_chunks_has_none():
    level = await level_of(await stored(ocean()), "ocean/salt")
    assert [row.nchunks for row in rows_of(level, {})] == [0]


async def test_a_level_that_fails_says_so_without_secrets():
    level = Level("broken")
    await list_level(FailingStore(ocean()), level, Deadline(LONG))
    assert level.problem is not None
    assert "access to 'broken/' was denied" in level.problem
    assert "word" not in level.problem


async def test_a_level_that_hangs_is_left_after_the_time():
    level = Level("hangs")
    await asyncio.wait_for(list_level(HangingStore(ocean()), level, Deadline(0.1)), LONG)
    assert level.problem == "the listing did not end within 0.1 s"
    assert level.has_more


async def test_what_does_not_end_when_cancelled_is_left_behind():
    store = StubbornStore(ocean())
    listing = list_level(store, Level(""), Deadline(0.1))
    await until(asyncio.create_task(listing).done)
    store.is_over = True


async def test_after_the_time_nothing_is_asked():
    deadline = Deadline(0)
    level = Level("")
    await list_level(FailingStore(ocean()), level, deadline)
    assert (level.entries, level.problem, level.has_more) == ([], None, True)
    assert deadline.is_over


async def test_a_cancelled_wait_cancels_what_it_waits_for():
    started, ended = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    waiting = asyncio.create_task(Deadline(LONG).run(work()))
    await started.wait()
    waiting.cancel()
    await asyncio.wait_for(ended.wait(), LONG)
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_the_error_of_the_work_is_the_error_of_the_wait():
    async def work() -> None:
        raise KeyError(1)

    with pytest.raises(KeyError):
        await Deadline(LONG).run(work())
