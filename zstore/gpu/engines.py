"""One engine for each device of a process."""

import threading
from typing import TYPE_CHECKING

from zstore.concurrency import run_in_thread
from zstore.errors import GpuUnavailable
from zstore.gpu.status import known_status, require, status

if TYPE_CHECKING:
    from zstore.gpu.driver import Driver
    from zstore.gpu.engine import Engine

__all__ = ["open_engine", "open_engine_now"]

_engines: dict[int, "Engine"] = {}
_lock = threading.Lock()


async def open_engine(device: int | None = None) -> "Engine":
    """Return the engine of a device, started.

    Parameters
    ----------
    device
        Its number; None for the current device of the calling thread.

    Raises
    ------
    GpuUnavailable
        If there is no such device, or the process was forked since CUDA was started.
    """
    if known_status() is None:
        await run_in_thread(status)
    engine = _engine(device)
    if not engine.started:
        await engine.start()
    return engine


def open_engine_now(device: int | None = None) -> "Engine":
    """Do as `open_engine` does, and wait."""
    engine = _engine(device)
    if not engine.started:
        engine.start_now()
    return engine


def _engine(device: int | None) -> "Engine":
    number = _current_device() if device is None else device
    engine = _engines.get(number)
    if engine is None:
        engine = _new(number)
    engine.check_process()
    return engine


def _new(number: int) -> "Engine":
    from zstore.gpu.engine import Engine  # noqa: PLC0415 -- only where there is a device

    require()
    devices = len(status().devices)
    if not 0 <= number < devices:
        reason = f"there is no device {number} among {devices}"
        raise GpuUnavailable(reason, "zstore.gpu.status() names them")
    with _lock:
        made = Engine(f"cuda:{number}", lambda: _make_driver(number))
        return _engines.setdefault(number, made)


def _current_device() -> int:
    return int(require().cuda.runtime.getDevice())


def _make_driver(number: int) -> "Driver":
    from zstore.gpu.driver import CudaDriver  # noqa: PLC0415 -- as Engine

    return CudaDriver(require(), number)


def _forget() -> None:
    """Let the next call make the engines again; for tests."""
    _engines.clear()
