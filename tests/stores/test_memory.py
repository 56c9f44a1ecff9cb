"""What is particular to values in a dict."""

import asyncio
import pickle
import threading
import warnings
from collections import OrderedDict, UserDict
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

import numpy as np
import pytest

from zstore import Entry, MemoryStore
from zstore._compat import override
from zstore.buffer import cpu
from zstore.errors import InvalidTypeError, KeyNotFoundError, ZStoreWarning


async def keys(store: MemoryStore, prefix: str = "") -> list[str]:
    return sorted([key async for key in store.list_prefix(prefix)])


async def test_the_mapping_is_kept_as_it_is():
    values: dict[str, Any] = {"a": cpu.Buffer(b"1")}
    store = MemoryStore(values)
    assert store.store_dict is values
    await store.set("b", b"2")
    assert list(values) == ["a", "b"]
    values["c"] = b"333"
    assert await store.get_bytes("c") == b"333"
    assert await store.getsize("c") == 3
    assert await keys(store) == ["a", "b", "c"]
    del values["a"]
    assert await store.get("a") is None
    assert await keys(store) == ["b", "c"]


@pytest.mark.parametrize("make", [dict, OrderedDict, UserDict])
async def test_any_mutable_mapping_will_do(make: Any):
    store = MemoryStore(make())
    await store.set_many({"a/b": b"1", "c": b"2"})
    await store.delete("c")
    assert await keys(store) == ["a/b"]


@pytest.mark.parametrize("wrong", [[], "text", 5, [("a", b"1")]])
def test_anything_else_is_refused(wrong: Any):
    with pytest.raises(InvalidTypeError, match=type(wrong).__name__):
        MemoryStore(wrong)


async def test_bytes_are_kept_without_a_copy_and_handed_out_so():
    data = b"0123456789"
    store = MemoryStore()
    await store.set("a", data)
    got = await store.get("a")
    assert got is not None
    assert got.to_bytes() is data
    part = await store.get_ranges("a", [])
    assert part == []


async def test_reading_copies_nothing():
    store = MemoryStore()
    await store.set("a", np.arange(1000, dtype="u1"))
    one, two = await store.get("a"), await store.get("a")
    assert one is not None
    assert two is not None
    assert np.shares_memory(one.as_numpy_array(), two.as_numpy_array())


async def test_names_that_are_no_keys_are_left_out_with_a_warning():
    values: dict[str, Any] = {"good": b"1", "../bad": b"2", "": b"3"}
    store = MemoryStore(values)
    with pytest.warns(ZStoreWarning, match=r"2 names are no keys, '\.\./bad' for one"):
        assert await keys(store) == ["good"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert await keys(store) == ["good"]  # said once for the same contents
        await store.set("more", b"4")
        assert await keys(store) == ["good", "more"]
        await store.clear()
    assert sorted(values) == ["", "../bad"]


async def test_a_twin_shares_values_index_and_lock():
    store = MemoryStore()
    reader = store.with_read_only()
    await store.set("a/b", b"1")
    assert await keys(reader) == ["a/b"]
    await store.set("a/c", b"2")
    await store.delete("a/b")
    assert await keys(reader) == ["a/c"]
    assert reader != store
    assert reader == store.with_read_only()
    assert reader.with_read_only(False) == store
    store.close()
    assert await reader.get_bytes("a/c") == b"2"


def test_stores_are_equal_by_content():
    assert MemoryStore() == MemoryStore()
    assert MemoryStore({"a": cpu.Buffer(b"1")}) == MemoryStore({"a": cpu.Buffer(b"1")})
    assert MemoryStore({"a": cpu.Buffer(b"1")}) != MemoryStore({"a": cpu.Buffer(b"2")})
    assert MemoryStore() != MemoryStore(read_only=True)

    class Other(MemoryStore):
        pass

    values: dict[str, Any] = {}
    assert Other(values) != MemoryStore(values)
    assert MemoryStore(values) != Other(values)


def test_a_store_names_its_dict():
    store = MemoryStore()
    assert str(store) == f"memory://{id(store.store_dict)}"
    assert repr(store) == f"MemoryStore('{store}')"


async def test_pickling_copies_the_contents():
    store = MemoryStore()
    await store.set("a", b"1")
    copy = pickle.loads(pickle.dumps(store))  # noqa: S301 -- made here
    await copy.set("a", b"2")
    assert await store.get_bytes("a") == b"1"
    assert await keys(copy) == ["a"]


async def test_a_part_makes_a_new_value():
    store = MemoryStore()
    await store.set("a", b"0123")
    held = await store.get("a")
    await store.set_partial_values([("a", 1, b"XY"), ("a", 3, b"ZZZ")])
    assert await store.get_bytes("a") == b"0XYZZZ"
    assert held == cpu.Buffer(b"0123")


async def test_no_part_is_written_if_one_cannot_be():
    store = MemoryStore()
    await store.set("a", b"0123")
    with pytest.raises(KeyNotFoundError):
        await store.set_partial_values([("a", 0, b"X"), ("b", 0, b"Y")])
    assert await store.get_bytes("a") == b"0123"


async def test_a_listing_lets_others_have_a_turn():
    store = MemoryStore({f"{i // 5000}/{i}": cpu.Buffer(b"") for i in range(20_000)})
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(other())
    assert len(await keys(store)) == 20_000
    entries = [len(batch) async for batch in store.list_entries("1")]
    task.cancel()
    assert turns >= 5
    assert sum(entries) == 5000


async def test_what_is_deleted_while_a_level_is_listed_is_left_out():
    store = MemoryStore({f"a/{i:05}": cpu.Buffer(b"x") for i in range(6000)})
    await store.set("a/deep/x", b"1")
    seen: list[Entry] = []
    async for batch in store.list_entries("a"):
        if not seen:
            await store.delete("a/05999")
            await store.delete("a/deep/x")
        seen += batch
    assert all(entry.nbytes == 1 for entry in seen if entry.kind == "key")
    assert [e.name for e in seen if e.kind == "key"][-1] == "05998"


def test_threads_may_write_while_others_list():
    store = MemoryStore()
    stop = threading.Event()

    async def write(me: int) -> None:
        for i in range(400):
            await store.set(f"{me}/{i % 7}/{i}", b"x")
        for i in range(0, 400, 3):
            await store.delete(f"{me}/{i % 7}/{i}")

    async def read() -> None:
        while not stop.is_set():
            found = await keys(store)
            assert len(found) == len(set(found))
            assert await store.getsize_prefix("") >= 0
            [e async for e in store.list_entries("1", limit=3)]

    with ThreadPoolExecutor(6) as pool:
        reading = [pool.submit(asyncio.run, read()) for _ in range(2)]
        writing = [pool.submit(asyncio.run, write(me)) for me in range(4)]
        wait(writing)
        stop.set()
    for done in (*reading, *writing):
        done.result()

    assert len(asyncio.run(keys(store))) == len(store.store_dict) == 4 * (400 - 134)


async def test_an_index_costs_what_it_answers():
    """Looked at by counting: a level of ten in 50,000 keys touches ten names."""
    looked = 0

    class Counted(dict[str, Any]):
        @override
        def get(self, *args: Any) -> Any:
            nonlocal looked
            looked += 1
            return super().get(*args)

    values = Counted({f"{i // 10}/{i}": cpu.Buffer(b"x") for i in range(50_000)})
    store = MemoryStore(values)
    assert len([name async for name in store.list_dir("77")]) == 10
    assert looked == 0
    assert await store.getsize_prefix("77/") == 10
    assert looked == 10
