"""LocalStore lists in the order of keys, and opens only the folders that it needs."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.stores.local.trees import files_below, make, ordered, trees
from zstore import LocalStore
from zstore.concurrency import run_in_thread
from zstore.entries import KeyPage
from zstore.errors import OutsideRootError, ZStoreWarning
from zstore.stores.local import descent
from zstore.stores.local.ordered import OrderedScanner

pytestmark = pytest.mark.usefixtures("way")


def rows(pages: Iterator[KeyPage]) -> list[tuple[str, int, int]]:
    return [
        row
        for page in pages
        for row in zip(page.keys, page.nbytes, page.modified, strict=True)
    ]


def keys(tree: OrderedScanner, prefix: str = "", after: str = "", until: str | None = None):
    return [key for key, _, _ in rows(tree.pages(prefix, after, until))]


def folders(tree: OrderedScanner, after: str, until: str | None) -> list[str]:
    """Return the prefixes of the folders that were opened."""
    return [
        path for stretch in tree.stretches("", after, until) for path, _ in stretch.folders
    ]


def test_a_folder_stands_where_its_keys_do(root: Path):
    make(root, ["a-", "a/x", "a0", "A", "b/c/d", "b/c-", "b/c0", "￿", "\U00010000"])
    found = keys(ordered(root))
    assert found == sorted(found)
    assert found[:4] == ["A", "a-", "a/x", "a0"]
    # Code points, not the units of UTF-16.
    assert found[-2:] == ["￿", "\U00010000"]


def test_a_page_says_how_large_and_how_old(root: Path):
    make(root, ["a"])
    os.utime(root / "a", ns=(0, 1_234_567_890_123_456_789))
    assert rows(ordered(root).pages("", "", None)) == [("a", 1, 1_234_567_890_123_456)]


@settings(max_examples=60, deadline=None)
@given(paths=trees, bounds=st.tuples(trees, trees))
def test_any_range_of_any_tree_is_what_walking_finds(
    paths: frozenset[str], bounds: tuple[frozenset[str], frozenset[str]]
):
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        make(root, paths)
        files = files_below(root)
        tree = ordered(root)
        assert rows(tree.pages("", "", None)) == [(k, *files[k]) for k in sorted(files)]
        for after in ("", *bounds[0]):
            for until in (None, *bounds[1]):
                for prefix in ("", "a/", "a/a-/"):
                    assert keys(tree, prefix, after, until) == [
                        key
                        for key in sorted(files)
                        if key.startswith(prefix)
                        and key > after
                        and (until is None or key <= until)
                    ]


@pytest.mark.parametrize(
    ("after", "until", "opened"),
    [
        ("", None, ["", "a/", "a/x/", "a/y/", "a0/", "b/"]),
        ("a/x/1", None, ["", "a/", "a/x/", "a/y/", "a0/", "b/"]),
        ("a/x0", None, ["", "a/", "a/y/", "a0/", "b/"]),
        ("a0", None, ["", "a0/", "b/"]),
        ("", "a/x", ["", "a/"]),
        ("", "a/x/", ["", "a/"]),
        ("", "a/x/1", ["", "a/", "a/x/"]),
        ("a/x/1", "a/x/2", ["", "a/", "a/x/"]),
        ("a/y/", "a0", ["", "a/", "a/y/"]),
        ("c", None, [""]),
        ("b", "a", [""]),
    ],
)
def test_folders_outside_of_a_range_are_not_opened(
    root: Path, monkeypatch, after: str, until: str | None, opened: list[str]
):
    make(root, [f"{folder}/{i}" for folder in ("a/x", "a/y", "a0", "b") for i in (1, 2)])
    listed: list[object] = []
    real = os.scandir

    def scandir(place: int | str):
        listed.append(place)
        return real(place)

    tree = ordered(root)
    monkeypatch.setattr("os.scandir", scandir)
    assert folders(tree, after, until) == opened
    assert len(listed) == len(opened)


def test_a_prefix_outside_of_a_range_is_not_looked_for(root: Path, monkeypatch):
    make(root, ["b/1"])
    tree = ordered(root)
    monkeypatch.setattr("os.scandir", None)
    assert keys(tree, "b/", after="c") == []
    assert keys(tree, "b/", until="b/") == []
    assert keys(tree, "b/", until="a") == []


async def test_a_large_folder_comes_in_pages(store: LocalStore, root: Path):
    names = [f"{number:04}" for number in range(9000)]
    await run_in_thread(lambda: [(root / name).write_bytes(b"x") for name in names])
    pages = [page async for page in store.scan_pages()]
    assert [len(page) for page in pages] == [4096, 4096, 808]
    assert [name for page in pages for name in page.names()] == names


def test_a_stamp_is_that_of_each_folder(root: Path):
    make(root, ["a/b/c", "a/d", "e"])
    found = [pair for s in ordered(root).stretches("", "", None) for pair in s.folders]
    stamps = [(prefix, (root / prefix).stat().st_ctime_ns) for prefix in ("", "a/", "a/b/")]
    assert found == stamps


@pytest.mark.parametrize("root", ["kernel"], indirect=True)
async def test_a_thousand_levels_are_in_order(store: LocalStore):
    chain = "/".join("d" * 1000)
    wanted = sorted([f"{chain}/key", "d/a", "d/d/a", "d/d/z", f"{chain[:999]}/z"])
    await store.set_many(dict.fromkeys(wanted, b"1"))
    found = [name async for page in store.scan_pages() for name in page.names()]
    assert found == wanted
    rest = [n async for page in store.scan_pages(after="d/d/d") for n in page.names()]
    assert rest == [key for key in wanted if key > "d/d/d"]
    # Whoever tidies up after the tests would call itself a thousand times.
    await store.clear()


async def test_links_and_names_that_are_no_keys_are_left_out_of_pages(
    store: LocalStore, root: Path, outside: Path
):
    await store.set_many({"a/b": b"1", "z": b"22"})
    (root / "a" / "link").symlink_to(outside)
    (root / "a" / "new\nline").write_bytes(b"x")
    (root / "back\\slash").mkdir()
    os.mkfifo(root / "fifo")
    with pytest.warns(ZStoreWarning) as caught:
        found = [name async for page in store.scan_pages() for name in page.names()]
    assert found == ["a/b", "z"]
    assert len(caught) == 2
    with pytest.raises(OutsideRootError):
        await anext(store.scan_pages("a/link/"))


async def test_pages_of_a_missing_prefix_are_none(store: LocalStore):
    await store.set("a", b"1")
    assert [page async for page in store.scan_pages("missing")] == []
    assert [len(page) async for page in store.scan_pages("a")] == [1]
    assert [page async for page in store.scan_pages("a/")] == []


def test_what_goes_during_a_walk_is_passed_over(root: Path, monkeypatch):
    make(root, ["a", "b/c", "b/d/e", "f/g", "h"])
    real = os.scandir
    count = 0

    def scandir(place: int | str):
        nonlocal count
        count += 1
        found = real(place)
        if count == 2:
            # Once "b/" is open, and before what is in it is looked at.
            (root / "b" / "c").unlink()
            (root / "f" / "g").unlink()
            (root / "f").rmdir()
            (root / "h").unlink()
        return found

    tree = ordered(root)
    monkeypatch.setattr("os.scandir", scandir)
    assert keys(tree) == ["a", "b/d/e"]


def test_a_folder_that_became_a_link_is_not_entered(root: Path, outside: Path, monkeypatch):
    if not descent._HAS_DESCRIPTORS:
        pytest.skip("by paths there is a moment in which this can be done")
    make(root, ["a/b", "c/d"])
    real = os.scandir

    def scandir(place: int | str):
        found = list(real(place))
        if (root / "c" / "d").exists():
            (root / "c" / "d").unlink()
            (root / "c").rmdir()
            (root / "c").symlink_to(outside)
        return _Listing(found)

    tree = ordered(root)
    monkeypatch.setattr("os.scandir", scandir)
    assert keys(tree) == ["a/b"]


class _Listing(list[os.DirEntry[str]]):
    """What scandir gave, all of it read."""

    def __enter__(self) -> Iterator[os.DirEntry[str]]:
        return iter(self)

    def __exit__(self, *_: object) -> None:
        pass
