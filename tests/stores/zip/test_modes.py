import errno
import os
import stat
import zipfile
from pathlib import Path

import pytest

from tests.stores.zip.archives import (
    by_hand,
    by_python,
    contents,
    contents_of,
    fail,
    files_in,
    member,
    old,
    reread,
    write,
)
from zstore import ZipStore
from zstore.errors import (
    StoreExistsError,
    StoreNotFoundError,
    UnsupportedError,
)


class TestModes:
    async def test_w_keeps_the_old_archive_until_the_commit(self, tmp_path: Path):
        path = old(tmp_path)
        async with ZipStore(path, mode="w") as store:
            await store.set("new", b"1")
            assert contents(path) == {"old": b"value"}
            await store.commit()
            assert contents(path) == {"new": b"1"}
            await store.set("newer", b"2")
            assert await contents_of(store) == {"new": b"1", "newer": b"2"}
        assert contents(path) == {"new": b"1", "newer": b"2"}

    async def test_w_that_is_closed_makes_an_empty_archive(self, tmp_path: Path):
        path = old(tmp_path)
        async with ZipStore(path, mode="w"):
            pass
        assert contents(path) == {}

    async def test_w_that_is_never_used_changes_nothing(self, tmp_path: Path):
        path = old(tmp_path)
        ZipStore(path, mode="w").close()
        with ZipStore(path, mode="w"):
            pass
        assert contents(path) == {"old": b"value"}
        with ZipStore(tmp_path / "b.zip", mode="w"):
            pass
        assert files_in(tmp_path) == ["a.zip"]

    async def test_w_that_may_not_write_reads(self, tmp_path: Path):
        path = old(tmp_path)
        async with ZipStore(path, mode="w", read_only=True) as store:
            assert await contents_of(store) == {"old": b"value"}
        assert contents(path) == {"old": b"value"}

    async def test_x_refuses_what_is_there(self, tmp_path: Path):
        path = old(tmp_path)
        with pytest.raises(StoreExistsError, match=r"a\.zip already exists"):
            await ZipStore.open(path, mode="x")
        assert contents(path) == {"old": b"value"}

    @pytest.mark.parametrize("links", [True, False])
    @pytest.mark.parametrize("mode", ["a", "x"])
    async def test_a_name_that_is_taken_meanwhile_is_kept(
        self, tmp_path: Path, monkeypatch, mode, links
    ):
        if not links:
            monkeypatch.setattr(os, "link", fail(errno.EPERM))
        path = tmp_path / "a.zip"
        store = ZipStore(path, mode=mode)
        await store.set("new", b"1")
        old(tmp_path)
        for call in (store.commit, store.compact, store.aclose):
            with pytest.raises(StoreExistsError):
                await call()
        assert contents(path) == {"old": b"value"}
        assert files_in(tmp_path) == ["a.zip"]

    async def test_x_works_without_hard_links(self, tmp_path: Path, monkeypatch):
        monkeypatch.setattr(os, "link", fail(errno.EPERM))
        async with ZipStore(tmp_path / "a.zip", mode="x") as store:
            await store.set("a", b"1")
        assert contents(tmp_path / "a.zip") == {"a": b"1"}
        assert files_in(tmp_path) == ["a.zip"]

    async def test_a_adds_and_replaces(self, tmp_path: Path):
        path = write(tmp_path / "a.zip", by_python({"a": b"1", "b": b"2"}))
        async with ZipStore(path, mode="a") as store:
            await store.set("b", b"new")
            await store.set("c", b"3")
            # By the old directory, which others still use.
            assert path.read_bytes().find(b"PK\x05\x06") > 0
        assert contents(path) == {"a": b"1", "b": b"new", "c": b"3"}

    async def test_a_keeps_the_comment_and_extra_fields(self, tmp_path: Path):
        extra = b"\x99\x99\x01\x00x"
        data = by_hand((member(b"a", extra=extra), b"value"), comment=b"of a kind")
        path = write(tmp_path / "a.zip", data)
        for _ in range(2):
            async with ZipStore(path, mode="a") as store:
                await store.set("b", b"1")
                await store.compact()
        with zipfile.ZipFile(path) as archive:
            assert archive.comment == b"of a kind"
            assert archive.getinfo("a").extra == extra

    async def test_a_makes_an_archive_of_an_empty_file(self, tmp_path: Path):
        path = write(tmp_path / "a.zip", b"")
        async with ZipStore(path, mode="a"):
            pass
        assert contents(path) == {}

    async def test_a_changes_no_byte_where_nothing_is_changed(self, tmp_path: Path):
        path = old(tmp_path)
        before = path.read_bytes()
        async with ZipStore(path, mode="a") as store:
            await store.delete("missing")
            await store.commit()
            assert not await store.set_if_not_exists("old", b"other")
        assert path.read_bytes() == before

    async def test_a_refuses_bytes_before_the_archive(self, tmp_path: Path):
        path = write(tmp_path / "a.zip", b"#!/bin/sh\n" + by_python({"a": b"1"}))
        assert await reread(path) == {"a": b"1"}
        async with ZipStore(path, mode="a") as store:
            assert store.reclaimable_nbytes == 0
            with pytest.raises(UnsupportedError, match="10 bytes stand before"):
                await store.set("b", b"2")
            with pytest.raises(UnsupportedError):
                await store.set("b", b"2")

    async def test_a_folder_that_is_missing_is_not_made(self, tmp_path: Path):
        with pytest.raises(StoreNotFoundError, match="no does not exist"):
            await ZipStore.open(tmp_path / "no" / "a.zip", mode="w")

    async def test_a_link_is_followed_and_kept(self, tmp_path: Path):
        path = old(tmp_path)
        (tmp_path / "link.zip").symlink_to(path)
        async with ZipStore(tmp_path / "link.zip", mode="w") as store:
            await store.set("new", b"1")
        assert (tmp_path / "link.zip").is_symlink()
        assert contents(path) == {"new": b"1"}

    async def test_permissions_of_the_old_archive_are_kept(self, tmp_path: Path):
        path = old(tmp_path)
        path.chmod(0o640)
        async with ZipStore(path, mode="w") as store:
            await store.commit()
            assert stat.S_IMODE(path.stat().st_mode) == 0o640
            await store.compact()
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
