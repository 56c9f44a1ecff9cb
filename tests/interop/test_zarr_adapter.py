import asyncio
import pickle
from typing import Any

import numpy as np
import pytest
from zarr.abc.store import (
    ByteRequest,
    OffsetByteRequest,
    RangeByteRequest,
    SuffixByteRequest,
)
from zarr.buffer import cpu, default_buffer_prototype
from zarr.core.sync import sync
from zarr.storage import LoggingStore, StorePath, WrapperStore

import zstore
from zstore._compat import override
from zstore.errors import (
    InvalidByteRangeError,
    InvalidKeyError,
    InvalidTypeError,
    ReadOnlyError,
    StoreClosedError,
    UnsupportedError,
)
from zstore.interop.zarr_adapter import ZarrAdapter

PROTOTYPE = default_buffer_prototype()
DIGITS = b"0123456789"
READ_ONLY = "store was opened in read-only mode and does not support writing"


def buffer(value: bytes) -> cpu.Buffer:
    return cpu.Buffer.from_bytes(value)


@pytest.fixture
def inner() -> zstore.MemoryStore:
    return zstore.MemoryStore()


@pytest.fixture
async def store(inner: zstore.MemoryStore) -> ZarrAdapter:
    await inner.set("k", DIGITS)
    await inner.set("empty", b"")
    return ZarrAdapter(inner)


async def test_nothing_is_copied_on_reading(store: ZarrAdapter, inner: zstore.MemoryStore):
    value = await store.get("k", PROTOTYPE)
    assert value is not None
    stored = inner.store_dict["k"].as_numpy_array()
    assert np.shares_memory(value.as_numpy_array(), stored)
    assert not value.as_numpy_array().flags.writeable


async def test_the_prototype_is_optional(store: ZarrAdapter):
    value = await store.get("k")
    assert isinstance(value, cpu.Buffer)
    assert await store.get("missing") is None


LENIENT: list[tuple[ByteRequest, bytes]] = [
    (RangeByteRequest(2, 5), b"234"),
    (RangeByteRequest(8, 20), b"89"),
    (RangeByteRequest(5, 5), b""),
    (RangeByteRequest(10, 12), b""),
    (RangeByteRequest(15, 20), b""),
    (OffsetByteRequest(8), b"89"),
    (OffsetByteRequest(10), b""),
    (OffsetByteRequest(15), b""),
    (SuffixByteRequest(3), b"789"),
    (SuffixByteRequest(15), DIGITS),
    (SuffixByteRequest(0), b""),
]


@pytest.mark.parametrize(("request_", "expected"), LENIENT)
async def test_ranges_that_ask_for_no_byte_give_none(
    store: ZarrAdapter, request_: ByteRequest, expected: bytes
):
    value = await store.get("k", PROTOTYPE, request_)
    assert value is not None
    assert value.to_bytes() == expected
    nothing = await store.get("empty", PROTOTYPE, request_)
    assert nothing is not None
    assert nothing.to_bytes() == b""
    assert await store.get("missing", PROTOTYPE, request_) is None


@pytest.mark.parametrize(
    "request_",
    [
        RangeByteRequest(5, 3),
        RangeByteRequest(-4, -1),
        RangeByteRequest(-1, 5),
        OffsetByteRequest(-3),
        SuffixByteRequest(-2),
        (0, 2),
    ],
)
async def test_impossible_ranges_stay_errors(store: ZarrAdapter, request_: Any):
    with pytest.raises(InvalidByteRangeError):
        await store.get("k", PROTOTYPE, request_)


async def test_a_missing_key_with_an_empty_range_is_missing_where_ranges_come_first():
    class Strict(zstore.MemoryStore):
        @override
        async def _read(self, key: str, request: Any) -> Any:
            if request is not None:
                raise InvalidByteRangeError
            return await super()._read(key, request)

    store = ZarrAdapter(Strict())
    assert await store.get("missing", PROTOTYPE, RangeByteRequest(5, 5)) is None


