import asyncio
import io
import os
import threading
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest

from tests.privileges import in_child_without_privileges, open_to_all
from tests.stores.zip.archives import by_python, write
from zstore import ZipStore
from zstore.buffer import Buffer
from zstore.errors import (
    AccessDeniedError,
    BackendError,
    CorruptStoreError,
    InvalidTypeError,
    ReadOnlyError,
    StoreClosedError,
    StoreNotFoundError,
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


def refuse(error: type[OSError]):
    def preadv(*_):
        raise error

    return preadv


class TestOpening:
    async def test_nothing_there_is_not_found(self, tmp_path: Path):
        for missing in (tmp_path / "no.zip", tmp_path / "no" / "a.zip"):
            with pytest.raises(StoreNotFoundError) as caught:
                await ZipStore.open(missing)
            assert caught.value.__cause__ is not caught.value

    @pytest.mark.parametrize("mode", ["r", "a"])
    async def test_a_folder_or_a_pipe_is_no_archive(self, tmp_path: Path, mode):
        os.mkfifo(tmp_path / "pipe.zip")
        (tmp_path / "folder.zip").mkdir()
        for name in ("pipe.zip", "folder.zip"):
            if mode == "r":
                with pytest.raises(BackendError, match="no regular file"):
                    await ZipStore.open(tmp_path / name)
        with pytest.raises(BackendError, match="folder"):
            await ZipStore.open(tmp_path / "folder.zip", mode=mode)

    def test_no_permission_is_no_missing_archive(self, path: Path):
        open_to_all(path.parent)
        path.chmod(0)

        async def run() -> None:
            for mode in ("r", "a"):
                with pytest.raises(AccessDeniedError):
                    await ZipStore.open(path, mode=mode)

        assert in_child_without_privileges(run) == 0

    @pytest.mark.parametrize("data", [b"", b"no zip", bytes(100_000)])
    async def test_what_is_no_archive_is_refused_with_its_name(self, tmp_path, data):
        path = write(tmp_path / "a.zip", data)
        with pytest.raises(CorruptStoreError, match=r"a\.zip: no end record in"):
            await ZipStore.open(path)

    async def test_a_system_that_fails_is_no_missing_archive(self, path: Path, monkeypatch):
        monkeypatch.setattr(os, "pread", refuse(OSError))
        with pytest.raises(BackendError):
            await ZipStore.open(path)

    async def test_a_system_that_refuses_says_so(self, path: Path, monkeypatch):
        monkeypatch.setattr(os, "open", refuse(PermissionError))
        store = ZipStore(path, mode="a")
        for call in (ZipStore.open(path), store.set("a", b"1")):
            with pytest.raises(AccessDeniedError, match=r"a\.zip"):
                await call

    async def test_a_value_that_cannot_be_read_names_its_key(self, path: Path, monkeypatch):
        async with ZipStore(path) as store:
            await store.ensure_open()
            monkeypatch.setattr(os, "pread", refuse(OSError))
            with pytest.raises(BackendError, match="'g/h/big'"):
                await store.get("g/h/big")

    def test_arguments_are_checked(self, tmp_path: Path):
        with pytest.raises(InvalidTypeError, match="mode is one of r, w, a, x, got 'q'"):
            ZipStore(tmp_path, mode="q")
        with pytest.raises(InvalidTypeError, match="use mode='a'"):
            ZipStore(tmp_path, read_only=False)
        with pytest.raises(UnsupportedError, match="compression method 93"):
            ZipStore(tmp_path, compression=93)
        for odd in (None, 3, io.StringIO()):
            with pytest.raises(InvalidTypeError, match="expected a path or an open binary"):
                ZipStore(odd)  # type: ignore[arg-type]

    def test_attributes_are_those_of_the_seed(self, tmp_path: Path):
        store = ZipStore(str(tmp_path / "a.zip"))
        assert store.path == tmp_path / "a.zip"
        assert (store.compression, store.allowZip64) == (zipfile.ZIP_STORED, True)
        assert str(store) == f"zip://{tmp_path}/a.zip"
        assert store.read_only
        assert not ZipStore(tmp_path, mode="a").read_only
        assert ZipStore(tmp_path, mode="a", read_only=True).read_only

    async def test_a_reader_changes_nothing(self, path: Path):
        async with ZipStore(path) as store:
            for call in (store.set("a", b"2"), store.delete("a"), store.clear()):
                with pytest.raises(ReadOnlyError):
                    await call
            for call in (store.commit(), store.compact()):  # type: ignore[assignment]
                with pytest.raises(ReadOnlyError):
                    await call

    async def test_many_loops_and_threads_read_one_store(self, path: Path):
        store = ZipStore(path)
        failures: list[BaseException] = []

        async def read() -> None:
            for _ in range(30):
                values = await store.get_many(VALUES)
                assert [bytes_of(value) for value in values] == list(VALUES.values())
                assert await keys_of(store) == sorted(VALUES)

        def run() -> None:
            try:
                asyncio.run(read())
            except BaseException as error:  # noqa: BLE001 -- raised below
                failures.append(error)

        threads = [threading.Thread(target=run) for _ in range(4)]
        for thread in threads:
            thread.start()
        await asyncio.gather(*(asyncio.to_thread(thread.join) for thread in threads))
        assert failures == []
        store.close()

    async def test_closing_while_others_read_is_safe(self, path: Path):
        for _ in range(20):
            store = await ZipStore.open(path)
            reads = [asyncio.create_task(store.get_bytes("g/h/big")) for _ in range(8)]
            await asyncio.sleep(0)
            store.close()
            for read in reads:
                with suppress(StoreClosedError):
                    assert await read == BIG

    async def test_a_store_closed_while_it_opens_stays_closed(self, path: Path):
        store = ZipStore(path)
        opening = asyncio.create_task(store.ensure_open())
        await asyncio.sleep(0)
        store.close()
        with suppress(StoreClosedError):
            await opening
        with pytest.raises(StoreClosedError):
            await store.get("a")
        assert store.reclaimable_nbytes == 0

    async def test_no_descriptor_stays_open(self, path: Path):
        def count() -> int:
            return len(list(Path("/proc/self/fd").iterdir()))

        async def use() -> None:
            async with ZipStore(path) as store:
                await store.get("a")

        # The first use of threads gives the loop a descriptor, once.
        await use()
        before = count()
        for _ in range(50):
            await use()
        assert count() == before
