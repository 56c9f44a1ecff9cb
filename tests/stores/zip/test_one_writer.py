from pathlib import Path

import pytest

from tests.stores.zip.archives import by_python, contents, old, write
from zstore import ZipStore
from zstore.errors import (
    BackendError,
    CorruptStoreError,
)
from zstore.stores.zip import files
from zstore.stores.zip.sources import FileSource


class TestOneWriter:
    @pytest.mark.parametrize("second", ["a", "w"])
    @pytest.mark.parametrize("first", ["a", "w"])
    async def test_a_second_writer_is_refused(self, tmp_path: Path, first, second):
        path = old(tmp_path)
        one, two = ZipStore(path, mode=first), ZipStore(path, mode=second)
        if second == "a":
            await two.ensure_open()
        await one.set("one", b"1")
        with pytest.raises(BackendError, match="another writer has the archive open"):
            await two.set("two", b"2")
        await one.aclose()
        await two.set("two", b"2")
        await two.aclose()
        found = contents(path)
        assert found.pop("two") == b"2"
        one_left = {} if second == "w" else {"one": b"1"}
        assert found == one_left | ({} if "w" in (first, second) else {"old": b"value"})

    async def test_a_second_new_archive_is_refused(self, tmp_path: Path):
        async with ZipStore(tmp_path / "a.zip", mode="w"):
            for mode in ("w", "x", "a"):
                with pytest.raises(BackendError, match="another writer"):
                    await ZipStore.open(tmp_path / "a.zip", mode=mode)

    async def test_what_another_added_meanwhile_is_there(self, tmp_path: Path):
        path = old(tmp_path)
        one, two = ZipStore(path, mode="a"), ZipStore(path, mode="a")
        await two.ensure_open()
        for i in range(20):
            await one.set(f"one/{i}", b"1")
        await one.aclose()
        for i in range(20):
            await two.set(f"two/{i}", b"1")
        await two.aclose()
        assert len(contents(path)) == 41

    async def test_an_archive_that_was_refused_is_free(self, tmp_path: Path):
        path = old(tmp_path)
        store = await ZipStore.open(path, mode="a")
        path.write_bytes(b"no zip")
        with pytest.raises(CorruptStoreError) as kept:
            await store.set("a", b"1")
        write(path, by_python({}))
        await store.set("a", b"1")
        await store.aclose()
        assert contents(path) == {"a": b"1"}
        assert "no end record" in str(kept.value)

    async def test_a_file_that_is_replaced_while_it_is_locked_is_opened_again(
        self, tmp_path: Path, monkeypatch
    ):
        path = old(tmp_path)

        lock = files._lock
        replaced = False

        def replace(source: FileSource, where: Path) -> None:
            nonlocal replaced
            if not replaced:
                replaced = True
                write(tmp_path / "other", by_python({"other": b"1"})).replace(path)
            lock(source, where)

        monkeypatch.setattr(files, "_lock", replace)
        async with ZipStore(path, mode="a") as store:
            await store.set("a", b"1")
        assert contents(path) == {"other": b"1", "a": b"1"}

        def remove(source: FileSource, where: Path) -> None:
            write(tmp_path / "other", by_python({})).replace(path)
            lock(source, where)

        monkeypatch.setattr(files, "_lock", remove)
        async with ZipStore(path, mode="a") as store:
            with pytest.raises(BackendError, match="replaced again and again"):
                await store.set("a", b"1")
            monkeypatch.undo()
