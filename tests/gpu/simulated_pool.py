"""The accounts of device memory, kept of host memory. It is on no GPU."""

import threading
import weakref
from collections import deque
from typing import Protocol

from tests.gpu.simulated_arrays import Memory, Owner, SimulatedMemoryError
from zstore.gpu.driver import PoolFigures

__all__ = ["SimulatedPool"]

# One for all pools, since each asks what the others reserved.
_LOCK = threading.RLock()


class Accounted(Owner, Protocol):
    """The device whose memory it is."""

    def check(self) -> None:
        """Raise what broke the device."""

    def free_nbytes(self) -> int:
        """Return what no pool reserved."""


class SimulatedPool:
    """Device memory with the accounts that CuPy's pools keep.

    Blocks are multiples of 512 bytes; what is given back stays reserved until it is used
    again or trimmed.
    """

    def __init__(self, driver: Accounted) -> None:
        self._driver = driver
        self._limit = self._used = 0
        self._free: list[int] = []
        # Memory is given back wherever Python finds that nobody has it any more.
        self._returned: deque[int] = deque()

    def malloc(self, nbytes: int) -> Memory:
        size = -(-nbytes // 512) * 512
        with _LOCK:
            self._settle()
            self._reserve(size)
        memory = Memory(size, self._driver)
        weakref.finalize(memory, self._returned.append, size).atexit = False
        return memory

    def _reserve(self, size: int) -> None:
        self._driver.check()
        fits = [block for block in self._free if block >= size]
        if size and fits:
            block = min(fits)
            self._free.remove(block)
            if block > size:
                self._free.append(block - size)
        elif size > self._room():
            self._free.clear()
            if size > self._room():
                msg = f"{size:,} bytes do not fit into the simulated pool"
                raise SimulatedMemoryError(msg)
        self._used += size

    def _room(self) -> int:
        free = self._driver.free_nbytes()
        total = self._used + sum(self._free)
        return min(free, self._limit - total) if self._limit else free

    def _settle(self) -> None:
        while self._returned:
            size = self._returned.popleft()
            self._used -= size
            if size:
                self._free.append(size)

    def figures(self) -> PoolFigures:
        with _LOCK:
            self._settle()
            total = self._used + sum(self._free)
            return PoolFigures(self._used, total, len(self._free), self._limit or None)

    def set_limit(self, size: int = 0) -> None:
        self._limit = size

    def free_all_blocks(self) -> None:
        with _LOCK:
            self._settle()
            self._free.clear()
