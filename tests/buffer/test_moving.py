"""Values come into the memory that a caller asks for, in simulation of a device."""

import importlib

import numpy as np
import pytest

from tests.gpu.simulation import Simulation
from zstore.buffer import Buffer, cpu, gpu
from zstore.buffer.moving import move, move_all
from zstore.errors import DeviceMemoryError
from zstore.gpu import GpuStatus, GpuUnavailable
from zstore.gpu.engines import open_engine


class HostKind(cpu.Buffer):
    __slots__ = ()


class DeviceKind(gpu.Buffer):
    __slots__ = ()


async def uploaded(data: bytes, device: int | None = None) -> gpu.Buffer:
    engine = await open_engine(device)
    return gpu.Buffer.of((await engine.upload([memoryview(data)]))[0])


async def test_what_is_of_the_kind_stays_as_it_is():
    buffer = cpu.Buffer(b"0123")
    assert await move(buffer, cpu.Buffer) is buffer
    assert await move_all([], gpu.Buffer) == []
    kind = await move(buffer, HostKind)
    assert type(kind) is HostKind
    assert np.shares_memory(kind.as_numpy_array(), buffer.as_numpy_array())


async def test_what_is_on_the_device_stays_there_in_simulation(simulation: Simulation):
    buffer = await uploaded(b"0123")
    uploads = simulation.counts.uploads
    assert await move(buffer, gpu.Buffer) is buffer
    kind = await move(buffer[1:], DeviceKind)
    assert type(kind) is DeviceKind
    assert kind.ptr == buffer.ptr + 1
    assert (simulation.counts.uploads, simulation.counts.downloads) == (uploads, 0)


@pytest.mark.parametrize("nbytes", [0, 3, 300_000, 5_000_000])
async def test_bytes_go_there_and_back_in_simulation(simulation: Simulation, nbytes: int):
    data = np.random.default_rng(0).bytes(nbytes)
    simulation.driver.stream.delay = 0.005
    for kind in (gpu.Buffer, DeviceKind):
        there = await move(cpu.Buffer(data), kind)
        assert type(there) is kind
        assert there.readonly
        for host_kind in (cpu.Buffer, HostKind):
            back = await move(there, host_kind)
            assert type(back) is host_kind
            assert back.readonly
            assert back.to_bytes() == data


async def test_many_go_together_and_keep_their_order_in_simulation(simulation: Simulation):
    there = await uploaded(b"on the device")
    mixed: list[Buffer] = [
        there[i % 5 :] if i % 4 == 0 else cpu.Buffer(b"%d" % i) for i in range(100)
    ]
    expected = [b"on the device"[i % 5 :] if i % 4 == 0 else b"%d" % i for i in range(100)]
    before = simulation.counts.uploads
    moved = await move_all(mixed, gpu.Buffer)
    assert simulation.counts.uploads == before + 1
    back = await move_all(moved, cpu.Buffer)
    assert (simulation.counts.gathers, simulation.counts.downloads) == (1, 1)
    assert [each.to_bytes() for each in back] == expected


async def test_values_come_from_several_devices_in_simulation(simulation: Simulation):
    buffers: list[Buffer] = [await uploaded(b"%d" % i, device=i % 2) for i in range(6)]
    back = await move_all([*buffers, cpu.Buffer(b"host")], cpu.Buffer)
    assert b" ".join(each.to_bytes() for each in back) == b"0 1 2 3 4 5 host"
    assert [driver.counts.downloads for driver in simulation.drivers] == [3, 3]


async def test_what_does_not_fit_says_so_in_simulation(simulation: Simulation):
    await open_engine()
    simulation.driver.failing_allocations = 2
    with pytest.raises(DeviceMemoryError, match="4 bytes do not fit on cuda:0"):
        await move(cpu.Buffer(b"0123"), gpu.Buffer)


async def test_without_a_device_nothing_moves_to_it(monkeypatch: pytest.MonkeyPatch):
    status = importlib.import_module("zstore.gpu.status")  # not the function
    found = GpuStatus("no device", "there is none", "")
    monkeypatch.setattr(status, "_known", (found, None))
    with pytest.raises(GpuUnavailable, match="there is none"):
        await move(cpu.Buffer(b"0123"), gpu.Buffer)
    assert (await move(cpu.Buffer(b"0123"), cpu.Buffer)).to_bytes() == b"0123"
