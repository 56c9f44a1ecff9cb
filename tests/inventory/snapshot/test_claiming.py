"""Of two scans into one place one stops; a dead one is in nobody's way."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.inventory.paged import filled
from tests.waiting import until
from zstore import MemoryStore
from zstore.errors import SnapshotError
from zstore.inventory import Inventory, ScanProgress
from zstore.inventory.snapshot.claiming import ManifestWriter
from zstore.inventory.snapshot.manifest import FINISHED, UNFINISHED, Manifest
from zstore.inventory.snapshot.resuming import read_manifest

KEYS = [f"a/c/0.{i}" for i in range(700)]


def of_run(run: str) -> Manifest:
    started = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    return Manifest(store="memory://", prefix="", source="scan", started=started, run=run)


async def test_one_run_writes_as_often_as_it_wants():
    place = MemoryStore()
    writer = ManifestWriter(place)
    for name in (UNFINISHED, UNFINISHED, FINISHED):
        await writer.write(name, of_run("one"))
        assert await read_manifest(place, name) == of_run("one")


async def test_the_run_that_came_last_goes_on_and_the_others_stop():
    place = MemoryStore()
    first, second = ManifestWriter(place), ManifestWriter(place)
    await first.write(UNFINISHED, of_run("one"))
    # It may be of a program that died.
    await second.write(UNFINISHED, of_run("two"))
    for name in (UNFINISHED, FINISHED):
        with pytest.raises(SnapshotError, match=r"begun 2026-01-02 03:04:05 UTC"):
            await first.write(name, of_run("one"))
    await second.write(UNFINISHED, of_run("two"))
    assert await read_manifest(place, FINISHED) is None


async def test_a_run_stops_when_another_has_finished():
    place = MemoryStore()
    writer = ManifestWriter(place)
    await writer.write(UNFINISHED, of_run("one"))
    await place.delete(UNFINISHED)
    with pytest.raises(SnapshotError, match="another scan writes its snapshot"):
        await writer.write(UNFINISHED, of_run("one"))


@pytest.mark.parametrize("most", [1, 4])
async def test_of_two_scans_into_one_place_the_first_is_told(tmp_path: Path, most: int):
    store, other_is_done = await filled(KEYS), asyncio.Event()

    def look(_: ScanProgress) -> None:
        store.gate = other_is_done

    first = asyncio.create_task(
        Inventory.scan(store, snapshot=tmp_path, max_concurrency=most, on_progress=look)
    )
    await until((tmp_path / UNFINISHED).exists)
    second = await Inventory.scan(await filled(KEYS), snapshot=tmp_path, restart=True)
    other_is_done.set()
    with pytest.raises(SnapshotError, match="another scan writes its snapshot"):
        await first
    second.close()
    with await Inventory.open(tmp_path) as inventory:
        assert inventory.complete
        assert inventory.nkeys == len(KEYS)
