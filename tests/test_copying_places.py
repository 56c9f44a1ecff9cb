"""`copy` from place to place, and without `await`."""

import threading
from pathlib import Path

import pytest

from tests.copied import VALUES, Watched, contents, filled
from zstore import (
    LocalStore,
    LoggingStore,
    MemoryStore,
    PrefixStore,
    StorePath,
    ZipStore,
    copy,
    sync,
)
from zstore.copying import CopyProgress, CopyReport
from zstore.errors import (
    InvalidTypeError,
    ReadOnlyError,
    StoreClosedError,
    StoreNotFoundError,
    UnsupportedError,
)


class TestPlaces:
    async def test_a_store_is_not_copied_onto_or_into_itself(self):
        store = await filled(VALUES)
        inside = PrefixStore(store, "a")
        for source, destination, prefix in (
            (store, store, ""),
            (store, store.with_read_only(read_only=False), ""),
            (store, inside, ""),
            (LoggingStore(store, log_level="CRITICAL"), StorePath(store, "a/deeper"), ""),
            (inside, PrefixStore(inside, "x"), ""),
            (store, PrefixStore(store, "a"), "a"),
        ):
            with pytest.raises(InvalidTypeError, match="onto or into itself"):
                await copy(source, destination, prefix, if_exists="replace")
        assert await contents(store) == VALUES

    async def test_a_part_can_be_copied_beside_or_out(self):
        store = await filled(VALUES)
        await copy(PrefixStore(store, "a"), PrefixStore(store, "ax"))
        assert await store.get_bytes("ax/1") == b"one"
        await copy(PrefixStore(store, "a"), store)
        assert await store.get_bytes("1") == b"one"

    async def test_equal_stores_in_memory_are_two_places(self):
        await copy(MemoryStore(), MemoryStore())

    async def test_a_folder_is_not_copied_into_itself(self, tmp_path: Path):
        source = LocalStore(tmp_path / "s")
        await source.set_many(VALUES)
        with pytest.raises(InvalidTypeError, match="onto or into itself"):
            await copy(source, tmp_path / "s" / "a" / "copy")
        with pytest.raises(InvalidTypeError, match="onto or into itself"):
            await copy(source, str(tmp_path / "s"))
        (tmp_path / "link").symlink_to(tmp_path / "s")
        with pytest.raises(InvalidTypeError, match="onto or into itself"):
            await copy(source, tmp_path / "link", if_exists="replace")
        await copy(source, tmp_path / "s2")
        assert await contents(LocalStore(tmp_path / "s2")) == VALUES

    async def test_paths_are_opened_and_closed(self, tmp_path: Path):
        source = LocalStore(tmp_path / "s")
        await source.set_many(VALUES)
        await copy(tmp_path / "s", tmp_path / "t.zip")
        async with ZipStore(tmp_path / "t.zip") as archive:
            assert await contents(archive) == VALUES
        await copy(str(tmp_path / "t.zip"), tmp_path / "u")
        assert await contents(LocalStore(tmp_path / "u")) == VALUES

    async def test_the_callers_stores_stay_open(self):
        source, destination = await filled(VALUES), MemoryStore()
        await copy(source, destination)
        await copy(sync.SyncStore(destination), StorePath(source, "copy"))
        assert await destination.exists("b")
        assert await source.exists("copy/b")
        source.close()
        with pytest.raises(StoreClosedError):
            await copy(source, MemoryStore())

    async def test_a_missing_source_is_an_error(self, tmp_path: Path):
        with pytest.raises(StoreNotFoundError, match="nothing-here"):
            await copy(tmp_path / "nothing-here", MemoryStore())
        assert not (tmp_path / "nothing-here").exists()

    async def test_a_destination_that_takes_no_values_is_refused_first(self):
        source = Watched()
        await source.set_many(VALUES)
        with pytest.raises(ReadOnlyError):
            await copy(source, MemoryStore(read_only=True), dry_run=True)

        class Unwritable(MemoryStore):
            _can_write = False

        with pytest.raises(UnsupportedError, match="takes no values"):
            await copy(source, Unwritable())
        assert source.calls == []

    async def test_a_destination_that_cannot_list_is_looked_up_key_by_key(self):
        class Unlisted(MemoryStore):
            _can_list = False

        destination = Unlisted()
        await destination.set("b", b"old")
        report = await copy(await filled(VALUES), destination, if_exists="skip")
        assert (report.nkeys, report.skipped) == (3, 1)


class TestTheSynchronousTwin:
    def test_tells_progress_in_the_callers_thread(self):
        source = sync.SyncStore(Watched())
        source.set_many({f"k/{i}": b"x" for i in range(100)})
        destination = sync.SyncStore(MemoryStore())
        threads: set[threading.Thread] = set()

        def look(progress: CopyProgress) -> None:
            # A callback may use synchronous stores: it is not on their loop.
            assert sum(1 for _ in destination.list()) >= progress.nkeys
            threads.add(threading.current_thread())

        report = sync.copy(source, destination, max_concurrency=2, on_progress=look)
        assert report.nkeys == 100
        assert threads == {threading.current_thread()}

    def test_raises_what_the_copy_and_the_callback_raise(self):
        source = sync.SyncStore(Watched())
        source.set_many({f"k/{i}": b"x" for i in range(200)})
        with pytest.raises(ReadOnlyError):
            sync.copy(source, MemoryStore(read_only=True), on_progress=print)

        def stop(_: CopyProgress) -> None:
            raise InterruptedError

        destination = sync.SyncStore(MemoryStore())
        with pytest.raises(InterruptedError):
            sync.copy(source, destination, max_concurrency=1, on_progress=stop)
        assert sum(1 for _ in destination.list()) < 200

    def test_needs_no_callback(self):
        assert sync.copy(MemoryStore(), MemoryStore()) == CopyReport()
