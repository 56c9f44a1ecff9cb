"""Sets of up to 10^9 keys, in order, of which each is computed when it is asked for.

Tests list them page by page, under a virtual clock or over HTTP, without a table of keys.
"""

import hashlib
from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from math import isqrt
from typing import Literal, TypeAlias

from zstore._compat import override

__all__ = [
    "SHAPES",
    "Concat",
    "First",
    "Hashed",
    "KeySpace",
    "Names",
    "Product",
    "Shape",
    "shape",
]

_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_TWO_DIGITS = [first + second for first in _DIGITS for second in _DIGITS]

Shape: TypeAlias = Literal["nested", "flat", "skew", "hashed"]
SHAPES: tuple[Shape, ...] = ("nested", "flat", "skew", "hashed")


class KeySpace(ABC):
    """Different keys, numbered from 0 in the order of their code points."""

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def key(self, i: int) -> str:
        """Return key number `i`."""

    @abstractmethod
    def rank(self, key: str) -> int:
        """Return how many keys are `key` or come before it; `key` need not be one."""

    @abstractmethod
    def keys(self, start: int, stop: int) -> list[str]:
        """Return the keys with numbers from `start` to below `stop`, as slices do."""

    def nbytes(self, i: int) -> int:
        """Return the size of the value of key number `i`: 1 byte to 1 MiB."""
        return 1 + (i * 2654435761 >> 7) % 2**20


