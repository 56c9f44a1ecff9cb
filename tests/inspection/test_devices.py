"""What is said of a device: by recorded answers of CUDA and NVML, not by a GPU."""

import os
import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from tests.gpu.simulation import Simulation
from zstore.errors import GpuUnavailable
from zstore.inspection import device_info

PCI = "0000:3b:00.0"


@pytest.fixture
def recorded(simulation: Simulation) -> Simulation:
    """Let the simulated device give recorded answers of CUDA."""
    properties = {
        "name": b"NVIDIA H200",
        "major": 9,
        "minor": 0,
        "multiProcessorCount": 132,
        "l2CacheSize": 62_914_560,
    }
    runtime = SimpleNamespace(
        getDeviceProperties={0: properties}.__getitem__,
        deviceGetPCIBusId={0: PCI}.__getitem__,
    )
    simulation.xp.cuda = SimpleNamespace(runtime=runtime)
    return simulation


def failing(*_: object) -> None:
    msg = "Not Supported"
    raise RuntimeError(msg)


def nvml(**changes: Any) -> SimpleNamespace:
    """Return recorded answers of NVML."""
    used = SimpleNamespace(pid=os.getpid(), usedGpuMemory=123_456)
    other = SimpleNamespace(pid=-1, usedGpuMemory=9)
    answers: dict[str, Any] = {
        "NVML_TEMPERATURE_GPU": 0,
        "nvmlInit": lambda: None,
        "nvmlShutdown": lambda: None,
        "nvmlDeviceGetHandleByPciBusId": {PCI.encode(): "the card"}.__getitem__,
        "nvmlDeviceGetUtilizationRates": lambda _: SimpleNamespace(gpu=37),
        "nvmlDeviceGetTemperature": lambda _, kind: 41 + kind,
        "nvmlDeviceGetComputeRunningProcesses": lambda _: [other, used],
    }
    return SimpleNamespace(**(answers | changes))


async def test_a_device_is_described_by_recorded_answers(
    recorded: Simulation, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(sys.modules, "pynvml", nvml())
    found = await device_info()
    assert (found.device, found.name, found.pci) == ("cuda:0", "NVIDIA H200", PCI)
    assert (found.compute_capability, found.multiprocessors) == ("9.0", 132)
    assert found.l2_nbytes == 62_914_560
    assert (found.free_nbytes, found.total_nbytes) == recorded.driver.memory()
    assert (found.utilisation, found.temperature, found.process_nbytes) == (37, 41, 123_456)
    assert found.cupy == recorded.xp.__version__
    assert found.missing == {}


@pytest.mark.parametrize(
    ("module", "reason"),
    [
        (None, "the package nvidia-ml-py is not installed"),
        (nvml(nvmlInit=failing), "RuntimeError: Not Supported"),
        (nvml(nvmlDeviceGetHandleByPciBusId=failing), "RuntimeError: Not Supported"),
    ],
)
async def test_what_is_missing_has_its_reason_by_recorded_answers(
    recorded: Simulation, monkeypatch: pytest.MonkeyPatch, module: object, reason: str
):
    assert recorded.current == 0
    monkeypatch.setitem(sys.modules, "pynvml", module)
    found = await device_info(0)
    assert (found.utilisation, found.temperature, found.process_nbytes) == (None,) * 3
    assert found.missing == dict.fromkeys(
        ["utilisation", "temperature", "process_nbytes"], reason
    )


@pytest.mark.parametrize(
    ("name", "answer", "reason"),
    [
        (
            "nvmlDeviceGetComputeRunningProcesses",
            lambda _: [],
            "does not name this process",
        ),
        ("nvmlDeviceGetComputeRunningProcesses", failing, "Not Supported"),
    ],
)
async def test_each_figure_is_missing_by_itself_by_recorded_answers(
    recorded: Simulation,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    answer: Callable[[object], object],
    reason: str,
):
    assert recorded.current == 0
    monkeypatch.setitem(sys.modules, "pynvml", nvml(**{name: answer}))
    found = await device_info()
    assert (found.utilisation, found.process_nbytes) == (37, None)
    assert list(found.missing) == ["process_nbytes"]
    assert reason in found.missing["process_nbytes"]


async def test_a_device_that_is_not_there_is_told_in_simulation(simulation: Simulation):
    with pytest.raises(GpuUnavailable, match="no device 7"):
        await device_info(7)
    assert simulation.counts.allocations == 0
