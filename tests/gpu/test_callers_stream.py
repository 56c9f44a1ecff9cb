"""Which streams of a caller need events, by the code for CuPy on a simulation of it."""

from types import SimpleNamespace

import pytest

from tests.gpu.simulated_cupy import SimulatedCupy
from tests.gpu.simulation import SimulatedDriver
from zstore.gpu.driver import CudaDriver


@pytest.mark.parametrize(
    ("pointer", "current_device", "events"),
    [
        (0, 0, 0),  # the legacy default stream and that of the engine take turns
        (0, 1, 1),  # ... of another device they do not
        (2, 0, 1),  # the default stream of the thread
        (77, 0, 1),
    ],
)
def test_only_the_default_stream_of_the_device_needs_no_events_in_simulation(
    pointer: int, current_device: int, events: int
):
    cupy = SimulatedCupy(SimulatedDriver())
    driver = CudaDriver(cupy, 0)
    led: list[object] = []
    followed: list[object] = []
    current = SimpleNamespace(ptr=pointer, device_id=current_device, wait_event=led.append)
    cupy.cuda.get_current_stream = lambda: current
    cupy.cuda.runtime.getDevice = lambda: current_device
    driver._stream.wait_event = followed.append
    with driver._device:
        driver.follow_caller()
        driver.lead_caller(driver.record())
    assert (len(followed), len(led)) == (events, events)
