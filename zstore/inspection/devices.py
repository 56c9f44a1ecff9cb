"""What a CUDA device is, and how busy."""

import contextlib
import importlib
import os
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from zstore.concurrency import run_in_thread
from zstore.gpu import status
from zstore.gpu.driver import Driver
from zstore.gpu.engines import open_engine
from zstore.inspection.records import DeviceInfo

__all__ = ["device_info"]


async def device_info(device: int | None = None) -> DeviceInfo:
    """Say what a device is, and how much of its memory is free.

    Parameters
    ----------
    device
        Its number; None for the current device of the calling thread.

    Raises
    ------
    GpuUnavailable
        If there is no such device, or it fails.

    Notes
    -----
    Starts the device if nothing has used it yet, which takes seconds. Utilisation,
    temperature and the memory of this process are known where the package nvidia-ml-py
    is installed; what is not known is None, and ``missing`` says why.
    """
    engine = await open_engine(device)
    info = await engine.run(_described, engine.driver)
    measured, missing = await run_in_thread(_measured, info.pci)
    return replace(
        info,
        utilisation=measured.get("utilisation"),
        temperature=measured.get("temperature"),
        process_nbytes=measured.get("process_nbytes"),
        missing=missing,
    )


def _described(driver: Driver) -> DeviceInfo:
    runtime = driver.xp.cuda.runtime
    found = runtime.getDeviceProperties(driver.number)
    name = found["name"]
    free, total = driver.memory()
    known = status()
    return DeviceInfo(
        device=driver.name,
        name=name.decode(errors="replace") if isinstance(name, bytes) else str(name),
        total_nbytes=total,
        free_nbytes=free,
        compute_capability=f"{found['major']}.{found['minor']}",
        pci=runtime.deviceGetPCIBusId(driver.number),
        multiprocessors=int(found["multiProcessorCount"]),
        l2_nbytes=int(found["l2CacheSize"]),
        driver=known.driver,
        runtime=known.runtime,
        cupy=known.cupy_version,
    )


def _measured(pci: str) -> tuple[dict[str, int], dict[str, str]]:
    """Ask NVML, which counts devices in another order: by their place on the bus."""
    names = ("utilisation", "temperature", "process_nbytes")
    try:
        nvml: Any = importlib.import_module("pynvml")
    except ImportError:
        return {}, dict.fromkeys(names, "the package nvidia-ml-py is not installed")
    try:
        nvml.nvmlInit()
    except Exception as error:  # noqa: BLE001 -- told as the reason
        return {}, dict.fromkeys(names, _said(error))
    try:
        handle = nvml.nvmlDeviceGetHandleByPciBusId(pci.encode())
        return _answers(
            {
                "utilisation": lambda: nvml.nvmlDeviceGetUtilizationRates(handle).gpu,
                "temperature": lambda: nvml.nvmlDeviceGetTemperature(
                    handle, nvml.NVML_TEMPERATURE_GPU
                ),
                "process_nbytes": lambda: _of_this_process(nvml, handle),
            }
        )
    except Exception as error:  # noqa: BLE001 -- told as the reason
        return {}, dict.fromkeys(names, _said(error))
    finally:
        with contextlib.suppress(Exception):
            nvml.nvmlShutdown()


def _answers(asked: dict[str, Callable[[], Any]]) -> tuple[dict[str, int], dict[str, str]]:
    """Ask each by itself: a part of a card answers some questions and not others."""
    measured: dict[str, int] = {}
    missing: dict[str, str] = {}
    for name, ask in asked.items():
        try:
            measured[name] = int(ask())
        except Exception as error:  # noqa: BLE001 -- told as the reason
            missing[name] = _said(error)
    return measured, missing


def _of_this_process(nvml: Any, handle: Any) -> int:
    for process in nvml.nvmlDeviceGetComputeRunningProcesses(handle):
        if process.pid == os.getpid() and process.usedGpuMemory is not None:
            return int(process.usedGpuMemory)
    msg = "the driver does not name this process, as in a container"
    raise LookupError(msg)


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
