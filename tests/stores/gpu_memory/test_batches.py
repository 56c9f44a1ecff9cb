"""Many values and large ones, in simulation: few calls of a device, and no stalls."""

import asyncio

import numpy as np
import pytest

from tests.gpu.simulation import Simulation
from tests.gpu.turns import in_turns_with
from zstore import GpuMemoryStore
from zstore.buffer import cpu, gpu

MIB = 1 << 20


def random(nbytes: int, seed: int) -> bytes:
    return np.random.default_rng(seed).bytes(nbytes)


def used_nbytes(simulation: Simulation, store: GpuMemoryStore) -> int:
    return simulation.driver.figures(store.pool).used_nbytes


async def test_many_small_values_share_copies_and_allocations_in_simulation(
    simulation: Simulation,
):
    block = random(20 * MIB, 0)
    values = {f"c/{i}": block[i * 1024 : (i + 1) * 1024] for i in range(20_000)}
    store = GpuMemoryStore()
    await store.set_many(values)
    counts = simulation.counts
    assert (counts.allocations, counts.uploads) == (1, 5)
    assert counts.uploaded_nbytes == 20_000 * 1024
    found = await store.get_many(values)
    assert [each and each.to_bytes() for each in found] == list(values.values())
    assert (counts.gathers, counts.downloads) == (10, 10)


def test_a_dict_of_small_values_shares_copies_and_allocations_in_simulation(
    simulation: Simulation,
):
    values = {f"c/{i}": cpu.Buffer(b"%06d" % i) for i in range(2000)}
    store = GpuMemoryStore.from_dict(values)
    assert (simulation.counts.allocations, simulation.counts.uploads) == (1, 1)
    assert [value.to_bytes() for value in store.store_dict.values()] == [
        value.to_bytes() for value in values.values()
    ]


async def test_small_values_on_the_device_share_memory_in_simulation(
    simulation: Simulation,
):
    first, second = GpuMemoryStore(), GpuMemoryStore()
    await first.set_many({f"c/{i}": b"%06d" % i for i in range(500)})
    there = await first.get_many(first.store_dict, gpu.buffer_prototype)
    before = simulation.counts.allocations
    await second.set_many({f"c/{i}": each for i, each in enumerate(there) if each})
    assert simulation.counts.allocations == before + 1
    assert simulation.counts.downloads == 0
    found = await second.get_many([f"c/{i}" for i in range(500)])
    assert [each and each.to_bytes() for each in found] == [b"%06d" % i for i in range(500)]


@pytest.mark.parametrize(("nbytes", "most"), [(13, 1.3), (1000, 1.05), (4097, 1.07)])
async def test_small_values_take_little_more_than_their_bytes_in_simulation(
    simulation: Simulation, nbytes: int, most: float
):
    store = GpuMemoryStore()
    await store.set_many({f"c/{i}": bytes(nbytes) for i in range(5000)})
    assert used_nbytes(simulation, store) <= most * 5000 * nbytes


async def test_values_on_the_host_and_on_the_device_keep_their_keys_in_simulation(
    simulation: Simulation,
):
    del simulation
    there = await asyncio.to_thread(gpu.Buffer.from_bytes, b"on the device")
    values = {f"k{i}": there[i % 7 :] if i % 3 else b"%d" % i for i in range(60)}
    store = GpuMemoryStore()
    await store.set_many(values)
    found = await store.get_many(values)
    assert [each and each.to_bytes() for each in found] == [
        b"on the device"[i % 7 :] if i % 3 else b"%d" % i for i in range(60)
    ]
    twin = await asyncio.to_thread(GpuMemoryStore.from_dict, values)  # type: ignore[arg-type]
    assert await asyncio.to_thread(lambda: twin == store)


async def test_batches_of_all_sizes_come_back_in_simulation(simulation: Simulation):
    sizes = [0, 1, 100, 256 * 1024 - 1, 256 * 1024, 5 * MIB, 30 * MIB, 40 * MIB] + [7] * 30
    values = {f"k{i}": random(nbytes, i) for i, nbytes in enumerate(sizes)}
    store = GpuMemoryStore()
    await store.set_many(values)
    found = await store.get_many(values)
    assert [each.to_bytes() for each in found if each is not None] == [*values.values()]
    assert simulation.counts.uploaded_nbytes >= sum(sizes)


async def test_more_values_than_a_batch_holds_are_all_there_in_simulation(
    simulation: Simulation,
):
    values = {f"{i}": b"%d" % (i % 1000) for i in range(33_000)}
    store = GpuMemoryStore()
    await store.set_many(values)
    assert simulation.counts.allocations == 2
    some = [f"{i}" for i in range(0, 33_000, 1000)]
    found = await store.get_many(some)
    assert [each and each.to_bytes() for each in found] == [values[key] for key in some]


async def test_large_copies_keep_no_other_task_waiting_in_simulation(
    simulation: Simulation,
):
    value = random(96 * MIB, 1)
    store = GpuMemoryStore()
    await store.set("first", b"1")
    async with in_turns_with(simulation.driver.stream) as turns:
        await store.set("k", value)
        written = turns.waits
        assert await store.get_bytes("k") == value
        assert written > 1
        assert turns.waits > written + 1
