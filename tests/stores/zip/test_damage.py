import io
import os
import zipfile
from pathlib import Path

import pytest

from tests.stores.zip.archives import by_hand, by_python, member, patched, write
from zstore import RangeByteRequest, SuffixByteRequest, ZipStore
from zstore._compat import override
from zstore.buffer import Buffer
from zstore.errors import (
    CorruptStoreError,
)
from zstore.stores.zip import archive as archive_module

BIG = os.urandom(300_000)
VALUES = {"a": b"1", "g/b": b"0123456789", "g/empty": b"", "g/h/big": BIG}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write(tmp_path / "a.zip", by_python(VALUES))


async def keys_of(store: ZipStore) -> list[str]:
    return sorted([key async for key in store.list()])


def bytes_of(value: Buffer | None) -> bytes | None:
    return None if value is None else value.to_bytes()


class TestDamage:
    async def read(self, path: Path, key: str = "a", **options):
        async with ZipStore(path, **options) as store:
            return await store.get_bytes(key)

    @pytest.mark.parametrize("nbytes", [5, 100_000])
    async def test_a_flipped_bit_is_an_error(self, tmp_path: Path, nbytes: int):
        value = bytes(nbytes)
        data = bytearray(by_hand((member(b"a", value), value)))
        data[31 + nbytes // 2] ^= 1
        path = write(tmp_path / "a.zip", bytes(data))
        with pytest.raises(CorruptStoreError, match="checksum"):
            await self.read(path)
        part = RangeByteRequest(0, nbytes - 1)
        async with ZipStore(path) as store:
            assert len(await store.get_bytes("a", part)) == nbytes - 1
        async with ZipStore(path, verify=True) as store:
            with pytest.raises(CorruptStoreError, match="checksum"):
                await store.get("a", byte_range=part)

    async def test_verified_ranges_are_right(self, tmp_path: Path):
        path = write(tmp_path / "a.zip", by_python(VALUES))
        async with ZipStore(path, verify=True) as store:
            assert await store.get_bytes("g/b", RangeByteRequest(2, 4)) == b"23"
            assert await store.get_bytes("g/h/big", SuffixByteRequest(9)) == BIG[-9:]

    @pytest.mark.parametrize(
        ("at", "form", "value"),
        [
            (0, "<L", 0),
            (8, "<H", 8),
            (14, "<L", 1),
            (18, "<L", 4),
            (22, "<L", 4),
            (30, "<B", 98),
        ],
    )
    async def test_a_local_header_that_differs_is_an_error(self, tmp_path, at, form, value):
        data = patched(by_hand((member(b"a"), b"value")), at, form, value)
        path = write(tmp_path / "a.zip", data)
        with pytest.raises(CorruptStoreError, match="what is at byte 0 is not 'a'"):
            await self.read(path)

    async def test_sizes_that_follow_the_data_are_not_in_the_local_header(self, tmp_path):
        class Pipe(io.RawIOBase):
            data = b""

            @override
            def writable(self):
                return True

            @override
            def write(self, data):
                type(self).data += bytes(data)
                return len(data)

        with zipfile.ZipFile(Pipe(), "w") as archive:
            archive.writestr("a", b"value")
        assert Pipe.data[6] & 8
        assert await self.read(write(tmp_path / "a.zip", Pipe.data)) == b"value"

    async def test_data_that_reaches_into_the_next_member_are_an_error(self, tmp_path):
        two = by_hand((member(b"a"), b"value"), (member(b"b"), b"value"))
        path = write(tmp_path / "a.zip", patched(two, 28, "<H", 3))
        with pytest.raises(CorruptStoreError, match="overlaps what starts at byte 36"):
            await self.read(path)

    @pytest.mark.parametrize(
        "fields", [{"flags": 1}, {"method": 99}, {"nbytes": 9}, {"method": 8}]
    )
    async def test_other_members_of_a_bad_archive_are_read(self, tmp_path, fields):
        data = by_hand((member(b"a", **fields), b"value"), (member(b"good"), b"value"))
        path = write(tmp_path / "a.zip", data)
        assert await self.read(path, "good") == b"value"
        with pytest.raises(CorruptStoreError, match="'a'"):
            await self.read(path)

    async def test_a_file_cut_while_it_is_open_is_an_error(self, path: Path, monkeypatch):
        monkeypatch.setattr(archive_module, "_NOW_NBYTES", -1)
        async with ZipStore(path) as store:
            await store.ensure_open()
            os.truncate(path, 1000)
            with pytest.raises(CorruptStoreError, match="ends at byte 1000"):
                await store.get("g/h/big")

    async def test_a_ratio_that_cannot_be_is_refused(self, tmp_path: Path):
        value = bytes(2**21)
        path = write(
            tmp_path / "a.zip", by_python({"a": value}, compression=zipfile.ZIP_BZIP2)
        )
        with pytest.raises(CorruptStoreError, match="max_ratio"):
            await self.read(path)
        assert await self.read(path, max_ratio=10**6) == value
