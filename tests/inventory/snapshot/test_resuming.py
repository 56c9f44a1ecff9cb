"""What a new scan goes on with: its own, and nobody else's."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from zstore import MemoryStore
from zstore.errors import CorruptStoreError, SnapshotError
from zstore.inventory.planning import KeyRange
from zstore.inventory.snapshot.manifest import FINISHED, UNFINISHED, Hole, Manifest
from zstore.inventory.snapshot.resuming import read_manifest, resume

NOW = datetime.now(UTC)
NEW = Manifest(
    store="s3://bucket", prefix="a/", source="scan", started=NOW, pending=(KeyRange(),)
)
DONE = replace(NEW, started=NOW - timedelta(days=2), finished=NOW, pending=())
BEGUN = replace(
    NEW,
    started=NOW - timedelta(days=1),
    pending=(KeyRange("a", "c"), KeyRange("x")),
    holes=(Hole(KeyRange("c", "d"), "503"), Hole(KeyRange("m", "n"), "503")),
)


async def place_with(
    finished: Manifest | None = None, unfinished: Manifest | None = None
) -> MemoryStore:
    place = MemoryStore()
    for name, manifest in ((FINISHED, finished), (UNFINISHED, unfinished)):
        if manifest is not None:
            await place.set(name, manifest.to_json())
    return place


@pytest.mark.parametrize("restart", [False, True])
async def test_at_an_empty_place_a_scan_begins(restart: bool):
    place = await place_with()
    assert await resume(place, NEW, restart=restart) == (NEW, None)
    assert await read_manifest(place, FINISHED) is None


async def test_a_finished_scan_is_what_the_new_one_will_replace():
    assert await resume(await place_with(DONE), NEW, restart=False) == (NEW, DONE)


async def test_an_interrupted_scan_goes_on_and_tries_its_holes_again():
    resumed, previous = await resume(await place_with(DONE, BEGUN), NEW, restart=False)
    pending = (KeyRange("a", "d"), KeyRange("m", "n"), KeyRange("x"))
    assert resumed == replace(BEGUN, pending=pending, holes=())
    assert previous == DONE


async def test_a_restart_forgets_the_interrupted_scan_but_not_the_finished_one():
    place = await place_with(DONE, BEGUN)
    assert await resume(place, NEW, restart=True) == (NEW, DONE)


async def test_a_scan_that_died_when_it_was_finished_is_not_gone_on_with():
    place = await place_with(replace(DONE, started=BEGUN.started), BEGUN)
    resumed, previous = await resume(place, NEW, restart=False)
    assert resumed == NEW
    assert previous is not None


@pytest.mark.parametrize("name", ["finished", "unfinished"])
@pytest.mark.parametrize(
    "change", [{"store": "s3://other"}, {"prefix": "b/"}], ids=["store", "prefix"]
)
async def test_a_snapshot_of_something_else_is_not_touched(
    name: str, change: dict[str, str]
):
    other = replace(DONE if name == "finished" else BEGUN, **change)  # type: ignore[arg-type]
    place = await place_with(**{name: other})
    message = f"is of {other.store} below '{other.prefix}', not of s3://bucket below 'a/'"
    with pytest.raises(SnapshotError, match=message):
        await resume(place, NEW, restart=False)
    assert await resume(place, NEW, restart=True) == (NEW, None)


async def test_a_restarted_scan_of_something_else_can_be_gone_on_with():
    place = await place_with(replace(DONE, store="s3://other"), BEGUN)
    resumed, previous = await resume(place, NEW, restart=False)
    assert resumed.started == BEGUN.started
    assert previous is None


@pytest.mark.parametrize("name", [FINISHED, UNFINISHED])
async def test_a_damaged_manifest_needs_a_restart(name: str):
    place = await place_with()
    await place.set(name, b'{"format": "zstore-inv')
    with pytest.raises(CorruptStoreError, match=f"'{name}' in memory"):
        await resume(place, NEW, restart=False)
    assert await resume(place, NEW, restart=True) == (NEW, None)


async def test_a_snapshot_of_a_later_version_is_never_replaced():
    place = await place_with()
    later = DONE.to_json().replace(b'"version": 1', b'"version": 99')
    await place.set(FINISHED, later)
    for restart in (False, True):
        with pytest.raises(SnapshotError, match="later version"):
            await resume(place, NEW, restart=restart)