class Names(KeySpace):
    """Keys from a table."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = sorted(names)

    @override
    def __len__(self) -> int:
        return len(self.names)

    @override
    def key(self, i: int) -> str:
        return self.names[i]

    @override
    def rank(self, key: str) -> int:
        return bisect_right(self.names, key)

    @override
    def keys(self, start: int, stop: int) -> list[str]:
        return self.names[start:stop]


class Product(KeySpace):
    """Each of some names, followed by each key of another space.

    No name may be the beginning of another: then this order is the order of the keys.
    """

    def __init__(self, heads: Sequence[str], tails: KeySpace) -> None:
        self.heads = sorted(heads)
        self.tails = tails
        self.ntails = len(tails)

    @override
    def __len__(self) -> int:
        return len(self.heads) * self.ntails

    @override
    def key(self, i: int) -> str:
        head, tail = divmod(i, self.ntails)
        return self.heads[head] + self.tails.key(tail)

    @override
    def rank(self, key: str) -> int:
        i = bisect_right(self.heads, key)
        if i and key.startswith(self.heads[i - 1]):
            below = self.tails.rank(key[len(self.heads[i - 1]) :])
            return (i - 1) * self.ntails + below
        return i * self.ntails

    @override
    def keys(self, start: int, stop: int) -> list[str]:
        found: list[str] = []
        stop = min(stop, len(self))
        while start < stop:
            i, first = divmod(start, self.ntails)
            head, last = self.heads[i], min(self.ntails, first + stop - start)
            found += [head + tail for tail in self.tails.keys(first, last)]
            start += last - first
        return found


class Concat(KeySpace):
    """All keys of some spaces, each space after the one before it."""

    def __init__(self, *parts: KeySpace) -> None:
        self.parts = [part for part in parts if len(part)]
        self.starts = [0, *accumulate(len(part) for part in self.parts)]
        self.firsts = [part.key(0) for part in self.parts]

    @override
    def __len__(self) -> int:
        return self.starts[-1]

    @override
    def key(self, i: int) -> str:
        part = bisect_right(self.starts, i) - 1
        return self.parts[part].key(i - self.starts[part])

    @override
    def rank(self, key: str) -> int:
        part = bisect_right(self.firsts, key) - 1
        return self.starts[part] + self.parts[part].rank(key) if part >= 0 else 0

    @override
    def keys(self, start: int, stop: int) -> list[str]:
        found: list[str] = []
        for begin, part in zip(self.starts, self.parts, strict=False):
            if begin < stop and start < begin + len(part):
                found += part.keys(max(start - begin, 0), stop - begin)
        return found


class First(KeySpace):
    """The first `count` keys of a space that has at least so many."""

    def __init__(self, space: KeySpace, count: int) -> None:
        self.space = space
        self.count = count

    @override
    def __len__(self) -> int:
        return self.count

    @override
    def key(self, i: int) -> str:
        return self.space.key(i)

    @override
    def rank(self, key: str) -> int:
        return min(self.space.rank(key), self.count)

    @override
    def keys(self, start: int, stop: int) -> list[str]:
        return self.space.keys(start, min(stop, self.count))


class Hashed(KeySpace):
    """Names like Icechunk's: 20 digits of Crockford's base 32, spread evenly at random."""

    def __init__(self, count: int, seed: str) -> None:
        self.count = count
        self.seed = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8], "big")
        # Each key lies anywhere in an interval of its own, of the first ten digits.
        self.step = 2**50 // count

    @override
    def __len__(self) -> int:
        return self.count

    @override
    def key(self, i: int) -> str:
        noise = (i + self.seed) * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF
        noise ^= noise >> 29
        number = i * self.step + noise % self.step
        two = _TWO_DIGITS
        ends = two[noise & 1023] + two[noise >> 10 & 1023] + two[noise >> 20 & 1023]
        return (
            f"{two[number >> 40]}{two[number >> 30 & 1023]}{two[number >> 20 & 1023]}"
            f"{two[number >> 10 & 1023]}{two[number & 1023]}{ends}{ends[1:5]}"
        )

    @override
    def rank(self, key: str) -> int:
        return bisect_right(range(self.count), key, key=self.key)

    @override
    def keys(self, start: int, stop: int) -> list[str]:
        return [self.key(i) for i in range(start, min(stop, self.count))]


def _grid(count: int, separator: str, last: int = 0) -> KeySpace:
    """Return the first `count` chunks of an array of three axes, in the order of keys.

    The last axis has `last` chunks; 0 makes all axes as long as each other.
    """
    last = last or _root(count, 3)
    rows = -(-count // last)
    middle = max(1, isqrt(rows - 1) + 1)
    first = max(1, -(-rows // middle))
    inner = Product(_numbers(middle, separator), Names(_numbers(last)))
    return First(Product(_numbers(first, separator), inner), count)


def _root(count: int, power: int) -> int:
    side = 1
    while side**power < count:
        side += 1
    return side


def _numbers(count: int, end: str = "") -> list[str]:
    return [f"{number}{end}" for number in range(count)]


def _array(nkeys: int) -> KeySpace:
    """Return an array of Zarr v3 of `nkeys` keys, ten chunks to a folder."""
    chunks = Product(["c/"], _grid(nkeys - 1, "/", last=10))
    return Concat(chunks, Names(["zarr.json"]))


def _arrays(names: Sequence[str], nkeys: int) -> KeySpace:
    """Return arrays of the same size, but for the last, which has what is left over."""
    each = nkeys // len(names)
    rest = nkeys - each * (len(names) - 1)
    return Concat(Product(names[:-1], _array(each)), Product(names[-1:], _array(rest)))


def _nested(nkeys: int) -> KeySpace:
    count = max(4, min(1000, nkeys // 10_000))
    names = [f"array_{i:04}/" for i in range(count)]
    return Concat(_arrays(names, nkeys - 1), Names(["zarr.json"]))


def _flat(nkeys: int) -> KeySpace:
    metadata = Names([".zarray", ".zattrs"])
    array = Concat(metadata, _grid(nkeys - 3, "."))
    return Concat(Names([".zgroup"]), Product(["temperature/"], array))


def _skew(nkeys: int) -> KeySpace:
    count = max(2, min(2000, nkeys // 40))
    tiny = (nkeys - 1) // 10
    before = [f"model_{i:04}/" for i in range(count // 2)]
    after = [f"station_{i:04}/" for i in range(count - len(before))]
    half = tiny * len(before) // count
    return Concat(
        _arrays(before, half),
        Product(["reanalysis/"], _array(nkeys - 1 - tiny)),
        _arrays(after, tiny - half),
        Names(["zarr.json"]),
    )


def _hashed(nkeys: int) -> KeySpace:
    few = max(1, nkeys // 100)
    rest = nkeys - 3 * few - 2
    return Concat(
        Product(["chunks/"], Hashed(rest, "chunks")),
        Names(["config.yaml"]),
        Product(["manifests/"], Hashed(few, "manifests")),
        Names(["refs/branch.main/ref.json"]),
        Product(["snapshots/"], Hashed(few, "snapshots")),
        Product(["transactions/"], Hashed(few, "transactions")),
    )


_MAKERS = {"nested": _nested, "flat": _flat, "skew": _skew, "hashed": _hashed}


def shape(name: Shape, nkeys: int) -> KeySpace:
    """Return exactly `nkeys` keys, at least 100, of one of four shapes.

    nested
        Up to 1,000 arrays of Zarr v3 with ten chunks to a folder, and their metadata.
    flat
        One array of Zarr v2: all chunks side by side, named by numbers and dots.
    skew
        Nine keys of ten in one array, the others in 2,000 tiny ones before and after it.
    hashed
        An Icechunk repository: random names.
    """
    return _MAKERS[name](nkeys)
