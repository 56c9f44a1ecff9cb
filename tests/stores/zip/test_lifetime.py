import asyncio
import gc
import os
import pickle
import threading
import zipfile
from pathlib import Path

import pytest

from tests.stores.zip.archives import (
    contents,
    contents_of,
    files_in,
    old,
)
from tests.waiting import until
from zstore import ZipStore
from zstore.errors import (
    BackendError,
    StoreClosedError,
    StoreNotFoundError,
    ZStoreWarning,
)
from zstore.keys import RESERVED_SUFFIX


class TestLifetime:
    async def test_closed_stays_closed_and_empties_nothing(self, tmp_path: Path):
        path = tmp_path / "a.zip"
        store = ZipStore(path, mode="w")
        await store.set("a", b"1")
        store.close()
        for call in (store.get("a"), store.set("a", b"2"), store.commit(), store.compact()):
            with pytest.raises(StoreClosedError):
                await call
        store.close()
        assert contents(path) == {"a": b"1"}

    @pytest.mark.parametrize("committed", [False, True])
    async def test_a_pickled_writer_empties_nothing(self, tmp_path: Path, committed: bool):
        path = old(tmp_path)
        store = ZipStore(path, mode="w")
        await store.set("new", b"1")
        if committed:
            await store.commit()
        copy = pickle.loads(pickle.dumps(store))  # noqa: S301 -- made here
        assert copy == store
        assert await contents_of(copy) == (
            {"new": b"1"} if committed else {"old": b"value"}
        )
        with pytest.raises(BackendError, match="another writer"):
            await copy.set("b", b"2")
        await store.aclose()
        await copy.set("b", b"2")
        await copy.aclose()
        assert contents(path) == {"new": b"1", "b": b"2"}

    async def test_a_read_only_twin_sees_what_was_committed(self, tmp_path: Path):
        async with ZipStore(tmp_path / "a.zip", mode="w") as store:
            await store.set("a", b"1")
            with pytest.raises(StoreNotFoundError):
                await store.with_read_only().get("a")
            await store.commit()
            await store.set("b", b"2")
            with pytest.warns(ZStoreWarning, match="a writer is at work"):
                twin = await ZipStore.open(store.path)
            assert await contents_of(twin) == {"a": b"1"}
            assert twin == store.with_read_only()
            assert twin.with_read_only(False) == store
            await twin.aclose()

    async def test_a_store_that_is_forgotten_leaves_no_file(self, tmp_path: Path):
        store = ZipStore(tmp_path / "a.zip", mode="w")
        await store.set("a", b"1")
        assert files_in(tmp_path) == ["a.zip" + RESERVED_SUFFIX]
        del store

        def is_gone() -> bool:
            gc.collect()
            return files_in(tmp_path) == []

        # The last call in a worker thread may still be about to let go of the store.
        await until(is_gone)

    async def test_threads_and_loops_write_one_archive(self, tmp_path: Path):
        path = tmp_path / "a.zip"
        store = ZipStore(path, mode="w", compression=zipfile.ZIP_DEFLATED)
        failures: list[BaseException] = []

        async def fill(name: int) -> None:
            for i in range(25):
                await store.set(f"{name}/{i}", b"%d" % i * 1000)
                assert await store.get_bytes(f"{name}/{i}") == b"%d" % i * 1000
                await store.delete(f"{name}/{i - 20}") if i >= 20 else None
                assert len([key async for key in store.list_prefix(f"{name}")]) > 0
            await store.compact() if name == 2 else await store.commit()

        def run(name: int) -> None:
            try:
                asyncio.run(fill(name))
            except BaseException as error:  # noqa: BLE001 -- raised below
                failures.append(error)

        threads = [threading.Thread(target=run, args=(name,)) for name in range(4)]
        for thread in threads:
            thread.start()
        await asyncio.gather(*(asyncio.to_thread(thread.join) for thread in threads))
        assert failures == []
        await store.aclose()
        expected = {f"{n}/{i}": b"%d" % i * 1000 for n in range(4) for i in range(5, 25)}
        assert contents(path) == expected

    async def test_a_forked_process_reads_and_cannot_write(self, tmp_path: Path):
        path = old(tmp_path)
        store = ZipStore(path, mode="a")
        await store.set("new", b"1")
        # The store is one of a parent process to whoever asks for its number.
        process = os.getpid() + 1
        writer_ = store._writer()
        writer_._process = process
        with pytest.raises(BackendError, match="set in a forked process"):
            await store.set("b", b"2")
        assert await store.get_bytes("new") == b"1"
        await store.aclose()
        writer_._process = os.getpid()
        await asyncio.to_thread(writer_.close)
        assert contents(path) == {"old": b"value", "new": b"1"}
