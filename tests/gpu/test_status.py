"""Whether there is a GPU, and if not, why; asked of CuPys that are made up here."""

import importlib
import sys
import types
import warnings
from typing import Any

import pytest

import zstore.gpu
from zstore.errors import GpuUnavailable
from zstore.gpu import GpuStatus, known_status, require, status

MODULE: Any = importlib.import_module("zstore.gpu.status")  # not the function


@pytest.fixture(autouse=True)
def nobody_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MODULE, "_known", None)


class Runtime:
    """The CUDA runtime of a machine with so many devices, or with a broken driver."""

    def __init__(self, devices: int | Exception) -> None:
        self.devices = devices
        self.asked = 0

    def getDeviceCount(self) -> int:  # noqa: N802 -- the name is CUDA's
        self.asked += 1
        if isinstance(self.devices, Exception):
            raise self.devices
        return self.devices

    def getDeviceProperties(self, number: int) -> dict[str, object]:  # noqa: N802 -- CUDA's
        return {"name": f"Device {number}".encode()}

    def driverGetVersion(self) -> int:  # noqa: N802 -- CUDA's
        return 13010

    def runtimeGetVersion(self) -> int:  # noqa: N802 -- CUDA's
        return 12090


class CudaRuntimeError(RuntimeError):
    """As CuPy raises."""


def cupy(monkeypatch: pytest.MonkeyPatch, devices: int | Exception) -> Any:
    module: Any = types.ModuleType("cupy")
    module.__version__ = "14.2.0"
    module.cuda = types.SimpleNamespace(runtime=Runtime(devices))
    monkeypatch.setitem(sys.modules, "cupy", module)
    return module


def importing_cupy(monkeypatch: pytest.MonkeyPatch, act: Any) -> None:
    def import_module(name: str) -> object:
        assert name == "cupy"
        return act()

    stand_in = types.SimpleNamespace(import_module=import_module)
    monkeypatch.setattr(MODULE, "importlib", stand_in)


def test_a_device_is_named_with_the_versions(monkeypatch: pytest.MonkeyPatch):
    module = cupy(monkeypatch, 2)
    found = status()

    assert found.available
    assert found.devices == ("Device 0", "Device 1")
    assert (found.driver, found.runtime, found.cupy_version) == ("13.1", "12.9", "14.2.0")
    assert str(found) == "cuda:0 Device 0, cuda:1 Device 1 (CuPy 14.2.0, CUDA 12.9)"
    assert (found.reason, found.hint, found.warnings) == ("", "", ())
    assert require() is module


def test_cupy_that_is_not_installed_is_named_with_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setitem(sys.modules, "cupy", None)
    monkeypatch.setattr(sys, "platform", "linux")
    found = status()

    assert (found.state, found.available) == ("no cupy", False)
    assert found.reason == "cupy is not installed"
    assert "zstore[gpu13]" in found.hint
    assert "zstore[gpu12]" in found.hint
    assert str(found) == f"no GPU: cupy is not installed; {found.hint}"


def test_macos_is_told_that_it_has_no_cuda(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "cupy", None)
    monkeypatch.setattr(sys, "platform", "darwin")
    assert status().hint == "CUDA is not available on macOS"


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("CuPy is not correctly installed"),
        OSError("libcudart.so.13: cannot open shared object file"),
        ImportError("libcublas.so.12: cannot open shared object file"),
        ModuleNotFoundError("No module named 'cuda_pathfinder'", name="cuda_pathfinder"),
        ValueError("numpy.dtype size changed"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_cupy_that_fails_to_import_is_told_apart(
    monkeypatch: pytest.MonkeyPatch, error: Exception
):
    def fail() -> None:
        raise error

    importing_cupy(monkeypatch, fail)
    found = status()

    assert found.state == "no cupy"
    assert found.reason == f"cupy failed to import: {type(error).__name__}: {error}"


@pytest.mark.parametrize(
    ("devices", "state", "reason"),
    [
        (0, "no device", "cupy 14.2.0 found no CUDA device"),
        (
            CudaRuntimeError("cudaErrorInsufficientDriver: CUDA driver version is"),
            "no device",
            "cupy 14.2.0 found no CUDA device: .*cudaErrorInsufficientDriver",
        ),
        (
            CudaRuntimeError("cudaErrorNoDevice: no CUDA-capable device is detected"),
            "no device",
            "cupy 14.2.0 found no CUDA device: .*cudaErrorNoDevice",
        ),
        (
            CudaRuntimeError("cudaErrorIllegalAddress: an illegal memory access"),
            "error",
            "cupy 14.2.0 failed .*cudaErrorIllegalAddress: an illegal memory access",
        ),
    ],
    ids=["none", "insufficient driver", "no device", "sticky error"],
)
def test_what_the_driver_answers_is_the_reason(
    monkeypatch: pytest.MonkeyPatch, devices: Any, state: str, reason: str
):
    cupy(monkeypatch, devices)
    found = status()

    assert found.state == state
    assert found.cupy_version == "14.2.0"
    assert found.hint
    with pytest.raises(GpuUnavailable, match=reason) as caught:
        require()
    assert caught.value.reason == found.reason
    assert str(caught.value) == str(found)


def test_a_broken_device_asks_for_a_restart(monkeypatch: pytest.MonkeyPatch):
    cupy(monkeypatch, CudaRuntimeError("cudaErrorIllegalAddress"))
    assert "restart the process" in status().hint


def test_a_cupy_without_the_names_that_are_needed_is_an_error(
    monkeypatch: pytest.MonkeyPatch,
):
    module: Any = types.ModuleType("cupy")
    monkeypatch.setitem(sys.modules, "cupy", module)
    assert (status().state, status().available) == ("error", False)


def test_what_cupy_warns_of_is_kept_and_not_repeated(monkeypatch: pytest.MonkeyPatch):
    module = cupy(monkeypatch, 1)

    def warn() -> object:
        warnings.warn("multiple CuPy packages: cupy-cuda12x, cupy-cuda13x", stacklevel=1)
        return module

    importing_cupy(monkeypatch, warn)
    with warnings.catch_warnings(record=True) as heard:
        found = status()

    assert found.available
    assert found.warnings == ("multiple CuPy packages: cupy-cuda12x, cupy-cuda13x",)
    assert heard == []


def test_the_first_answer_is_kept_until_somebody_asks_again(
    monkeypatch: pytest.MonkeyPatch,
):
    assert known_status() is None
    module = cupy(monkeypatch, 0)
    first = status()
    module.cuda.runtime.devices = 1

    assert status() is first is known_status()
    assert module.cuda.runtime.asked == 1
    assert status(refresh=True).available
    assert known_status() == status() != first


def test_the_names_of_the_package_are_the_same_things():
    assert zstore.gpu.status is MODULE.status
    assert zstore.gpu.GpuUnavailable is GpuUnavailable
    assert str(GpuStatus("error", "a reason")) == "no GPU: a reason"
