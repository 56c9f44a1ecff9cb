"""How long calls take: not on average, but for most, and for the unlucky."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from zstore.wrappers.trace import Record

__all__ = ["Percentiles", "percentiles_by_method"]


@dataclass(frozen=True, slots=True)
class Percentiles:
    """How long some calls took, in seconds.

    Attributes
    ----------
    ncalls
        How many calls there were, whatever their outcome.
    p50, p90, p99
        So long, at most, took 50 %, 90 % and 99 % of them; interpolated linearly.
    """

    ncalls: int
    p50: float
    p90: float
    p99: float


def percentiles_by_method(records: Iterable[Record]) -> dict[str, Percentiles]:
    """Return the percentiles of the calls of each method, by its name, in order."""
    seconds: defaultdict[str, list[float]] = defaultdict(list)
    for record in records:
        seconds[record.method].append(record.seconds)
    return {method: _percentiles(seconds[method]) for method in sorted(seconds)}


def _percentiles(seconds: list[float]) -> Percentiles:
    p50, p90, p99 = np.percentile(seconds, (50, 90, 99)).tolist()
    return Percentiles(len(seconds), p50, p90, p99)
