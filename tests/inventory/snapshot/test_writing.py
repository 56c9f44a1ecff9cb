"""Snapshots: whatever happens on the way, what can be read is true."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.inventory.rows import Row, pieces, ranges, rows_of, saved
from zstore import MemoryStore
from zstore._compat import override
from zstore.buffer import Buffer
from zstore.errors import BackendError, SnapshotError
from zstore.inventory.planning import KeyRange
from zstore.inventory.planning.gaps import gaps
from zstore.inventory.snapshot.manifest import FINISHED, UNFINISHED, Hole, Manifest
from zstore.inventory.snapshot.parts import PartWriter
from zstore.inventory.snapshot.reading import read_keys
from zstore.inventory.snapshot.resuming import read_manifest
from zstore.inventory.snapshot.writing import SnapshotWriter

ROWS: list[Row] = [(f"a/{n // 10}/{n:03}", n, n) for n in range(100)]
RANGES = tuple(ranges(*(ROWS[n][0] for n in (19, 39, 59, 79))))


async def begin(place: MemoryStore, **options: Any) -> SnapshotWriter:
    return await SnapshotWriter.begin(place, store="memory://", prefix="", **options)


def part_of(one: KeyRange, rows: Sequence[Row] = ROWS) -> PartWriter:
    writer = PartWriter()
    for batch in pieces([row for row in rows if row[0] in one], 7):
        writer.add(batch)
    return writer


async def list_rest(
    writer: SnapshotWriter, *, most: int = 99, rows: Sequence[Row] = ROWS
) -> None:
    """Do what a scan does, for some of the ranges that are pending."""
    done = gaps(writer.pending)
    todo = [one for one in RANGES if gaps([*done, one]) != gaps(done)]
    for one in todo[:most]:
        await writer.add_part(part_of(one, rows), one)
        done.append(one)
        await writer.checkpoint(gaps(done), len(done))


async def keys_of(place: MemoryStore, manifest: Manifest) -> list[Row]:
    return [
        row async for batch in read_keys(place, manifest.parts) for row in rows_of(batch)
    ]


async def test_a_finished_snapshot_has_every_key_and_every_directory():
    place = MemoryStore()
    writer = await begin(place)
    assert (writer.pending, writer.previous) == ((KeyRange(),), None)
    await list_rest(writer)
    manifest = await writer.finish(nrequests=5)
    assert manifest == await read_manifest(place, FINISHED)
    assert manifest.complete
    assert (manifest.nkeys, manifest.nbytes, manifest.nrequests) == (100, 4950, 5)
    assert await keys_of(place, manifest) == ROWS
    assert manifest.dirs is not None
    file = await place.get_bytes(manifest.dirs)
    paths = pq.read_table(pa.BufferReader(file)).column("path").to_pylist()
    assert paths == ["", "a", *(f"a/{n}" for n in range(10))]
    # Small parts became one; nothing of them is left.
    (part,) = manifest.parts
    assert {key async for key in place.list()} == {FINISHED, part.name, manifest.dirs}


async def test_tables_are_kept_beside_the_keys():
    place = MemoryStore()
    writer = await begin(place)
    await list_rest(writer)
    table = pa.table({"path": ["a"]})
    moment = datetime(2026, 1, 2, tzinfo=UTC)
    manifest = await writer.finish(arrays=table, folders=table, finished=moment)
    assert manifest.finished == moment
    for name in (manifest.arrays, manifest.folders):
        assert name is not None
        file = await place.get_bytes(name)
        assert pq.read_table(pa.BufferReader(file)).equals(table)


class Filmed(MemoryStore):
    """Remembers how it was after every change."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.films: list[dict[str, Buffer]] = []
        self.now: dict[str, Buffer] = {}

    @override
    async def _write(self, key: str, value: Buffer, *, overwrite: bool) -> bool:
        written = await super()._write(key, value, overwrite=overwrite)
        self.now[key] = value
        self.films.append(self.now.copy())
        return written

    @override
    async def _remove(self, key: str) -> None:
        await super()._remove(key)
        self.now.pop(key, None)
        self.films.append(self.now.copy())


