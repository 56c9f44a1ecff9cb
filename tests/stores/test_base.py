"""What `BaseStore` adds to the hooks of a backend."""

import asyncio
import os
import pickle
import subprocess
import sys
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Any

import numpy as np
import pytest

from tests.fakes import DictStore, RecordingStore
from zstore import MemoryStore
from zstore._compat import override
from zstore.buffer import Buffer, cpu
from zstore.entries import Entry
from zstore.errors import (
    BackendError,
    InvalidByteRangeError,
    InvalidKeyError,
    InvalidTypeError,
    ReadOnlyError,
    StoreClosedError,
    UnsupportedError,
)
from zstore.ranges import ByteRequest, OffsetByteRequest, RangeByteRequest
from zstore.stores.base import BaseStore
from zstore.stores.hooks import Part
from zstore.testing.calls import CHANGING, LISTING, READING


@pytest.mark.parametrize("call", {**READING, **CHANGING}.values())
@pytest.mark.parametrize("key", ["", "/", "..", "a/../b", "/etc", "a//b", "C:x", "a\0"])
async def test_no_hook_is_called_for_a_bad_key(call: Any, key: str):
    store = RecordingStore({"a": b"1"})
    if not (key == "" and call is CHANGING["delete_dir"]):
        with pytest.raises(InvalidKeyError):
            await call(store, key)
        assert store.hooks == []
        assert not store._is_open


@pytest.mark.parametrize("name", [*CHANGING, "clear"])
async def test_no_hook_is_called_on_a_read_only_store(name: str):
    store = RecordingStore({"a": b"1"}, read_only=True)
    with pytest.raises(ReadOnlyError, match=f"{name} on recordingstore://"):
        await (store.clear() if name == "clear" else CHANGING[name](store, "a"))
    assert store.hooks == []
    assert store.values == {"a": b"1"}


@pytest.mark.parametrize("call", {**READING, **LISTING}.values())
async def test_every_reading_call_works_on_a_read_only_store(call: Any):
    store = DictStore({"a": b"1"}, read_only=True)
    await call(store, "a")


async def test_a_prefix_costs_one_look_at_the_key_of_that_name():
    store = RecordingStore({"a": b"1", "a/b": b"22"})
    for prefix, hooks in (("a", ["_read", "_scan"]), ("a/", ["_scan"])):
        store.hooks.clear()
        assert await store.getsize_prefix(prefix) == (3 if prefix == "a" else 2)
        assert store.hooks == hooks


class Opened(DictStore):
    """Counts how often it is opened and closed."""

    @override
    async def _open(self) -> None:
        self.opened = getattr(self, "opened", 0) + 1
        await asyncio.sleep(0)

    @override
    def _close(self) -> None:
        self.closed = getattr(self, "closed", 0) + 1


async def test_a_store_is_opened_by_its_first_use_and_closed_once():
    store = Opened()
    assert not hasattr(store, "opened")
    await store.get("a")
    await store.set("a", b"1")
    await store.ensure_open()
    assert store.opened == 1
    store.close()
    store.close()
    await store.aclose()
    assert store.closed == 1


async def test_open_makes_an_open_store():
    store = await Opened.open({"a": b"1"}, read_only=True)
    assert (store.opened, store.read_only) == (1, True)


async def test_a_store_closed_while_it_opens_stays_closed():
    store = Opened()
    task = asyncio.create_task(store.ensure_open())
    await asyncio.sleep(0)
    store.close()
    await task
    with pytest.raises(StoreClosedError, match=r"opened://.* is closed; open a new store"):
        await store.get("a")


async def test_a_failed_opening_is_tried_again():
    class Fails(DictStore):
        fail = True

        @override
        async def _open(self) -> None:
            if self.fail:
                where = "root"
                raise BackendError(where, "500")

    store = Fails()
    with pytest.raises(BackendError):
        await store.get("a")
    store.fail = False
    assert await store.get("a") is None


def test_a_backend_needs_five_hooks():
    hooks = {"_arguments", "_read", "_write", "_remove", "_scan"}
    assert BaseStore.__abstractmethods__ == hooks
    with pytest.raises(TypeError, match="abstract"):
        BaseStore()  # type: ignore[abstract]


def test_a_backend_without_texts_of_its_own_has_some():
    store = DictStore()
    assert str(store) == f"dictstore://{id(store)}"
    assert repr(store) == f"DictStore('dictstore://{id(store)}')"


def test_the_abilities_are_those_of_the_hooks():
    class Little(DictStore):
        _can_write = _can_delete = _can_list = False

    names = ("writes", "deletes", "partial_writes", "listing", "consolidated_metadata")

    def abilities(store: BaseStore) -> list[bool]:
        return [getattr(store, f"supports_{name}") for name in names]

    assert abilities(DictStore()) == [True, True, False, True, True]
    assert abilities(MemoryStore()) == [True] * 5
    assert abilities(Little()) == [False, False, False, False, True]


