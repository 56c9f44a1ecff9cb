"""What the copy engine asks of a device: memory, copies in one order, and events.

`CudaDriver` asks CuPy. Every call may come from any thread: streams and devices are named,
never taken from the thread, but for those of the caller where it says so.
"""

from abc import ABC, abstractmethod
from collections.abc import Generator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from zstore._compat import override
from zstore.gpu.span import Event

__all__ = ["BytesArray", "CudaDriver", "Driver", "PoolFigures"]

BytesArray = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class PoolFigures:
    """Bytes that a pool gave out, reserved, and may reserve (None: no limit)."""

    used_nbytes: int
    total_nbytes: int
    free_blocks: int
    limit_nbytes: int | None

    @override
    def __str__(self) -> str:
        limit = "" if self.limit_nbytes is None else f", limit {self.limit_nbytes:,}"
        return f"pool {self.used_nbytes:,} used of {self.total_nbytes:,}{limit}"


class Driver(ABC):
    """One device, and one stream on it: what is asked for happens in that order.

    Attributes
    ----------
    name, number
        ``"cuda:0"`` and ``0``.
    xp
        The array module.
    out_of_memory, failures
        The errors that mean it, and those of a device or driver that failed.
    """

    name: str
    number: int
    xp: Any
    out_of_memory: tuple[type[Exception], ...]
    failures: tuple[type[Exception], ...]

    @abstractmethod
    def pool(self) -> Any:
        """Return a new pool of device memory."""

    @abstractmethod
    def allocate(self, pool: Any, nbytes: int) -> Any:
        """Return an array of shape (nbytes,), dtype uint8, contents unknown."""

    @abstractmethod
    def pinned(self, nbytes: int) -> BytesArray:
        """Return host memory that the device reads and writes directly."""

    @abstractmethod
    def upload(self, target: Any, at: int, host: BytesArray) -> None:
        """Copy all of `host`, which is pinned, to `target` from byte `at`; do not wait."""

    @abstractmethod
    def download(self, host: BytesArray, source: Any, at: int) -> None:
        """Fill `host`, which is pinned, from byte `at` of `source`; do not wait."""

    @abstractmethod
    def duplicate(self, target: Any, at: int, source: Any, start: int, nbytes: int) -> None:
        """Copy within the device, or from another one; do not wait."""

    @abstractmethod
    def gather(self, pool: Any, parts: Sequence[tuple[Any, int, int]]) -> Any:
        """Return the parts (array, offset, nbytes), one after the other, as a new array."""

    @abstractmethod
    def record(self) -> Event:
        """Return the event after all that was asked for so far."""

    @abstractmethod
    def wait(self, event: Event) -> None:
        """Let what is asked for from now on come after `event`."""

    @abstractmethod
    def follow_caller(self, stream: Any = None) -> None:
        """Come after what the calling thread's stream, or `stream`, was given so far."""

    @abstractmethod
    def lead_caller(self, event: Event) -> None:
        """Let the stream of the calling thread wait for `event`."""

    @abstractmethod
    def active(self) -> AbstractContextManager[None]:
        """Make the device and the stream the current ones of this thread."""

    @abstractmethod
    def memory(self) -> tuple[int, int]:
        """Return the free and all the bytes of the device."""

    @abstractmethod
    def figures(self, pool: Any) -> PoolFigures:
        """Return what a pool holds."""

    @abstractmethod
    def trim(self, pool: Any) -> None:
        """Give what a pool reserved, and nobody uses, back to the device."""


