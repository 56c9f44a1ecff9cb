"""Which keys a snapshot has all of."""

from zstore.inventory.planning import KeyRange
from zstore.inventory.planning.gaps import gaps
from zstore.inventory.snapshot.manifest import Manifest
from zstore.keys import prefix_of

__all__ = ["covers", "left_out", "selects_all_of"]


def selects_all_of(outer: str, inner: str) -> bool:
    """Tell whether a prefix selects all that another does.

    Examples
    --------
    >>> selects_all_of("a", "a/"), selects_all_of("a/", "a"), selects_all_of("a", "ab")
    (True, False, False)
    """
    return not outer or inner == outer or inner.startswith(prefix_of(outer))


def left_out(manifest: Manifest, prefix: str = "") -> list[KeyRange]:
    """Return the ranges of keys that are not listed, and meet a prefix, in order."""
    holes = [hole.range for hole in manifest.holes]
    joined = gaps(gaps([*manifest.pending, *holes]))
    return [one for one in joined if _meets(one, prefix)]


def covers(manifest: Manifest, prefix: str) -> bool:
    """Tell whether a snapshot has every key that a prefix selects."""
    return selects_all_of(manifest.prefix, prefix) and not left_out(manifest, prefix)


def _meets(one: KeyRange, prefix: str) -> bool:
    below = prefix_of(prefix)
    if not below or prefix in one:
        return True
    # Between any two keys there is room for another, but not before the very first.
    end = below[:-1] + "0"
    return one.after < end and (one.until is None or one.until >= below)
