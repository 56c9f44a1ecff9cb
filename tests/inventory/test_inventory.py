"""An inventory is opened wherever its snapshot lies, and shows what it is."""

import asyncio
import tempfile
from pathlib import Path
from typing import Any

import pytest

from tests.inventory.rows import Row, ranges
from tests.inventory.written import BEGUN, ENDED, opened, unfinished, written
from zstore import LocalStore, LoggingStore, MemoryStore, ZipStore
from zstore.errors import CorruptStoreError, SnapshotError
from zstore.inventory.inventory import Inventory
from zstore.inventory.planning import KeyRange
from zstore.inventory.snapshot.manifest import FINISHED, UNFINISHED, Hole

ROWS: list[Row] = [("a/b", 1, 5), ("a/c", 2, None), ("d", 3, 7)]


async def test_a_finished_snapshot_says_what_it_is_of():
    with await opened(ROWS, nparts=2) as inventory:
        assert inventory.store == "s3://bucket"
        assert inventory.prefix == ""
        assert inventory.complete
        assert (inventory.nkeys, inventory.nbytes, inventory.nrequests) == (3, 6, 2)
        assert inventory.as_of == inventory.finished == ENDED
        assert (inventory.holes, inventory.pending) == ((), ())
        assert repr(inventory) == (
            "<Inventory of s3://bucket: 3 keys, 6 B, as of 2026-01-02 03:05 UTC>"
        )


async def test_an_unfinished_snapshot_says_what_is_missing():
    hole = Hole(KeyRange("d", None), "503 SlowDown")
    place = await unfinished(ROWS, list(ranges("a/b", "d"))[:1], holes=[hole])
    with await Inventory.open(place) as inventory:
        assert not inventory.complete
        assert inventory.finished is None
        assert inventory.as_of == BEGUN
        assert inventory.holes == (hole,)
        assert inventory.pending == (KeyRange("a/b", "d"),)
        assert inventory.nkeys == 1
        assert "NOT complete" in repr(inventory)
        assert inventory.total("A").complete
        assert not inventory.total("a").complete
        assert not inventory.total().complete


async def test_the_last_finished_scan_is_opened_rather_than_one_under_way():
    place = await written(ROWS)
    await unfinished(ROWS[:1], list(ranges("a/b"))[:1], place=place)
    with await Inventory.open(place) as inventory:
        assert inventory.complete
        assert inventory.nkeys == 3


async def test_where_there_is_no_snapshot_that_is_said(tmp_path: Path):
    for place in (MemoryStore(), tmp_path, str(tmp_path)):
        with pytest.raises(SnapshotError, match="neither manifest"):
            await Inventory.open(place)


async def test_a_snapshot_of_a_later_version_is_refused():
    place = MemoryStore()
    await place.set(FINISHED, b'{"format": "zstore-inventory", "version": 99}')
    with pytest.raises(SnapshotError, match="later version"):
        await Inventory.open(place)
    await place.set(FINISHED, b"[]")
    with pytest.raises(CorruptStoreError, match="no manifest"):
        await Inventory.open(place)


@pytest.mark.parametrize("kind", ["path", "text", "store", "memory", "zip"])
async def test_a_snapshot_is_opened_wherever_it_lies(tmp_path: Path, kind: str):
    folder = tmp_path / "it's [a] *"
    if kind == "memory":
        where: Any = await written(ROWS)
    elif kind == "zip":
        source = await written(ROWS)
        where = tmp_path / "snapshot.zip"
        async with ZipStore(where, mode="w") as archive:
            async for key in source.list():
                value = await source.get(key)
                assert value is not None
                await archive.set(key, value)
    else:
        store = LocalStore(folder)
        await written(ROWS, place=store)
        where = {"path": folder, "text": str(folder), "store": store}[kind]
    with await Inventory.open(where) as inventory:
        assert inventory.total().nkeys == 3
        assert inventory.total("a").nbytes == 3


async def test_files_of_other_stores_are_kept_until_it_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    place = await written(ROWS)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    inventory = await Inventory.open(place)
    assert list(tmp_path.iterdir())
    assert inventory.total().nkeys == 3
    await asyncio.to_thread(inventory.close)
    assert not list(tmp_path.iterdir())


async def test_an_inventory_that_cannot_be_opened_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    place = await written(ROWS)
    async for key in place.list_prefix("keys"):
        await place.set(key, b"none")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(CorruptStoreError, match="s3://bucket"):
        await Inventory.open(place)
    assert not list(tmp_path.iterdir())


async def test_an_answer_is_no_request():
    place = LoggingStore(await written(ROWS))
    with await Inventory.open(place) as inventory:
        place.counter.clear()
        assert len(inventory.children("a")) == 2
        assert inventory.total().nkeys == 3
        assert not place.counter


async def test_a_local_snapshot_is_read_where_it_lies(tmp_path: Path):
    store = LocalStore(tmp_path / "snapshot")
    await written(ROWS, place=store)
    with await Inventory.open(store) as inventory:
        for name, path in inventory.files.items():
            assert Path(path) == (tmp_path / "snapshot" / name).resolve()
    assert await store.exists(FINISHED)


async def test_a_notebook_shows_the_line_and_the_largest_children():
    rows = [("<b>/x", 5, None), ("a", 1, None)]
    with await opened(rows) as inventory:
        shown = inventory._repr_mimebundle_()
        assert shown["text/plain"].splitlines() == [
            repr(inventory),
            "  5 B  <b>/",
            "  1 B  a",
        ]
        assert "&lt;b&gt;/" in shown["text/html"]
        assert list(inventory._repr_mimebundle_(include={"text/html"})) == ["text/html"]
        assert list(inventory._repr_mimebundle_(exclude={"text/html"})) == ["text/plain"]
    # It stands in the notebook after it was closed.
    assert inventory._repr_mimebundle_()["text/plain"] == repr(inventory)


async def test_an_unfinished_snapshot_is_shown_without_reading_its_keys():
    place = await unfinished(ROWS, list(ranges("a/b"))[:1])
    with await Inventory.open(place) as inventory:
        assert inventory._repr_mimebundle_()["text/plain"] == repr(inventory)


async def test_a_manifest_stays_where_it_is_when_it_is_opened():
    place = await written(ROWS)
    before = sorted([key async for key in place.list()])
    (await Inventory.open(place)).close()
    assert sorted([key async for key in place.list()]) == before
    assert UNFINISHED not in before
