"""Copies from the host to a device, and within it."""

from collections.abc import Sequence
from typing import Any

from zstore.gpu.driver import BytesArray
from zstore.gpu.open_device import OpenDevice
from zstore.gpu.packing import Fill, Part, pack, spans_of
from zstore.gpu.slab import plan
from zstore.gpu.span import Event, Span

__all__ = ["duplicate", "join", "stage", "upload", "upload_small"]


def upload_small(
    device: OpenDevice, views: Sequence[memoryview], pool: Any
) -> list[Span] | None:
    """Copy a few small values; never waits, and returns None if it would have to."""
    with device.explained():
        block = device.small_block(views)
    if block is None:
        return None
    event: Event | None = None
    try:
        with device.explained(sum([view.nbytes for view in views]), pool):
            groups = plan([view.nbytes for view in views])
            # First what may fail, so that no copy is under way then.
            bases = [device.allocate(group.nbytes, pool) for group in groups]
            at = 0
            for group, base in zip(groups, bases, strict=True):
                part = block.host[at : at + group.nbytes]
                at += group.nbytes
                pack(views, group)(part.data, 0)
                if group.nbytes:
                    device.driver.upload(base, 0, part)
            event = device.driver.record()
    finally:
        device.small_ring.release(block, event)
    return spans_of(groups, bases, views, event)


def upload(device: OpenDevice, views: Sequence[memoryview], pool: Any) -> list[Span]:
    """Copy any number of values of any size; waits until all were read."""
    groups = plan([view.nbytes for view in views])
    staged = [stage(device, group.nbytes, pack(views, group), pool) for group in groups]
    ready = staged[-1].ready if staged else None
    return spans_of(groups, [span.base for span in staged], views, ready)


def stage(device: OpenDevice, nbytes: int, fill: Fill, pool: Any) -> Span:
    """Copy what `fill` writes, through pinned blocks; see `Engine.stage`."""
    with device.explained(nbytes, pool):
        base = device.allocate(nbytes, pool)

        def send(pinned: BytesArray, at: int) -> Event:
            fill(pinned.data, at)
            device.driver.upload(base, at, pinned)
            return device.driver.record()

        device.in_blocks(nbytes, send)
        return Span(base, 0, nbytes, device.driver.record())


def duplicate(device: OpenDevice, parts: Sequence[Part], pool: Any) -> list[Span]:
    """Copy values that lie on a device; does not wait for the copies."""
    groups = plan([part.nbytes for part in parts])
    with device.explained(sum([part.nbytes for part in parts]), pool):
        bases = [device.allocate(group.nbytes, pool) for group in groups]
        device.await_parts(parts)
        for group, base in zip(groups, bases, strict=True):
            for i, offset in zip(group.members, group.offsets, strict=True):
                part = parts[i]
                if part.nbytes:
                    source = part.base, part.offset, part.nbytes
                    device.driver.duplicate(base, offset, *source)
        return spans_of(groups, bases, parts, device.driver.record())


def join(device: OpenDevice, parts: Sequence[Part], pool: Any) -> Span:
    """Copy parts to one piece of memory, one after the other."""
    nbytes = sum([part.nbytes for part in parts])
    filled = [(part.base, part.offset, part.nbytes) for part in parts if part.nbytes]
    with device.explained(nbytes, pool):
        device.await_parts(parts)
        if not filled:
            return Span(device.allocate(0, pool), 0, 0, None)
        base = device.driver.gather(device.pool if pool is None else pool, filled)
        return Span(base, 0, nbytes, device.driver.record())