@pytest.mark.parametrize("call", [*LISTING.values(), CHANGING["set_partial_values"]])
async def test_what_the_backend_cannot_do_is_refused(call: Any):
    class CannotList(DictStore):
        _can_list = False

    with pytest.raises(UnsupportedError, match=r"cannotlist://.* does not support"):
        await call(CannotList({"a": b"1"}), "a")


def test_stores_are_equal_if_they_are_made_alike():
    values = {"a": b"1"}
    store = DictStore(values)
    assert store == DictStore(values)
    assert store == DictStore({"a": b"1"})
    assert store != DictStore({"b": b"1"})
    assert store != DictStore(values, read_only=True)
    assert store != RecordingStore(values)
    assert store != values
    with pytest.raises(TypeError, match="unhashable"):
        hash(store)


def test_a_pickled_store_is_made_again():
    store = pickle.loads(pickle.dumps(DictStore({"a": b"1"}, read_only=True)))  # noqa: S301 -- made here
    assert (type(store), store.values, store.read_only) == (DictStore, {"a": b"1"}, True)


def test_a_twin_shares_the_place_and_not_the_state():
    store = DictStore({"a": b"1"})
    store.close()
    twin = store.with_read_only()
    assert twin.read_only
    assert twin.values is store.values
    assert asyncio.run(twin.get_bytes("a")) == b"1"
    assert not twin.with_read_only(False).read_only


class Counting(DictStore):
    """Records what is read."""

    _max_gap_nbytes = 10

    def __init__(self, values: dict[str, bytes] | None = None, *, read_only: bool = False):
        super().__init__(values, read_only=read_only)
        self.requests: list[ByteRequest | None] = []
        self.running = self.most = 0

    @override
    async def _read(self, key: str, request: ByteRequest | None) -> Buffer | None:
        self.requests.append(request)
        self.running += 1
        self.most = max(self.most, self.running)
        await asyncio.sleep(0.005)
        self.running -= 1
        return await super()._read(key, request)


NEAR = [RangeByteRequest(0, 5), RangeByteRequest(10, 15), RangeByteRequest(40, 45)]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, [(0, 15), (40, 45)]),
        ({"max_gap_nbytes": 0}, [(0, 5), (10, 15), (40, 45)]),
        ({"max_gap_nbytes": 100}, [(0, 45)]),
        ({"max_gap_nbytes": 100, "max_coalesced_nbytes": 15}, [(0, 15), (40, 45)]),
    ],
)
async def test_ranges_that_lie_close_are_one_request(
    options: dict[str, int], expected: list[tuple[int, int]]
):
    value = bytes(range(60))
    store = Counting({"a": value})
    got = await store.get_ranges("a", NEAR, **options)  # type: ignore[arg-type]
    assert got == [cpu.Buffer(value[r.start : r.end]) for r in NEAR]
    assert sorted(store.requests, key=str) == sorted(
        (RangeByteRequest(*ends) for ends in expected), key=str
    )


async def test_an_offset_is_a_request_of_its_own():
    store = Counting({"a": bytes(range(60))})
    await store.get_ranges("a", [OffsetByteRequest(0), RangeByteRequest(0, 5)])
    assert len(store.requests) == 2


@pytest.mark.parametrize("limit", [1, 3])
async def test_the_number_of_requests_at_once_can_be_chosen(limit: int):
    store = Counting({str(i): b"0123456789" for i in range(20)})
    await store.get_many([str(i) for i in range(20)], max_concurrency=limit)
    assert store.most == limit
    ranges = [RangeByteRequest(i, i + 1) for i in range(10)]
    store.most = 0
    await store.get_ranges("1", ranges, max_concurrency=limit, max_coalesced_nbytes=1)
    assert store.most == limit


async def test_by_default_a_bounded_number_of_requests_runs_at_once():
    store = Counting({str(i): b"0" for i in range(100)})
    await store.get_many([str(i) for i in range(100)])
    assert store.most == Counting._max_concurrency == 16
    await store.get_partial_values(None, [(str(i), None) for i in range(100)])
    assert store.most == 16


async def test_the_error_of_a_merged_range_names_the_range_asked_for():
    store = DictStore({"a": bytes(12)})
    bad = RangeByteRequest(20, 25)
    with pytest.raises(InvalidByteRangeError, match=r"start=20, end=25.* of 12 bytes"):
        await store.get_ranges("a", [RangeByteRequest(5, 10), bad])


class Parts(DictStore):
    """Records the parts that reach it."""

    _can_write_parts = True

    @override
    async def _write_parts(self, parts: Mapping[str, Sequence[Part]]) -> None:
        self.parts = {k: [(at, bytes(data)) for at, data in v] for k, v in parts.items()}


async def test_parts_reach_the_backend_by_key_and_as_bytes():
    store = Parts()
    array = np.arange(2, dtype="<u2")
    given: list[Any] = [("a", 0, b"x"), ("b", 2, bytearray(b"yz")), ("a", 1, array)]
    given.append(("b", 9, cpu.Buffer(b"!")))
    await store.set_partial_values(given)
    assert store.parts == {
        "a": [(0, b"x"), (1, b"\0\0\1\0")],
        "b": [(2, b"yz"), (9, b"!")],
    }


