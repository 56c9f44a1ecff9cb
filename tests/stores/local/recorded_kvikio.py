"""A double of the package kvikio, of the calls that zstore makes. It reads to no GPU."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, Self

import numpy as np

from tests.gpu.simulated_arrays import DeviceArray

__all__ = ["RecordedKvikio"]


@dataclass(eq=False)
class Future:
    """A read that is done when it is waited for, or never."""

    work: Callable[[], int]
    waited: bool = False

    def get(self) -> int:
        self.waited = True
        return self.work()


@dataclass(eq=False)
class RecordedKvikio:
    """Stands for the modules kvikio and kvikio.defaults.

    Attributes
    ----------
    compat
        Whether it would read through the host.
    before_open, before_read
        Called where a file is opened, and where a read is asked for.
    failing
        Offsets in files at which a task fails.
    missing_nbytes
        What every task leaves out at its end.
    reads
        What was asked for: (size, file_offset, task_size).
    """

    compat: bool = False
    before_open: Callable[[], object] = lambda: None
    before_read: Callable[[], object] = lambda: None
    failing: set[int] = field(default_factory=set)
    missing_nbytes: int = 0
    reads: list[tuple[int, int, int]] = field(default_factory=list)
    futures: list[Future] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    waited_at_close: list[bool] = field(default_factory=list)

    @property
    def modules(self) -> dict[str, Any]:
        """What `sys.modules` would have of it."""
        defaults = SimpleNamespace(is_compat_mode_preferred=lambda: self.compat)
        return {
            "kvikio": SimpleNamespace(CuFile=self._open, defaults=defaults),
            "kvikio.defaults": defaults,
        }

    def _open(self, file: str, flags: str) -> "RecordedFile":
        assert flags == "r"
        self.before_open()
        self.files.append(file)
        return RecordedFile(self, os.open(file, os.O_RDONLY))


@dataclass(eq=False)
class RecordedFile:
    """Stands for a CuFile."""

    module: RecordedKvikio
    fd: int

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.module.waited_at_close += [future.waited for future in self.module.futures]
        self.module.futures.clear()
        os.close(self.fd)

    def pread(
        self, buf: DeviceArray, size: int, file_offset: int, task_size: int
    ) -> Future:
        self.module.before_read()
        self.module.reads.append((size, file_offset, task_size))

        def work() -> int:
            if file_offset in self.module.failing:
                msg = "cuFile error: told to fail (recorded double)"
                raise RuntimeError(msg)
            found = os.pread(self.fd, size - self.module.missing_nbytes, file_offset)
            buf.values[: len(found)] = np.frombuffer(found, np.uint8)
            return len(found)

        self.module.futures.append(Future(work))
        return self.module.futures[-1]