async def test_a_program_that_dies_anywhere_leaves_what_can_be_read_and_gone_on_with():
    place = Filmed()
    old = ROWS[::2]
    first = await begin(place)
    await list_rest(first, rows=old)
    await first.finish()
    second = await begin(place, checkpoint_seconds=0)
    await list_rest(second)
    await second.finish()
    assert len(place.films) > 15
    for film in place.films:
        state = MemoryStore(dict(film))
        for name in (FINISHED, UNFINISHED):
            manifest = await read_manifest(state, name)
            if manifest is None:
                continue
            keys = await keys_of(state, manifest)
            assert len(keys) == manifest.nkeys
            assert set(keys) <= set(ROWS)
            if manifest.complete:
                assert keys in (old, ROWS)
        resumed = await begin(state)
        await list_rest(resumed)
        found = await keys_of(state, await resumed.finish())
        # Parts that were written by the first scan stay, if that is gone on with.
        assert found == ROWS or resumed.previous is None
        assert set(old) <= set(found) <= set(ROWS)
        assert len(found) == len(set(found))


async def test_an_interrupted_scan_goes_on_where_it_stopped():
    place = MemoryStore()
    first = await begin(place, checkpoint_seconds=0)
    await list_rest(first, most=2)
    second = await begin(place)
    assert second.pending == (KeyRange(ROWS[39][0]),)
    assert second.manifest.started == first.manifest.started
    found = [row async for batch in second.batches() for row in rows_of(batch)]
    assert found == ROWS[:40]
    await list_rest(second)
    manifest = await second.finish(nrequests=3)
    assert (manifest.complete, manifest.nrequests) == (True, 2 + 3)
    assert await keys_of(place, manifest) == ROWS


async def test_holes_are_not_complete_and_are_listed_again():
    place = MemoryStore()
    first = await begin(place, checkpoint_seconds=0)
    await list_rest(first, most=3)
    hole = Hole(RANGES[3], "503 SlowDown")
    manifest = await first.finish(holes=[hole], nrequests=9)
    assert not manifest.complete
    assert (manifest.holes, manifest.pending) == ((hole,), (RANGES[4],))
    assert await read_manifest(place, UNFINISHED) == manifest
    assert await read_manifest(place, FINISHED) is None
    second = await begin(place)
    assert second.pending == (KeyRange(RANGES[3].after),)
    await list_rest(second)
    assert (await second.finish()).complete


async def test_a_new_scan_replaces_the_finished_one_when_it_is_finished():
    place = MemoryStore()
    first = await begin(place)
    await list_rest(first, rows=ROWS[::2])
    old = await first.finish()
    second = await begin(place)
    assert second.previous == old
    await list_rest(second)
    assert await keys_of(place, old) == ROWS[::2]
    new = await second.finish()
    assert await keys_of(place, new) == ROWS
    assert not {part.name for part in old.parts} & {key async for key in place.list()}


async def test_a_damaged_previous_scan_gives_no_cuts():
    place = MemoryStore()
    first = await begin(place)
    assert await first.cut_points(4) == []
    await list_rest(first)
    manifest = await first.finish()
    second = await begin(place)
    assert await second.cut_points(4) == []  # one row group
    await place.delete(manifest.parts[0].name)
    assert await second.cut_points(4) == []


async def test_checkpoints_are_not_written_too_often():
    place = MemoryStore()
    writer = await begin(place, checkpoint_seconds=3600)
    await writer.checkpoint([KeyRange("a")], 1)
    await writer.checkpoint([KeyRange("b")], 2)
    assert not writer.is_due
    found = await read_manifest(place, UNFINISHED)
    assert found is not None
    assert (found.pending, found.nrequests) == ((KeyRange("a"),), 1)
    await writer.checkpoint([KeyRange("c")], 3, at_once=True)
    found = await read_manifest(place, UNFINISHED)
    assert found is not None
    assert (found.pending, found.nrequests) == ((KeyRange("c"),), 3)


