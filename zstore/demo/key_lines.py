"""Many keys in order, of which each is made when it is asked for."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from itertools import accumulate
from typing import Final, NamedTuple
from zlib import crc32

from zstore.entries import KeyPage

__all__ = ["KeyLines", "Line"]

# A prime: its multiples are spread over all sizes.
_PRIME: Final = 2654435761


class Line(NamedTuple):
    """Some keys that begin with the same text.

    Attributes
    ----------
    head
        How they begin.
    tails
        How they go on, in order.
    nbytes, spread
        The least size of their values, and how many sizes there are from there on.
    modified
        When they were written: microseconds since 1970.
    """

    head: str
    tails: tuple[str, ...]
    nbytes: int
    spread: int
    modified: int

    def sizes(self, start: int, stop: int) -> list[int]:
        """Return the sizes of the values from number `start` to below `stop`."""
        first = crc32(self.head.encode())
        return [
            self.nbytes + (first + i * _PRIME) % self.spread for i in range(start, stop)
        ]


class KeyLines:
    """The keys of some lines, numbered from 0 in their order.

    Parameters
    ----------
    lines
        In any order; between two keys of a line there is no key of another one.

    Notes
    -----
    What is asked for costs time; the lines alone cost memory.
    """

    def __init__(self, lines: Iterable[Line]) -> None:
        self._lines = sorted(lines, key=lambda line: line.head + line.tails[0])
        self._firsts = [line.head + line.tails[0] for line in self._lines]
        self._starts = list(
            accumulate((len(line.tails) for line in self._lines), initial=0)
        )

    def __len__(self) -> int:
        return self._starts[-1]

    def before(self, key: str) -> int:
        """Return how many keys come before `key`, which need not be one."""
        i = bisect_right(self._firsts, key) - 1
        if i < 0:
            return 0
        line = self._lines[i]
        if not key.startswith(line.head):
            return self._starts[i + 1]
        return self._starts[i] + bisect_left(line.tails, key[len(line.head) :])

    def find(self, key: str) -> int | None:
        """Return the number of a key; None if there is no such key."""
        i = self.before(key)
        return i if self.page(i, i + 1).keys == [key] else None

    def page(self, start: int, stop: int) -> KeyPage:
        """Return the keys from number `start` to below `stop`, as slices do."""
        found: tuple[list[str], list[int], list[int]] = ([], [], [])
        stop = min(stop, len(self))
        i = bisect_right(self._starts, start) - 1
        while start < stop:
            line, begin = self._lines[i], self._starts[i]
            first, last = start - begin, min(stop - begin, len(line.tails))
            found[0].extend([line.head + tail for tail in line.tails[first:last]])
            found[1].extend(line.sizes(first, last))
            found[2].extend([line.modified] * (last - first))
            start, i = begin + last, i + 1
        return KeyPage(*found)
