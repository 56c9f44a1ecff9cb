"""Calls between two points of the user's code, and what differs between two such."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass

from zstore import LoggingStore, Store
from zstore.display import visible
from zstore.wrappers.trace import Record

__all__ = ["FINE", "Recording", "Recordings"]

FINE = frozenset({"ok", "missing", "stopped"})
"""Outcomes that are no errors."""

_MAX_RECORDS = 100_000
_MAX_RECORDINGS = 32


@dataclass(frozen=True, slots=True)
class Recording:
    """The calls that began and ended in one ``with monitor.recording(label)``.

    Attributes
    ----------
    number
        From 1 on; names the recording where a label is used twice.
    label
        As given.
    seconds
        From the beginning of the block to its end.
    records
        The calls, in the order in which they ended; the first 100,000.
    nlost
        How many calls came after these.
    """

    number: int
    label: str
    seconds: float
    records: tuple[Record, ...]
    nlost: int = 0

    @property
    def ncalls(self) -> int:
        """How many calls there were."""
        return len(self.records) + self.nlost

    @property
    def nbytes_in(self) -> int:
        """Bytes that were written."""
        return sum(record.nbytes_in for record in self.records)

    @property
    def nbytes_out(self) -> int:
        """Bytes that were read."""
        return sum(record.nbytes_out for record in self.records)

    @property
    def nerrors(self) -> int:
        """Calls that raised; a missing key is no error."""
        return sum(record.outcome not in FINE for record in self.records)

    @property
    def mean_seconds(self) -> float:
        """How long a call took on average; 0 if there was none."""
        total = sum(record.seconds for record in self.records)
        return total / len(self.records) if self.records else 0.0

    @property
    def ncalls_by_method(self) -> dict[str, int]:
        """How many calls there were of each method, by its name, in order."""
        return dict(sorted(Counter(record.method for record in self.records).items()))


class Recordings:
    """The recordings of one store; the last 32 are kept.

    Parameters
    ----------
    store
        Whose calls are recorded; it is subscribed to while a block runs.
    on_change
        Called when a recording has begun or ended.
    """

    def __init__(self, store: LoggingStore[Store], on_change: Callable[[], None]) -> None:
        self._store = store
        self._on_change = on_change
        self._kept: tuple[Recording, ...] = ()
        self._summaries: tuple[dict[str, object], ...] = ()
        self._count = 0
        self._running: tuple[str, ...] = ()
        self._lock = threading.Lock()
        self.news: dict[str, object] = {"recordings": [], "running": []}
        """What the page shows of them; another object after each change."""

    @property
    def kept(self) -> list[Recording]:
        """The recordings that have ended, oldest first."""
        return list(self._kept)

    @property
    def running(self) -> list[str]:
        """Labels of the recordings that have not ended."""
        return list(self._running)

    @contextmanager
    def record(self, label: str) -> Generator[None, None, None]:
        """Record the calls of the ``with`` block; see `CallMonitor.recording`."""
        records: list[Record] = []
        nlost = 0
        start = time.perf_counter()

        def keep(record: Record) -> None:
            nonlocal nlost
            if record.clock < start:
                return  # it began before the block
            if len(records) < _MAX_RECORDS:
                records.append(record)
            else:
                nlost += 1

        self._store.subscribe(keep)
        with self._lock:
            self._running = (*self._running, label)
        self._change()
        try:
            yield
        finally:
            seconds = time.perf_counter() - start
            self._store.unsubscribe(keep)
            with self._lock:
                self._count += 1
                ended = Recording(self._count, label, seconds, tuple(records), nlost)
                self._kept = (*self._kept, ended)[-_MAX_RECORDINGS:]
                # Made once, and not at every batch of calls.
                self._summaries = (*self._summaries, _summary(ended))[-_MAX_RECORDINGS:]
                running = list(self._running)
                running.remove(label)
                self._running = tuple(running)
            self._change()

    def _change(self) -> None:
        running = [visible(label, 80) for label in self._running]
        self.news = {"recordings": list(self._summaries), "running": running}
        self._on_change()


def _summary(recording: Recording) -> dict[str, object]:
    return {
        "number": recording.number,
        "label": visible(recording.label, 80),
        "ncalls": recording.ncalls,
    }
