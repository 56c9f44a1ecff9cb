"""The pieces of memory that the values of a store lie in."""

from array import array
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from zstore.buffer import Buffer, gpu
from zstore.concurrency import run_in_thread
from zstore.errors import InvalidTypeError
from zstore.inspection.buffers import address
from zstore.inspection.records import MemoryMap, Region, Resident
from zstore.inspection.residents import batches, held_by
from zstore.store import Store

__all__ = ["memory_map"]

Integers = npt.NDArray[np.int64]

# Memory is held by an array, which is held by another one, but not for ever.
_MAX_OWNERS = 100


async def memory_map(store: Store, *, max_regions: int = 1000) -> MemoryMap:
    """Say where the values of a store lie in memory, and what else takes room there.

    Parameters
    ----------
    store
        One that holds its values in memory (`MemoryStore`, `GpuMemoryStore`), or a
        wrapper around one; of a `PrefixStore` the values below the prefix.
    max_regions
        How many regions to return, the largest; the figures are of all of them.

    Raises
    ------
    InvalidTypeError
        If `store` is no `Store`, or `max_regions` no number from 0 on.
    UnsupportedError
        If the store does not hold its values in memory.

    Notes
    -----
    Copies nothing and asks no device. Reads the `store_dict` in steps of a worker thread
    and takes a few microseconds and 200 bytes for a value. What changes meanwhile is
    seen, or not. Values without bytes lie nowhere: they are counted, and in no region.
    """
    if not isinstance(max_regions, int) or max_regions < 0:
        msg = f"max_regions is a number of regions, got {max_regions!r}"
        raise InvalidTypeError(msg)
    places = _Places()
    async for keys, buffers in batches(held_by(store, "memory_map")):
        await run_in_thread(places.add, keys, buffers)
    return await run_in_thread(_grouped, places, max_regions)


@dataclass(slots=True)
class _Places:
    """Where values lie.

    Attributes
    ----------
    keys, buffers
        Of the values with bytes. The buffers are kept, since what tells the memory of one
        from that of another is true only while it lives.
    rows
        For each: number of its device, what tells its memory, bytes of that memory, offset
        in it, and bytes of the value.
    """

    keys: list[str] = field(default_factory=list[str])
    buffers: list[Buffer] = field(default_factory=list[Buffer])
    rows: list[Integers] = field(default_factory=list[Integers])
    devices: list[str] = field(default_factory=lambda: ["cpu"])
    nvalues: int = 0
    _bases: dict[int, tuple[int, int, int, int]] = field(
        default_factory=dict[int, tuple[int, int, int, int]]
    )

    def add(self, keys: list[str], buffers: list[Buffer]) -> None:
        self.nvalues += len(buffers)
        # Flat, so that no objects gather that the collector of garbage would look at.
        flat = array("q")
        for key, buffer in zip(keys, buffers, strict=True):
            if len(buffer):
                self.keys.append(key)
                self.buffers.append(buffer)
                flat.extend(self._row(buffer))
        self.rows.append(np.frombuffer(flat, np.int64).reshape(-1, 5))

    def _row(self, buffer: Buffer) -> tuple[int, int, int, int, int]:
        if isinstance(buffer, gpu.Buffer):
            base = self._bases.get(id(buffer.base)) or self._base(buffer)
            device, start, whole, shift = base
            return device, start, whole, shift + buffer.offset, len(buffer)
        view = buffer.as_buffer_like()
        owner, nbytes = view.obj, view.nbytes
        if type(owner) is bytes and len(owner) == nbytes:
            # Nearly all values are like this; no address has to be found.
            return 0, id(owner), nbytes, 0, nbytes
        return 0, *_in_memory_of(owner, view)

    def _base(self, buffer: gpu.Buffer) -> tuple[int, int, int, int]:
        """Look at the array that a buffer lies in: once for all the values in it."""
        device = f"cuda:{buffer.device_id}"
        if device not in self.devices:
            self.devices.append(device)
        start = buffer.base_ptr
        shift = buffer.ptr - buffer.offset - start
        base = self.devices.index(device), start, buffer.base_nbytes, shift
        self._bases[id(buffer.base)] = base
        return base

    def pointer(self, i: int, start: int, offset: int) -> int:
        """Return where the memory of value `i` starts."""
        buffer = self.buffers[i]
        if isinstance(buffer, gpu.Buffer):
            return start
        return address(buffer.as_buffer_like()) - offset


