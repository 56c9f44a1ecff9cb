"""A device that is in use: its driver, its pinned memory, its threads."""

import os
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import Future, wait
from contextlib import contextmanager
from typing import Any

from zstore.concurrency import Workers
from zstore.errors import DeviceMemoryError, GpuUnavailable, ZStoreError
from zstore.gpu.driver import BytesArray, Driver
from zstore.gpu.packing import Part
from zstore.gpu.ring import Block, Ring
from zstore.gpu.span import Event

__all__ = ["OpenDevice", "broken"]

# At most 64 MiB are pinned, in blocks that the device fetches in some 80 us.
_BLOCK_NBYTES = 4 * 1024 * 1024
_NBLOCKS = 16
# To copy as much takes the host as long as handing it to a thread.
_SMALL_BLOCK_NBYTES = 256 * 1024
_NSMALL_BLOCKS = 8
_MAX_SMALL_VALUES = 16
# One thread copies memory slower than a device fetches it.
_COPY_THREADS = 6


class OpenDevice:
    """What uploads and downloads have in common.

    Parameters
    ----------
    driver
        Of the device. Pins 2 MiB of host memory.

    Attributes
    ----------
    driver, pool
        Of the device, and a pool for what belongs to no store.
    ring, small_ring
        Pinned blocks for worker threads, and for copies that the caller does itself.
    """

    def __init__(self, driver: Driver) -> None:
        self.driver = driver
        self.pool = driver.pool()
        self.ring = Ring(driver, _BLOCK_NBYTES, _NBLOCKS)
        self.small_ring = Ring(driver, _SMALL_BLOCK_NBYTES, _NSMALL_BLOCKS)
        self.small_ring.fill()
        threads = min(_COPY_THREADS, os.cpu_count() or 1)
        self._copiers = Workers(f"zstore-{driver.name}-copy", threads)

    def allocate(self, nbytes: int, pool: Any) -> Any:
        """Return an array on the device; of the own pool if `pool` is None."""
        pool = self.pool if pool is None else pool
        try:
            return self.driver.allocate(pool, nbytes)
        except self.driver.out_of_memory:
            # What waits here to be used again may be what is missing.
            self.driver.trim(self.pool)
            return self.driver.allocate(pool, nbytes)

    def await_parts(self, parts: Iterable[Part]) -> None:
        """Let the next copies come after what fills the parts."""
        # Values that came together share their event.
        events = {id(ready): ready for part in parts if (ready := part.ready) is not None}
        for event in events.values():
            self.driver.wait(event)

    def small_block(self, values: Sequence[Part | memoryview]) -> Block | None:
        """Return pinned memory for a few small values, for the caller to copy them.

        Never waits: None if they are many or large, or if no block is free.
        """
        if len(values) > _MAX_SMALL_VALUES:
            return None
        if sum([value.nbytes for value in values]) > _SMALL_BLOCK_NBYTES:
            return None
        return self.small_ring.try_acquire()

    def in_blocks(self, nbytes: int, copy: Callable[[BytesArray, int], Event]) -> None:
        """Copy something long through pinned blocks, in several threads, and wait.

        Parameters
        ----------
        nbytes
            How long it is.
        copy
            Called with each part of it: with as much pinned memory, and where it starts.
            Returns the event after which that memory may be used again.
        """

        def one(block: Block, at: int) -> None:
            event = None
            try:
                event = copy(block.host[: nbytes - at], at)
            finally:
                self.ring.release(block, event)

        if 0 < nbytes <= _BLOCK_NBYTES:
            one(self.ring.acquire(), 0)
            return
        begun: list[Future[None]] = []
        try:
            for at in range(0, nbytes, _BLOCK_NBYTES):
                # Nothing more is begun once a copy failed.
                if begun and begun[0].done():
                    begun.pop(0).result()
                begun.append(self._copiers.begin(one, self.ring.acquire(), at))
            while begun:
                # Taken out: an error in there would keep this frame, and device memory.
                begun.pop(0).result()
        finally:
            wait(begun)

    @contextmanager
    def explained(self, nbytes: int = 0, pool: Any = None) -> Generator[None]:
        """Turn errors of the device into errors of the tree."""
        try:
            yield
        except ZStoreError:
            raise
        except self.driver.out_of_memory as error:
            free, total = self.driver.memory()
            held = self.driver.figures(self.pool if pool is None else pool)
            figures = f"{held}; device {free:,} free of {total:,}"
            raise DeviceMemoryError(nbytes, self.driver.name, figures) from error
        except self.driver.failures as error:
            raise broken(self.driver.name, error) from error


def broken(name: str, error: Exception) -> GpuUnavailable:
    """Return the error that says that a device cannot be used any more."""
    reason = f"{name} failed: {type(error).__name__}: {error}"
    return GpuUnavailable(reason, "restart the process (in a notebook: the kernel)")
