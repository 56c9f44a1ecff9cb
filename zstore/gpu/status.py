"""Whether there is a GPU, and if not, why: one text for errors, skips and widgets.

The only module that imports CuPy.
"""

import importlib
import sys
import threading
import warnings
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from zstore._compat import override
from zstore.errors import GpuUnavailable

__all__ = ["GpuState", "GpuStatus", "known_status", "require", "status"]

GpuState: TypeAlias = Literal["ready", "no cupy", "no device", "error"]

_INSTALL = (
    "install CuPy: pip install 'zstore[gpu13]' (CUDA 13) or 'zstore[gpu12]' (CUDA 12)"
)
_DRIVER = "CuPy needs an NVIDIA GPU and its driver; nvidia-smi shows what the system sees"
_RESTART = "restart the process (in a notebook: the kernel)"
_NO_DEVICE_CODES = ("cudaErrorNoDevice", "cudaErrorInsufficientDriver")


@dataclass(frozen=True, slots=True)
class GpuStatus:
    """What is known of CuPy and its devices.

    Attributes
    ----------
    state
        ``"ready"``; ``"no cupy"``: it is not installed or does not import;
        ``"no device"``: it finds no CUDA device; ``"error"``: the device or its driver
        failed.
    reason
        Why there is no GPU; empty if there is one.
    hint
        What to install or to do; empty if there is nothing.
    cupy_version, driver, runtime
        Versions, of CUDA as ``"13.0"``; None where unknown.
    devices
        Names of the devices by their number.
    warnings
        What CuPy said when it was imported (two CuPy packages, say).
    """

    state: GpuState
    reason: str = ""
    hint: str = ""
    cupy_version: str | None = None
    driver: str | None = None
    runtime: str | None = None
    devices: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def available(self) -> bool:
        """Whether device memory can be used."""
        return self.state == "ready"

    @override
    def __str__(self) -> str:
        if not self.available:
            return f"no GPU: {self.reason}" + f"; {self.hint}" * bool(self.hint)
        names = ", ".join(f"cuda:{i} {name}" for i, name in enumerate(self.devices))
        return f"{names} (CuPy {self.cupy_version}, CUDA {self.runtime})"


_lock = threading.Lock()
_known: tuple[GpuStatus, Any] | None = None


def status(*, refresh: bool = False) -> GpuStatus:
    """Say whether there is a GPU, and if not, why and what to install; never raises.

    Parameters
    ----------
    refresh
        Whether to look again; otherwise the first answer is kept.

    Notes
    -----
    The first call imports CuPy, which takes up to a second, and asks the driver for its
    devices; it makes no context on one.

    Examples
    --------
    >>> import zstore.gpu
    >>> text = str(zstore.gpu.status())  # the devices, or "no GPU: ..." and what to do
    """
    return _look(refresh=refresh)[0]


def known_status() -> GpuStatus | None:
    """Return what `status` said, or None if nobody has asked yet."""
    return None if _known is None else _known[0]


def require() -> Any:
    """Return the module ``cupy``, once it is known that a device works.

    Raises
    ------
    GpuUnavailable
        If `status` says so.
    """
    found, cupy = _known or _look(refresh=False)
    if not found.available:
        raise GpuUnavailable(found.reason, found.hint)
    return cupy


def _look(*, refresh: bool) -> tuple[GpuStatus, Any]:
    global _known  # noqa: PLW0603 -- one answer a process, found at the first question
    with _lock:
        if _known is None or refresh:
            _known = _found()
        return _known


def _found() -> tuple[GpuStatus, Any]:
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            cupy = importlib.import_module("cupy")
    except ImportError as error:
        missing = isinstance(error, ModuleNotFoundError) and error.name == "cupy"
        reason = (
            "cupy is not installed" if missing else f"cupy failed to import: {_say(error)}"
        )
        return GpuStatus("no cupy", reason, _install_hint()), None
    except Exception as error:  # noqa: BLE001 -- a broken CuPy raises anything; it is told
        reason = f"cupy failed to import: {_say(error)}"
        return GpuStatus("no cupy", reason, _install_hint()), None
    said = tuple(str(warning.message) for warning in caught)
    version = str(getattr(cupy, "__version__", "of an unknown version"))
    try:
        return _of_devices(cupy, version, said), cupy
    except Exception as error:  # noqa: BLE001 -- told as the reason
        text = _say(error)
        if any(code in text for code in _NO_DEVICE_CODES):
            reason = f"cupy {version} found no CUDA device: {text}"
            return GpuStatus("no device", reason, _DRIVER, version, warnings=said), None
        reason = f"cupy {version} failed on the CUDA driver: {text}"
        return GpuStatus("error", reason, _RESTART, version, warnings=said), None


def _of_devices(cupy: Any, version: str, said: tuple[str, ...]) -> GpuStatus:
    runtime = cupy.cuda.runtime
    count = runtime.getDeviceCount()
    if not count:
        reason = f"cupy {version} found no CUDA device"
        return GpuStatus("no device", reason, _DRIVER, version, warnings=said)
    names = [runtime.getDeviceProperties(number)["name"] for number in range(count)]
    return GpuStatus(
        "ready",
        cupy_version=version,
        driver=_cuda_version(runtime.driverGetVersion()),
        runtime=_cuda_version(runtime.runtimeGetVersion()),
        devices=tuple(n.decode() if isinstance(n, bytes) else str(n) for n in names),
        warnings=said,
    )


def _cuda_version(number: int) -> str:
    return f"{number // 1000}.{number % 1000 // 10}"


def _say(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _install_hint() -> str:
    return "CUDA is not available on macOS" if sys.platform == "darwin" else _INSTALL
