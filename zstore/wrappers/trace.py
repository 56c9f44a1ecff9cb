"""What was done to a store, call by call, in a buffer of bounded length."""

import asyncio
import threading
import time
import warnings
from collections import deque
from collections.abc import Callable
from typing import NamedTuple, TypeAlias, cast

from zstore.errors import InvalidTypeError, ZStoreWarning
from zstore.ranges import ByteRequest
from zstore.wrappers.calls import Call, hint_of, nbytes_of_all

__all__ = ["Record", "Result", "Subscriber", "Trace", "result_of"]


class Record(NamedTuple):
    """One finished call of a store.

    Attributes
    ----------
    start
        When it began, in seconds since the epoch.
    clock
        When it began, in seconds of ``time.perf_counter``: it never steps back, so it
        orders calls.
    seconds
        How long it took. Of an iteration: the time spent waiting for items, not the time
        that the caller spent on them.
    method
        Name of the method of `Store`.
    keys
        The keys it was about, all of them if it was a batch; empty if about a prefix.
    prefix
        The prefix it was about; None if it was about keys.
    byte_ranges
        What was asked for: one for each key, or several of one key; empty for whole
        values.
    nbytes_in, nbytes_out
        Bytes of values that it brought in, and that it gave; listings give none.
    nitems
        Keys, names or entries that an iteration gave; 0 for other calls.
    outcome
        ``"ok"``; ``"missing"`` if there was no value (`get` and `get_ranges` gave None, a
        batch nothing but None, `exists` False); ``"stopped"`` if an iteration was closed
        before its end; otherwise the name of the error, ``"CancelledError"`` included.
    task
        Name of the asyncio task; empty outside of one.
    """

    start: float
    clock: float
    seconds: float
    method: str
    keys: tuple[str, ...]
    prefix: str | None
    byte_ranges: tuple[ByteRequest | None, ...]
    nbytes_in: int
    nbytes_out: int
    nitems: int
    outcome: str
    task: str

    @property
    def hint(self) -> str:
        """What it was about: the keys joined by commas, or the prefix."""
        return hint_of(self.keys, self.prefix)


Subscriber: TypeAlias = Callable[[Record], object]
"""Called with each record, in the thread and on the loop of the call."""

Result: TypeAlias = tuple[str, int, int]
"""How a call ended: outcome, bytes out, items."""

# What is kept of a call: when the clock was 0 since the epoch, start by the clock, seconds,
# the call, its result, name of the task. A `Record` is made of it when one is read.
_Row: TypeAlias = tuple[float, float, float, Call, Result, str]

# Reading the time of day at every call would cost a tenth of all that a record costs.
_SECONDS_BETWEEN_READINGS = 1.0

# A name of this module is found faster than an attribute of another.
_current_task = asyncio.current_task


class Trace:
    """The last records, and who wants to hear of new ones; safe for threads.

    Parameters
    ----------
    max_records
        How many are kept; 0 keeps none.

    Raises
    ------
    InvalidTypeError
        If `max_records` is no int, or negative.
    """

    def __init__(self, max_records: int) -> None:
        if type(max_records) is not int or max_records < 0:
            msg = f"max_records must be an int from 0 on, got {max_records!r}"
            raise InvalidTypeError(msg)
        self.max_records = max_records
        self._rows: deque[_Row] = deque(maxlen=max_records)
        self._subscribers: tuple[Subscriber, ...] = ()
        self._lock = threading.Lock()
        self._clock_zero = time.time() - time.perf_counter()
        self._next_reading = 0.0

    def add(self, call: Call, clock: float, seconds: float, result: Result) -> None:
        """Keep the record of a call that has just ended; see `Record`.

        Notes
        -----
        Takes no lock: a deque appends in one step.
        """
        if clock > self._next_reading:
            self._next_reading = clock + _SECONDS_BETWEEN_READINGS
            self._clock_zero = time.time() - time.perf_counter()
        try:
            task = _current_task()
            name = "" if task is None else task.get_name()
        except RuntimeError:
            name = ""
        row = (self._clock_zero, clock, seconds, call, result, name)
        self._rows.append(row)
        if self._subscribers:
            self._publish(_record(row))

    def _publish(self, record: Record) -> None:
        for subscriber in self._subscribers:
            try:
                subscriber(record)
            except Exception as error:  # noqa: BLE001 -- the store call did nothing wrong
                self.unsubscribe(subscriber)
                msg = f"subscriber {subscriber!r} failed and was dropped: {error!r}"
                warnings.warn(msg, ZStoreWarning, stacklevel=2)

    def records(self) -> list[Record]:
        """Return the records that are kept, in the order in which the calls ended."""
        while True:
            try:
                rows = list(self._rows)
            except RuntimeError:  # another thread added one just then
                continue
            return [_record(row) for row in rows]

    def clear(self) -> None:
        """Forget all records; subscribers stay."""
        self._rows.clear()

    def subscribe(self, subscriber: Subscriber) -> None:
        """Call `subscriber` with each new record; once, however often it is added."""
        with self._lock:
            if subscriber not in self._subscribers:
                self._subscribers = (*self._subscribers, subscriber)

    def unsubscribe(self, subscriber: Subscriber) -> None:
        """Call `subscriber` no more; one that is not known is no error."""
        with self._lock:
            self._subscribers = tuple(s for s in self._subscribers if s != subscriber)


def _record(row: _Row) -> Record:
    clock_zero, clock, seconds, call, (outcome, nbytes_out, nitems), task = row
    return Record(
        start=clock_zero + clock,
        clock=clock,
        seconds=seconds,
        method=call["method"],
        keys=call.get("keys", ()),
        prefix=call.get("prefix"),
        byte_ranges=call.get("byte_ranges", ()),
        nbytes_in=call.get("nbytes_in", 0),
        nbytes_out=nbytes_out,
        nitems=nitems,
        outcome=outcome,
        task=task,
    )


_OK: Result = ("ok", 0, 0)
_MISSING: Result = ("missing", 0, 0)
_GIVE_VALUES = frozenset({"get", "get_many", "get_partial_values", "get_ranges"})


def result_of(method: str, value: object) -> Result:
    """Return how a call ended that returned `value`."""
    if method in _GIVE_VALUES:
        values = [value] if method == "get" else cast("list[object] | None", value)
        if values is None or (values and all(part is None for part in values)):
            return _MISSING
        return "ok", nbytes_of_all(values), 0
    return _MISSING if method == "exists" and not value else _OK
