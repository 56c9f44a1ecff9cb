"""A durable LocalStore returns when the disk has what was done, and not before."""

import errno
import fcntl
import os
import pickle
import stat
from pathlib import Path
from typing import Any

import pytest

from tests.stores.local.calls import contents
from zstore import LocalStore
from zstore.errors import BackendError, KeyNotFoundError
from zstore.stores.local import syncing
from zstore.stores.local.beneath import Root
from zstore.stores.local.syncing import Disk


@pytest.fixture
def synced(root: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Paths below the root of what was synced, in order; a new file has no name yet."""
    paths: list[str] = []

    def note(fd: int) -> None:
        if stat.S_ISREG(os.fstat(fd).st_mode):
            paths.append("file")
        else:
            path = Path(f"/proc/self/fd/{fd}").readlink()
            paths.append(f"{path.relative_to(root)}/")

    monkeypatch.setattr(os, "fsync", note)
    monkeypatch.setattr(os, "fdatasync", note)
    return paths


@pytest.fixture
def durable(root: Path) -> LocalStore:
    return LocalStore(root, durable=True)


async def test_a_write_syncs_the_file_and_then_its_folder(
    durable: LocalStore, synced: list[str]
):
    await durable.set("a/b/k", b"1")
    # The folders are new: so are their names, in the folders above.
    assert synced == ["file", "a/b/", "a/", "./"]
    synced.clear()
    for call in (durable.set, durable.set_if_not_exists):
        for key in ("a/b/k", "a/b/new"):
            await call(key, b"2")
            await durable.delete("a/b/new")
    file, folder = "file", "a/b/"
    there, new, gone = [file, folder], [file, folder], [folder]
    # What is there already is neither written nor synced by a "create".
    assert synced == [*there, *gone, *new, *gone, *gone, *new, *gone]


async def test_each_folder_that_others_made_is_synced_once(
    durable: LocalStore, root: Path, synced: list[str]
):
    (root / "a" / "b").mkdir(parents=True)
    await durable.set("a/b/1", b"1")
    assert synced == ["file", "a/b/", "a/", "./"]
    synced.clear()
    await durable.set("a/b/2", b"1")
    await durable.set("a/3", b"1")
    assert synced == ["file", "a/b/", "file", "a/"]


async def test_a_folder_that_is_made_again_is_synced_again(
    durable: LocalStore, synced: list[str]
):
    await durable.set("a/b/k", b"1")
    await durable.delete("a/b/k")
    synced.clear()
    await durable.set("a/b/k", b"1")
    assert synced == ["file", "a/b/", "a/", "./"]


async def test_a_deletion_syncs_the_deepest_folder_that_stays(
    durable: LocalStore, synced: list[str]
):
    for key in ("a/b/c/k", "a/k", "a/other"):
        await durable.set(key, b"1")
    synced.clear()
    await durable.delete("a/b/c/k")
    assert synced == ["a/"]
    await durable.delete("a/k")
    assert synced == ["a/", "a/"]
    # Who deleted it before may have failed to sync.
    await durable.delete("a/k")
    await durable.delete("x/y/z")
    assert synced == ["a/", "a/", "a/", "./"]


async def test_deleting_all_below_a_prefix_syncs_the_folders_that_stay(
    durable: LocalStore, root: Path, synced: list[str]
):
    for key in ("a/b/k", "a/c/k", "a/k", "k"):
        await durable.set(key, b"1")
    (root / "a" / "c" / "link").symlink_to(root / "k")
    synced.clear()
    await durable.delete_dir("a/")
    assert contents(root) == {"a/c/link": b"1", "k": b"1"}
    assert synced == ["a/c/", "a/"]
    synced.clear()
    await durable.clear()
    await durable.delete_dir("gone/")
    assert synced == ["a/c/", "a/", "./", "./"]


async def test_parts_are_synced_with_the_name_of_the_file(
    durable: LocalStore, root: Path, synced: list[str]
):
    (root / "k").write_bytes(b"0123")
    await durable.set_partial_values([("k", 1, b"AB"), ("k", 4, b"C")])
    assert (root / "k").read_bytes() == b"0AB3C"
    assert synced == ["file", "./"]
    with pytest.raises(KeyNotFoundError):
        await durable.set_partial_values([("missing", 0, b"1")])


async def test_the_folders_above_a_new_root_are_synced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    paths: list[Path] = []
    monkeypatch.setattr(
        os, "fsync", lambda fd: paths.append(Path(f"/proc/self/fd/{fd}").readlink())
    )
    await LocalStore.open(tmp_path / "new" / "store", durable=True)
    assert paths == [tmp_path / "new", tmp_path]
    await LocalStore.open(tmp_path / "new" / "store", durable=True)
    await LocalStore.open(tmp_path / "other" / "store")
    assert paths == [tmp_path / "new", tmp_path]


async def test_a_store_that_is_not_durable_syncs_nothing(
    store: LocalStore, synced: list[str]
):
    await store.set("a/k", b"1")
    await store.set("a/k", b"2")
    await store.set_partial_values([("a/k", 0, b"3")])
    await store.delete("a/k")
    await store.delete_dir("")
    assert synced == []


def _fail(_: int) -> None:
    raise OSError(errno.EIO, os.strerror(errno.EIO))


@pytest.mark.parametrize("key", ["old", "new"])
@pytest.mark.parametrize("call", ["set", "set_if_not_exists"])
async def test_a_file_that_cannot_be_synced_leaves_the_old_value_and_no_file(
    durable: LocalStore, root: Path, monkeypatch, call: str, key: str
):
    await durable.set("old", b"old")
    with monkeypatch.context() as patch:
        patch.setattr(os, "fdatasync", _fail)
        if (call, key) == ("set_if_not_exists", "old"):
            assert not await durable.set_if_not_exists(key, b"new")
        else:
            with pytest.raises(BackendError, match="Input/output error"):
                await getattr(durable, call)(key, b"new")
    assert contents(root) == {"old": b"old"}


async def test_a_folder_that_cannot_be_synced_is_an_error_each_time(
    durable: LocalStore, root: Path, monkeypatch
):
    await durable.set("k", b"old")
    monkeypatch.setattr(os, "fsync", _fail)
    for call in (
        durable.set("k", b"new"),
        durable.delete("k"),
        # It is gone by now, but not from the disk.
        durable.delete("k"),
        durable.delete_dir(""),
    ):
        with pytest.raises(BackendError, match="Input/output error"):
            await call
    assert contents(root) == {}


async def test_durability_travels_with_the_store(tmp_path: Path):
    store = LocalStore(tmp_path, durable=True)
    assert store != LocalStore(tmp_path)
    twin = pickle.loads(pickle.dumps(store))  # noqa: S301 -- made here
    for other in (twin, store.with_read_only().with_read_only(False)):
        assert other == store


def test_macos_is_asked_for_more_than_fsync(tmp_path: Path, monkeypatch):
    asked: list[Any] = []
    monkeypatch.setattr(syncing, "_FULL", 51)
    monkeypatch.setattr(fcntl, "fcntl", lambda fd, call: asked.append((fd, call)))
    monkeypatch.setattr(os, "fsync", asked.append)
    disk = Disk(Root(str(tmp_path), follow_symlinks=False), durable=True)
    disk.sync_file(7)
    assert asked == [(7, 51)]

    def unknown(fd: int, call: int) -> None:
        raise OSError(errno.ENOTSUP, f"{fd} {call}")

    monkeypatch.setattr(fcntl, "fcntl", unknown)
    disk.sync_file(8)
    assert asked == [(7, 51), 8]
    monkeypatch.setattr(fcntl, "fcntl", lambda fd, _: _fail(fd))
    with pytest.raises(OSError, match="Input/output error"):
        disk.sync_file(9)


def test_windows_syncs_files_and_no_folders(tmp_path: Path, monkeypatch):
    asked: list[int] = []
    monkeypatch.setattr(syncing, "_CAN_SYNC_FOLDERS", False)
    monkeypatch.delattr(os, "fdatasync")
    monkeypatch.setattr(os, "fsync", asked.append)
    disk = Disk(Root(str(tmp_path), follow_symlinks=False), durable=True)
    disk.sync_file(7)
    disk.sync_names("")
    syncing.make_root(tmp_path / "new", durable=True)
    assert asked == [7]


async def test_what_a_store_remembers_of_folders_is_bounded(
    durable: LocalStore, synced: list[str], monkeypatch
):
    monkeypatch.setattr(syncing, "_MAX_KNOWN", 3)
    for number in range(8):
        await durable.set(f"{number}/k", b"1")
    # Those, and the two of the last write.
    assert len(durable._disk._known) <= 5
    synced.clear()
    await durable.set("0/k", b"1")
    assert synced[:3] == ["file", "0/", "./"]
