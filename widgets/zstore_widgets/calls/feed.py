"""The calls of a store on their way to the page: gathered, and sent in batches."""

import asyncio
import itertools
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

import numpy as np

from zstore import ByteRequest, LoggingStore, OffsetByteRequest, RangeByteRequest, Store
from zstore.concurrency import run_in_thread
from zstore.display import visible
from zstore.ranges import SuffixByteRequest
from zstore.wrappers.trace import Record
from zstore_widgets.channel import MAX_MESSAGE_NBYTES, Job, request

__all__ = ["MAX_IN_VIEW", "CallFeed", "range_text", "subject_of"]

MAX_IN_VIEW = 10_000
"""How many calls the page keeps: the last ones."""

_SECONDS_BETWEEN_BATCHES = 0.2
_SECONDS_UNTIL_IDLE = 1.0
# In one batch; what is left comes with the next.
_MAX_BATCH = 2_500
_MAX_TEXT = 200
# More calls that have not ended are calls that the trace has forgotten.
_MOST_AT_ONCE = 1_000
# A character is at most six bytes of JSON: a control character, as an escape.
_NBYTES_OF_CHARACTER = 6
_NBYTES_OF_ROW = 100


class _Pending:
    """Calls that wait to be sent to one page.

    The calls come in from any thread, and wait for `add`: it costs less than 1 us. What a
    burst pushes out of `MAX_IN_VIEW` would be pushed out of the page as well.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._records: deque[tuple[int, Record]] = deque(maxlen=MAX_IN_VIEW)
        self._numbers = itertools.count(1)
        self._woken = False
        self.event = asyncio.Event()
        self.nended = 0

    def add(self, record: Record) -> None:
        self._records.append((next(self._numbers), record))
        if not self._woken:
            self._woken = True
            self.wake()

    def wake(self) -> None:
        """Have the next batch sent; from any thread."""
        # A loop that is closed has no page to send to any more.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self.event.set)

    def take(self) -> list[Record]:
        """Return the next batch, and count what ended."""
        # First, so that a call that is added from here on wakes anew.
        self._woken = False
        self.event.clear()
        waiting = len(self._records)
        if waiting:
            self.nended = self._records[-1][0]
        batch = [self._records.popleft()[1] for _ in range(min(_MAX_BATCH, waiting))]
        if self._records:
            self.event.set()
        return batch


class CallFeed:
    """Answers `watch`: the calls that the trace holds, and each that ends from then on.

    Parameters
    ----------
    store
        Whose calls they are. It is subscribed to while a page shows the view.
    news
        Returns what else the page shall know; sent when it has changed.
    when_idle
        Called when a batch was sent and no other call came for a second.
    """

    def __init__(
        self,
        store: LoggingStore[Store],
        news: Callable[[], object],
        when_idle: Callable[[], Awaitable[None]],
    ) -> None:
        self._store = store
        self._news = news
        self._when_idle = when_idle
        self._watchers: set[_Pending] = set()

    @property
    def nwatchers(self) -> int:
        """How many pages are shown."""
        return len(self._watchers)

    def tell(self) -> None:
        """Send the news, from any thread."""
        for pending in list(self._watchers):
            pending.wake()

    @request
    async def watch(self, job: Job) -> None:
        """Send calls, at most five batches a second, until the page is gone."""
        job.wait_for_events()
        pending = _Pending()
        self._watchers.add(pending)
        self._store.subscribe(pending.add)
        try:
            await self._send(job, pending)
        finally:
            self._store.unsubscribe(pending.add)
            self._watchers.discard(pending)

    async def _send(self, job: Job, pending: _Pending) -> None:
        known = await run_in_thread(lambda: self._store.trace)
        count = _Count(len(known))
        news = self._news()
        await job.part({"news": news, **count.update(self._store, 0)})
        await _send_rows(job, known[-MAX_IN_VIEW:])
        # A call that ended between subscribing and reading the trace is in both.
        seen = {(record.clock, record.seconds, record.method) for record in known}
        while True:
            records = pending.take()
            rows = [each for each in records if _identity(each) not in seen]
            seen = set()
            head: dict[str, object] = count.update(self._store, pending.nended)
            if (latest := self._news()) is not news:
                head["news"] = news = latest
            await job.part(head)
            await _send_rows(job, rows)
            await asyncio.sleep(_SECONDS_BETWEEN_BATCHES)
            await self._wait(pending)

    async def _wait(self, pending: _Pending) -> None:
        try:
            async with asyncio.timeout(_SECONDS_UNTIL_IDLE):
                await pending.event.wait()
        except TimeoutError:
            await self._when_idle()
            await pending.event.wait()


class _Count:
    """How many calls began, and how many of them have not ended."""

    def __init__(self, nbefore: int) -> None:
        self._nbefore = nbefore
        self._nbegun = 0
        self._zero: int | None = None

    def update(self, store: LoggingStore[Store], nended: int) -> dict[str, object]:
        nbegun = sum(list(store.counter.values()))
        open_calls = nbegun - nended - self._nbefore
        was_reset = nbegun < self._nbegun
        self._nbegun = nbegun
        # The trace may have forgotten calls that the counter knows, so that only the
        # difference to the quietest moment says how many are under way.
        if self._zero is None:
            forgets = open_calls > _MOST_AT_ONCE
            self._zero = open_calls if forgets else 0
        self._zero = min(self._zero, open_calls)
        return {"ncalls": nbegun, "nopen": open_calls - self._zero, "reset": was_reset}


def _identity(record: Record) -> tuple[float, float, str]:
    return record.clock, record.seconds, record.method


async def _send_rows(job: Job, records: Sequence[Record]) -> None:
    start = nbytes = 0
    for end, record in enumerate(records):
        nbytes += _row_nbytes(record)
        if nbytes > MAX_MESSAGE_NBYTES - 16 * 1024:
            await _send_part(job, records[start:end])
            start, nbytes = end, _row_nbytes(record)
    if start < len(records):
        await _send_part(job, records[start:])


def _row_nbytes(record: Record) -> int:
    first = str(record.keys[0]) if record.keys else record.prefix or ""
    length = min(len(first), _MAX_TEXT) + len(record.outcome) + len(record.method)
    return _NBYTES_OF_ROW + _NBYTES_OF_CHARACTER * (length + 24)


async def _send_part(job: Job, records: Sequence[Record]) -> None:
    names: dict[str, int] = {}
    numbers = np.array(
        [
            (
                record.clock,
                record.seconds,
                names.setdefault(visible(record.method, 80), len(names)),
                names.setdefault(visible(record.outcome, 80), len(names)),
                len(record.keys),
                record.nbytes_in,
                record.nbytes_out,
                record.nitems,
            )
            for record in records
        ],
        dtype="<f8",
    )
    value = {
        "names": list(names),
        "keys": [subject_of(record) for record in records],
        "ranges": [range_text(record.byte_ranges) for record in records],
    }
    await job.part(value, [numbers.T.tobytes()])


def subject_of(record: Record) -> str:
    """Return the first key or the prefix of a call as it may be shown, cut if it is long.

    Examples
    --------
    >>> from zstore.wrappers.trace import Record
    >>> subject_of(Record(0, 0, 0, "list", (), "", (), 0, 0, 0, "ok", ""))
    '/'
    """
    if record.keys:
        text = str(record.keys[0])
    elif record.prefix is None:
        return ""
    else:
        text = str(record.prefix) or "/"
    return visible(text, _MAX_TEXT)


def range_text(byte_ranges: Sequence[ByteRequest | None]) -> str:
    """Return the byte ranges of a call in the words of a Python slice.

    Examples
    --------
    >>> from zstore import RangeByteRequest, SuffixByteRequest
    >>> range_text([RangeByteRequest(0, 64)]), range_text([SuffixByteRequest(8)])
    ('0:64', '-8:')
    """
    asked = [each for each in byte_ranges if each is not None]
    if len(asked) > 1:
        return f"{len(asked):,} ranges"
    match asked:
        case [RangeByteRequest(start, end)]:
            return f"{start}:{end}"
        case [OffsetByteRequest(offset)]:
            return f"{offset}:"
        case [SuffixByteRequest(suffix)]:
            return f"-{suffix}:"
        case [other]:  # a call with an impossible range is recorded too
            return visible(str(other), 40)
        case _:
            return ""
