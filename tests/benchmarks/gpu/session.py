"""One run: what it measures with, how long it may take, and the rows that it found."""

import asyncio
import gc
import inspect
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from tests.benchmarks.gpu.devices import Device
from tests.benchmarks.gpu.ways import Way

__all__ = ["Options", "OutOfTime", "Prepare", "Row", "Session", "human", "label"]

T = TypeVar("T")

KIB, MIB = 1 << 10, 1 << 20
SIZES = (KIB, 16 * KIB, 256 * KIB, 4 * MIB, 64 * MIB)

Prepare = Callable[[], Callable[[], object]]
"""Does what is not timed, and returns what is; that may return an awaitable."""


class OutOfTime(Exception):  # noqa: N818 -- no error: what is left is not measured
    """The budget is used up."""


@dataclass(frozen=True, slots=True)
class Options:
    """How much is measured.

    Attributes
    ----------
    sizes
        Lengths of the values, in bytes.
    total_nbytes, max_calls
        How much is moved in one round, and in how many calls at most.
    many_nbytes
        Length of all small values together, where their overhead is measured.
    large_nbytes
        Length of the values of which there is only one.
    rounds
        How often, after a round that does not count.
    budget_s
        Seconds after which nothing more is begun.
    """

    sizes: tuple[int, ...] = SIZES
    total_nbytes: int = 256 * MIB
    max_calls: int = 1500
    many_nbytes: int = 2 * MIB
    large_nbytes: int = 512 * MIB
    rounds: int = 5
    budget_s: float = 420

    @classmethod
    def for_rehearsal(cls) -> "Options":
        """Return so little that a rehearsal is a matter of seconds."""
        return cls(
            sizes=(KIB, 256 * KIB),
            total_nbytes=MIB,
            max_calls=24,
            many_nbytes=32 * KIB,
            large_nbytes=2 * MIB,
            rounds=1,
            budget_s=60,
        )

    def calls(self, size: int) -> int:
        """Return in how many calls values of a size are moved."""
        return max(4, min(self.max_calls, self.total_nbytes // size))


@dataclass(slots=True)
class Row:
    """What one way took for one thing.

    Attributes
    ----------
    what, way, size
        The thing, who did it, and the length of its values in bytes.
    unit
        ``"s"``, ``"bytes"`` or ``"ratio"``.
    values
        One a round, for one call.
    calls
        How many calls a round had.
    """

    what: str
    way: str
    size: int
    unit: str
    values: list[float]
    calls: int = 1

    @property
    def median(self) -> float:
        """The median over the rounds."""
        return statistics.median(self.values)


@dataclass
class Session:
    """Measures, and keeps what it found.

    Attributes
    ----------
    notes, failures
        What a reader has to know, and what went wrong: wrong bytes, or an exception.
    flush
        Called after every row.
    """

    options: Options
    device: Device
    ways: list[Way]
    rows: list[Row] = field(default_factory=list)
    promises: dict[str, dict[str, str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    flush: Callable[[], None] = lambda: None

    def __post_init__(self) -> None:
        self._began = time.monotonic()
        self._loop = asyncio.new_event_loop()

    def close(self) -> None:
        """Close the event loop."""
        self._loop.close()

    def left(self) -> float:
        """Return the seconds that are left of the budget."""
        return self.options.budget_s - (time.monotonic() - self._began)

    def run(self, awaitable: Awaitable[T]) -> T:
        """Wait for something, always on the same event loop."""

        async def wait() -> T:
            return await awaitable

        return self._loop.run_until_complete(wait())

    def say(self, text: str) -> None:
        """Print a line, of a rehearsal as such."""
        print(f"{label(self.device)}{text}", flush=True)

    def compare(
        self, what: str, size: int, jobs: dict[str, Prepare], *, calls: int = 1
    ) -> None:
        """Time the ways in turn, one way round and then the other.

        Parameters
        ----------
        what, size
            Of the rows.
        jobs
            By the name of their way.
        calls
            How many calls each does; the rows are of one.
        """
        values: dict[str, list[float]] = {way: [] for way in jobs}
        for number in range(self.options.rounds + 1):
            if self.left() <= 0:
                break
            for way in list(jobs) if number % 2 else reversed(jobs):
                seconds = self._time(jobs[way])
                if number:
                    values[way].append(seconds / calls)
        for way in jobs:
            self.add(Row(what, way, size, "s", values[way], calls))
        if self.left() <= 0:
            raise OutOfTime

    def _time(self, prepare: Prepare) -> float:
        work = prepare()
        gc.collect()
        self.device.synchronize()
        began = time.perf_counter()
        result: Any = work()
        if inspect.isawaitable(result):
            self.run(result)
        self.device.synchronize()
        return time.perf_counter() - began

    def add(self, row: Row) -> None:
        """Keep a row, unless nothing was measured."""
        if not row.values:
            return
        self.rows.append(row)
        low, high = human(min(row.values), row.unit), human(max(row.values), row.unit)
        rate = ""
        if row.unit == "s" and row.size and row.median:
            rate = f"{row.size / row.median / 1e9:9.3f} GB/s"
        self.say(
            f"{row.what:34} {row.way:16} {human(row.size, 'bytes'):>9} x{row.calls:<5}"
            f"{human(row.median, row.unit):>10} [{low} .. {high}] {rate}"
        )
        self.flush()

    def find(self, what: str, way: str, size: int) -> Row | None:
        """Return the row of a thing; the last one if there are several."""
        wanted = what, way, size
        found = [row for row in self.rows if (row.what, row.way, row.size) == wanted]
        return found[-1] if found else None

    def check(self, what: str, *, holds: bool) -> None:
        """Keep what is said as a failure, unless it holds."""
        if not holds:
            self.fail(f"it does not hold that {what}")

    def fail(self, what: str) -> None:
        """Keep a failure."""
        self.failures.append(what)
        self.say(f"FAILURE: {what}")


def label(device: Device) -> str:
    """Return what stands before every line of a rehearsal."""
    return "REHEARSAL, not a GPU: " if device.rehearsal else ""


_SCALES: dict[str, Sequence[tuple[float, str]]] = {
    "s": ((1, "s"), (1e-3, "ms"), (1e-6, "us"), (1e-9, "ns")),
    "bytes": ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"), (1, "B")),
}


def human(value: float, unit: str) -> str:
    """Return a number as people read it."""
    if unit == "ratio":
        return _digits(value)
    for scale, name in _SCALES[unit]:
        if abs(value) >= scale:
            return f"{_digits(value / scale)} {name}"
    return f"0 {unit}"


def _digits(value: float) -> str:
    return f"{value:.0f}" if value >= 999.5 else f"{value:.3g}"