async def test_partial_values_come_in_order_with_none_for_missing(store: ZarrAdapter):
    # Any iterable, keys may come again, and ranges are as lenient as in `get`.
    ranges = iter(
        [
            ("k", RangeByteRequest(0, 2)),
            ("missing", RangeByteRequest(0, 2)),
            ("k", None),
            ("k", RangeByteRequest(20, 30)),
        ]
    )
    values = await store.get_partial_values(PROTOTYPE, ranges)
    found = [None if value is None else value.to_bytes() for value in values]
    assert found == [b"01", None, DIGITS, b""]


@pytest.mark.parametrize("method", ["set", "set_if_not_exists"])
async def test_only_buffers_of_zarr_are_stored(store: ZarrAdapter, method: str):
    match = rf"ZarrAdapter.{method}\(\): `value` must be a Buffer instance. Got an instance"
    with pytest.raises(InvalidTypeError, match=match):
        await getattr(store, method)("a", b"bytes")


async def test_the_memory_of_a_stored_value_is_not_shared(store: ZarrAdapter):
    mine = np.zeros(3, "u1")
    await store.set("a", cpu.Buffer.from_array_like(mine))
    mine[:] = 1
    value = await store.get("a")
    assert value is not None
    assert value.to_bytes() == b"\0\0\0"


WRITES: list[tuple[str, tuple[Any, ...]]] = [
    ("set", ("k", buffer(b"x"))),
    ("set_if_not_exists", ("k", buffer(b"x"))),
    ("delete", ("k",)),
    ("delete_dir", ("",)),
    ("clear", ()),
]


@pytest.mark.parametrize(("method", "arguments"), WRITES)
async def test_a_read_only_adapter_changes_nothing(
    store: ZarrAdapter, method: str, arguments: tuple[Any, ...]
):
    reader = store.with_read_only(True)
    with pytest.raises(ReadOnlyError, match=READ_ONLY):
        await getattr(reader, method)(*arguments)
    value = await store.get("k")
    assert value is not None
    assert value.to_bytes() == DIGITS


async def test_a_read_only_adapter_sees_what_is_written_next_to_it(store: ZarrAdapter):
    reader = store.with_read_only(True)
    assert reader.store is store.store
    await store.set("new", buffer(b"1"))
    assert await reader.exists("new")
    assert reader.with_read_only(False) == store


async def test_a_writer_can_be_made_of_a_read_only_store(inner: zstore.MemoryStore):
    reader = ZarrAdapter(inner.with_read_only())
    writer = reader.with_read_only(False)
    assert reader.read_only
    assert not writer.read_only
    await writer.set("a", buffer(b"1"))
    assert await inner.exists("a")


async def test_closing_leaves_the_inner_store_open(
    store: ZarrAdapter, inner: zstore.MemoryStore
):
    with store:
        await store.get("k")
    assert not store._is_open
    assert await inner.exists("k")
    # As zarr's stores, it opens itself again.
    assert await store.get("k") is not None
    assert store._is_open


async def test_a_closed_inner_store_stays_closed(inner: zstore.MemoryStore):
    store = ZarrAdapter(inner)
    inner.close()
    with pytest.raises(StoreClosedError):
        await store.get("k")
    assert not store._is_open


async def test_opening_twice_is_an_error_and_at_once_is_none(inner: zstore.MemoryStore):
    store = ZarrAdapter(inner)
    await asyncio.gather(store.get("a"), store.get("b"), store._ensure_open())
    with pytest.raises(ValueError, match="store is already open"):
        await store._open()


@pytest.mark.parametrize("prefix", ["ab", "ab/"])
async def test_a_prefix_is_a_folder(inner: zstore.MemoryStore, prefix: str):
    store = ZarrAdapter(inner)
    for key in ("ab", "ab/c", "ab/d/e", "abc", "ab.x"):
        await inner.set(key, b"1234")
    assert sorted([key async for key in store.list_prefix(prefix)]) == ["ab/c", "ab/d/e"]
    assert sorted([name async for name in store.list_dir(prefix)]) == ["c", "d"]
    assert await store.getsize_prefix(prefix) == 8
    assert not await store.is_empty(prefix)
    await store.delete_dir(prefix)
    assert await store.is_empty(prefix)
    assert sorted([key async for key in store.list()]) == ["ab", "ab.x", "abc"]


