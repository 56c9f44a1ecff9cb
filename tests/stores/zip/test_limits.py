import asyncio
import zipfile
from pathlib import Path

import pytest

from tests.stores.zip.archives import (
    contents,
)
from zstore import ZipStore
from zstore.errors import (
    UnsupportedError,
)
from zstore.stores.zip import appending, writer


class TestLimits:
    async def test_without_zip64_no_entry_after_the_65535th(self, tmp_path, monkeypatch):
        monkeypatch.setattr(appending, "SATURATED_16", 3)
        async with ZipStore(tmp_path / "a.zip", mode="w", allowZip64=False) as store:
            await store.set_many({"a": b"1", "b": b"2", "c": b"3"})
            with pytest.raises(UnsupportedError, match="b'd' it would need zip64"):
                await store.set("d", b"4")
            await store.set("a", b"again")
        assert len(contents(tmp_path / "a.zip")) == 3

    async def test_without_zip64_nothing_after_4_gib(self, tmp_path, monkeypatch):
        monkeypatch.setattr(appending, "SATURATED_32", 1000)
        monkeypatch.setattr(writer, "SATURATED_32", 1000)
        async with ZipStore(tmp_path / "a.zip", mode="w", allowZip64=False) as store:
            with pytest.raises(UnsupportedError, match="zip64"):
                await store.set("large", bytes(1000))
            await store.set("a", bytes(900))
            with pytest.raises(UnsupportedError, match="zip64"):
                await store.set("b", bytes(100))
            await store.set("c", bytes(5))
            with pytest.raises(UnsupportedError, match="its directory would need zip64"):
                await store.commit()
            await store.delete("a")
            await store.compact()
        assert contents(tmp_path / "a.zip") == {"c": bytes(5)}

    async def test_a_name_that_is_too_long_is_refused(self, tmp_path: Path):
        async with ZipStore(tmp_path / "a.zip", mode="w") as store:
            with pytest.raises(UnsupportedError, match="has 65536 bytes"):
                await store.set("x" * 65536, b"1")
            await store.set("x" * 65535, b"1")
        assert list(contents(tmp_path / "a.zip")) == ["x" * 65535]

    async def test_more_than_65535_members_are_written(self, tmp_path: Path):
        path = tmp_path / "a.zip"
        async with ZipStore(path, mode="w") as store:

            def fill() -> None:
                one = store._writer()
                for i in range(65_540):
                    one.append(f"{i}", b"", overwrite=True)

            await asyncio.to_thread(fill)
        with zipfile.ZipFile(path) as archive:
            assert len(archive.namelist()) == 65_540

    async def test_parts_of_values_cannot_be_written(self, tmp_path: Path):
        async with ZipStore(tmp_path / "a.zip", mode="w") as store:
            assert store.supports_deletes
            assert store.supports_writes
            assert not store.supports_partial_writes
            with pytest.raises(UnsupportedError):
                await store.set_partial_values([("a", 0, b"1")])
