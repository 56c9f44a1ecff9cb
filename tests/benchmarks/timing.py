"""Timing several ways of doing one thing, in turn, so that noise hits all alike."""

import asyncio
import gc
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

__all__ = ["Comparison", "Way", "compare"]

Way = Callable[[], Awaitable[object] | None]
"""Does the thing once; may be a coroutine function."""


@dataclass(slots=True)
class Comparison:
    """The seconds that each way took, one number a round.

    Attributes
    ----------
    name
        What was done.
    bar
        Our best must take at most this times that of `against`; None if there is no bar.
    against
        The way that the bar is measured by.
    per
        What one time is divided by: the number of calls in a round.
    """

    name: str
    against: str
    bar: float | None
    per: int = 1
    seconds: dict[str, list[float]] = field(default_factory=dict)

    def best(self, way: str) -> float:
        """Seconds per call in the best round: what is least disturbed by the machine."""
        return min(self.seconds[way]) / self.per

    @property
    def ratio(self) -> float:
        """Our best time over that of `against`."""
        return self.best("zstore") / self.best(self.against)

    @property
    def median_ratio(self) -> float:
        """The median over the rounds of our time over that of `against`."""
        pairs = zip(self.seconds["zstore"], self.seconds[self.against], strict=True)
        return statistics.median(ours / theirs for ours, theirs in pairs)

    @property
    def met(self) -> bool | None:
        """Whether the bar is met; None if there is none."""
        return None if self.bar is None else self.ratio <= self.bar


def compare(comparison: Comparison, ways: dict[str, Way], *, rounds: int) -> Comparison:
    """Run each way once a round, after one round that does not count."""

    async def run() -> None:
        for number in range(rounds + 1):
            for name, way in ways.items():
                gc.collect()
                start = time.perf_counter()
                result = way()
                if result is not None:
                    await result
                seconds = time.perf_counter() - start
                if number:
                    comparison.seconds.setdefault(name, []).append(seconds)

    asyncio.run(run())
    return comparison
