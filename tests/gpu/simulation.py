"""A device for the logic of device memory, simulated in host memory. It is no GPU.

What is copied is copied later, by a thread or when somebody waits for it, and memory holds
`POISON` until then: a wait that was forgotten shows as wrong bytes.
"""

import importlib
import threading
import weakref
from collections import deque
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from tests.gpu.simulated_arrays import (
    POISON,
    DeviceArray,
    SimulatedArrays,
    SimulatedDeviceError,
    SimulatedMemoryError,
)
from tests.gpu.simulated_pool import SimulatedPool
from tests.gpu.simulated_runtime import NAME
from tests.gpu.simulated_stream import SimulatedEvent, Stream
from zstore._compat import override
from zstore.gpu import GpuStatus, engines
from zstore.gpu.driver import BytesArray, Driver, PoolFigures
from zstore.gpu.span import Event

__all__ = [
    "POISON",
    "Counts",
    "DeviceArray",
    "SimulatedDeviceError",
    "SimulatedDriver",
    "SimulatedMemoryError",
    "SimulatedPool",
    "Simulation",
]


@dataclass
class Counts:
    """How often the device was asked for what, and for how many bytes."""

    uploads: int = 0
    uploaded_nbytes: int = 0
    downloads: int = 0
    downloaded_nbytes: int = 0
    duplicates: int = 0
    gathers: int = 0
    allocations: int = 0
    followed: int = 0
    led: int = 0