class Slow(MemoryStore):
    """Writes the first value when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.told = asyncio.Event(), asyncio.Event()

    @override
    async def _write(self, key: str, value: Buffer, *, overwrite: bool) -> bool:
        if not self.asked.is_set():
            self.asked.set()
            await self.told.wait()
        return await super()._write(key, value, overwrite=overwrite)


async def test_a_checkpoint_does_not_overtake_an_earlier_one():
    place = Slow()
    writer = await begin(place)
    first = asyncio.create_task(writer.checkpoint([KeyRange("a")], 1, at_once=True))
    await place.asked.wait()
    second = asyncio.create_task(writer.checkpoint([KeyRange("b")], 2, at_once=True))
    await asyncio.sleep(0)
    place.told.set()
    await asyncio.gather(first, second)
    found = await read_manifest(place, UNFINISHED)
    assert found is not None
    assert found.pending == (KeyRange("b"),)


async def test_no_key_is_counted_twice():
    place = MemoryStore()
    writer = await begin(place)
    for one in (RANGES[0], RANGES[2], RANGES[4], RANGES[1]):
        await writer.add_part(part_of(one), one)
    assert [part.range for part in writer.manifest.parts] == [
        RANGES[n] for n in (0, 1, 2, 4)
    ]
    wide = KeyRange(ROWS[50][0], ROWS[70][0])
    for one in (RANGES[1], wide, KeyRange("", ROWS[0][0]), KeyRange(ROWS[90][0])):
        with pytest.raises(SnapshotError, match="in the snapshot already"):
            await writer.add_part(part_of(one), one)
    assert writer.manifest.nkeys == 80


async def test_a_range_without_keys_has_no_part():
    writer = await begin(MemoryStore())
    assert await writer.add_part(PartWriter(), KeyRange()) is None
    await writer.checkpoint([], 1, at_once=True)
    manifest = await writer.finish()
    assert (manifest.complete, manifest.nkeys, manifest.parts) == (True, 0, ())


async def test_a_part_that_a_worker_wrote_or_sent_is_counted():
    place, elsewhere = MemoryStore(), MemoryStore()
    writer = await begin(place)
    await writer.adopt(await saved(place, ROWS[:20], RANGES[0]))
    rest = KeyRange(RANGES[0].until or "")
    sent = await saved(elsewhere, ROWS[20:], rest)
    await writer.adopt(sent, await elsewhere.get_bytes(sent.name))
    await writer.checkpoint([], 1, at_once=True)
    assert await keys_of(place, await writer.finish()) == ROWS


class Full(MemoryStore):
    """A disk with room for so many files."""

    room = 99

    @override
    async def _write(self, key: str, value: Buffer, *, overwrite: bool) -> bool:
        if not self.room:
            reason = "[Errno 28] No space left on device"
            raise BackendError(key, reason)
        self.room -= 1
        return await super()._write(key, value, overwrite=overwrite)


async def scan(writer: SnapshotWriter) -> None:
    await list_rest(writer)
    await writer.finish(arrays=pa.table({"path": ["a"]}))


@pytest.mark.parametrize("room", range(1, 13))
async def test_what_was_committed_before_the_disk_was_full_stays(room: int):
    place = Full()
    place.room = room
    writer = await begin(place, checkpoint_seconds=0)
    with pytest.raises(BackendError, match="No space left on device"):
        await scan(writer)
    found = await read_manifest(place, UNFINISHED)
    if found is not None:
        assert len(await keys_of(place, found)) == found.nkeys == 20 * len(found.parts)
    place.room = 99
    second = await begin(place)
    await list_rest(second)
    assert await keys_of(place, await second.finish()) == ROWS
