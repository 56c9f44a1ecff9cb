import asyncio
import threading
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import zstore
from tests.waiting import LONG, until
from zstore import (
    GpuMemoryStore,
    LatencyStore,
    LocalStore,
    LoggingStore,
    MemoryStore,
    PrefixStore,
    ReadOnlyStore,
    Store,
)
from zstore._compat import override
from zstore.buffer import cpu, gpu
from zstore.errors import InvalidTypeError, UnsupportedError, ZStoreWarning
from zstore.inspection import MemoryMap, memory_map


def figures(found: MemoryMap) -> tuple[int, int, int, int]:
    return found.nvalues, found.nbytes, found.region_nbytes, len(found.regions)


async def test_each_value_of_its_own_is_a_region():
    store = MemoryStore()
    await store.set("a", b"x" * 300)
    await store.set("b/c", b"y" * 500)
    found = await memory_map(store)
    assert figures(found) == (2, 800, 800, 2)
    assert [region.residents[0].key for region in found.regions] == ["b/c", "a"]
    assert not any(region.is_slab for region in found.regions)
    assert found.complete
    assert {region.device for region in found.regions} == {"cpu"}


async def test_the_pointer_of_a_region_is_where_its_memory_starts():
    array = np.arange(100, dtype="u1")
    found = await memory_map(MemoryStore({"a": cpu.Buffer(array[10:20])}))
    [region] = found.regions
    assert region.pointer == array.ctypes.data
    assert (region.nbytes, region.live_nbytes, region.dead_nbytes) == (100, 10, 90)
    assert region.residents[0].offset == 10


async def test_bytes_under_several_keys_count_once_as_live():
    shared = b"s" * 100
    store = MemoryStore({"a": cpu.Buffer(shared), "b": cpu.Buffer(shared)[20:50]})
    found = await memory_map(store)
    assert figures(found) == (2, 130, 100, 1)
    [region] = found.regions
    assert (region.live_nbytes, region.is_slab) == (100, True)
    assert [each.key for each in region.residents] == ["a", "b"]


@given(
    parts=st.lists(
        st.tuples(st.integers(0, 2), st.integers(0, 63), st.integers(1, 64)), max_size=12
    ),
    kind=st.sampled_from([bytes, bytearray, lambda data: np.frombuffer(data, "u1").copy()]),
)
def test_live_bytes_are_the_union_of_the_values(
    parts: list[tuple[int, int, int]], kind: Callable[[bytes], bytes]
):
    pieces = [kind(bytes(64)) for _ in range(3)]
    # In two ways that name the same memory.
    views = [memoryview(piece) for piece in pieces]
    store = MemoryStore()
    used: dict[int, set[int]] = {}
    for i, (piece, start, nbytes) in enumerate(parts):
        source = (pieces if i % 2 else views)[piece]
        part = cpu.Buffer(memoryview(source)[start : start + nbytes])
        store.store_dict[str(i)] = part
        used.setdefault(piece, set()).update(range(start, start + len(part)))
    found = asyncio.run(memory_map(store))
    assert sorted(region.live_nbytes for region in found.regions) == sorted(
        map(len, used.values())
    )
    assert found.region_nbytes == 64 * len(used)
    for region in found.regions:
        places = [(each.offset, each.nbytes) for each in region.residents]
        assert [offset for offset, _ in places] == sorted(offset for offset, _ in places)
        assert all(at >= 0 and at + n <= 64 for at, n in places)


async def test_only_the_largest_regions_are_returned_and_all_are_counted():
    store = MemoryStore({str(i): cpu.Buffer(bytes(i)) for i in range(1, 101)})
    found = await memory_map(store, max_regions=3)
    assert [region.nbytes for region in found.regions] == [100, 99, 98]
    assert not found.complete
    assert (found.nvalues, found.nbytes, found.region_nbytes) == (100, 5050, 5050)


async def test_values_without_bytes_are_counted_and_lie_nowhere():
    store = MemoryStore({"a": cpu.Buffer(b"")})
    assert figures(await memory_map(store)) == (1, 0, 0, 0)
    assert (await memory_map(MemoryStore())).complete


@pytest.mark.parametrize(
    "wrap",
    [
        lambda store: store,
        lambda store: LoggingStore(ReadOnlyStore(store)),
        lambda store: LatencyStore(store, latency=0),
        lambda store: store.with_read_only(),
    ],
)
async def test_wrappers_are_looked_through(wrap: Callable[[MemoryStore], Store]):
    store = MemoryStore({"a": cpu.Buffer(b"abc")})
    found = await memory_map(wrap(store))
    assert found.regions[0].residents[0].key == "a"


async def test_a_part_of_a_store_shows_its_own_keys_and_no_others():
    store = MemoryStore({"a/b/c": cpu.Buffer(b"abc"), "secret": cpu.Buffer(b"defg")})
    found = await memory_map(PrefixStore(PrefixStore(store, "a"), "b"))
    assert figures(found) == (1, 3, 3, 1)
    assert found.regions[0].residents[0].key == "c"


async def test_a_store_on_a_disk_has_no_map(tmp_path):
    with pytest.raises(UnsupportedError, match="does not hold its values in memory"):
        await memory_map(LocalStore(tmp_path))


