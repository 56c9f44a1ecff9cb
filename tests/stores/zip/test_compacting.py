import os
import zipfile
from pathlib import Path

import pytest

from tests.stores.zip.archives import (
    by_hand,
    by_python,
    contents,
    contents_of,
    files_in,
    member,
    old,
    write,
)
from zstore import ZipStore
from zstore.errors import (
    CorruptStoreError,
    UnsupportedError,
)
from zstore.stores.zip.compression import METHODS


class TestCompact:
    async def test_it_wins_back_what_it_said(self, tmp_path: Path):
        path = tmp_path / "a.zip"
        value = os.urandom(5_000_000)
        async with ZipStore(path, mode="w") as store:
            for _ in range(3):
                await store.set("a/b", value)
                await store.commit()
            await store.set("c", b"1")
            await store.commit()
            before, dead = path.stat().st_size, store.reclaimable_nbytes
            assert await store.compact() == dead
            assert path.stat().st_size == before - dead
            assert store.reclaimable_nbytes == 0
            assert await contents_of(store) == {"a/b": value, "c": b"1"}
            await store.set("d", b"2")
        assert contents(path) == {"a/b": value, "c": b"1", "d": b"2"}
        async with ZipStore(path) as reader:
            # The directory of two members that the last one came after.
            assert reader.reclaimable_nbytes == 22 + 2 * 46 + len("a/b") + len("c")

    async def test_a_new_archive_can_be_compacted_before_it_has_a_name(
        self, tmp_path: Path
    ):
        path = tmp_path / "a.zip"
        async with ZipStore(path, mode="x") as store:
            await store.set("a", b"1")
            await store.set("a", b"2")
            assert await store.compact() == 32
            assert contents(path) == {"a": b"2"}
            assert files_in(tmp_path) == ["a.zip"]
            await store.set("b", b"3")
        assert contents(path) == {"a": b"2", "b": b"3"}

    @pytest.mark.parametrize("compression", METHODS)
    async def test_compressed_members_of_others_are_copied_as_they_are(
        self, tmp_path: Path, compression: int
    ):
        values = {"a": b"x" * 1000, "b": os.urandom(1000), "c/": b""}
        path = write(tmp_path / "a.zip", by_python(values, compression=compression))
        async with ZipStore(path, mode="a") as store:
            await store.delete("b")
            await store.compact()
        with zipfile.ZipFile(path) as archive:
            assert archive.namelist() == ["a"]
            assert archive.getinfo("a").compress_type == compression
        assert contents(path) == {"a": b"x" * 1000}

    async def test_readers_of_the_old_archive_are_not_disturbed(self, tmp_path: Path):
        path = old(tmp_path)
        reader = await ZipStore.open(path)
        async with ZipStore(path, mode="a") as store:
            await store.delete("old")
            await store.set("new", b"1")
            await store.compact()
        assert await contents_of(reader) == {"old": b"value"}
        await reader.aclose()

    @pytest.mark.parametrize(
        ("one", "error"),
        [
            (member(b"a", flags=1), UnsupportedError),
            (member(b"a", crc=7), None),
        ],
    )
    async def test_what_cannot_be_copied_is_refused(self, tmp_path: Path, one, error):
        data = by_hand((one, b"value"))
        path = write(tmp_path / "a.zip", data)
        async with ZipStore(path, mode="a") as store:
            if error is None:
                await store.compact()
                # Damage is copied, and stays damage.
                with pytest.raises(CorruptStoreError, match="checksum"):
                    await store.get("a")
            else:
                with pytest.raises(error, match="encrypted"):
                    await store.compact()
        if error is not None:
            assert path.read_bytes() == data
        assert files_in(tmp_path) == ["a.zip"]

    async def test_a_header_that_is_wrong_stops_it(self, tmp_path: Path):
        data = b"PK\x03\x05" + by_python({"a": b"1"})[4:]
        path = write(tmp_path / "a.zip", data)
        async with ZipStore(path, mode="a") as store:
            with pytest.raises(CorruptStoreError, match=r"a\.zip: what is at byte 0"):
                await store.compact()
        assert path.read_bytes() == data
