"""Bare copies on a device: the limits that the stores are measured against."""

import gc
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from zstore._compat import override

__all__ = ["BytesArray", "Cost", "CudaDevice", "Device", "random_bytes"]

BytesArray = npt.NDArray[np.uint8]
Cost: TypeAlias = tuple[Callable[[], object], int]
"""A call, and how often it is repeated."""

_MIB = 1 << 20
# What CUDA calls the directions of copies, and the default stream.
_HOST_TO_DEVICE, _DEVICE_TO_HOST, _ON_THE_DEVICE = 1, 2, 3
_STREAM = 0


def random_bytes(nbytes: int, seed: int = 0) -> BytesArray:
    """Return bytes that compress badly; those beyond 16 MiB repeat."""
    some = np.random.default_rng(seed).integers(0, 256, min(nbytes, 16 * _MIB), np.uint8)
    return np.resize(some, nbytes)


class Device(ABC):
    """One device, asked for one thing at a time.

    Attributes
    ----------
    rehearsal
        Whether it is simulated in host memory, so that no time means anything.
    xp
        The array module.
    """

    rehearsal: bool
    xp: Any

    @abstractmethod
    def empty(self, nbytes: int) -> Any:
        """Return an array of the device, shape (nbytes,), dtype uint8."""

    @abstractmethod
    def pinned(self, nbytes: int) -> BytesArray:
        """Return host memory that the device reads and writes directly."""

    @abstractmethod
    def upload(self, target: Any, host: BytesArray, step: int) -> None:
        """Copy `host`, which is pinned, in copies of `step` bytes; do not wait."""

    @abstractmethod
    def download(
        self, host: BytesArray, source: Any, step: int, *, wait: bool = False
    ) -> None:
        """Fill `host`, which is pinned, in copies of `step` bytes; may wait for each."""

    @abstractmethod
    def duplicate(self, target: Any, sources: Sequence[Any]) -> None:
        """Copy arrays of the device to one, each by a copy of its own; do not wait."""

    @abstractmethod
    def synchronize(self) -> None:
        """Wait for everything."""

    @abstractmethod
    def trim(self) -> None:
        """Give back what the pools of the process hold for later."""

    @abstractmethod
    def pool_nbytes(self) -> tuple[int, int]:
        """Return what the pool of the process gave out and reserved."""

    @abstractmethod
    def pinned_nbytes(self) -> int:
        """Return the bytes that were pinned so far."""

    @abstractmethod
    def costs(self) -> dict[str, Cost]:
        """Return calls whose cost matters by itself."""

    @abstractmethod
    def facts(self) -> dict[str, object]:
        """Describe it."""

    def random(self, nbytes: int, seed: int = 0) -> Any:
        """Return an array of the device with random bytes."""
        return self.xp.asarray(random_bytes(nbytes, seed))

    def concatenate(self, arrays: Sequence[Any]) -> Any:
        """Gather arrays of the device in one."""
        return self.xp.concatenate(arrays)


class CudaDevice(Device):
    """The current CUDA device, by CuPy, on the default stream."""

    rehearsal = False

    def __init__(self, cupy: Any) -> None:
        self.xp = cupy
        self._runtime = cupy.cuda.runtime
        self._pinned_nbytes = 0
        # Counts what CuPy pins, for zarr and for us; it keeps no such account itself.
        self._pinned_pool = cupy.cuda.PinnedMemoryPool(self._pin)
        cupy.cuda.set_pinned_memory_allocator(self._pinned_pool.malloc)

    def _pin(self, nbytes: int) -> Any:
        self._pinned_nbytes += nbytes
        cuda = self.xp.cuda
        return cuda.PinnedMemoryPointer(cuda.PinnedMemory(nbytes), 0)

    @override
    def empty(self, nbytes: int) -> Any:
        return self.xp.empty(nbytes, np.uint8)

    @override
    def pinned(self, nbytes: int) -> BytesArray:
        memory = self.xp.cuda.alloc_pinned_memory(nbytes)
        array = np.frombuffer(memory, np.uint8, nbytes)
        array[:] = 1  # so that every page is there
        return array

    @override
    def upload(self, target: Any, host: BytesArray, step: int) -> None:
        copy, to, start = self._runtime.memcpyAsync, target.data.ptr, host.ctypes.data
        for at in range(0, host.nbytes, step):
            copy(to + at, start + at, step, _HOST_TO_DEVICE, _STREAM)

    @override
    def download(
        self, host: BytesArray, source: Any, step: int, *, wait: bool = False
    ) -> None:
        copy, to, start = self._runtime.memcpyAsync, host.ctypes.data, source.data.ptr
        for at in range(0, host.nbytes, step):
            copy(to + at, start + at, step, _DEVICE_TO_HOST, _STREAM)
            if wait:
                self._runtime.streamSynchronize(_STREAM)

    @override
    def duplicate(self, target: Any, sources: Sequence[Any]) -> None:
        copy, to = self._runtime.memcpyAsync, target.data.ptr
        for source in sources:
            copy(to, source.data.ptr, source.nbytes, _ON_THE_DEVICE, _STREAM)
            to += source.nbytes

    @override
    def synchronize(self) -> None:
        self._runtime.deviceSynchronize()

    @override
    def trim(self) -> None:
        gc.collect()
        self.synchronize()
        self.xp.get_default_memory_pool().free_all_blocks()
        self._pinned_pool.free_all_blocks()

    @override
    def pool_nbytes(self) -> tuple[int, int]:
        pool = self.xp.get_default_memory_pool()
        return pool.used_bytes(), pool.total_bytes()

    @override
    def pinned_nbytes(self) -> int:
        return self._pinned_nbytes

    @override
    def costs(self) -> dict[str, Cost]:
        cuda, runtime = self.xp.cuda, self._runtime
        stream, event = cuda.Stream(), cuda.Event(disable_timing=True)
        array, host = self.empty(2 * _MIB), np.zeros(16, np.uint8)
        start = array.data.ptr
        return {
            "a copy of 1 KiB": (
                lambda: runtime.memcpyAsync(
                    start, start + 4096, 1024, _ON_THE_DEVICE, stream.ptr
                ),
                500,
            ),
            "an event": (lambda: cuda.Event(block=True, disable_timing=True), 500),
            "recording an event": (lambda: event.record(stream), 500),
            "asking an event": (lambda: event.done, 500),
            "1 KiB of a pool": (lambda: self.xp.empty(1024, np.uint8), 500),
            "1 MiB of a pool": (lambda: self.xp.empty(_MIB, np.uint8), 500),
            "1 MiB of the driver": (lambda: runtime.free(runtime.malloc(_MIB)), 50),
            "pinning 64 MiB": (
                lambda: runtime.freeHost(runtime.hostAlloc(64 * _MIB, 1)),
                3,
            ),
            "a slice": (lambda: array[10:20], 500),
            "asarray of 16 bytes": (lambda: self.xp.asarray(host), 500),
            "get of 1 KiB": (array[:1024].get, 500),
            "memGetInfo": (runtime.memGetInfo, 200),
            "synchronizing when idle": (runtime.deviceSynchronize, 500),
        }

    @override
    def facts(self) -> dict[str, object]:
        found = self._runtime.getDeviceProperties(self.xp.cuda.Device().id)
        free, total = self._runtime.memGetInfo()
        return {
            "device": found["name"].decode(),
            "compute_capability": f"{found['major']}.{found['minor']}",
            "l2_nbytes": found["l2CacheSize"],
            "free_nbytes": free,
            "total_nbytes": total,
        }
