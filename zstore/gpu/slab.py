"""Planning of device memory that many small values share: numbers only, no device.

An allocation of CuPy's pool takes at least 512 bytes and some microseconds, and a copy as
long as 100 KiB of transfer. Small values that come together therefore share one piece of
memory, a slab, which one copy fills.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from zstore.gpu.span import SMALL_NBYTES

__all__ = [
    "MAX_SLAB_NBYTES",
    "Group",
    "Move",
    "compacted",
    "is_sparse",
    "padded",
    "plan",
]

MAX_SLAB_NBYTES = 64 * 1024 * 1024

# Fewer gain nothing from sharing, and would keep each other's memory.
_MIN_VALUES = 16
# What kernels load at once; and the largest number (complex128) for tiny values.
_ALIGNMENT, _TINY_ALIGNMENT = 256, 16
# Smaller slabs are not worth the copies of a compaction.
_MIN_SPARSE_NBYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Group:
    """Values that lie in one piece of memory.

    Attributes
    ----------
    members
        Their positions in what was planned.
    offsets
        Where each starts, in bytes.
    nbytes
        Length of the piece.
    """

    members: Sequence[int]
    offsets: Sequence[int]
    nbytes: int


@dataclass(frozen=True, slots=True)
class Move:
    """A run of bytes that goes from one place to another, both in bytes."""

    start: int
    nbytes: int
    to: int


def _aligned(offset: int, nbytes: int) -> int:
    alignment = _ALIGNMENT if nbytes >= _ALIGNMENT else _TINY_ALIGNMENT
    return -(-offset // alignment) * alignment


def padded(nbytes: int) -> int:
    """Return what a value takes of a slab, up to where the next one may start."""
    return _aligned(nbytes, nbytes)


def plan(sizes: Sequence[int]) -> list[Group]:
    """Say which values share memory, and where in it each lies.

    Parameters
    ----------
    sizes
        Length of each value, in bytes.

    Returns
    -------
    list of Group
        Every value is in exactly one. Small values share slabs of at most 64 MiB, in
        their order, if there are at least 16; every other value is alone.

    Examples
    --------
    >>> plan([100] * 20)[0].offsets[:3]
    [0, 112, 224]
    >>> [group.nbytes for group in plan([100, 300_000])]
    [100, 300000]
    """
    small = [at for at, nbytes in enumerate(sizes) if nbytes < SMALL_NBYTES]
    if len(small) < _MIN_VALUES:
        return [Group([at], [0], nbytes) for at, nbytes in enumerate(sizes)]
    alone = [
        Group([at], [0], nbytes)
        for at, nbytes in enumerate(sizes)
        if nbytes >= SMALL_NBYTES
    ]
    return _slabs(small, sizes) + alone


def _slabs(members: Iterable[int], sizes: Sequence[int]) -> list[Group]:
    slabs: list[Group] = []
    inside: list[int] = []
    offsets: list[int] = []
    end = 0
    for at in members:
        offset = _aligned(end, sizes[at])
        if offset + sizes[at] > MAX_SLAB_NBYTES:
            slabs.append(Group(inside, offsets, end))
            inside, offsets, offset = [], [], 0
        inside.append(at)
        offsets.append(offset)
        end = offset + sizes[at]
    slabs.append(Group(inside, offsets, end))
    return slabs


def is_sparse(live_nbytes: int, nbytes: int) -> bool:
    """Whether a slab should give its dead bytes back: over a quarter, and over 256 KiB.

    A device copies what is left in no time, and the work of the host for it stays a small
    part of that for deleting the rest.
    """
    return nbytes > _MIN_SPARSE_NBYTES and 4 * live_nbytes < 3 * nbytes


def compacted(offsets: Sequence[int], sizes: Sequence[int]) -> tuple[Group, list[Move]]:
    """Say where the values that are left of a slab go, in as few copies as possible.

    Parameters
    ----------
    offsets, sizes
        Where they are and how long, ascending and apart from each other, in bytes.

    Returns
    -------
    Group
        Their places in the new piece of memory.
    list of Move
        What to copy; neighbours go together, each value at the alignment that it had.

    Examples
    --------
    >>> group, moves = compacted([0, 512, 768], [200, 256, 256])
    >>> group.offsets, group.nbytes
    ([0, 256, 512], 768)
    >>> moves
    [Move(start=0, nbytes=200, to=0), Move(start=512, nbytes=512, to=256)]
    """
    if not sizes:
        return Group([], [], 0), []
    ends = [offset + nbytes for offset, nbytes in zip(offsets, sizes, strict=True)]
    # A gap that the alignment of the next value explains is no reason for another copy.
    breaks = [
        at + 1
        for at, (end, start) in enumerate(zip(ends, offsets[1:], strict=False))
        if _aligned(end, sizes[at + 1]) < start
    ]
    moves: list[Move] = []
    places: list[int] = []
    to = 0
    for first, last in pairwise([0, *breaks, len(sizes)]):
        start, stop = offsets[first], ends[last - 1]
        to += (start - to) % _ALIGNMENT
        moves.append(Move(start, stop - start, to))
        places += [offset - start + to for offset in offsets[first:last]]
        to += stop - start
    return Group(range(len(sizes)), places, to), moves