async def test_the_root_may_be_read_as_a_slash_but_not_deleted(store: ZarrAdapter):
    # zarr's state machine asks whether "/" is empty.
    assert not await store.is_empty("/")
    assert sorted([name async for name in store.list_dir("/")]) == ["empty", "k"]
    with pytest.raises(InvalidKeyError):
        await store.delete_dir("/")
    with pytest.raises(InvalidKeyError):
        await store.is_empty("/etc")
    assert await store.exists("k")


async def test_only_what_is_asked_for_is_listed():
    inner = zstore.LoggingStore(zstore.MemoryStore())
    store = ZarrAdapter(inner)
    await store.getsize_prefix("a")
    await store.is_empty("a")
    assert [key async for key in store.list_prefix("a")] == []
    assert not {"exists", "getsize", "get"} & set(inner.counter)


async def test_without_an_atomic_step_the_promise_is_that_of_zarr():
    class Plain(zstore.MemoryStore):
        @override
        async def _write(self, key: str, value: Any, *, overwrite: bool) -> bool:
            if not overwrite:
                raise UnsupportedError(self, "set_if_not_exists")
            return await super()._write(key, value, overwrite=overwrite)

    store = ZarrAdapter(Plain())
    await store.set_if_not_exists("a", buffer(b"first"))
    await store.set_if_not_exists("a", buffer(b"second"))
    value = await store.get("a")
    assert value is not None
    assert value.to_bytes() == b"first"


def test_adapters_are_equal_if_their_stores_are(inner: zstore.MemoryStore):
    store = ZarrAdapter(inner)
    assert store == ZarrAdapter(inner)
    assert store != store.with_read_only(True)
    assert store != ZarrAdapter(zstore.MemoryStore({"a": zstore.buffer.cpu.Buffer(b"1")}))
    assert store != inner
    with pytest.raises(TypeError):
        hash(store)


@pytest.mark.parametrize("read_only", [True, False])
async def test_a_copy_in_another_process_is_equal(store: ZarrAdapter, read_only: bool):
    original = store.with_read_only(read_only)
    copy = pickle.loads(pickle.dumps(original))  # noqa: S301 -- our own pickle
    assert copy == original
    assert copy.read_only == read_only
    assert (await copy.get("k")).to_bytes() == DIGITS


def test_the_loop_of_zarr_and_others_share_a_store(inner: zstore.MemoryStore):
    store = ZarrAdapter(inner)
    sync(store.set("a", buffer(b"1")))
    assert asyncio.run(store.exists("a"))
    assert sync(store.getsize("a")) == 1


async def test_zarr_wraps_and_addresses_it(store: ZarrAdapter):
    wrapped = LoggingStore(store, log_level="CRITICAL")
    path = await StorePath.open(wrapped, "d", mode="a")
    await (path / "e").set(buffer(b"1"))
    assert await store.getsize("d/e") == 1
    # The wrappers of zarr 3.1.3 cannot be opened again, to read only.
    can_reopen = "with_read_only" in vars(WrapperStore)
    reading = await StorePath.open(wrapped if can_reopen else store, "d", mode="r")
    assert reading.read_only
    assert not await reading.is_empty()


async def test_partial_writes_reach_the_store_though_zarr_makes_none():
    store = zstore.MemoryStore()
    await store.set("a", b"0123")
    adapter = zstore.as_zarr(store)
    assert isinstance(adapter, ZarrAdapter)
    assert not adapter.supports_partial_writes
    await adapter.set_partial_values([("a", 2, b"xyz")])
    assert await store.get_bytes("a") == b"01xyz"
    with pytest.raises(ValueError, match="read-only"):
        await adapter.with_read_only(True).set_partial_values([("a", 0, b"q")])
