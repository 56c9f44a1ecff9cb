"""What changed in a tree is found without listing the folders that did not."""

import os
import shutil
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import given, settings

from tests.stores.local.trees import (
    LATER_NS,
    change_scanner,
    changes_below,
    changes_of,
    files_below,
    make,
    scanner,
    trees,
)
from zstore import LocalStore
from zstore.concurrency import run_in_thread
from zstore.errors import InvalidKeyError, SnapshotError, ZStoreWarning
from zstore.stores.local.changes import Changes

pytestmark = pytest.mark.usefixtures("way")

Folders = list[tuple[str, int]]


def known_of(root: Path, prefix: str = "") -> Folders:
    return sorted(pair for batch in scanner(root).folder_times(prefix) for pair in batch)


def prefixes(changes: Changes) -> tuple[list[str], list[str], list[str]]:
    return changes.unchanged, [r.prefix for r in changes.relisted], changes.gone


def tick(root: Path) -> None:
    """Wait until the clock of the file system has moved on."""
    probe = root.parent / "probe"
    probe.write_bytes(b"")
    first = probe.stat().st_ctime_ns
    while probe.stat().st_ctime_ns == first:
        probe.touch()


def test_where_nothing_changed_nothing_is_listed(root: Path, monkeypatch):
    make(root, ["a/b/1", "a/c", "d/1", "e"])
    known = known_of(root)
    monkeypatch.setattr("os.scandir", None)
    assert prefixes(changes_of(root, known)) == (["", "a/", "a/b/", "d/"], [], [])


def test_a_folder_that_is_not_known_is_listed_wholly(root: Path):
    make(root, ["a/b/1", "a/c", "e"])
    os.utime(root / "a" / "c", ns=(0, 5_000_999))
    found = changes_of(root, [])
    assert prefixes(found) == ([], ["", "a/", "a/b/"], [])
    top, a, _ = found.relisted
    assert (top.names, top.nbytes, top.folders) == (["e"], [1], ["a"])
    assert (a.names, a.nbytes, a.modified, a.folders) == (["c"], [3], [5000], ["b"])
    assert a.stamp == (root / "a").stat().st_ctime_ns


def test_new_changed_and_removed_folders_are_told_apart(root: Path):
    make(root, ["a/1", "b/1", "b/x/y/1", "c/1", "c/same/1", "d/1", "d-/1"])
    known = known_of(root)
    tick(root)
    shutil.rmtree(root / "b")
    make(root, ["c/2", "c/new/deep/1", "c-/1"])
    (root / "d" / "1").unlink()
    changed = changes_of(root, known)
    assert prefixes(changed) == (
        ["a/", "c/same/", "d-/"],
        ["", "c-/", "c/", "c/new/", "c/new/deep/", "d/"],
        ["b/", "b/x/", "b/x/y/"],
    )
    assert changed.relisted[-1].names == []


def test_a_replaced_file_is_noticed(root: Path):
    make(root, ["a/b/1", "a/c"])
    known = known_of(root)
    tick(root)
    (root / "a" / "b" / "new").write_bytes(b"longer than before")
    (root / "a" / "b" / "new").replace(root / "a" / "b" / "1")
    changed = changes_of(root, known)
    assert prefixes(changed) == (["", "a/"], ["a/b/"], [])
    assert changed.relisted[0].nbytes == [18]