class CudaDriver(Driver):
    """A CUDA device, by CuPy.

    Parameters
    ----------
    cupy
        The module.
    number
        Which device. A stream is made on it, and with it, at the first one of a process,
        the context of the device, which takes seconds.

    Notes
    -----
    The stream has default flags: CUDA lets it and the legacy default stream wait for each
    other, so arrays that a user makes in the usual way need no events.
    """

    def __init__(self, cupy: Any, number: int) -> None:
        self.name, self.number, self.xp = f"cuda:{number}", number, cupy
        self.out_of_memory = (cupy.cuda.memory.OutOfMemoryError,)
        self._runtime = cupy.cuda.runtime
        self.failures = (cupy.cuda.runtime.CUDARuntimeError,)
        self._device = cupy.cuda.Device(number)
        with self._device:
            self._stream = cupy.cuda.Stream(non_blocking=False)

    @override
    def pool(self) -> Any:
        return self.xp.cuda.MemoryPool()

    @override
    def allocate(self, pool: Any, nbytes: int) -> Any:
        with self.active():
            return self.xp.ndarray((nbytes,), np.uint8, pool.malloc(nbytes))

    @override
    def pinned(self, nbytes: int) -> BytesArray:
        with self._device:
            memory = self.xp.cuda.alloc_pinned_memory(nbytes)
        return np.frombuffer(memory, np.uint8, nbytes)

    @override
    def upload(self, target: Any, at: int, host: BytesArray) -> None:
        to, source = target.data.ptr + at, host.ctypes.data
        kind = self._runtime.memcpyHostToDevice
        self._runtime.memcpyAsync(to, source, host.nbytes, kind, self._stream.ptr)

    @override
    def download(self, host: BytesArray, source: Any, at: int) -> None:
        to, start = host.ctypes.data, source.data.ptr + at
        kind = self._runtime.memcpyDeviceToHost
        self._runtime.memcpyAsync(to, start, host.nbytes, kind, self._stream.ptr)

    @override
    def duplicate(self, target: Any, at: int, source: Any, start: int, nbytes: int) -> None:
        # The runtime finds out from the addresses whether both lie on one device.
        kind = self._runtime.memcpyDefault
        to, start = target.data.ptr + at, source.data.ptr + start
        self._runtime.memcpyAsync(to, start, nbytes, kind, self._stream.ptr)

    @override
    def gather(self, pool: Any, parts: Sequence[tuple[Any, int, int]]) -> Any:
        with self.active(), self.xp.cuda.using_allocator(pool.malloc):
            return self.xp.concatenate([base[at : at + n] for base, at, n in parts])

    @override
    def record(self) -> Event:
        with self._device:
            # To wait for it blocks instead of spinning.
            event = self.xp.cuda.Event(block=True, disable_timing=True)
            event.record(self._stream)
        done: Event = event
        return done

    @override
    def wait(self, event: Event) -> None:
        self._stream.wait_event(event)

    @override
    def follow_caller(self, stream: Any = None) -> None:
        current = self.xp.cuda.get_current_stream() if stream is None else stream
        if self._waits_by_itself(current):
            return
        with self.xp.cuda.Device(current.device_id if current.device_id >= 0 else None):
            event = self.xp.cuda.Event(disable_timing=True)
            event.record(current)
        self._stream.wait_event(event)

    @override
    def lead_caller(self, event: Event) -> None:
        current = self.xp.cuda.get_current_stream()
        if not self._waits_by_itself(current):
            current.wait_event(event)

    def _waits_by_itself(self, stream: Any) -> bool:
        """Whether it is the legacy default stream of the device: ours and it take turns."""
        return not stream.ptr and self._runtime.getDevice() == self.number

    @override
    @contextmanager
    def active(self) -> Generator[None]:
        with self._device, self._stream:
            yield

    @override
    def memory(self) -> tuple[int, int]:
        with self._device:
            free, total = self._runtime.memGetInfo()
        return int(free), int(total)

    @override
    def figures(self, pool: Any) -> PoolFigures:
        with self._device:
            return PoolFigures(
                pool.used_bytes(),
                pool.total_bytes(),
                pool.n_free_blocks(),
                pool.get_limit() or None,
            )

    @override
    def trim(self, pool: Any) -> None:
        with self._device:
            # Blocks wait in the order of the stream that they were used on.
            pool.free_all_blocks()
