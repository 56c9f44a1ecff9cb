import errno
import os
import stat
from pathlib import Path

import pytest

from tests.stores.zip.archives import contents, files_in, old, reread
from zstore import ZipStore
from zstore.errors import (
    BackendError,
)


class TestFullDisk:
    @pytest.fixture
    def full(self, monkeypatch):
        """Let the disk take so many more bytes, in pieces."""
        room = [2**60]
        pwrite = os.pwrite

        def limited(descriptor: int, data: memoryview, offset: int) -> int:
            if room[0] <= 0:
                raise OSError(errno.ENOSPC, "no space left")
            count = pwrite(descriptor, data[: min(len(data), room[0])], offset)
            room[0] -= count
            return count

        monkeypatch.setattr(os, "pwrite", limited)
        return room

    @pytest.mark.parametrize("mode", ["w", "a"])
    @pytest.mark.parametrize("nbytes", [100, 100_000])
    @pytest.mark.parametrize("room", [0, 50])
    async def test_a_value_that_does_not_fit_changes_nothing(
        self, tmp_path: Path, full, mode, nbytes, room
    ):
        path = old(tmp_path)
        async with ZipStore(path, mode=mode) as store:
            await store.set("a", b"1")
            full[0] = room
            with pytest.raises(BackendError, match="no space"):
                await store.set("a", os.urandom(nbytes))
            full[0] = 2**60
            assert await store.get_bytes("a") == b"1"
            await store.set("b", b"2")
        found = contents(path)
        assert (found["a"], found["b"]) == (b"1", b"2")
        assert ("old" in found) == (mode == "a")

    @pytest.mark.parametrize("room", [0, 20, 100])
    async def test_a_commit_that_does_not_fit_can_be_repeated(self, tmp_path, full, room):
        path = old(tmp_path)
        async with ZipStore(path, mode="a") as store:
            await store.set("a", b"1")
            full[0] = room
            with pytest.raises(BackendError, match="no space"):
                await store.commit()
            full[0] = 2**60
            await store.set("b", b"2")
            await store.commit()
        assert contents(path) == {"old": b"value", "a": b"1", "b": b"2"}

    @pytest.mark.parametrize("mode", ["w", "a"])
    async def test_closing_a_full_disk_leaves_the_last_commit(self, tmp_path, full, mode):
        path = old(tmp_path)
        store = ZipStore(path, mode=mode)
        await store.set("a", b"1")
        full[0] = 30
        with pytest.raises(BackendError, match="no space"):
            await store.aclose()
        assert contents(path) == {"old": b"value"}
        assert files_in(tmp_path) == ["a.zip"]
        assert await reread(path) == {"old": b"value"}

    @pytest.mark.parametrize("mode", ["w", "a"])
    async def test_a_compaction_that_does_not_fit_changes_nothing(
        self, tmp_path, full, mode
    ):
        path = old(tmp_path)
        async with ZipStore(path, mode=mode) as store:
            await store.set("a", b"1")
            full[0] = 30
            with pytest.raises(BackendError, match="no space"):
                await store.compact()
            full[0] = 2**60
            assert await store.get_bytes("a") == b"1"
        assert contents(path)["a"] == b"1"
        assert files_in(tmp_path) == ["a.zip"]


@pytest.mark.parametrize("how", ["commit", "compact"])
async def test_a_name_that_the_disk_may_not_have_is_an_error_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
):
    real = os.fsync
    failing = True

    def fsync(fd: int) -> None:
        if failing and stat.S_ISDIR(os.fstat(fd).st_mode):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        real(fd)

    monkeypatch.setattr(os, "fsync", fsync)
    store = ZipStore(tmp_path / "a.zip", mode="w")
    await store.set("a", b"1")
    with pytest.raises(BackendError, match="Input/output error"):
        await getattr(store, how)()
    # The archive is there and whole; whether its name lasts is not known.
    assert contents(tmp_path / "a.zip") == {"a": b"1"}
    with pytest.raises(BackendError, match="Input/output error"):
        await store.commit()
    failing = False
    await store.set("b", b"2")
    await store.commit()
    await store.aclose()
    assert contents(tmp_path / "a.zip") == {"a": b"1", "b": b"2"}
    assert files_in(tmp_path) == ["a.zip"]
