import asyncio
import pickle
import threading
import zipfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import obstore
import pytest
from blockbuster import BlockBuster, blockbuster_ctx
from zarr.abc.buffer import Buffer as ZarrBuffer
from zarr.abc.store import ByteRequest as ZarrByteRequest
from zarr.abc.store import RangeByteRequest as ZarrRange
from zarr.abc.store import Store as ZarrStore
from zarr.buffer import cpu
from zarr.core.sync import sync
from zarr.storage import (
    FsspecStore,
    LocalStore,
    MemoryStore,
    ObjectStore,
    WrapperStore,
    ZipStore,
)

import zstore
from zstore import OffsetByteRequest, RangeByteRequest, SuffixByteRequest
from zstore._compat import override
from zstore.entries import Entry
from zstore.errors import (
    AccessDeniedError,
    BackendError,
    InvalidByteRangeError,
    KeyNotFoundError,
    ReadOnlyError,
    UnsupportedError,
)
from zstore.interop.zarr_backed import ZarrBackedStore

DIGITS = b"0123456789"

# What runs on the loop of zarr, where zarr's own stores block as they always do.
ON_ZARR_LOOP = [
    "zstore.interop.zarr_loop",
    "zstore.interop.zarr_sizes",
    "zstore.concurrency",
]
ITEMS = {"k": DIGITS, "d/e": b"", "d/f/g": b"x", "da": b"yy"}


def fsspec_local(tmp: Path) -> FsspecStore:
    return FsspecStore.from_url(tmp.as_uri(), storage_options={"auto_mkdir": True})


MAKE: dict[str, Callable[[Path], ZarrStore]] = {
    "memory": lambda _: MemoryStore(),
    "local": lambda tmp: LocalStore(tmp / "store"),
    "zip": lambda tmp: ZipStore(tmp / "store.zip", mode="w"),
    "fsspec": fsspec_local,
    "object-store": lambda _: ObjectStore(obstore.store.MemoryStore()),
    "object-store-local": lambda tmp: ObjectStore(obstore.store.LocalStore(tmp)),
    "wrapper": lambda _: WrapperStore(MemoryStore()),
    "other": lambda _: Odd(),
}


class Odd(WrapperStore[MemoryStore]):
    """A store of a third party, which handles ranges its own way (as icechunk does)."""

    def __init__(self, store: MemoryStore | None = None) -> None:
        super().__init__(store or MemoryStore())

    @override
    async def get(
        self, key: str, prototype: Any, byte_range: ZarrByteRequest | None = None
    ) -> ZarrBuffer | None:
        if byte_range == ZarrRange(10, 11):
            byte_range = ZarrRange(9, 10)
        return await super().get(key, prototype, byte_range)


@pytest.fixture(autouse=True)
def no_blocking_calls() -> Iterator[BlockBuster]:
    """Watch the loop of the caller only."""
    with blockbuster_ctx("zstore", excluded_modules=ON_ZARR_LOOP) as blockbuster:
        yield blockbuster


@pytest.fixture(params=list(MAKE.values()), ids=list(MAKE))
def theirs(request: pytest.FixtureRequest, tmp_path: Path):
    store = request.param(tmp_path)
    yield store
    store.close()


@pytest.fixture
async def store(theirs: ZarrStore) -> ZarrBackedStore:
    store = ZarrBackedStore(theirs)
    await store.set_many(ITEMS)
    return store


async def collect(iterator: AsyncIterator[Any]) -> list[Any]:
    return [item async for item in iterator]


async def text(store: zstore.Store, key: str, request: Any = None) -> bytes:
    value = await store.get(key, byte_range=request)
    assert value is not None
    assert value.readonly
    return value.to_bytes()


async def test_values_come_back(store: ZarrBackedStore):
    for key, value in ITEMS.items():
        assert await text(store, key) == value
        assert await store.getsize(key) == len(value)
    assert await store.get("missing") is None


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (RangeByteRequest(2, 5), b"234"),
        (RangeByteRequest(8, 20), b"89"),
        (OffsetByteRequest(8), b"89"),
        (SuffixByteRequest(3), b"789"),
        (SuffixByteRequest(15), DIGITS),
    ],
)
async def test_ranges_end_with_the_value(
    store: ZarrBackedStore, request_: Any, expected: bytes
):
    assert await text(store, "k", request_) == expected
    assert await store.get("missing", byte_range=request_) is None


@pytest.mark.parametrize(
    "request_",
    [
        RangeByteRequest(5, 5),
        RangeByteRequest(10, 11),
        RangeByteRequest(15, 20),
        OffsetByteRequest(10),
        OffsetByteRequest(15),
        SuffixByteRequest(0),
    ],
)
async def test_ranges_are_strict_whatever_the_zarr_store_makes_of_them(
    store: ZarrBackedStore, request_: Any
):
    with pytest.raises(InvalidByteRangeError):
        await store.get("k", byte_range=request_)
    with pytest.raises(InvalidByteRangeError):
        await store.get("d/e", byte_range=request_)
    assert await store.get("missing", byte_range=request_) is None


