"""`open_store`: a store of whatever stands for one."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.opened import VALUES, folder, keys_of
from zstore import (
    LocalStore,
    LoggingStore,
    MemoryStore,
    PrefixStore,
    StorePath,
    open_store,
)
from zstore.buffer import Buffer, cpu
from zstore.errors import (
    InvalidKeyError,
    InvalidModeError,
    InvalidTypeError,
    ReadOnlyError,
    StoreExistsError,
    StoreNotFoundError,
    UnsupportedError,
)
from zstore.opening.places import is_url
from zstore.sync import SyncStore

__all__ = ["folder"]


class TestStores:
    async def test_a_store_stays_what_it_is(self):
        store = MemoryStore()
        assert await open_store(store) is store
        assert await open_store(store, mode="a") is store
        assert await open_store(SyncStore(store)) is store

    async def test_a_store_path_is_its_store_rooted_there(self):
        store = MemoryStore()
        await store.set_many(VALUES)
        opened = await open_store(StorePath(store, "a"))
        assert await keys_of(opened) == ["b"]
        assert await open_store(StorePath(store)) is store
        deeper = await open_store(StorePath(store, "x"), path="y")
        await deeper.set("k", b"")
        assert await store.exists("x/y/k")

    async def test_none_and_dicts_are_memory(self):
        values: dict[str, Buffer] = {"a/b": cpu.Buffer.from_bytes(b"value")}
        opened = await open_store(values)
        assert isinstance(opened, MemoryStore)
        await opened.set("c", b"1")
        assert sorted(values) == ["a/b", "c"]
        assert await keys_of(await open_store(None)) == []

    async def test_path_roots_the_store(self):
        store = MemoryStore()
        await store.set_many(VALUES)
        for path in ("a", "a/"):
            opened = await open_store(store, path=path)
            assert await keys_of(opened) == ["b"]

    @pytest.mark.parametrize("path", ["/", "../x", "/a", "a//b"])
    async def test_a_path_that_is_no_prefix_is_refused(self, path: str):
        with pytest.raises(InvalidKeyError):
            await open_store(MemoryStore(), path=path)

    @pytest.mark.parametrize("like", [3, b"path", object(), ["a"]])
    async def test_what_is_no_store_is_refused(self, like: Any):
        message = f"Unsupported type for store_like: '{type(like).__name__}'"
        with pytest.raises(InvalidTypeError, match=message):
            await open_store(like)

    @pytest.mark.parametrize("like", [MemoryStore(), {}, None, "folder", Path("x")])
    async def test_storage_options_without_a_url_are_refused(self, like: Any):
        with pytest.raises(TypeError, match="'storage_options' was provided but unused"):
            await open_store(like, storage_options={"anon": True})

    async def test_a_mode_that_is_none_is_refused(self):
        with pytest.raises(InvalidModeError, match="mode must be one of"):
            await open_store(None, mode="x")  # type: ignore[arg-type]  # the point


class TestPaths:
    @pytest.mark.parametrize("make", [str, Path, Path.as_uri, "local://{}".format])
    async def test_a_folder_opens_as_local_store(
        self, folder: Path, make: Callable[[Path], str | Path]
    ):
        opened = await open_store(make(folder))
        assert isinstance(opened, LocalStore)
        assert await keys_of(opened) == ["a/b", "c"]

    async def test_a_relative_path_is_a_path(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.chdir(folder.parent)
        for like in ("folder", "file://folder", "file::folder", os.fspath(folder)):
            assert await keys_of(await open_store(like, mode="r")) == ["a/b", "c"]

    async def test_a_url_may_escape_characters(self, tmp_path: Path):
        root = tmp_path / "a folder#1%"
        root.mkdir()
        (root / "k").write_bytes(b"")
        assert await keys_of(await open_store(root.as_uri(), mode="r")) == ["k"]

    @pytest.mark.parametrize(
        ("text", "url"),
        [
            ("s3://bucket/key", True),
            ("zip::x.zip", True),
            ("simplecache::s3://bucket", True),
            ("C:\\data\\x", False),
            ("C:/data", False),
            ("C://data", False),
            ("data/x", False),
            ("/data/x", False),
            ("12:30", False),
            ("", False),
        ],
    )
    def test_urls_are_told_from_paths(self, text: str, url: bool):
        assert is_url(text) is url

    async def test_nothing_is_made_by_default(self, tmp_path: Path):
        await open_store(tmp_path / "new")
        await open_store(tmp_path / "new.zip")
        assert list(tmp_path.iterdir()) == []

    async def test_options_of_a_local_url_are_refused(self, folder: Path):
        with pytest.raises(TypeError, match="'storage_options' was provided but unused"):
            await open_store(folder.as_uri(), storage_options={"anon": True})


class TestModes:
    async def test_r_is_read_only_and_must_exist(self, folder: Path, tmp_path: Path):
        opened = await open_store(folder, mode="r")
        with pytest.raises(ReadOnlyError):
            await opened.set("d", b"")
        store = MemoryStore()
        assert (await open_store(store, mode="r")).read_only
        assert not store.read_only
        only_read = MemoryStore(read_only=True)
        assert await open_store(only_read, mode="r") is only_read
        for mode in ("r", "r+"):
            with pytest.raises(StoreNotFoundError, match="no-folder"):
                await open_store(tmp_path / "no-folder", mode=mode)
            with pytest.raises(StoreNotFoundError, match="nothing"):
                await open_store(folder, mode=mode, path="nothing")
        assert not (tmp_path / "no-folder").exists()

    async def test_r_plus_may_change_what_exists(self, folder: Path):
        opened = await open_store(folder, mode="r+", path="a")
        await opened.set("d", b"")
        assert (folder / "a" / "d").exists()

    async def test_a_makes_what_is_missing(self, tmp_path: Path, folder: Path):
        await open_store(tmp_path / "new", mode="a")
        assert (tmp_path / "new").is_dir()
        assert await keys_of(await open_store(folder, mode="a")) == ["a/b", "c"]

    async def test_w_empties_only_what_is_asked_for(self, folder: Path):
        emptied = await open_store(folder, mode="w", path="a")
        assert await keys_of(emptied) == []
        assert await keys_of(await open_store(folder)) == ["c"]
        assert await keys_of(await open_store(str(folder), mode="w")) == []
        assert folder.is_dir()

    async def test_w_minus_wants_no_key(self, folder: Path, tmp_path: Path):
        with pytest.raises(StoreExistsError, match="folder"):
            await open_store(folder, mode="w-")
        with pytest.raises(FileExistsError):
            await open_store(folder, mode="w-", path="a")
        made = await open_store(folder, mode="w-", path="new")
        await made.set("k", b"")
        assert await (await open_store(tmp_path / "x", mode="w-")).is_empty()

    @pytest.mark.parametrize("mode", ["r+", "a", "w", "w-"])
    async def test_writing_needs_a_store_that_takes_values(self, mode: Any):
        with pytest.raises(ReadOnlyError, match=re.escape(f"open_store(mode={mode!r})")):
            await open_store(MemoryStore(read_only=True), mode=mode)

        class Unwritable(MemoryStore):
            _can_write = False

        with pytest.raises(UnsupportedError, match="takes no values"):
            await open_store(Unwritable(), mode=mode)

    async def test_wrappers_keep_what_they_wrap(self):
        logged = LoggingStore(MemoryStore(), log_level="CRITICAL")
        opened = await open_store(logged, mode="r", path="")
        assert isinstance(opened, LoggingStore)
        assert isinstance(await open_store(logged, path="x"), PrefixStore)