class SimulatedDriver(Driver):
    """A `Driver` whose device is simulated in host memory, not a GPU.

    Attributes
    ----------
    stream
        Whose `delay` and `error` may be set; it counts the waits.
    counts
        What was asked for so far.
    memory_nbytes
        What the device has.
    failing_allocations
        How many of the next allocations fail for want of memory.
    """

    out_of_memory: tuple[type[Exception], ...] = (SimulatedMemoryError,)
    failures: tuple[type[Exception], ...] = (SimulatedDeviceError,)

    def __init__(self, number: int = 0) -> None:
        self.name, self.number = f"cuda:{number}", number
        self.stream = Stream()
        self.counts = Counts()
        self.memory_nbytes = 1 << 30
        self.failing_allocations = 0
        self.xp: Any = SimulatedArrays(self)
        self.pinned_nbytes = 0
        self._pinned: list[tuple[int, int]] = []
        self._pools: weakref.WeakSet[SimulatedPool] = weakref.WeakSet()
        self._thread = threading.local()
        self._of_the_caller: deque[Callable[[], object]] = deque()
        weakref.finalize(self, self.stream.close)

    @override
    def __repr__(self) -> str:
        return f"<{self.name}, {NAME}>"

    def check(self) -> None:
        """Raise what broke the device."""
        self.stream.check()

    def before_use(self) -> None:
        """Do what is in order before the calling thread's own work."""
        self.check()
        if getattr(self._thread, "active", False):
            self.stream.run_until(self.stream.asked)

    def downloaded(self, nbytes: int) -> None:
        """Count bytes that went to the host."""
        self.counts.downloads += 1
        self.counts.downloaded_nbytes += nbytes

    def caller_asks(self, work: Callable[[], object]) -> None:
        """Let the caller's stream have work that it has not done yet."""
        self._of_the_caller.append(work)

    def free_nbytes(self) -> int:
        """Return what no pool reserved."""
        pools = [pool.figures().total_nbytes for pool in self._pools]
        return self.memory_nbytes - sum(pools)

    @override
    def pool(self) -> SimulatedPool:
        self.check()
        pool = SimulatedPool(self)
        self._pools.add(pool)
        return pool

    @override
    def allocate(self, pool: SimulatedPool, nbytes: int) -> DeviceArray:
        if self.failing_allocations:
            self.failing_allocations -= 1
            msg = f"{nbytes:,} bytes: told to fail"
            raise SimulatedMemoryError(msg)
        self.counts.allocations += 1
        memory = pool.malloc(nbytes)
        return DeviceArray(memory.values[:nbytes], memory)

    @override
    def pinned(self, nbytes: int) -> BytesArray:
        self.check()
        host = np.full(nbytes, POISON, np.uint8)
        self._pinned.append((host.ctypes.data, host.ctypes.data + nbytes))
        self.pinned_nbytes += nbytes
        return host

    @override
    def upload(self, target: DeviceArray, at: int, host: BytesArray) -> None:
        self._check_pinned(host)
        self.counts.uploads += 1
        self.counts.uploaded_nbytes += host.nbytes
        # The pinned memory is read when the copy happens, as by a device.
        self.stream.ask(lambda: np.copyto(_part(target, at, host.nbytes), host))

    @override
    def download(self, host: BytesArray, source: DeviceArray, at: int) -> None:
        self._check_pinned(host)
        self.downloaded(host.nbytes)
        host[:] = POISON
        self.stream.ask(lambda: np.copyto(host, _part(source, at, host.nbytes)))

    @override
    def duplicate(
        self, target: DeviceArray, at: int, source: DeviceArray, start: int, nbytes: int
    ) -> None:
        self.check()
        self.counts.duplicates += 1
        self.stream.ask(
            lambda: np.copyto(_part(target, at, nbytes), _part(source, start, nbytes))
        )

    @override
    def gather(
        self, pool: SimulatedPool, parts: Sequence[tuple[DeviceArray, int, int]]
    ) -> DeviceArray:
        self.counts.gathers += 1
        target = self.allocate(pool, sum(nbytes for _, _, nbytes in parts))
        self.stream.ask(
            lambda: np.concatenate(
                [_part(base, at, nbytes) for base, at, nbytes in parts], out=target.values
            )
        )
        return target

    @override
    def record(self) -> SimulatedEvent:
        self.check()
        return SimulatedEvent(self.stream)

    @override
    def wait(self, event: Event) -> None:
        assert isinstance(event, SimulatedEvent)
        if event.stream is not self.stream:
            self.stream.ask(lambda: event.stream.run_until(event.ticket))

    @override
    def follow_caller(self, stream: Any = None) -> None:
        del stream
        self.check()
        self.counts.followed += 1
        while self._of_the_caller:
            self.stream.ask(self._of_the_caller.popleft())

    @override
    def lead_caller(self, event: Event) -> None:
        # The caller's work is done at once here, so this has to be done before it.
        assert isinstance(event, SimulatedEvent)
        self.check()
        self.counts.led += 1
        event.stream.run_until(event.ticket)

    @override
    @contextmanager
    def active(self) -> Generator[None]:
        before = getattr(self._thread, "active", False)
        self._thread.active = True
        try:
            yield
        finally:
            self._thread.active = before

    @override
    def memory(self) -> tuple[int, int]:
        self.check()
        return self.free_nbytes(), self.memory_nbytes

    @override
    def figures(self, pool: SimulatedPool) -> PoolFigures:
        return pool.figures()

    @override
    def trim(self, pool: SimulatedPool) -> None:
        pool.free_all_blocks()

    def _check_pinned(self, host: BytesArray) -> None:
        self.check()
        assert host.flags.c_contiguous
        start = host.ctypes.data
        stop = start + host.nbytes
        assert any(low <= start and stop <= high for low, high in self._pinned), (
            "a copy that does not wait needs pinned memory"
        )


def _part(array: DeviceArray, at: int, nbytes: int) -> BytesArray:
    part: BytesArray = array.values[at : at + nbytes]
    if at < 0 or part.nbytes != nbytes:
        msg = f"{nbytes} bytes from {at} on are outside of an array of {len(array)}"
        raise SimulatedDeviceError(msg)
    return part


class Simulation:
    """What the fixture `simulation` gives: two devices, simulated in host memory.

    Attributes
    ----------
    drivers
        By the number of their device.
    current
        The number of the current device of every thread.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.drivers = [SimulatedDriver(0), SimulatedDriver(1)]
        self.current = 0
        known = GpuStatus("ready", devices=(NAME, NAME), cupy_version=NAME)
        status = importlib.import_module("zstore.gpu.status")  # not the function
        monkeypatch.setattr(status, "_known", (known, self.xp))
        monkeypatch.setattr(engines, "_make_driver", self.drivers.__getitem__)
        monkeypatch.setattr(engines, "_current_device", lambda: self.current)

    @property
    def driver(self) -> SimulatedDriver:
        """The first device."""
        return self.drivers[0]

    @property
    def xp(self) -> Any:
        """What stands for the module CuPy."""
        return self.driver.xp

    @property
    def counts(self) -> Counts:
        """What the first device was asked for."""
        return self.driver.counts
