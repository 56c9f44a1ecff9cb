"""What writers leave that die: no keys, in nobody's way, and removed on request."""

import os
import time
from pathlib import Path

import pytest

from tests.stores.local.calls import contents
from zstore import LocalStore
from zstore.errors import InvalidKeyError, KeyConflictError, ReadOnlyError
from zstore.keys import RESERVED_SUFFIX

OLD, NEW = f"0123{RESERVED_SUFFIX}", f"4567{RESERVED_SUFFIX}"


def leave(folder: Path, *names: str) -> None:
    """Leave unfinished files; `OLD` was written to two hours ago."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_bytes(b"half")
        when = time.time() - (7200 if name == OLD else 0)
        os.utime(folder / name, (when, when))


async def test_unfinished_files_are_removed_when_they_are_old(
    store: LocalStore, root: Path
):
    await store.set("a/k", b"1")
    for folder in (root, root / "a", root / "a" / "b", root / "c"):
        leave(folder, OLD, NEW)
    assert await store.remove_unfinished("a") == 2
    assert contents(root) == {
        "a/k": b"1",
        OLD: b"half",
        **{f"{folder}{NEW}": b"half" for folder in ("", "a/", "a/b/", "c/")},
        f"c/{OLD}": b"half",
    }
    assert await store.remove_unfinished() == 2
    assert await store.remove_unfinished(older_than=-60) == 4
    assert contents(root) == {"a/k": b"1"}
    assert await store.remove_unfinished("missing") == 0


async def test_only_files_are_taken_for_unfinished_ones(store: LocalStore, root: Path):
    outside = root.parent / "outside"
    outside.write_bytes(b"1")
    (root / OLD).symlink_to(outside)
    (root / NEW).mkdir()
    assert await store.remove_unfinished(older_than=-60) == 0
    assert outside.exists()
    assert (root / NEW).is_dir()


async def test_a_store_that_may_not_write_removes_nothing(store: LocalStore, root: Path):
    leave(root, OLD)
    with pytest.raises(ReadOnlyError, match="remove_unfinished"):
        await store.with_read_only().remove_unfinished()
    with pytest.raises(InvalidKeyError):
        await store.remove_unfinished("/")
    assert (root / OLD).exists()


async def test_a_file_that_is_finished_meanwhile_is_not_missed(
    store: LocalStore, root: Path, monkeypatch
):
    leave(root, OLD)
    real = os.stat

    def late(path: object, **options: object) -> os.stat_result:
        if path in (OLD, str(root / OLD)):
            raise FileNotFoundError(2, "gone")
        return real(path, **options)  # type: ignore[arg-type]

    await store.ensure_open()
    monkeypatch.setattr("os.stat", late)
    assert await store.remove_unfinished() == 0


@pytest.mark.parametrize("call", ["set", "set_if_not_exists"])
async def test_what_was_left_in_an_empty_folder_gives_way_to_a_value(
    store: LocalStore, root: Path, call: str
):
    leave(root / "a", OLD)
    await getattr(store, call)("a", b"1")
    assert contents(root) == {"a": b"1"}


@pytest.mark.parametrize("call", ["set", "set_if_not_exists"])
async def test_a_file_that_may_be_written_now_keeps_its_folder(
    store: LocalStore, root: Path, call: str
):
    leave(root / "a", OLD, NEW)
    with pytest.raises(KeyConflictError, match="'a'"):
        await getattr(store, call)("a", b"1")
    assert f"a/{NEW}" in contents(root)
