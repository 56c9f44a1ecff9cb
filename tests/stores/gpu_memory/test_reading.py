"""Reading from a GpuMemoryStore, in simulation: a view on the device, a copy elsewhere."""

import math
from dataclasses import replace

import numpy as np
import pytest

from tests.gpu.simulation import Simulation
from tests.waiting import until
from zstore import GpuMemoryStore, OffsetByteRequest, RangeByteRequest, SuffixByteRequest
from zstore.buffer import BufferPrototype, cpu, default_buffer_prototype, gpu
from zstore.errors import InvalidTypeError
from zstore.ranges import ByteRequest

MIB = 1 << 20
DIGITS = b"0123456789"
KIBIBYTE_RANGES = [
    (f"k{i % 50}", RangeByteRequest(i % 900, i % 900 + 1 + i % 100)) for i in range(1500)
]


async def filled(values: dict[str, bytes]) -> GpuMemoryStore:
    store = GpuMemoryStore()
    await store.set_many(values)
    return store


async def test_the_gpu_prototype_gives_a_view_of_the_value_in_simulation(
    simulation: Simulation,
):
    store = await filled({"k": DIGITS})
    stored = store.store_dict["k"]
    assert isinstance(stored, gpu.Buffer)
    before = replace(simulation.counts)
    value = await store.get("k", gpu.buffer_prototype)
    assert isinstance(value, gpu.Buffer)
    assert (value.base, value.ptr) == (stored.base, stored.ptr)
    with pytest.raises(ValueError, match="read-only"):
        value[0:1] = b"x"
    assert simulation.counts == before


async def test_ranges_on_the_device_are_no_calls_of_the_driver_in_simulation(
    simulation: Simulation,
):
    store = await filled({"k": DIGITS})
    simulation.driver.stream.error = RuntimeError("no call is allowed")
    before = replace(simulation.counts)
    requests: list[ByteRequest] = [
        RangeByteRequest(2, 5),
        RangeByteRequest(8, 50),
        OffsetByteRequest(7),
        SuffixByteRequest(4),
    ]
    found = await store.get_partial_values(
        gpu.buffer_prototype, [("k", each) for each in requests]
    )
    found += await store.get_ranges("k", requests, gpu.buffer_prototype) or []
    assert simulation.counts == before

    simulation.driver.stream.error = None
    arrays = [each.as_array_like().get().tobytes() for each in found if each is not None]
    assert arrays == [b"234", b"89", b"789", b"6789"] * 2


async def test_a_value_that_was_read_outlives_its_key_in_simulation(simulation: Simulation):
    store = await filled({"k": DIGITS})
    value = await store.get("k", gpu.buffer_prototype)
    await store.set("k", b"other")
    await store.clear()
    assert value is not None
    assert value.as_array_like().get().tobytes() == DIGITS
    del value
    await until(lambda: simulation.driver.figures(store.pool).used_nbytes == 0)


@pytest.mark.parametrize("nbytes", [0, 1, 256 * 1024, 256 * 1024 + 1, 4 * MIB, 9 * MIB + 7])
async def test_without_a_prototype_the_bytes_come_to_the_host_in_simulation(
    simulation: Simulation, nbytes: int
):
    data = np.random.default_rng(nbytes).bytes(nbytes)
    store = await filled({"k": data})
    simulation.driver.stream.delay = 0.01
    for prototype in (None, default_buffer_prototype()):
        value = await store.get("k", prototype)
        assert type(value) is cpu.Buffer
        assert value.readonly
        assert value.to_bytes() == data
    if nbytes:
        request = OffsetByteRequest(nbytes // 2)
        assert await store.get_bytes("k", byte_range=request) == data[nbytes // 2 :]


@pytest.mark.usefixtures("simulation")
async def test_a_prototype_of_another_kind_gets_its_kind_in_simulation():
    class Kind(gpu.Buffer):
        __slots__ = ()

    class HostKind(cpu.Buffer):
        __slots__ = ()

    store = await filled({"k": DIGITS})
    for kind in (Kind, HostKind):
        value = await store.get("k", BufferPrototype(kind, cpu.NDBuffer))
        assert type(value) is kind
        assert value.readonly


async def test_many_values_come_to_the_host_by_few_copies_in_simulation(
    simulation: Simulation,
):
    values = {f"k{i}": b"%04d" % i * 16 for i in range(5000)}
    store = await filled(values)
    found = await store.get_many([*values, "missing"])
    assert [each and each.to_bytes() for each in found] == [*values.values(), None]
    counts = simulation.counts
    assert counts.gathers <= 3
    assert counts.downloads <= 3
    assert counts.downloaded_nbytes == 64 * 5000


async def test_many_ranges_come_to_the_host_by_one_copy_in_simulation(
    simulation: Simulation,
):
    values = {f"k{i}": np.random.default_rng(i).bytes(1024) for i in range(50)}
    store = await filled(values)
    found = await store.get_partial_values(None, KIBIBYTE_RANGES)
    assert [each and each.to_bytes() for each in found] == [
        values[key][request.start : request.end] for key, request in KIBIBYTE_RANGES
    ]
    assert (simulation.counts.gathers, simulation.counts.downloads) == (1, 1)


async def test_a_full_device_can_still_be_read_in_simulation(simulation: Simulation):
    values = {f"k{i}": np.random.default_rng(i).bytes(100) for i in range(50)}
    store = await filled(values)
    simulation.driver.failing_allocations = 100
    found = await store.get_many(values)
    assert [each and each.to_bytes() for each in found] == list(values.values())


async def test_reading_waits_for_the_copy_under_way_in_simulation(simulation: Simulation):
    store = await filled({"first": b"1"})
    simulation.driver.stream.delay = math.inf
    await store.set("k", DIGITS)
    assert await store.get_bytes("k", byte_range=RangeByteRequest(1, 3)) == b"12"


@pytest.mark.usefixtures("simulation")
async def test_what_others_put_into_the_dict_is_read_or_named_in_simulation():
    store = await filled({"k": DIGITS})
    store.store_dict["odd"] = cpu.Buffer(b"host")
    assert await store.get_bytes("odd") == b"host"
    value = await store.get("odd", gpu.buffer_prototype)
    assert isinstance(value, gpu.Buffer)
    assert value.as_array_like().get().tobytes() == b"host"
    with pytest.raises(InvalidTypeError, match="somebody put Buffer there"):
        await store.set_partial_values([("odd", 0, b"x")])


async def test_two_devices_keep_their_values_in_simulation(simulation: Simulation):
    stores = [GpuMemoryStore(device=number) for number in (0, 1)]
    for store in stores:
        await store.set("k", DIGITS)
        # Whatever is current when it is read.
        simulation.current = 1 - simulation.current
    devices = [value.device_id for s in stores for value in s.store_dict.values()]  # type: ignore[attr-defined]
    assert devices == [0, 1]
    assert [await store.get_bytes("k") for store in stores] == [DIGITS] * 2
    value = await stores[0].get("k", gpu.buffer_prototype)
    assert value is not None
    await stores[1].set("copy", value)
    assert await stores[1].get_bytes("copy") == DIGITS
    assert stores[1].store_dict["copy"].device_id == 1  # type: ignore[attr-defined]
