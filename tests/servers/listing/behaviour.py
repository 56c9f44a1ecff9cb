"""What the server was asked, and what goes wrong in it."""

import math
import random
import time
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from tests.inventory.planning.key_spaces import KeySpace

__all__ = ["FAULTS", "Behaviour", "Counts", "Fault", "Kind", "Method"]

Method: TypeAlias = Literal["list", "head", "get"]

FAULTS = (
    "repeat",  # the page before is sent again, and its token
    "disorder",  # the keys of the page are sent in reverse
    "cut",  # the connection is closed in the middle of the document
    "garbled",  # the document ends in its middle, as if that were all
    "no-token",  # there is more, but no token to ask for it
    "503",  # SlowDown
    "403",  # AccessDenied
)
Kind: TypeAlias = Literal["repeat", "disorder", "cut", "garbled", "no-token", "503", "403"]


@dataclass(slots=True)
class Counts:
    """The requests that arrived.

    Attributes
    ----------
    nlist, nhead, nget
        All of them, those that failed too.
    n503
        Those that were answered SlowDown.
    most_in_flight
        How many were being answered at the same time, at most.
    """

    nlist: int = 0
    nhead: int = 0
    nget: int = 0
    n503: int = 0
    most_in_flight: int = 0


@dataclass(slots=True)
class Fault:
    """What goes wrong with some listings: after so many, and so many times."""

    kind: Kind
    after: int
    times: float
    nseen: int = 0

    def hits(self) -> bool:
        """Count a listing, and tell whether it goes wrong."""
        self.nseen += 1
        return self.after < self.nseen <= self.after + self.times


@dataclass(slots=True)
class _Change:
    bucket: str
    space: KeySpace
    after: int
    nseen: int = 0


@dataclass(slots=True)
class _TokenBucket:
    """Lets so many requests pass a second, and a tenth of them at once."""

    rate: float
    left: float = 1.0
    at: float = field(default_factory=time.monotonic)

    def passes(self) -> bool:
        now = time.monotonic()
        most = max(1.0, self.rate / 10)
        self.left = min(most, self.left + (now - self.at) * self.rate)
        self.at = now
        if self.left < 1:
            return False
        self.left -= 1
        return True


class Behaviour:
    """How requests are answered; all of it can be changed meanwhile.

    Parameters
    ----------
    seed
        Of the lots that `slow_down_share` draws.

    Attributes
    ----------
    latency
        Seconds before any answer.
    slow_down_share
        The share of requests that are answered SlowDown, from 0 to 1. Which they are
        depends on the seed and the number of the request only.
    counts
        What arrived.
    """

    def __init__(self, *, seed: int = 1) -> None:
        self.latency = 0.0
        self.slow_down_share = 0.0
        self.counts = Counts()
        self._seed = seed
        self._lots = random.Random(seed)
        self._bucket: _TokenBucket | None = None
        self._nin_flight = 0
        self._faults: list[Fault] = []
        self._changes: list[_Change] = []

    @property
    def rate(self) -> float | None:
        """Requests a second that are answered, the others with SlowDown; None for all."""
        return None if self._bucket is None else self._bucket.rate

    @rate.setter
    def rate(self, rate: float | None) -> None:
        self._bucket = None if rate is None else _TokenBucket(rate)

    def fail(self, kind: Kind, *, after: int = 0, times: float = math.inf) -> None:
        """Answer listings wrong: after `after` more of them, so many times."""
        if kind not in FAULTS:
            msg = f"a fault is one of {', '.join(FAULTS)}; got {kind!r}"
            raise ValueError(msg)
        self._faults.append(Fault(kind, after, times))

    def change(self, bucket: str, space: KeySpace, *, after: int) -> None:
        """Let a bucket be another after so many more of its listings."""
        self._changes.append(_Change(bucket, space, after))

    def heal(self) -> None:
        """Let nothing go wrong any more; buckets that changed stay as they are."""
        self._faults.clear()
        self._changes.clear()
        self.latency = self.slow_down_share = 0.0
        self.rate = None

    def reset(self) -> None:
        """Count from nothing, and draw the same lots again."""
        self.counts = Counts(most_in_flight=self._nin_flight)
        self._lots = random.Random(self._seed)

    def begin(self, method: Method) -> bool:
        """Count a request; tell whether it is answered SlowDown."""
        counts = self.counts
        if method == "list":
            counts.nlist += 1
        elif method == "head":
            counts.nhead += 1
        else:
            counts.nget += 1
        self._nin_flight += 1
        counts.most_in_flight = max(counts.most_in_flight, self._nin_flight)
        slow = bool(self.slow_down_share) and self._lots.random() < self.slow_down_share
        return slow or (self._bucket is not None and not self._bucket.passes())

    def end(self) -> None:
        """Count the answer of a request."""
        self._nin_flight -= 1

    def meet(self) -> Kind | None:
        """Count a listing for the faults; return the first that hits it."""
        hits = [fault.kind for fault in self._faults if fault.hits()]
        return hits[0] if hits else None

    def changed(self, bucket: str) -> KeySpace | None:
        """Count a listing for the changes; return what the bucket is from now on."""
        for change in [one for one in self._changes if one.bucket == bucket]:
            change.nseen += 1
            if change.nseen > change.after:
                self._changes.remove(change)
                return change.space
        return None

    def snapshot(self) -> Counts:
        """Return a copy of the counts."""
        return replace(self.counts)
