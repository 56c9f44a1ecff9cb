"""Files to device memory by the package kvikio, past the memory of the host.

Source: kvikio 26.10, GPUDirect Storage. Its `pread` cuts a read into tasks, and if one
fails it raises while others still write; so every task here is a `pread` of its own.
"""

import importlib
import warnings
from typing import TYPE_CHECKING, Any

from zstore.errors import MissingDependencyError, ZStoreWarning
from zstore.gpu.span import Span
from zstore.stores.local.reading import OpenFile

if TYPE_CHECKING:
    from zstore.gpu.engine import Engine

__all__ = ["KvikioReader"]

# Below it kvikio reads to the host itself, in one thread.
_MIN_NBYTES = 1024 * 1024
_TASK_NBYTES = 16 * 1024 * 1024


class KvikioReader:
    """Reads files by kvikio, until that fails once.

    Parameters
    ----------
    required
        Whether it is an error if kvikio is not there; otherwise it is used where it can
        read past the host, and for reads of at least 1 MiB.

    Attributes
    ----------
    is_loaded
        Whether kvikio was looked for.

    Notes
    -----
    All methods are for worker threads: the first call imports kvikio.
    """

    def __init__(self, *, required: bool) -> None:
        self.required = required
        self._module: Any = None
        self.is_loaded = False

    def load(self) -> None:
        """Import kvikio, once.

        Raises
        ------
        MissingDependencyError
            If it does not import, and is required.
        """
        if self.is_loaded:
            return
        try:
            module = importlib.import_module("kvikio")
            defaults = importlib.import_module("kvikio.defaults")
            # Then it reads to the host as well, and no faster.
            direct = not defaults.is_compat_mode_preferred()
        except Exception as error:
            # Without its libraries it raises RuntimeError and others.
            if self.required:
                raise MissingDependencyError("kvikio", extra="gds") from error
        else:
            self._module = module if direct or self.required else None
        self.is_loaded = True

    def takes(self, nbytes: int) -> bool:
        """Whether a read of so many bytes is for kvikio; see `load`."""
        self.load()
        enough = 1 if self.required else _MIN_NBYTES
        return self._module is not None and nbytes >= enough

    def read(self, engine: "Engine", file: OpenFile) -> Span:
        """Copy the bytes of a file to the device.

        Raises
        ------
        DeviceMemoryError
            If they do not fit.
        Exception
            Whatever kvikio raises, once nothing writes to the device any more.
        """
        device = engine.device
        with device.explained(file.nbytes):
            base = device.allocate(file.nbytes, None)
            # kvikio has streams of its own: what used this memory before ends first.
            device.driver.record().synchronize()
        # The file that was opened beneath the root, whatever has its name by now.
        path = f"/proc/self/fd/{file.fd}"
        with device.driver.active(), self._module.CuFile(path, "r") as opened:
            _read_tasks(opened, base, file)
        return Span(base, 0, file.nbytes, None)

    def give_up(self, key: str, reason: str) -> None:
        """Use kvikio no more, and say so."""
        if self._module is not None:
            self._module = None
            msg = (
                f"kvikio failed to read {key!r} ({reason}): this store reads through "
                "pinned host memory from now on, as LocalStore(gpu_reader='pinned') does"
            )
            warnings.warn(msg, ZStoreWarning, stacklevel=2)


def _read_tasks(opened: Any, base: Any, file: OpenFile) -> None:
    begun: list[Any] = []
    try:
        for at in range(0, file.nbytes, _TASK_NBYTES):
            target = base[at : min(at + _TASK_NBYTES, file.nbytes)]
            nbytes = target.nbytes
            begun.append(opened.pread(target, nbytes, file.start + at, nbytes))
    finally:
        # All of them: whoever has the memory next must have it alone.
        outcomes = [_outcome(future) for future in begun]
    for outcome in outcomes:
        if isinstance(outcome, Exception):
            raise outcome
    done = sum(outcome for outcome in outcomes if isinstance(outcome, int))
    if done != file.nbytes:
        msg = f"it read {done} of {file.nbytes} bytes"
        raise EOFError(msg)


def _outcome(future: Any) -> int | Exception:
    try:
        return int(future.get())
    except Exception as error:  # noqa: BLE001 -- raised once all have ended
        return error
