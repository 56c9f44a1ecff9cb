"""Writing to a GpuMemoryStore, in simulation: what is stored lies on the device."""

import asyncio
import math
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from typing import Any

import numpy as np
import pytest

from tests.gpu.simulation import DeviceArray, Simulation
from tests.waiting import LONG
from zstore import GpuMemoryStore, sync
from zstore.buffer import Buffer, cpu, gpu
from zstore.errors import InvalidByteRangeError, KeyNotFoundError

MIB = 1 << 20

Write = Callable[[GpuMemoryStore, Any], Awaitable[object]]

WRITES: dict[str, Write] = {
    "set": lambda store, value: store.set("k", value),
    "set_if_not_exists": lambda store, value: store.set_if_not_exists("k", value),
    "set_many": lambda store, value: store.set_many({"k": value}),
    "set_many of small ones": lambda store, value: store.set_many(
        [("k", value), *((f"s{i}", b"%d" % i) for i in range(20))]
    ),
}

VALUES: dict[str, Callable[[], Any]] = {
    "no bytes": lambda: b"",
    "bytes": lambda: b"0123",
    "bytearray": lambda: bytearray(b"0123"),
    "memoryview": lambda: memoryview(b"0123"),
    "array": lambda: np.arange(6, dtype="<f4").reshape(2, 3),
    "host buffer": lambda: cpu.Buffer(b"0123"),
    "device buffer": lambda: gpu.Buffer.from_bytes(b"0123"),
    "part of a device buffer": lambda: gpu.Buffer.from_bytes(b"01234567")[2:6],
    "large bytes": lambda: np.random.default_rng(0).bytes(9 * MIB + 1),
    "large device buffer": lambda: gpu.Buffer.from_bytes(bytes(range(256)) * 100_000),
}


def contents(value: Any) -> bytes:
    return value.to_bytes() if isinstance(value, Buffer) else memoryview(value).tobytes()


def stored(store: GpuMemoryStore, key: str) -> bytes:
    """Return what is on the device, without the code under test."""
    value = store.store_dict[key]
    assert type(value) is gpu.Buffer
    assert value.readonly
    array = value.as_array_like()
    assert isinstance(array, DeviceArray)
    return bytes(array.get().tobytes())


@pytest.fixture(params=VALUES)
def value(request: pytest.FixtureRequest, simulation: Simulation) -> Any:
    del simulation  # comes before the values
    return VALUES[request.param]()


@pytest.mark.parametrize("write", WRITES)
async def test_every_way_to_write_ends_on_the_device_in_simulation(value: Any, write: str):
    store = GpuMemoryStore()
    await WRITES[write](store, value)
    assert stored(store, "k") == await asyncio.to_thread(contents, value)
    given = getattr(value, "base", None)
    owned = store.store_dict["k"]
    assert isinstance(owned, gpu.Buffer)
    assert owned.base is not given


def test_values_of_a_dict_move_to_the_device_in_simulation(value: Any):
    store = GpuMemoryStore.from_dict({"k": value, **{f"s{i}": value for i in range(3)}})
    assert {key: stored(store, key) for key in store.store_dict} == dict.fromkeys(
        ["k", "s0", "s1", "s2"], contents(value)
    )


def test_calls_without_await_end_on_the_device_in_simulation(value: Any):
    store = GpuMemoryStore()
    twin = sync.SyncStore(store)
    twin.set("a", value)
    assert twin.set_if_not_exists("b", value)
    twin.set_many({"c": value})
    twin.set_partial_values([("a", len(store.store_dict["a"]), b"more")])
    expected = contents(value)
    assert stored(store, "a") == expected + b"more"
    assert stored(store, "b") == stored(store, "c") == expected


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([(0, b"")], b"0123456789"),
        ([(2, b"xy")], b"01xy456789"),
        ([(10, b"ab")], b"0123456789ab"),
        ([(9, b"ab"), (0, b"yz")], b"yz2345678ab"),
        ([(10, b"ab"), (12, b"c")], b"0123456789abc"),
        ([(5, b"abc"), (5, b"")], b"01234abc89"),
        ([(0, b"a" * 10)], b"aaaaaaaaaa"),
    ],
)
@pytest.mark.usefixtures("simulation")
async def test_parts_of_values_are_replaced_on_the_device_in_simulation(
    parts: Iterable[tuple[int, bytes]], expected: bytes
):
    store = GpuMemoryStore()
    await store.set("k", b"0123456789")
    before = await store.get("k", gpu.buffer_prototype)
    await store.set_partial_values([("k", start, data) for start, data in parts])
    assert stored(store, "k") == expected
    # Who has the old value keeps it.
    assert before is not None
    assert before.as_array_like().get().tobytes() == b"0123456789"


@pytest.mark.usefixtures("simulation")
async def test_a_part_needs_a_value_that_reaches_up_to_it_in_simulation():
    store = GpuMemoryStore()
    await store.set("k", b"0123")
    with pytest.raises(InvalidByteRangeError):
        await store.set_partial_values([("k", 5, b"x")])
    with pytest.raises(KeyNotFoundError):
        await store.set_partial_values([("k", 0, b"x"), ("missing", 0, b"x")])
    assert stored(store, "k") == b"0123"


@pytest.mark.parametrize("nbytes", [100, 200_000, 9 * MIB])
@pytest.mark.parametrize("write", WRITES)
async def test_host_memory_may_change_once_it_was_written_in_simulation(
    simulation: Simulation, write: str, nbytes: int
):
    store = GpuMemoryStore()
    await store.set("other", b"1")
    simulation.driver.stream.delay = math.inf
    mine = bytearray(b"a" * nbytes)
    await WRITES[write](store, mine)
    mine[:] = b"b" * nbytes
    assert stored(store, "k") == b"a" * nbytes


