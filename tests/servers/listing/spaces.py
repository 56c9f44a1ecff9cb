"""What a bucket is: keys in order, each with its place and its size."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt

from tests.inventory.planning.key_spaces import KeySpace, Names
from zstore._compat import override

__all__ = [
    "ListedKeys",
    "count_below",
    "mixed",
    "modified",
    "past",
    "position",
    "seconds_of",
    "times",
]

_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
# Written in the order of the keys, about, by workers of which some were an hour late.
_PER_SECOND = 50
_JITTER_SECONDS = 4096
_LOW_BITS = 0xFFFF_FFFF


class ListedKeys(Names):
    """The keys of a mapping of key to size; for few keys, and odd ones.

    Parameters
    ----------
    sizes
        Key to size in bytes, in any order.
    """

    def __init__(self, sizes: Mapping[str, int]) -> None:
        super().__init__(list(sizes))
        self.sizes = dict(sizes)

    @override
    def nbytes(self, i: int) -> int:
        return self.sizes[self.names[i]]


def modified(index: int) -> datetime:
    """Return when the value with a number was written: some second from 2026 on."""
    late = mixed(np.array([index])).item() % _JITTER_SECONDS
    return _EPOCH + timedelta(seconds=index // _PER_SECOND + late)


def mixed(indices: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return numbers of 32 bits that look random, for each index the same.

    A formula that only multiplies would compress to nothing in a snapshot.
    """
    found = (indices & _LOW_BITS) * 2654435761 & _LOW_BITS
    found = (found ^ found >> 15) * 1540483477 & _LOW_BITS
    return found ^ found >> 13


def seconds_of(indices: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return `modified` of many numbers, in seconds since 2026 began."""
    return indices // _PER_SECOND + mixed(indices) % _JITTER_SECONDS


def times(indices: Sequence[int]) -> list[str]:
    """Return `modified` of many numbers as S3 writes it, to the millisecond."""
    # One call of NumPy, instead of one of `isoformat` a key.
    seconds = seconds_of(np.asarray(indices, np.int64))
    start = np.datetime64(_EPOCH.replace(tzinfo=None), "ms")
    written = np.datetime_as_string(
        start + seconds.astype("timedelta64[s]"), timezone="UTC"
    )
    found: list[str] = written.tolist()
    return found


def position(space: KeySpace, key: str) -> int | None:
    """Return the number of a key; None if there is no such key."""
    index = space.rank(key) - 1
    return index if index >= 0 and space.key(index) == key else None


def count_below(space: KeySpace, text: str | None) -> int:
    """Return how many keys come before a text; all before None."""
    if text is None:
        return len(space)
    return space.rank(text) - (position(space, text) is not None)


def past(prefix: str) -> str | None:
    """Return the first text after all that begin with `prefix`; None if there is none.

    Examples
    --------
    >>> past("a/")
    'a0'
    """
    head = prefix.rstrip("\U0010ffff")
    if not head:
        return None
    # Between these two lie the surrogates, which no key holds.
    following = 0xE000 if head[-1] == "\ud7ff" else ord(head[-1]) + 1
    return head[:-1] + chr(following)