@pytest.mark.parametrize("other", [None, {}, "memory://", b""])
async def test_what_is_no_store_is_refused(other: Store):
    with pytest.raises(InvalidTypeError, match="looks at a Store"):
        await memory_map(other)


@pytest.mark.parametrize("number", [-1, None, "9", 2.0])
async def test_other_numbers_of_regions_are_refused(number: int):
    with pytest.raises(InvalidTypeError, match="max_regions is a number"):
        await memory_map(MemoryStore(), max_regions=number)


class Liar:
    """Says that it has an array, and raises something of its own."""

    def as_array_like(self) -> object:
        msg = "no"
        raise LookupError(msg)


async def test_entries_that_are_no_values_are_left_out_and_told():
    contents: Any = {
        "good": b"abc",
        "array": np.arange(4, dtype="f8"),
        "view": memoryview(bytearray(9))[2:5],
        "none": None,
        "text": "abc",
        "number": 3,
        "scattered": np.arange(16, dtype="u1")[::2],
        "liar": Liar(),
        7: b"its name is no text",
        "\x1b[2J\u202e": b"a name that hides",
    }
    with pytest.warns(ZStoreWarning, match="6 entries .* are no values, that of 'none'"):
        found = await memory_map(MemoryStore(contents))
    keys = {each.key for region in found.regions for each in region.residents}
    assert keys == {"good", "array", "view", "\x1b[2J\u202e"}
    assert (found.nvalues, found.nbytes) == (4, 3 + 32 + 3 + 17)
    assert found.region_nbytes == 3 + 32 + 9 + 17


async def test_a_mapping_that_changes_while_it_is_read_is_read_again():
    class Growing(dict[str, cpu.Buffer]):
        """Grows the first time that it is iterated over."""

        @override
        def __iter__(self) -> Iterator[str]:
            if len(self) < 3:
                names = super().__iter__()
                yield next(names)
                self["b"] = self["c"] = cpu.Buffer(b"12")
                yield next(names)
            else:
                yield from list(super().__iter__())

    growing: Any = Growing(a=cpu.Buffer(b"1"))
    found = await memory_map(MemoryStore(growing))
    assert found.nvalues == 3


async def test_values_may_come_and_go_meanwhile():
    store = MemoryStore({str(i): cpu.Buffer(bytes(10)) for i in range(100_000)})
    looking = asyncio.create_task(memory_map(store))
    while not looking.done():
        await asyncio.sleep(0)
        store.store_dict.popitem()
        store.store_dict[f"new{len(store.store_dict)}"] = cpu.Buffer(b"1")
    assert 99_000 < (await looking).nvalues <= 100_001


async def test_a_map_can_be_cancelled():
    begun, go_on = threading.Event(), threading.Event()

    class Slow(dict[str, cpu.Buffer]):
        @override
        def __iter__(self) -> Iterator[str]:
            begun.set()
            assert go_on.wait(LONG)
            return super().__iter__()

    slow: Any = Slow(a=cpu.Buffer(b"0123456789"))
    looking = asyncio.create_task(memory_map(MemoryStore(slow)))
    await until(begun.is_set)
    looking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await looking
    go_on.set()


async def test_a_store_on_a_device_that_is_empty_has_an_empty_map():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert figures(await memory_map(GpuMemoryStore())) == (0, 0, 0, 0)


async def test_values_that_share_a_slab_lie_in_one_region_in_simulation(simulation):
    store = GpuMemoryStore()
    values = {f"c/{i}": bytes([i]) * (100 + i) for i in range(50)}
    await store.set_many(values.items())
    downloads = simulation.counts.downloads
    found = await memory_map(store)
    assert simulation.counts.downloads == downloads
    [region] = found.regions
    assert (region.device, len(region.residents)) == ("cuda:0", 50)
    assert region.live_nbytes == found.nbytes == sum(map(len, values.values()))
    assert region.nbytes >= region.live_nbytes
    assert region.is_slab
    placed = {
        each.key: (region.pointer + each.offset, each.nbytes) for each in region.residents
    }
    for key, buffer in store.store_dict.items():
        assert isinstance(buffer, gpu.Buffer)
        assert placed[key] == (buffer.ptr, len(buffer))


async def test_a_part_of_an_array_lies_in_the_memory_of_it_in_simulation(simulation):
    pool = simulation.driver.pool()
    array = simulation.driver.allocate(pool, 1000)
    values = {"a": gpu.Buffer(array[100:200]), "b": gpu.Buffer(array[500:])[20:30]}
    [region] = (await memory_map(GpuMemoryStore(values))).regions
    assert (region.pointer, region.nbytes) == (array.data.mem.ptr, 1024)
    placed = [(each.key, each.offset, each.nbytes) for each in region.residents]
    assert placed == [("a", 100, 100), ("b", 520, 10)]


async def test_deleted_values_leave_dead_bytes_in_simulation(simulation):
    assert simulation.current == 0
    store = GpuMemoryStore()
    await store.set_many([(str(i), bytes(1024)) for i in range(50)])
    for i in range(10):
        await store.delete(str(i))
    [region] = (await memory_map(store)).regions
    assert len(region.residents) == 40
    assert region.dead_nbytes >= 10 * 1024


def test_the_names_of_the_package_are_those_of_its_list():
    assert set(zstore.inspection.__all__) <= set(dir(zstore.inspection))