async def test_keys_are_listed(store: ZarrBackedStore):
    assert sorted(await collect(store.list())) == sorted(ITEMS)
    assert sorted(await collect(store.list_prefix("d"))) == ["d/e", "d/f/g"]
    assert await collect(store.list_prefix("k")) == ["k"]
    assert sorted(await collect(store.list_dir(""))) == ["d", "da", "k"]
    assert sorted(await collect(store.list_dir("d"))) == ["e", "f"]
    assert await collect(store.list_dir("missing")) == []
    assert not await store.is_empty("d")
    assert await store.is_empty("e")


async def test_levels_come_with_sizes_in_order(store: ZarrBackedStore):
    level = [Entry("d", "prefix"), Entry("da", "key", 2), Entry("k", "key", 10)]
    assert await collect(store.list_entries()) == [level]
    assert await collect(store.list_entries(limit=1, after="d/")) == [level[1:2]]


async def test_sizes_are_summed(store: ZarrBackedStore):
    assert await store.getsize_prefix("") == 13
    assert await store.getsize_prefix("d") == 1
    assert (await collect(store.usage()))[-1].nkeys == 4


async def test_a_folder_is_no_value(store: ZarrBackedStore):
    assert not await store.exists("d")
    assert await store.get("d") is None
    with pytest.raises(KeyNotFoundError):
        await store.getsize("d")


async def test_deleting_removes_one_value_and_no_folder(store: ZarrBackedStore):
    if not store.supports_deletes:
        with pytest.raises(UnsupportedError):
            await store.delete("k")
        return
    await store.delete("d")
    await store.delete("missing")
    await store.delete("k")
    assert sorted(await collect(store.list())) == ["d/e", "d/f/g", "da"]
    await store.delete_dir("d")
    assert await collect(store.list()) == ["da"]
    await store.clear()
    assert await collect(store.list()) == []
    await store.set("again", b"1")


async def test_a_value_is_never_replaced_where_it_may_not_be(
    store: ZarrBackedStore, theirs: ZarrStore
):
    if isinstance(theirs, FsspecStore):
        with pytest.raises(UnsupportedError, match="zarr's default can overwrite"):
            await store.set_if_not_exists("new", b"1")
        return
    assert not await store.set_if_not_exists("k", b"other")
    assert await text(store, "k") == DIGITS
    values = [bytes([n]) for n in range(8)]
    wrote = await asyncio.gather(*(store.set_if_not_exists("new", v) for v in values))
    assert sum(wrote) == 1
    assert await text(store, "new") == values[wrote.index(True)]


async def test_the_memory_of_a_value_is_not_shared(store: ZarrBackedStore):
    mine = np.zeros(3, "u1")
    await store.set("mine", mine)
    mine[:] = 1
    assert await text(store, "mine") == bytes(3)


async def test_read_only_changes_nothing(store: ZarrBackedStore):
    reader = store.with_read_only()
    for call in (reader.set("k", b""), reader.delete("k"), reader.clear()):
        with pytest.raises(ReadOnlyError):
            await call
    assert await text(reader, "k") == DIGITS


async def test_a_writer_is_made_of_a_read_only_zarr_store(tmp_path: Path):
    store = ZarrBackedStore(LocalStore(tmp_path, read_only=True))
    assert store.read_only
    await store.with_read_only(False).set("a", b"1")
    assert await text(store, "a") == b"1"
    zipfile.ZipFile(tmp_path / "a.zip", "w").close()
    archive = ZarrBackedStore(ZipStore(tmp_path / "a.zip"))
    with pytest.raises(UnsupportedError, match="with_read_only"):
        archive.with_read_only(False)


async def test_a_copy_in_another_process_is_equal(tmp_path: Path):
    store = ZarrBackedStore(LocalStore(tmp_path))
    await store.set("a", b"1")
    copy = pickle.loads(pickle.dumps(store))  # noqa: S301 -- our own pickle
    assert copy == store
    assert await text(copy, "a") == b"1"
    assert str(tmp_path) in repr(store)


async def test_closing_leaves_the_zarr_store_open():
    theirs = MemoryStore()
    async with ZarrBackedStore(theirs) as store:
        await store.set("a", b"1")
    assert theirs._is_open
    assert await theirs.exists("a")


def test_metadata_may_be_consolidated_where_zarr_may():
    assert ZarrBackedStore(MemoryStore()).supports_consolidated_metadata


async def test_every_call_runs_on_the_loop_of_zarr():
    threads: set[str] = set()

    class Watched(WrapperStore[MemoryStore]):
        @override
        async def get(self, *args: Any, **kwargs: Any) -> ZarrBuffer | None:
            threads.add(threading.current_thread().name)
            return await super().get(*args, **kwargs)

    await ZarrBackedStore(Watched(MemoryStore())).get("a")
    assert threads == {"zarr_io"}