@pytest.mark.parametrize(
    ("error", "parts"),
    [
        (InvalidByteRangeError, [("a", 0, b"xy"), ("a", 1, b"z")]),
        (InvalidByteRangeError, [("a", 1, b"z"), ("a", 0, b"xy")]),
        (InvalidByteRangeError, [("a", 0, b"xyz"), ("a", 1, b"")]),
        (InvalidByteRangeError, [("a", -1, b"x")]),
        (InvalidByteRangeError, [("a", 2**63 - 1, b"x")]),
        (InvalidByteRangeError, [("a", "0", b"x")]),
        (InvalidByteRangeError, [("a", 1.0, b"x")]),
        (InvalidTypeError, [("a", 0, "x")]),
        (InvalidTypeError, [("a", 0, None)]),
        (InvalidKeyError, [("", 0, b"x")]),
    ],
)
async def test_bad_parts_never_reach_the_backend(error: type[Exception], parts: Any):
    store = Parts()
    with pytest.raises(error):
        await store.set_partial_values([("ok", 0, b"x"), *parts])
    assert not hasattr(store, "parts")


async def test_the_default_hook_for_parts_refuses():
    class Claims(DictStore):
        _can_write_parts = True

    with pytest.raises(UnsupportedError):
        await Claims().set_partial_values([("a", 0, b"x")])


class Batches(DictStore):
    """Lists in several batches, and tells whether the listing was closed."""

    left = False

    @override
    async def _scan(self, prefix: str) -> AsyncGenerator[list[tuple[str, int]], None]:
        try:
            async for batch in super()._scan(prefix):
                for pair in batch:
                    yield [pair]
                    yield []
        finally:
            self.left = True


FULL = {"a/b/1": b"1", "a/b/2": b"22", "a/c": b"333", "a/b": b"4444", "d": b""}


async def test_the_default_hooks_make_everything_of_a_scan():
    store = Batches(FULL)
    assert sorted([name async for name in store.list_dir("a")]) == ["b", "c"]
    entries = [entry async for batch in store.list_entries("a") for entry in batch]
    assert entries == [Entry("b", "key", 4), Entry("b", "prefix"), Entry("c", "key", 3)]
    page = [e async for batch in store.list_entries("a", limit=1, after="b") for e in batch]
    assert page == [Entry("b", "prefix")]
    assert await store.getsize("a/b") == 4
    await store.delete_dir("a")
    assert list(store.values) == ["d"]


@pytest.mark.parametrize(
    "name", ["list", "list_prefix", "list_dir", "scan", "list_entries"]
)
async def test_leaving_a_listing_closes_that_of_the_backend(name: str):
    store = Batches(FULL)
    listing = getattr(store, name)(*([] if name == "list" else [""]))
    async with aclosing(listing) as items:
        async for _ in items:
            break
    assert store.left


async def test_is_empty_stops_at_the_first_key():
    class Endless(DictStore):
        @override
        async def _scan(self, prefix: str) -> AsyncGenerator[list[tuple[str, int]], None]:
            while True:
                yield [("a", 1)]

    assert not await Endless().is_empty()


async def test_a_mapping_that_is_no_dict_can_be_stored():
    class Items:
        def items(self) -> list[tuple[str, bytes]]:
            return [("a", b"1")]

    store = DictStore()
    await store.set_many(Items())  # type: ignore[arg-type]
    assert store.values == {"a": b"1"}


async def test_the_message_for_a_bad_value_names_class_and_method():
    for name in ("set", "set_if_not_exists", "set_many"):
        text = rf"DictStore\.{name}\(\): `value` must be a Buffer instance"
        with pytest.raises(InvalidTypeError, match=text):
            await CHANGING_WITH[name](DictStore())


CHANGING_WITH: dict[str, Any] = {
    "set": lambda store: store.set("a", "text"),
    "set_if_not_exists": lambda store: store.set_if_not_exists("a", "text"),
    "set_many": lambda store: store.set_many({"a": "text"}),
}

FORK = """
import asyncio, os, sys, warnings
from zstore import MemoryStore
warnings.simplefilter("ignore", DeprecationWarning)  # of forking beside threads
store = MemoryStore()
asyncio.run(store.set("a", b"1"))
child = os.fork()
if child == 0:
    ok = asyncio.run(store.get_bytes("a")) == b"1"
    asyncio.run(store.set("a", b"child"))
    os._exit(0 if ok else 1)
_, status = os.waitpid(child, 0)
assert asyncio.run(store.get_bytes("a")) == b"1"
sys.exit(os.waitstatus_to_exitcode(status))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_store_works_after_a_fork():
    subprocess.run([sys.executable, "-c", FORK], check=True, timeout=60)
