"""LocalStore lists what can be read, in one pass."""

import os
import tempfile
from contextlib import aclosing
from pathlib import Path
from typing import Self

import pytest
from hypothesis import given, settings

from tests.stores.local.trees import files_below, make, scanner, trees
from zstore import LocalStore
from zstore.concurrency import run_in_thread
from zstore.errors import (
    InvalidKeyError,
    ZStoreWarning,
)
from zstore.keys import RESERVED_SUFFIX


async def test_unfinished_files_are_no_keys(store: LocalStore, root: Path):
    name = f"0123{RESERVED_SUFFIX}"
    (root / name).write_bytes(b"half")
    assert [key async for key in store.list()] == []
    assert [name async for name in store.list_dir("")] == []
    with pytest.raises(InvalidKeyError, match="reserved"):
        await store.get(name)


async def test_names_that_are_no_keys_are_left_out_and_said(store: LocalStore, root: Path):
    (root / "back\\slash").write_bytes(b"x")
    (root / "new\nline").write_bytes(b"x")
    (root / "good").write_bytes(b"x")
    with pytest.warns(ZStoreWarning, match="no key"):
        assert [key async for key in store.list()] == ["good"]
    assert [[e.name for e in batch] async for batch in store.list_entries()] == [["good"]]


async def test_a_relative_root_lists_keys_that_repeat_its_name(tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    store = LocalStore("a")
    await store.set("a/a/k", b"1")
    assert [key async for key in store.list()] == ["a/a/k"]


async def test_files_that_vanish_during_a_listing_are_passed_over(
    store: LocalStore, root: Path, monkeypatch
):
    await store.set_many({"a": b"1", "b": b"22"})

    class Gone:
        """A directory entry whose file was deleted since."""

        def __init__(self, entry: os.DirEntry[str]) -> None:
            self.name, self.path = entry.name, entry.path
            self.is_file, self.is_dir = entry.is_file, entry.is_dir

        def stat(self, *, follow_symlinks: bool) -> os.stat_result:
            return Path(self.path).stat(follow_symlinks=follow_symlinks)

    class Listing:
        """What scandir gives; a file goes as soon as all were named."""

        def __init__(self, path: str) -> None:
            self._entries = iter([Gone(entry) for entry in real(path)])

        def __iter__(self) -> Self:
            return self

        def __next__(self) -> Gone:
            try:
                return next(self._entries)
            except StopIteration:
                (root / "a").unlink(missing_ok=True)
                raise

        def __enter__(self) -> Self:
            return self

        def __exit__(self, *_: object) -> None:
            pass

    real = os.scandir
    monkeypatch.setattr("os.scandir", Listing)
    assert [batch async for batch in store.scan()] == [[("b", 2)]]
    monkeypatch.undo()
    assert await store.getsize_prefix("") == 2


@pytest.mark.parametrize("root", ["kernel"], indirect=True)
async def test_a_thousand_levels_work(store: LocalStore):
    key = "/".join("d" * 1000) + "/key"
    await store.set(key, b"1")
    assert await store.get_bytes(key) == b"1"
    assert [k async for k in store.list()] == [key]
    assert await store.getsize_prefix("d") == 1
    await store.delete_dir("d")
    assert await store.is_empty()


async def test_pages_of_a_large_level_fit_together(store: LocalStore, root: Path):
    names = [f"{number:05}" for number in range(5000)]
    await run_in_thread(lambda: [(root / name).write_bytes(b"x") for name in names])
    (root / "00001-sub").mkdir()
    (root / "00001-sub" / "key").write_bytes(b"")
    seen: list[str] = []
    after = ""
    while True:
        batches = store.list_entries(limit=700, after=after)
        page = [entry async for batch in batches for entry in batch]
        if not page:
            break
        seen += [entry.cursor for entry in page]
        after = page[-1].cursor
    assert seen == sorted([*names, "00001-sub/"])
    everything = [e async for batch in store.list_entries() for e in batch]
    assert sorted(e.cursor for e in everything) == seen


async def test_entries_say_when_a_value_was_written(store: LocalStore, root: Path):
    await store.set("a", b"123")
    os.utime(root / "a", (1_000_000_000, 1_000_000_000))
    [[entry]] = [batch async for batch in store.list_entries()]
    assert (entry.name, entry.kind, entry.nbytes) == ("a", "key", 3)
    assert entry.last_modified is not None
    assert entry.last_modified.timestamp() == 1_000_000_000


@pytest.mark.usefixtures("way")
@settings(max_examples=30, deadline=None)
@given(paths=trees)
def test_every_listing_is_what_walking_finds(paths: frozenset[str]):
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        make(root, paths)
        tree = scanner(root)
        for prefix in ("", "a/", "a/a-/"):
            sizes = {
                key: nbytes
                for key, (nbytes, _) in files_below(root).items()
                if key.startswith(prefix)
            }
            assert sorted(key for batch in tree.keys(prefix) for key in batch) == sorted(
                sizes
            )
            assert dict(pair for batch in tree.sizes(prefix) for pair in batch) == sizes
            assert sum(tree.totals(prefix)) == sum(sizes.values())


async def test_a_total_leaves_out_what_a_scan_does(
    store: LocalStore, root: Path, outside: Path
):
    await store.set_many({"a/b": b"1", "c": b"22"})
    (root / "a" / "link").symlink_to(outside / "secret")
    (root / "a" / "folder").symlink_to(outside)
    (root / "a" / "new\nline").write_bytes(b"xxxx")
    (root / f"0{RESERVED_SUFFIX}").write_bytes(b"xxxx")
    os.mkfifo(root / "a" / "fifo")
    with pytest.warns(ZStoreWarning) as caught:
        assert await store.getsize_prefix("") == 3
    assert len(caught) == 2
    assert await store.getsize_prefix("a") == 1
    assert await store.getsize_prefix("missing") == 0


@pytest.mark.parametrize("call", ["list", "scan", "scan_pages", "list_entries"])
async def test_a_listing_that_is_not_read_to_its_end_leaves_nothing_open(
    store: LocalStore, root: Path, call: str, monkeypatch
):
    for module in ("levels", "ordered", "scanning"):
        monkeypatch.setattr(f"zstore.stores.local.{module}.BATCH", 10)
    await run_in_thread(
        make, root, [f"{f}{i}" for f in ("", "a/b/", "c/") for i in range(50)]
    )
    before = sorted(path.name for path in Path("/proc/self/fd").iterdir())
    async with aclosing(getattr(store, call)()) as steps:
        await anext(steps)
    assert sorted(path.name for path in Path("/proc/self/fd").iterdir()) == before


async def test_a_small_level_is_one_batch(store: LocalStore):
    await store.set_many({"a/x": b"1", "b": b"22", "c/y/z": b"3"})
    [batch] = [batch async for batch in store.list_entries()]
    assert {entry.cursor for entry in batch} == {"a/", "b", "c/"}