def test_a_tree_that_was_unpacked_with_its_old_times_is_noticed(root: Path):
    make(root, ["a/1"])
    known = known_of(root)
    before = (root / "a").stat()
    tick(root)
    (root / "a" / "2").write_bytes(b"")
    os.utime(root / "a", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert prefixes(changes_of(root, known)) == ([""], ["a/"], [])


def test_a_folder_that_was_just_changed_when_it_was_listed_is_listed_again(root: Path):
    make(root, ["a/1"])
    known = known_of(root)
    newest = max(stamp for _, stamp in known)
    assert prefixes(changes_of(root, known, newest + 1))[1] == ["", "a/"]
    assert prefixes(changes_of(root, known, newest + 2 * 10**9))[1] != []
    assert prefixes(changes_of(root, known, newest + 2 * 10**9 + 1))[1] == []


def test_a_folder_that_became_a_file_is_gone(root: Path):
    make(root, ["a/b/1", "c"])
    known = known_of(root)
    tick(root)
    shutil.rmtree(root / "a")
    make(root, ["a"])
    changed = changes_of(root, known)
    assert prefixes(changed) == ([], [""], ["a/", "a/b/"])
    assert changed.relisted[0].names == ["a", "c"]


def test_below_a_prefix_that_went_everything_is_gone(root: Path):
    make(root, ["a/b/1", "a/1"])
    known = known_of(root, "a/")
    assert prefixes(changes_below(root, "a/", known)) == (["a/", "a/b/"], [], [])
    shutil.rmtree(root / "a")
    assert prefixes(changes_below(root, "a/", known)) == ([], [], ["a/", "a/b/"])


def test_a_folder_that_goes_during_the_walk_is_gone(root: Path, monkeypatch):
    make(root, ["a/1", "b/c/1", "d/1"])
    known = known_of(root)
    tick(root)
    make(root, ["new"])
    real = os.scandir

    def scandir(place: int | str):
        found = real(place)
        if (root / "b").exists():
            shutil.rmtree(root / "b")
        return found

    # Removing it would call what is replaced here.
    monkeypatch.setattr(shutil, "rmtree", _remove_by_hand)
    monkeypatch.setattr("os.scandir", scandir)
    assert prefixes(changes_of(root, known)) == (["a/", "d/"], [""], ["b/", "b/c/"])


def _remove_by_hand(path: Path) -> None:
    (path / "c" / "1").unlink()
    (path / "c").rmdir()
    path.rmdir()


@settings(max_examples=60, deadline=None)
@given(before=trees, removed=trees, added=trees)
def test_what_is_told_makes_the_old_listing_the_new_one(
    before: frozenset[str], removed: frozenset[str], added: frozenset[str]
):
    with tempfile.TemporaryDirectory() as place:
        root = Path(place) / "store"
        root.mkdir()
        make(root, before)
        rows = files_below(root)
        known = known_of(root)
        tick(root)
        for path in removed:
            if (root / path).is_dir():
                shutil.rmtree(root / path)
            else:
                _remove(root / path)
        make(root, [path for path in added if not _is_below_a_file(root, path)])
        changed = changes_of(root, known)
        unchanged, relisted, gone = prefixes(changed)
        assert len({*unchanged, *relisted, *gone}) == len(unchanged + relisted + gone)
        assert all(map(_is_sorted, (unchanged, relisted, gone)))
        now = {path: row for path, row in rows.items() if _folder(path) in unchanged}
        for folder in changed.relisted:
            columns = zip(folder.names, folder.nbytes, folder.modified, strict=True)
            now |= {folder.prefix + name: (size, at) for name, size, at in columns}
        assert now == files_below(root)
        stamps = {f.prefix: f.stamp for f in changed.relisted}
        stamps |= {prefix: stamp for prefix, stamp in known if prefix in unchanged}
        assert sorted(stamps.items()) == known_of(root)


def _remove(path: Path) -> None:
    if path.exists():
        path.unlink()


def _is_below_a_file(root: Path, path: str) -> bool:
    return any((root / above).is_file() for above in Path(path).parents)


def _is_sorted(texts: list[str]) -> bool:
    return texts == sorted(texts)


def _folder(path: str) -> str:
    above, slash, _ = path.rpartition("/")
    return above + slash


@pytest.mark.parametrize(
    ("folders", "error", "reason"),
    [
        (["", "b/", "a/"], SnapshotError, "'a/' comes after 'b/'"),
        (["", "a/", "a/"], SnapshotError, "not in order"),
        (["", "a"], SnapshotError, "'a' is no folder"),
        (["", "a/b/"], SnapshotError, "'a/b/' is known, but not the folder that it is in"),
        (["", "a/", "a/./"], InvalidKeyError, "segment"),
        (["", "a//"], InvalidKeyError, "ends with"),
        (["", "a\0/"], InvalidKeyError, "control character"),
    ],
)
def test_known_folders_that_are_no_listing_are_refused(
    root: Path, folders: list[str], error: type[Exception], reason: str
):
    make(root, ["a/b/1"])
    stamps = dict(known_of(root))
    known = [(prefix, stamps.get(prefix, 0)) for prefix in folders]
    with pytest.raises(error, match=reason):
        changes_of(root, known)


def test_known_folders_are_all_below_the_prefix(root: Path):
    make(root, ["a/1", "b/1"])
    with pytest.raises(SnapshotError, match="'b/' is no folder below 'a/'"):
        changes_below(root, "a/", [*known_of(root, "a/"), *known_of(root, "b/")])


def test_changes_come_in_parts(root: Path):
    make(root, [f"{number:04}/x" for number in range(4200)])
    known = known_of(root)
    steps = change_scanner(root).changes("", known, time.time_ns() + LATER_NS)
    assert [len(step.unchanged) for step in steps] == [4096, 105]


async def test_a_store_tells_what_changed(store: LocalStore, root: Path, outside: Path):
    await store.set_many({"a/b/1": b"1", "a/c": b"22", "d/1": b"333"})
    (root / "a" / "link").symlink_to(outside)
    with pytest.warns(ZStoreWarning, match="link"):
        listed = [pair async for batch in store.folder_times("a") for pair in batch]
    stretches = [stretch async for stretch in store.scan_stretches("a")]
    noted = [pair for stretch in stretches for pair in stretch.folders]
    assert noted == sorted(listed) == await run_in_thread(known_of, root, "a/")
    assert [name for s in stretches for name in s.page.names()] == ["a/b/1", "a/c"]
    later = time.time_ns() + LATER_NS
    steps = [s async for s in store.changes("a", known=noted, began_ns=later)]
    assert [prefixes(step) for step in steps] == [(["a/", "a/b/"], [], [])]
    await run_in_thread(tick, root)
    await store.delete("a/b/1")
    steps = [s async for s in store.changes("a", known=noted, began_ns=later)]
    assert [prefixes(step) for step in steps] == [([], ["a/"], ["a/b/"])]


@pytest.mark.parametrize("root", ["kernel"], indirect=True)
async def test_changes_are_found_a_thousand_levels_deep(store: LocalStore, root: Path):
    chain = "/".join("d" * 1000)
    await store.set_many({f"{chain}/key": b"1", f"{chain[:999]}/z/key": b"1"})
    listed = [pair async for batch in store.folder_times() for pair in batch]
    await run_in_thread(tick, root)
    await store.set_many({f"{chain}/new": b"1", f"{chain[:999]}/z/new": b"1"})
    later = time.time_ns() + LATER_NS
    changes = store.changes(known=sorted(listed), began_ns=later)
    relisted = [r async for step in changes for r in step.relisted]
    assert [r.prefix for r in relisted] == [f"{chain}/", f"{chain[:999]}/z/"]
    assert [r.names for r in relisted] == [["key", "new"]] * 2
    # Whoever tidies up after the tests would call itself a thousand times.
    await store.clear()