@pytest.mark.parametrize("nbytes", [100, 17 * MIB])
@pytest.mark.parametrize("write", WRITES)
async def test_device_memory_may_change_once_it_was_written_in_simulation(
    simulation: Simulation, write: str, nbytes: int
):
    store = GpuMemoryStore()
    await store.set("other", b"1")
    source = simulation.xp.asarray(np.zeros(nbytes, np.uint8))
    simulation.driver.stream.delay = math.inf
    await WRITES[write](store, source)
    source[:] = 1
    assert stored(store, "k") == bytes(nbytes)


@pytest.mark.parametrize("nbytes", [100, 17 * MIB])
@pytest.mark.parametrize("write", WRITES)
async def test_a_write_comes_after_the_work_of_the_caller_in_simulation(
    simulation: Simulation, write: str, nbytes: int
):
    store = GpuMemoryStore()
    await store.set("other", b"1")
    source = simulation.xp.asarray(np.zeros(nbytes, np.uint8))
    simulation.driver.stream.delay = math.inf
    simulation.driver.caller_asks(lambda: source.values.fill(1))
    await WRITES[write](store, source)
    assert stored(store, "k") == b"\x01" * nbytes


async def test_a_value_that_is_there_costs_no_copy_in_simulation(simulation: Simulation):
    store = GpuMemoryStore()
    assert await store.set_if_not_exists("a", b"1")
    assert not await store.set_if_not_exists("a", b"2")
    assert simulation.counts.uploads == 1
    assert stored(store, "a") == b"1"


@pytest.mark.parametrize("nbytes", [10, MIB])
@pytest.mark.usefixtures("simulation")
async def test_one_of_several_tasks_writes_what_was_not_there_in_simulation(nbytes: int):
    store = GpuMemoryStore()
    values = [bytes([i]) * nbytes for i in range(10)]
    wrote = await asyncio.gather(*(store.set_if_not_exists("k", each) for each in values))
    assert sum(wrote) == 1
    assert stored(store, "k") == values[wrote.index(True)]


@pytest.mark.usefixtures("simulation")
def test_one_of_several_threads_writes_what_was_not_there_in_simulation():
    store = GpuMemoryStore()
    together = threading.Barrier(4)
    wrote: Counter[str] = Counter()

    def work(number: int) -> None:
        async def write() -> None:
            for i in range(50):
                data = bytes([number]) * (300_000 if i % 10 == 0 else 10)
                if await store.set_if_not_exists(f"k{i}", data):
                    wrote[f"k{i}"] += 1
                    assert (await store.get_bytes(f"k{i}")) == data

        together.wait(LONG)
        asyncio.run(write())

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert wrote == Counter({f"k{i}": 1 for i in range(50)})


async def ticks(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def settled(store: GpuMemoryStore) -> None:
    """Wait for what a cancelled call left to the engine."""
    assert store.engine is not None
    await store.engine.run(lambda: None)


@pytest.mark.parametrize("write", WRITES)
async def test_a_cancelled_write_leaves_the_old_value_or_the_new_in_simulation(
    simulation: Simulation, write: str
):
    store = GpuMemoryStore()
    new = b"n" * (5 * MIB)
    seen: Counter[bytes] = Counter()
    simulation.driver.stream.delay = 0.001
    for count in (0, 1, 2, 3, 4, 6, 9):
        await store.set("k", b"old")
        if write == "set_if_not_exists":
            await store.delete("k")
        task = asyncio.ensure_future(WRITES[write](store, new))
        await ticks(count)
        task.cancel()
        with suppress(asyncio.CancelledError):  # if it was not done by then
            await task
        await settled(store)
        seen[stored(store, "k")[:3] if await store.exists("k") else b"no"] += 1
    assert set(seen) <= {b"old", b"nnn", b"no"}
    assert seen[b"old"] + seen[b"no"]


@pytest.mark.usefixtures("simulation")
async def test_writing_parts_loses_no_value_that_came_meanwhile_in_simulation():
    old, new = b"o" * MIB, b"n" * MIB
    for count in range(12):
        store = GpuMemoryStore()
        await store.set("k", old)
        task = asyncio.create_task(store.set_partial_values([("k", 0, b"xy")]))
        await ticks(count)
        await asyncio.gather(task, store.set("k", new))
        assert stored(store, "k") in {new, b"xy" + new[2:]}


@pytest.mark.usefixtures("simulation")
async def test_parts_written_at_once_are_all_there_in_simulation():
    store = GpuMemoryStore()
    await store.set("k", b"." * 10)
    await asyncio.gather(
        *(store.set_partial_values([("k", i, b"%d" % i)]) for i in range(10))
    )
    assert stored(store, "k") == b"0123456789"


@pytest.mark.usefixtures("simulation")
async def test_writing_parts_starts_again_where_a_value_came_meanwhile_in_simulation(
    monkeypatch: pytest.MonkeyPatch,
):
    store = GpuMemoryStore()
    await store.set("k", b"old.")
    engine = store.engine
    assert engine is not None
    join = engine.join
    meanwhile = [b"new.", b"newer."]

    async def slow(*args: Any) -> Any:
        span = await join(*args)
        if meanwhile:
            await store.set("k", meanwhile.pop(0))
        return span

    monkeypatch.setattr(engine, "join", slow)
    await store.set_partial_values([("k", 3, b"!")])
    assert stored(store, "k") == b"new!r."
