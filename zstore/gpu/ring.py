"""Pinned host memory that copies pass through: a few blocks, used again and again.

Pinning costs more than the copy that it serves, so nothing is ever pinned for one value.
"""

import threading
from dataclasses import dataclass

from zstore.gpu.driver import BytesArray, Driver
from zstore.gpu.span import Event

__all__ = ["Block", "Ring"]


@dataclass(slots=True)
class Block:
    """Pinned memory.

    Attributes
    ----------
    host
        Its bytes.
    event
        The last copy that used it; None if that ended.
    """

    host: BytesArray
    event: Event | None = None


class Ring:
    """Blocks of pinned memory for any number of threads.

    Parameters
    ----------
    driver
        Of the device.
    block_nbytes, nblocks
        Size of one, and how many at most. They are made when they are first needed.
    """

    def __init__(self, driver: Driver, block_nbytes: int, nblocks: int) -> None:
        self.block_nbytes = block_nbytes
        self._driver = driver
        self._nblocks = nblocks
        self._made = 0
        # The first in it was released first: its copy ends first.
        self._idle: list[Block] = []
        self._changed = threading.Condition()

    @property
    def nbytes(self) -> int:
        """Bytes that are pinned."""
        return self._made * self.block_nbytes

    def acquire(self) -> Block:
        """Return a block that no copy uses; waits for one, so not for an event loop."""
        with self._changed:
            while (block := self._ready() or self._new() or self._oldest()) is None:
                self._changed.wait()
        if block.event is not None:
            try:
                block.event.synchronize()
            except BaseException:
                self.release(block, block.event)
                raise
            block.event = None
        return block

    def try_acquire(self) -> Block | None:
        """Return a block at once, or None if all are in use or somebody looks for one."""
        if not self._changed.acquire(blocking=False):
            return None
        try:
            return self._ready()
        finally:
            self._changed.release()

    def release(self, block: Block, event: Event | None = None) -> None:
        """Give a block back; it is not touched before `event`, the last copy of it."""
        block.event = event
        with self._changed:
            self._idle.append(block)
            self._changed.notify()

    def fill(self) -> None:
        """Make all blocks now."""
        while (block := self._new()) is not None:
            self._idle.append(block)

    def _ready(self) -> Block | None:
        if not self._idle:
            return None
        event = self._idle[0].event
        if event is not None and not event.done:
            return None
        block = self._idle.pop(0)
        block.event = None
        return block

    def _new(self) -> Block | None:
        if self._made == self._nblocks:
            return None
        host = self._driver.pinned(self.block_nbytes)
        self._made += 1
        return Block(host)

    def _oldest(self) -> Block | None:
        return self._idle.pop(0) if self._idle else None