class Failing(WrapperStore[MemoryStore]):
    """A store all of whose reads and listings fail."""

    def __init__(self, error: Exception) -> None:
        super().__init__(MemoryStore())
        self.error = error

    @override
    async def get(self, *args: Any, **kwargs: Any) -> ZarrBuffer | None:
        raise self.error

    @override
    async def exists(self, key: str) -> bool:
        raise self.error

    @override
    async def list_prefix(self, prefix: str) -> AsyncIterator[str]:
        yield f"{prefix}one"
        raise self.error


class PermissionDeniedError(Exception):
    """As obstore has it: no kin of the builtin."""


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (PermissionError("403"), AccessDeniedError),
        (PermissionDeniedError("403"), AccessDeniedError),
        (OSError("500"), BackendError),
        (RuntimeError("500"), BackendError),
        (NotImplementedError("no"), UnsupportedError),
        (ReadOnlyError("there", "this"), ReadOnlyError),
    ],
)
async def test_a_failure_is_never_taken_for_a_missing_key(
    error: Exception, expected: type[Exception]
):
    store = ZarrBackedStore(Failing(error))
    for call in (store.get("a"), store.exists("a"), collect(store.list_prefix("a/"))):
        with pytest.raises(expected):
            await call
    with pytest.raises(expected):
        await store.get("a", byte_range=RangeByteRequest(0, 1))


async def test_a_missing_file_is_a_missing_key():
    assert await ZarrBackedStore(Failing(FileNotFoundError())).get("a") is None


async def test_an_answer_of_the_wrong_length_is_an_error():
    class Short(WrapperStore[MemoryStore]):
        @override
        async def get(self, *args: Any, **kwargs: Any) -> ZarrBuffer | None:
            return cpu.Buffer.from_bytes(b"0")

        @override
        async def getsize(self, key: str) -> int:
            return 10

    store = ZarrBackedStore(Short(MemoryStore({"k": cpu.Buffer.from_bytes(DIGITS)})))
    with pytest.raises(BackendError, match="gave 1 bytes for 2 to 5 of 10"):
        await store.get("k", byte_range=RangeByteRequest(2, 5))


async def test_a_cancelled_write_has_ended_when_the_caller_learns_of_it():
    started, release = threading.Event(), threading.Event()

    class Slow(WrapperStore[MemoryStore]):
        @override
        async def set(self, key: str, value: ZarrBuffer) -> None:
            started.set()
            while not release.is_set():  # noqa: ASYNC110 -- set from another thread
                await asyncio.sleep(0.001)
            await super().set(key, value)

    store = ZarrBackedStore(Slow(MemoryStore()))
    write = asyncio.create_task(store.set("a", b"1"))
    while not started.is_set():  # noqa: ASYNC110 -- set from another thread
        await asyncio.sleep(0.001)
    for _ in range(2):
        write.cancel()
        await asyncio.sleep(0.01)
        assert not write.done()
    release.set()
    with pytest.raises(asyncio.CancelledError):
        await write
    assert await store.exists("a")


@pytest.mark.filterwarnings("ignore:Duplicate name")  # what the test is about
async def test_each_key_of_a_zip_is_listed_once_and_folders_are_no_keys(tmp_path: Path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.mkdir("d")
        for value in ("old", "newer"):
            archive.writestr("d/e", value)
    store = ZarrBackedStore(ZipStore(tmp_path / "a.zip"))
    assert await collect(store.scan()) == [[("d/e", 5)]]


async def test_a_store_may_be_used_on_the_loop_of_zarr_itself():
    store = ZarrBackedStore(MemoryStore())
    sync(store.set("a", b"1"))
    assert await text(store, "a") == b"1"


async def test_many_keys_come_in_batches():
    store = ZarrBackedStore(MemoryStore())
    keys = [f"c/{n}" for n in range(2500)]
    await store.set_many(dict.fromkeys(keys, b"1"))
    assert [len(batch) async for batch in store.scan()] == [1000, 1000, 500]


async def test_sizes_that_a_filesystem_does_not_know_are_found_by_reading(tmp_path: Path):
    theirs = fsspec_local(tmp_path)
    store = ZarrBackedStore(theirs)
    await store.set("a", DIGITS)
    know, list_ = theirs.fs._info, theirs.fs._find

    async def info(path: str) -> dict[str, Any]:
        return {**await know(path), "size": None}

    async def find(path: str, **options: Any) -> dict[str, Any]:
        return {name: {"size": None} for name in await list_(path, **options)}

    theirs.fs._info, theirs.fs._find = info, find
    assert await store.getsize("a") == 10
    assert await collect(store.scan()) == [[("a", 10)]]
