"""Putting values that share memory together, and taking them apart."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np

from zstore.gpu.driver import BytesArray
from zstore.gpu.slab import Group
from zstore.gpu.span import Event, Span

__all__ = ["Fill", "Part", "cut", "pack", "spans_of"]

Fill = Callable[[memoryview, int], None]
"""Fills memory with the bytes of something longer, from a place in it on."""

# NumPy lets other threads run while it copies; a memoryview starts sooner.
_LONG_NBYTES = 64 * 1024


class Part(Protocol):
    """Bytes in device memory: a `Span`, or a buffer.

    Attributes
    ----------
    base, offset, nbytes
        The array that they lie in, and where in it, in bytes.
    ready
        What has to be done before they are there; None if they are.
    """

    @property
    def base(self) -> Any:
        """See `Part`."""

    @property
    def offset(self) -> int:
        """See `Part`."""
        ...

    @property
    def nbytes(self) -> int:
        """See `Part`."""
        ...

    @property
    def ready(self) -> Event | None:
        """See `Part`."""


def pack(views: Sequence[memoryview], group: Group) -> Fill:
    """Return what writes the members of a group to their places, or any part of that."""
    members = [views[i] for i in group.members]
    offsets = group.offsets
    ends = [at + view.nbytes for at, view in zip(offsets, members, strict=True)]

    def fill(target: memoryview, at: int) -> None:
        stop = at + len(target)
        for i in range(bisect_right(ends, at), len(members)):
            start = offsets[i]
            if start >= stop:
                return
            low, high = max(start, at), min(ends[i], stop)
            _copy(target[low - at : high - at], members[i][low - start : high - start])

    return fill


def _copy(target: memoryview, source: memoryview) -> None:
    if len(target) < _LONG_NBYTES:
        target[:] = source
    else:
        np.copyto(np.frombuffer(target, np.uint8), np.frombuffer(source, np.uint8))


def cut(whole: BytesArray, parts: Sequence[Part]) -> list[BytesArray]:
    """Return views of the parts, which lie one after the other."""
    views: list[BytesArray] = []
    at = 0
    for part in parts:
        views.append(whole[at : at + part.nbytes])
        at += part.nbytes
    return views


def spans_of(
    groups: Sequence[Group],
    bases: Sequence[Any],
    sizes: Sequence[Any],
    ready: Event | None,
) -> list[Span]:
    """Say where each value lies, in the order in which they came.

    Parameters
    ----------
    groups, bases
        What was planned, and the memory of each.
    sizes
        Whatever has the ``nbytes`` of each value.
    ready
        When all are there.
    """
    spans: list[Any] = [None] * len(sizes)
    for group, base in zip(groups, bases, strict=True):
        for i, offset in zip(group.members, group.offsets, strict=True):
            spans[i] = Span(base, offset, sizes[i].nbytes, ready)
    return spans
