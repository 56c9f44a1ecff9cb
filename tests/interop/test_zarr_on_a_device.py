"""zarr asks for values in device memory, in simulation: none goes through the host."""

from typing import Any

import pytest
from zarr.abc.buffer import BufferPrototype
from zarr.abc.store import OffsetByteRequest, RangeByteRequest
from zarr.buffer import cpu as zarr_cpu
from zarr.buffer import gpu as zarr_gpu

import zstore
from tests.gpu.simulation import DeviceArray, Simulation
from zstore import GpuMemoryStore, MemoryStore, Store
from zstore._compat import override


class ZarrBuffer(zarr_gpu.Buffer):
    """zarr's device buffer, but for its look at CuPy, which is simulated here."""

    @override
    def __init__(self, array_like: Any) -> None:
        assert isinstance(array_like, DeviceArray)
        self._data = array_like


REQUESTS = (None, OffsetByteRequest(7), RangeByteRequest(2, 4), OffsetByteRequest(10))
ON_THE_DEVICE = BufferPrototype(buffer=ZarrBuffer, nd_buffer=zarr_cpu.NDBuffer)


@pytest.mark.parametrize("kind", [GpuMemoryStore, MemoryStore])
async def test_values_that_zarr_reads_stay_on_the_device_in_simulation(
    kind: type[Store], simulation: Simulation
):
    store = kind()
    await store.set("k", b"0123456789")
    adapter = zstore.as_zarr(store)
    downloads = simulation.counts.downloads
    found: list[bytes] = []
    for request in (
        None,
        OffsetByteRequest(7),
        RangeByteRequest(2, 4),
        OffsetByteRequest(10),
    ):
        value = await adapter.get("k", ON_THE_DEVICE, request)
        assert isinstance(value, ZarrBuffer)
        assert simulation.counts.downloads == downloads
        found.append(value.as_array_like().get().tobytes())  # type: ignore[attr-defined]
        downloads = simulation.counts.downloads
    assert found == [b"0123456789", b"789", b"23", b""]
    assert await adapter.get("missing", ON_THE_DEVICE) is None
    assert await adapter.get("missing", ON_THE_DEVICE, OffsetByteRequest(10)) is None


async def test_values_that_zarr_writes_stay_on_the_device_in_simulation(
    simulation: Simulation,
):
    store = GpuMemoryStore()
    adapter = zstore.as_zarr(store)
    await store.set("first", b"1")
    await store.set("k", b"0123")
    value = await adapter.get("k", ON_THE_DEVICE)
    assert value is not None
    before = simulation.counts.uploads, simulation.counts.downloads
    await adapter.set("copy", value)
    await adapter.set_if_not_exists("other", value)
    assert (simulation.counts.uploads, simulation.counts.downloads) == before
    assert await store.get_bytes("copy") == await store.get_bytes("other") == b"0123"
    partial = await adapter.get_partial_values(
        ON_THE_DEVICE, [("copy", None), ("no", None)]
    )
    assert [type(each) for each in partial] == [ZarrBuffer, type(None)]