def _in_memory_of(owner: Any, view: memoryview) -> tuple[int, int, int, int]:
    """Find the memory that a view is a part of, and where in it."""
    pointer = address(view)
    for _ in range(_MAX_OWNERS):
        holder = _holder(owner)
        if not _holds(holder, pointer, view.nbytes):
            break
        owner = holder
    if not _holds(owner, pointer, view.nbytes):
        return id(owner), view.nbytes, 0, view.nbytes
    whole = memoryview(owner)
    return id(owner), whole.nbytes, pointer - address(whole), view.nbytes


def _holder(owner: Any) -> Any:
    """Return what an array names as its base, or a view as its object."""
    base = getattr(owner, "base", None)
    return getattr(owner, "obj", None) if base is None else base


def _holds(owner: Any, pointer: int, nbytes: int) -> bool:
    try:
        whole = memoryview(owner)
        start = address(whole)
    except (TypeError, ValueError, BufferError):
        return False
    return start <= pointer and pointer + nbytes <= start + whole.nbytes


def _grouped(places: _Places, max_regions: int) -> MemoryMap:
    rows = np.concatenate([*places.rows, np.empty((0, 5), np.int64)])
    order = np.lexsort((rows[:, 3], rows[:, 1], rows[:, 0]))
    rows = rows[order]
    new = np.ones(len(rows), bool)
    new[1:] = (rows[1:, :2] != rows[:-1, :2]).any(axis=1)
    firsts = np.flatnonzero(new)
    stops = np.append(firsts[1:], len(rows))
    sizes = np.maximum.reduceat(rows[:, 2], firsts) if len(firsts) else rows[:, 2]
    live = _covered(rows[:, 3], rows[:, 4], new)
    largest = np.argsort(-sizes, kind="stable")[:max_regions]
    regions: list[Region] = []
    for i in largest.tolist():
        part = slice(int(firsts[i]), int(stops[i]))
        members: list[int] = order[part].tolist()
        nbytes, live_nbytes = int(sizes[i]), int(live[part].sum())
        regions.append(_region(places, members, rows[part], nbytes, live_nbytes))
    return MemoryMap(
        regions=tuple(regions),
        nvalues=places.nvalues,
        nbytes=int(rows[:, 4].sum()),
        region_nbytes=int(sizes.sum()),
        complete=len(regions) == len(firsts),
    )


def _region(
    places: _Places, members: list[int], rows: Integers, nbytes: int, live_nbytes: int
) -> Region:
    device, start, _, offset, _ = map(int, rows[0])
    offsets: list[int] = rows[:, 3].tolist()
    sizes: list[int] = rows[:, 4].tolist()
    return Region(
        device=places.devices[device],
        pointer=places.pointer(members[0], start, offset),
        nbytes=nbytes,
        live_nbytes=live_nbytes,
        residents=tuple(
            Resident(places.keys[i], at, n)
            for i, at, n in zip(members, offsets, sizes, strict=True)
        ),
    )


def _covered(offset: Integers, nbytes: Integers, new: npt.NDArray[np.bool_]) -> Integers:
    """Return how many bytes each value adds to those before it in its memory.

    Parameters
    ----------
    offset, nbytes
        Of values in the order of their memory, and of their offset in it.
    new
        Whether a value is the first of its memory.
    """
    if not len(offset):
        return offset
    # Each piece of memory gets a stretch of its own on one long line.
    line = (np.cumsum(new) - 1) * (int((offset + nbytes).max()) + 1)
    starts, ends = line + offset, line + offset + nbytes
    reached = np.maximum.accumulate(ends)
    before = np.concatenate([[0], reached[:-1]])
    added: Integers = np.maximum(ends - np.maximum(starts, before), 0)
    return added
