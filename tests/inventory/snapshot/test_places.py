"""Places of snapshots: files as DuckDB reads them, and nothing left behind."""

import gc
import tempfile
from pathlib import Path
from typing import Any

import pytest
from blockbuster import BlockBuster

from zstore import LocalStore, MemoryStore
from zstore.errors import BackendError, CorruptStoreError
from zstore.inventory.snapshot.places import LocalFiles, local_files, open_place


@pytest.fixture(autouse=True)
def may_remove_folders(no_blocking_calls: BlockBuster) -> None:
    """Let folders be removed where Python finds that nobody has them any more."""
    for call in no_blocking_calls.functions.values():
        call.can_block_in("zstore/inventory/snapshot/places.py", "_remove")


NAMES = ["keys/b.parquet", "keys/a.parquet"]


async def filled(place: Any) -> Any:
    for name in NAMES:
        await place.set(name, name.encode())
    return place


async def test_files_of_a_folder_are_used_where_they_are(tmp_path: Path):
    place = await filled(LocalStore(tmp_path))
    files = await local_files(place, NAMES)
    assert files == [str(tmp_path.resolve() / name) for name in NAMES]
    files.close()
    assert all(Path(path).is_file() for path in files)


async def test_files_of_another_store_are_fetched_and_deleted_with_the_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    place = await filled(MemoryStore())
    files = await local_files(place, NAMES)
    assert [Path(path).read_bytes() for path in files] == [name.encode() for name in NAMES]
    assert all(path.endswith(".parquet") for path in files)
    del files
    gc.collect()
    assert list(tmp_path.iterdir()) == []


async def test_what_was_fetched_can_be_deleted_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    files = await local_files(await filled(MemoryStore()), NAMES)
    files.close()
    files.close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("local", [True, False])
async def test_a_file_that_is_gone_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, local: bool
):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    place = await filled(LocalStore(tmp_path / "snapshot") if local else MemoryStore())
    with pytest.raises(CorruptStoreError, match=r"lost its file 'keys/c\.parquet'"):
        await local_files(place, [*NAMES, "keys/c.parquet"])
    assert [path.name for path in tmp_path.iterdir()] == ["snapshot"] * local


async def test_a_full_disk_is_told(monkeypatch: pytest.MonkeyPatch):
    def full(*_: object, **__: object) -> Any:
        raise OSError(28, "No space left on device")

    place = await filled(MemoryStore())
    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", full)
        with pytest.raises(BackendError, match="No space left"):
            await local_files(place, NAMES)
    monkeypatch.setattr(tempfile, "mkdtemp", full)
    with pytest.raises(BackendError, match=r"'temporary files'.*No space left"):
        await open_place(None)


async def test_a_place_is_whatever_stands_for_a_store(tmp_path: Path):
    place = await open_place(str(tmp_path))
    assert place == LocalStore(tmp_path)
    assert await open_place(place) is place


async def test_a_temporary_place_is_deleted_with_the_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    place = await filled(await open_place(None))
    assert isinstance(place, LocalStore)
    assert await place.get_bytes(NAMES[0]) == NAMES[0].encode()
    del place
    gc.collect()
    assert list(tmp_path.iterdir()) == []


def test_files_are_a_list():
    assert LocalFiles(["a", "b"]) == ["a", "b"]
