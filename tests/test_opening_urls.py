"""`open_store` on archives and URLs."""

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

from tests.opened import archive, bucket, keys_of
from zstore import (
    FsspecStore,
    LocalStore,
    MemoryStore,
    ObjectStore,
    Store,
    ZipStore,
    open_store,
)
from zstore.errors import (
    InvalidTypeError,
    MissingDependencyError,
    ReadOnlyError,
    StoreExistsError,
    StoreNotFoundError,
)
from zstore.opening.places import SCHEMES, Place

__all__ = ["archive", "bucket"]


class TestArchives:
    @pytest.mark.parametrize(
        "url", ["{}", "file://{}", "zip::file://{}", "zip::{}", "zip://{}"]
    )
    async def test_a_zip_file_opens_as_zip_store(self, archive: Path, url: str):
        async with await open_store(url.format(archive)) as opened:
            assert isinstance(opened, ZipStore)
            assert opened.read_only
            assert await keys_of(opened) == ["a/b", "c"]

    async def test_a_folder_named_zip_is_a_folder(self, tmp_path: Path):
        (tmp_path / "x.zip").mkdir()
        assert isinstance(await open_store(tmp_path / "x.zip"), LocalStore)

    async def test_modes_make_change_and_replace_an_archive(self, tmp_path: Path):
        path = tmp_path / "new.zip"
        for mode in ("r", "r+"):
            for like in (path, f"zip::{path}"):
                with pytest.raises(StoreNotFoundError, match=re.escape(str(path))):
                    await open_store(like, mode=mode)
        async with await open_store(path) as made:
            await made.set("a", b"1")
        async with await open_store(path, mode="a") as changed:
            await changed.set("b/c", b"2")
        async with await open_store(path, mode="r+", path="b") as changed:
            await changed.set("d", b"3")
        async with await open_store(path, mode="r") as opened:
            assert await keys_of(opened) == ["a", "b/c", "b/d"]
        with pytest.raises(StoreExistsError):
            await open_store(path, mode="w-")
        async with await open_store(path, mode="w", path="b") as emptied:
            assert await emptied.is_empty()
        async with await open_store(path) as opened:
            assert await keys_of(opened) == ["a"]
        async with await open_store(path, mode="w") as emptied:
            await emptied.set("z", b"")
        async with await open_store(path) as opened:
            assert await keys_of(opened) == ["z"]

    async def test_an_inner_prefix_roots_the_archive(self, archive: Path):
        async with await open_store(f"zip://a::file://{archive}") as opened:
            assert await keys_of(opened) == ["b"]

    @pytest.mark.parametrize("url", ["zip::{}/zips/x.zip", "{}/zips/x.zip"])
    async def test_a_remote_archive_is_read_in_place(self, bucket: str, url: str):
        async with await open_store(url.format(bucket), mode="r") as opened:
            assert isinstance(opened, ZipStore)
            assert await keys_of(opened) == ["a/b", "c"]
            assert await opened.get_bytes("a/b") == b"value"

    async def test_a_remote_archive_cannot_be_changed(self, bucket: str):
        with pytest.raises(ReadOnlyError):
            await open_store(f"{bucket}/zips/x.zip", mode="r+")

    async def test_a_missing_remote_archive_is_an_error(self, bucket: str):
        with pytest.raises(StoreNotFoundError, match=re.escape(f"{bucket}/no.zip")):
            await open_store(f"zip::{bucket}/no.zip")

    async def test_a_url_without_an_archive_is_refused(self):
        with pytest.raises(InvalidTypeError, match="takes the URL of an archive"):
            await open_store("zip::s3://bucket")
        with pytest.raises(InvalidTypeError, match="no query") as caught:
            await open_store("zip::https://host/x.zip?token=secret/value")
        assert "secret" not in str(caught.value)

    async def test_a_prefix_named_zip_is_a_prefix(self, bucket: str):
        opened = await open_store(f"{bucket}/new.zip")
        await opened.set("k", b"")
        again = await open_store(f"{bucket}/new.zip", mode="r")
        assert isinstance(again, FsspecStore)
        assert await keys_of(again) == ["k"]


