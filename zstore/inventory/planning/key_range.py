"""A part of the order of keys."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

__all__ = ["KeyRange", "in_order"]


@dataclass(frozen=True, slots=True)
class KeyRange:
    """The keys k with ``after < k <= until``, in the order of code points.

    That is the order of the UTF-8 bytes too, in which object stores list. Ranges follow
    each other without a gap: one ends with the key that the next comes after.

    Attributes
    ----------
    after
        Exclusive; empty for the start of the order.
    until
        Inclusive; None for the end of the order.

    Raises
    ------
    ValueError
        If no key can lie in the range.

    Examples
    --------
    >>> "b" in KeyRange("a", "b"), "b" in KeyRange("b", "c")
    (True, False)
    """

    after: str = ""
    until: str | None = None

    def __post_init__(self) -> None:
        if self.until is not None and self.until <= self.after:
            msg = f"no key comes after {self.after!r} and not after {self.until!r}"
            raise ValueError(msg)

    def __contains__(self, key: str) -> bool:
        """Tell whether `key` lies in the range."""
        return self.after < key and (self.until is None or key <= self.until)

    def overlaps(self, other: "KeyRange") -> bool:
        """Tell whether a key may lie in both."""
        return (self.until is None or self.until > other.after) and (
            other.until is None or other.until > self.after
        )

    def pieces(self, points: Sequence[str]) -> list["KeyRange"]:
        """Return the range cut after some keys.

        Parameters
        ----------
        points
            Ascending, none twice; those outside of the range are passed over.

        Examples
        --------
        >>> KeyRange("b", "f").pieces(["a", "c", "f"])
        [KeyRange(after='b', until='c'), KeyRange(after='c', until='f')]
        """
        start = bisect_right(points, self.after)
        stop = len(points) if self.until is None else bisect_left(points, self.until)
        ends = [self.after, *points[start:stop], self.until]
        return [KeyRange(after or "", until) for after, until in pairwise(ends)]


def in_order(ranges: Iterable[KeyRange]) -> list[KeyRange]:
    """Return ranges in the order of keys.

    Raises
    ------
    ValueError
        If two of them overlap.
    """
    ordered = sorted(ranges, key=lambda one: one.after)
    for one, other in pairwise(ordered):
        if one.until is None or one.until > other.after:
            msg = f"{one} and {other} overlap"
            raise ValueError(msg)
    return ordered
