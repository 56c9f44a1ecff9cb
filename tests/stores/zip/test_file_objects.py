import io
import os
import pickle
from pathlib import Path

import pytest

from tests.stores.zip.archives import by_python, write
from zstore import RangeByteRequest, ZipStore
from zstore._compat import override
from zstore.buffer import Buffer
from zstore.errors import (
    BackendError,
    CorruptStoreError,
    InvalidTypeError,
    UnsupportedError,
)

BIG = os.urandom(300_000)
VALUES = {"a": b"1", "g/b": b"0123456789", "g/empty": b"", "g/h/big": BIG}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write(tmp_path / "a.zip", by_python(VALUES))


async def keys_of(store: ZipStore) -> list[str]:
    return sorted([key async for key in store.list()])


def bytes_of(value: Buffer | None) -> bytes | None:
    return None if value is None else value.to_bytes()


class TestFileObjects:
    @pytest.mark.parametrize("kind", ["memory", "file"])
    async def test_an_open_binary_file_is_read(self, path: Path, kind):
        file = io.BytesIO(path.read_bytes()) if kind == "memory" else path.open("rb")
        with file:
            async with ZipStore(file) as store:
                assert store.read_only
                values = await store.get_many([*VALUES, "missing"])
                assert [bytes_of(value) for value in values] == [*VALUES.values(), None]
                assert await store.get_bytes("g/b", RangeByteRequest(2, 4)) == b"23"
            assert not file.closed

    async def test_it_is_not_changed_and_not_pickled(self, path: Path):
        with path.open("rb") as file:
            with pytest.raises(UnsupportedError, match="path of its own"):
                ZipStore(file, mode="a")
            with pytest.raises(UnsupportedError):
                ZipStore(file).with_read_only(False)
            with pytest.raises(InvalidTypeError, match="cannot be pickled"):
                pickle.dumps(ZipStore(file))
            assert ZipStore(file).with_read_only(True) == ZipStore(file)

    async def test_one_that_was_closed_is_a_failure(self, path: Path):
        file = io.BytesIO(path.read_bytes())
        store = await ZipStore.open(file)
        file.close()
        with pytest.raises(BackendError, match="closed file"):
            await store.get("a")
        with pytest.raises(BackendError, match="closed file"):
            await ZipStore.open(file)

    async def test_one_that_gives_little_at_a_time_is_read(self, path: Path):
        class Slow(io.BytesIO):
            @override
            def read(self, nbytes: int | None = -1, /) -> bytes:
                return super().read(min(nbytes or 0, 1000))

        store = await ZipStore.open(Slow(path.read_bytes()))
        assert await store.get_bytes("g/h/big") == BIG

    async def test_one_that_was_cut_is_an_error(self, path: Path):
        file = io.BytesIO(path.read_bytes())
        store = await ZipStore.open(file)
        file.truncate(1000)
        with pytest.raises(CorruptStoreError, match="ends before"):
            await store.get("g/h/big")