class TestUrls:
    async def test_memory_is_that_of_fsspec(self, bucket: str):
        opened = await open_store(bucket, mode="r")
        assert isinstance(opened, FsspecStore)
        assert await opened.get_bytes("a/b") == b"value"

    @pytest.mark.parametrize("mode", ["r", "r+"])
    async def test_a_prefix_without_keys_does_not_exist(self, bucket: str, mode: Any):
        with pytest.raises(StoreNotFoundError, match=re.escape(f"{bucket}/no")):
            await open_store(f"{bucket}/no", mode=mode)

    async def test_chains_go_to_fsspec(self, bucket: str):
        opened = await open_store(f"simplecache::{bucket}", mode="r")
        assert isinstance(opened, FsspecStore)
        assert await opened.get_bytes("a/b") == b"value"

    async def test_an_unknown_scheme_is_refused(self):
        with pytest.raises(InvalidTypeError, match=r"'nosuch://x'.*nosuch"):
            await open_store("nosuch://x")

    async def test_no_secret_is_in_a_message(self):
        with pytest.raises(InvalidTypeError) as caught:
            await open_store("nosuch://user:word@host/x?sig=abc")
        assert "word" not in str(caught.value)
        assert "abc" not in str(caught.value)
        assert "abc" not in repr(Place("s3://b", options={"secret": "abc"}))

    @pytest.mark.parametrize(
        ("scheme", "package", "extra"),
        [("s3", "s3fs", "s3"), ("gs", "gcsfs", "obstore"), ("http", "aiohttp", "http")],
    )
    async def test_remote_urls_open_with_what_is_installed(
        self, monkeypatch: pytest.MonkeyPatch, scheme: str, package: str, extra: str
    ):
        installed: set[str] = set()
        monkeypatch.setattr("zstore.opening.places._has", installed.__contains__)
        made: list[tuple[str, str, dict[str, Any]]] = []

        def fsspec(url: str, storage_options: dict[str, Any], read_only: bool) -> Store:
            made.append(("fsspec", url, storage_options))
            return MemoryStore(read_only=read_only)

        def obstore(url: str, read_only: bool, **options: Any) -> Store:
            made.append(("obstore", url, options))
            return MemoryStore(read_only=read_only)

        monkeypatch.setattr(FsspecStore, "from_url", fsspec)
        monkeypatch.setattr(ObjectStore, "from_url", obstore)
        url = f"{scheme}://bucket/x"
        with pytest.raises(MissingDependencyError, match=rf"zstore\[{extra}\]"):
            await open_store(url)
        installed |= {"obstore", package}
        await open_store(url, storage_options={"region": "x"})
        installed |= {"fsspec"}
        await open_store(url, storage_options={"anon": True})
        assert made == [("obstore", url, {"region": "x"}), ("fsspec", url, {"anon": True})]

    async def test_options_of_a_chain_can_be_named_by_scheme(
        self, monkeypatch: pytest.MonkeyPatch
    ):
        asked: list[Place] = []

        async def opener(place: Place) -> Store:
            asked.append(place)
            store = MemoryStore()
            await store.set("x.zip", b"")
            return store

        monkeypatch.setitem(SCHEMES, "s3", opener)
        for options in ({"anon": True}, {"s3": {"anon": True}, "zip": {"mode": "r"}}):
            await open_store("zip::s3://bucket/x.zip", storage_options=options)
        assert {(place.url, *place.options.items()) for place in asked} == {
            ("s3://bucket", ("anon", True))
        }

    async def test_a_line_in_the_table_opens_another_scheme(
        self, monkeypatch: pytest.MonkeyPatch
    ):
        store = MemoryStore()

        async def opener(_: Place) -> Store:
            await asyncio.sleep(0)
            return store

        monkeypatch.setitem(SCHEMES, "mine", opener)
        assert await open_store("mine://anything") is store
