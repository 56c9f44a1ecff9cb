"""The statistics of device buffers, on a device that is simulated in host memory."""

import asyncio
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.gpu.simulation import Simulation
from tests.inspection.uploading import uploaded
from zstore.buffer import cpu
from zstore.errors import DeviceMemoryError, GpuUnavailable
from zstore.inspection import LENSES, Statistics, counting, statistics, stats

SHORT = {"uint8", "int8", "bool"}
EITHER_ORDER = [*LENSES, *(f">{name}" for name in LENSES if name not in SHORT)]
ON_EACH = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def compared(found: Statistics) -> Statistics:
    """Leave out what may differ between a host and a device."""
    return replace(found, device_nbytes=0, host_nbytes=0, seconds=0, mean=None)


@ON_EACH
@given(
    content=st.binary(max_size=300),
    start=st.integers(0, 17),
    dtype=st.sampled_from(EITHER_ORDER),
    window_nbytes=st.sampled_from([1, 7, 40, 2**24]),
)
def test_any_bytes_count_as_on_the_host_in_simulation(
    simulation: Simulation, content: bytes, start: int, dtype: str, window_nbytes: int
):
    async def both() -> tuple[Statistics, Statistics]:
        return (
            await stats(cpu.Buffer(content)[start:], dtype),
            await stats((await uploaded(content))[start:], dtype),
        )

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counting, "WINDOW_NBYTES", window_nbytes)
        patch.setattr(counting, "_DEVICE_WINDOWS", 1)
        on_host, on_device = asyncio.run(both())
    assert simulation.current == 0
    assert compared(on_host) == compared(on_device)
    if on_host.mean is not None:
        assert on_host.mean == pytest.approx(on_device.mean, rel=1e-12, abs=1e-300)


@pytest.mark.parametrize("dtype", EITHER_ORDER)
@pytest.mark.parametrize("start", [0, 1, 2, 4, 8])
async def test_a_misaligned_slice_is_copied_before_it_is_looked_at_in_simulation(
    simulation: Simulation, dtype: str, start: int
):
    # The simulated device fails at a misaligned load, as CUDA does.
    whole = await uploaded(np.random.default_rng(1).bytes(4096))
    found = await stats(whole[start : start + 1600], dtype)
    assert found.complete
    assert found.counted == 1600 // np.dtype(dtype.lstrip(">")).itemsize
    simulation.driver.check()


async def test_figures_and_bins_are_all_that_goes_to_the_host_in_simulation(
    simulation: Simulation, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(counting, "WINDOW_NBYTES", 2500)
    buffer = await uploaded(np.arange(5000, dtype="f4"))
    before = simulation.counts.downloaded_nbytes
    found = await stats(buffer, "float32", bins=64)
    # Two windows of 16 bytes and two values each, and the bins.
    assert found.host_nbytes == 2 * (16 + 2 * 4) + 64 * 8
    assert simulation.counts.downloaded_nbytes - before == found.host_nbytes
    assert found.device_nbytes == 2 * 20_000


async def test_values_that_are_not_finite_cost_one_more_fetch_in_simulation(
    simulation: Simulation,
):
    data = np.array([1, np.nan, -np.inf, 5, 0], "f4")
    found = await stats(await uploaded(data), "float32", bins=4)
    assert (found.nan, found.infinite, found.zeros) == (1, 1, 1)
    assert (found.minimum, found.maximum, found.mean) == (0, 5, 2)
    assert found.histogram == [2, 0, 0, 1]
    assert found.host_nbytes == (16 + 8) + (32 + 8) + 4 * 8
    assert simulation.counts.downloads == 3


async def test_large_integers_stay_exact_in_simulation(simulation: Simulation):
    big = np.array([2**63 + 3, 2**64 - 1], "u8")
    found = await stats(await uploaded(big), "uint64")
    assert (found.minimum, found.maximum) == (2**63 + 3, 2**64 - 1)
    small = await stats(await uploaded(np.array([-(2**63) + 1, 5], "i8")), "int64")
    assert (small.minimum, small.maximum) == (-(2**63) + 1, 5)
    simulation.driver.check()


async def test_a_buffer_is_counted_on_its_own_device_in_simulation(simulation: Simulation):
    simulation.current = 1
    buffer = await uploaded(b"\x01\x02")
    simulation.current = 0
    await stats(buffer)
    assert [driver.counts.downloads for driver in simulation.drivers] == [0, 2]


async def test_the_copy_that_fills_a_buffer_is_waited_for_in_simulation(
    simulation: Simulation,
):
    simulation.driver.stream.delay = 0.05
    buffer = await uploaded(bytes([7]) * 100)
    found = await stats(buffer)
    assert (found.minimum, found.maximum) == (7, 7)


async def test_counting_can_be_stopped_in_simulation(
    simulation: Simulation, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(counting, "WINDOW_NBYTES", 250)
    steps = statistics(await uploaded(bytes(10_000)))
    first = await anext(steps)
    await steps.aclose()
    assert (first.counted, first.complete) == (1000, False)
    assert simulation.counts.downloads == 1


async def test_a_device_that_fails_is_told_in_simulation(simulation: Simulation):
    buffer = await uploaded(b"\x01\x02")
    simulation.driver.stream.error = simulation.driver.failures[0](
        "cudaErrorIllegalAddress"
    )
    with pytest.raises(GpuUnavailable, match="cudaErrorIllegalAddress"):
        await stats(buffer)


async def test_no_room_for_a_window_is_told_in_simulation(simulation: Simulation):
    buffer = await uploaded(b"\x01\x02")

    def full(*_: object, **__: object) -> None:
        raise simulation.driver.out_of_memory[0]

    simulation.xp.count_nonzero = full
    with pytest.raises(DeviceMemoryError, match="do not fit on cuda:0"):
        await stats(buffer)
