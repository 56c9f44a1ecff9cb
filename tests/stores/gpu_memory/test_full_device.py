"""A device that is full or broken, in simulation: the store is as it was, and says so."""

import pickle
from collections.abc import Awaitable, Callable

import pytest

from tests.gpu.simulation import SimulatedDeviceError, Simulation
from tests.waiting import until
from zstore import GpuMemoryStore
from zstore.buffer import cpu, gpu
from zstore.errors import DeviceMemoryError
from zstore.gpu import GpuUnavailable

MIB = 1 << 20
LARGE = bytes(3 * MIB)
SMALL = {f"s{i}": b"%d" % i for i in range(100)}

Write = Callable[[GpuMemoryStore], Awaitable[object]]

WRITES: dict[str, Write] = {
    "set": lambda store: store.set("k", b"small"),
    "set of a large value": lambda store: store.set("k", LARGE),
    "set_if_not_exists": lambda store: store.set_if_not_exists("new", b"small"),
    "set_many": lambda store: store.set_many({"k": b"small", "new": b"2"}),
    "set_many of small ones": lambda store: store.set_many(SMALL),
    "set_partial_values": lambda store: store.set_partial_values([("k", 0, b"x")]),
}


async def filled() -> GpuMemoryStore:
    store = GpuMemoryStore()
    await store.set_many({"k": b"0" * MIB, "other": b"1" * 100})
    return store


@pytest.mark.parametrize("write", WRITES)
async def test_a_write_that_does_not_fit_leaves_the_store_as_it_was_in_simulation(
    simulation: Simulation, write: str
):
    store = await filled()
    before = dict(store.store_dict)
    simulation.driver.failing_allocations = 2  # the second try is after a trim
    with pytest.raises(DeviceMemoryError, match=r"bytes do not fit on cuda:0") as caught:
        await WRITES[write](store)

    text = str(caught.value)
    assert "pool 1,049,088 used of 1,049,088" in text
    assert "device 1,072,692,736 free of 1,073,741,824" in text
    assert f"{store} holds 1,048,676 bytes of values" in text
    assert store.store_dict == before
    assert all(store.store_dict[key] is value for key, value in before.items())
    again = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 -- made here
    assert (str(again), again.nbytes) == (text, caught.value.nbytes)

    await WRITES[write](store)
    assert await store.exists("k")


@pytest.mark.usefixtures("simulation")
async def test_a_limit_of_the_pool_of_a_store_is_kept_and_named_in_simulation():
    store = await filled()
    store.pool.set_limit(size=4 * MIB)
    with pytest.raises(DeviceMemoryError, match="limit 4,194,304") as caught:
        await store.set("large", bytes(8 * MIB))
    assert caught.value.nbytes == 8 * MIB
    assert (caught.value.device, isinstance(caught.value, MemoryError)) == ("cuda:0", True)
    # The part fits, and the longer value does not.
    store.pool.set_limit(size=2 * MIB)
    with pytest.raises(DeviceMemoryError, match="1,048,676 bytes of values"):
        await store.set_partial_values([("k", MIB, b"more" * 1000)])
    assert await store.get_bytes("k") == b"0" * MIB
    assert not await store.exists("large")
    await store.set("fits", bytes(MIB // 2))


@pytest.mark.usefixtures("simulation")
async def test_a_batch_that_does_not_fit_leaves_each_value_whole_in_simulation():
    store = await filled()
    store.pool.set_limit(size=80 * MIB)
    items = {f"k{i}": bytes([i % 256]) * (200 * 1024) for i in range(600)}  # two slabs
    with pytest.raises(DeviceMemoryError):
        await store.set_many({"k": b"new", **items})
    for key in ("k", *items):
        value = await store.get_bytes(key) if await store.exists(key) else None
        assert value in {None, b"0" * MIB, b"new", items.get(key)}


def test_a_dict_that_does_not_fit_says_so_in_simulation(simulation: Simulation):
    simulation.driver.memory_nbytes = 5 * MIB
    with pytest.raises(DeviceMemoryError, match="device 5,242,880 free of 5,242,880"):
        GpuMemoryStore.from_dict({"k": cpu.Buffer(bytes(6 * MIB))})


async def filled_from(value: bytes) -> GpuMemoryStore:
    store = GpuMemoryStore()
    await store.set("k", value)
    return store


async def test_memory_that_waits_elsewhere_is_given_back_first_in_simulation(
    simulation: Simulation,
):
    simulation.driver.memory_nbytes = 8 * MIB
    store = await filled_from(bytes(5 * MIB))
    await store.delete("k")
    await until(lambda: simulation.driver.figures(store.pool).used_nbytes == 0)
    # It waits in the pool of that store, to be used again by it.
    with pytest.raises(DeviceMemoryError):
        await filled_from(bytes(6 * MIB))
    await store.clear()
    assert await (await filled_from(bytes(6 * MIB))).getsize("k") == 6 * MIB


async def test_a_broken_device_says_to_restart_and_the_store_still_lists_in_simulation(
    simulation: Simulation,
):
    store = await filled()
    simulation.driver.stream.error = SimulatedDeviceError("cudaErrorIllegalAddress")
    calls = [
        *(write(store) for write in WRITES.values()),
        store.get("k"),
        store.get("other"),
        store.get_many(["k", "other"]),
    ]
    for call in calls:
        with pytest.raises(GpuUnavailable, match="cudaErrorIllegalAddress") as caught:
            await call
        assert "restart the process" in str(caught.value)
        assert "cuda:0 failed: SimulatedDeviceError" in caught.value.reason
    assert [key async for key in store.list()] == ["k", "other"]
    assert await store.getsize("k") == MIB
    assert await store.getsize_prefix("") == MIB + 100
    value = await store.get("k", gpu.buffer_prototype)
    assert value is not None
    assert len(value) == MIB
    await store.delete("k")
    assert not await store.exists("k")
    with pytest.raises(GpuUnavailable, match="restart"):
        cpu.Buffer.from_buffer(value)
