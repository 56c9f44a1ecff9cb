"""Copies from a device to the host."""

from collections.abc import Sequence

import numpy as np

from zstore.gpu.driver import BytesArray
from zstore.gpu.open_device import OpenDevice
from zstore.gpu.packing import Part, cut
from zstore.gpu.ring import Block
from zstore.gpu.slab import plan
from zstore.gpu.span import Event

__all__ = ["SmallDownload", "download"]

# How often to ask for the end before a thread waits for it: some 50 us.
_ASKS = 40


class SmallDownload:
    """A copy of a few small values, begun where the caller is.

    Attributes
    ----------
    event
        Its end.
    """

    def __init__(
        self, device: OpenDevice, parts: Sequence[Part], block: Block, event: Event
    ) -> None:
        self.event = event
        self._device, self._parts, self._block = device, parts, block

    @classmethod
    def begin(cls, device: OpenDevice, parts: Sequence[Part]) -> "SmallDownload | None":
        """Begin it, or return None if it is too much or no pinned memory is free."""
        block = device.small_block(parts)
        if block is None:
            return None
        try:
            with device.explained():
                at = 0
                device.await_parts(parts)
                for part in parts:
                    if part.nbytes:
                        host = block.host[at : at + part.nbytes]
                        device.driver.download(host, part.base, part.offset)
                    at += part.nbytes
                event = device.driver.record()
        except BaseException:
            device.small_ring.release(block)
            raise
        return cls(device, parts, block, event)

    def ends_soon(self) -> bool:
        """Ask for a moment whether it has ended."""
        return any(self.event.done for _ in range(_ASKS))

    def results(self) -> list[BytesArray]:
        """Return the values, once it has ended."""
        return [part.copy() for part in cut(self._block.host, self._parts)]

    def release(self) -> None:
        """Give the pinned memory back."""
        self._device.small_ring.release(self._block, self.event)


def download(device: OpenDevice, parts: Sequence[Part]) -> list[BytesArray]:
    """Copy any number of values of any size, into arrays of their own; waits.

    Small ones, if many, are put together on the device first and share one array.
    """
    results: dict[int, BytesArray] = {}
    with device.explained():
        device.await_parts(parts)
        for group in plan([part.nbytes for part in parts]):
            arrays = _fetch(device, [parts[i] for i in group.members])
            results.update(zip(group.members, arrays, strict=True))
    return [results[i] for i in range(len(parts))]


def _fetch(device: OpenDevice, parts: Sequence[Part]) -> list[BytesArray]:
    whole = np.empty(sum([part.nbytes for part in parts]), np.uint8)
    if not whole.nbytes:
        return cut(whole, parts)
    base, offset = parts[0].base, parts[0].offset
    if len(parts) > 1:
        filled = [(part.base, part.offset, part.nbytes) for part in parts if part.nbytes]
        try:
            base, offset = device.driver.gather(device.pool, filled), 0
        except device.driver.out_of_memory:
            # No room to put them together: a full device can still be read.
            return [array for part in parts for array in _fetch(device, [part])]

    def take(pinned: BytesArray, at: int) -> Event:
        device.driver.download(pinned, base, offset + at)
        event = device.driver.record()
        event.synchronize()
        np.copyto(whole[at : at + pinned.nbytes], pinned)
        return event

    device.in_blocks(whole.nbytes, take)
    return cut(whole, parts)
