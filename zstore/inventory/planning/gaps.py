"""What ranges of keys leave out."""

from collections.abc import Iterable

from zstore.inventory.planning.key_range import KeyRange

__all__ = ["gaps"]


def gaps(ranges: Iterable[KeyRange]) -> list[KeyRange]:
    """Return the ranges that lie between others, sorted; they may overlap.

    The gaps of the gaps are the ranges themselves, joined where they touch.

    Examples
    --------
    >>> gaps([KeyRange("b", "c"), KeyRange("c", "d")])
    [KeyRange(after='', until='b'), KeyRange(after='d', until=None)]
    >>> gaps([KeyRange()])
    []
    """
    found: list[KeyRange] = []
    end: str | None = ""
    for one in sorted(ranges, key=lambda one: one.after):
        if end is None:
            break
        if one.after > end:
            found.append(KeyRange(end, one.after))
        if one.until is None or one.until > end:
            end = one.until
    if end is not None:
        found.append(KeyRange(end))
    return found
