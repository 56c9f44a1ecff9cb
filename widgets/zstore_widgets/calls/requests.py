"""What the page asks of a `CallMonitor` besides the calls themselves."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Literal

import numpy as np

from zstore import LoggingStore, Store
from zstore.concurrency import run_in_thread
from zstore.display import format_count, format_nbytes, format_shape, visible
from zstore.errors import InvalidTypeError
from zstore.hierarchy import Node, read_node
from zstore.wrappers.trace import Record
from zstore.wrappers.trace_export import as_chrome_trace, as_json_lines
from zstore_widgets.calls.chunk_heat import Direction, arrays_seen, heat_of
from zstore_widgets.calls.differences import compare, differences
from zstore_widgets.calls.estimates import (
    COST_RULE,
    TIME_RULE,
    Assumptions,
    Estimate,
    estimate,
)
from zstore_widgets.calls.feed import range_text
from zstore_widgets.calls.recordings import Recording, Recordings
from zstore_widgets.calls.table import as_csv
from zstore_widgets.channel import Job, request

__all__ = ["CallRequests"]

Format = Literal["csv", "json lines", "chrome trace"]

_EXPORTS: dict[Format, Callable[[Sequence[Record]], str]] = {
    "csv": as_csv,
    "json lines": as_json_lines,
    "chrome trace": as_chrome_trace,
}
_MAX_KEYS = 500
_MAX_TEXT = 400
# Bars in the small waterfall of a recording.
_MAX_BARS = 2_000


class CallRequests:
    """Answers about single calls, recordings and arrays.

    A ``source`` is the number of a recording, or 0 for all that the trace holds.

    Parameters
    ----------
    store
        Whose calls they are.
    inner
        The same keys, where reading is not recorded.
    recordings
        The recordings of the view.
    """

    def __init__(
        self, store: LoggingStore[Store], inner: Store, recordings: Recordings
    ) -> None:
        self._store = store
        self._inner = inner
        self._recordings = recordings
        # The page asks for the heat again after each burst of calls.
        self._nodes: dict[str, Node] = {}

    @request
    async def call_details(
        self, job: Job, *, clock: float, duration: float, method: str
    ) -> object:
        """Return all that is known of one call: its keys, ranges and task."""
        del job
        records = await self._records(0)
        for record in reversed(records):
            if (record.clock, record.seconds) == (clock, duration) and (
                visible(record.method, 80) == method
            ):
                return _details(record)
        msg = f"the trace holds the last {len(records):,} calls; this one is older"
        raise InvalidTypeError(msg)

    @request
    async def compare_recordings(self, job: Job, *, first: int, second: int) -> object:
        """Return the differences of two recordings in words, and send their bars."""
        pair = self._recording(first), self._recording(second)
        for recording in pair:
            bars, methods = await run_in_thread(partial(_bars, recording))
            await job.part({"methods": methods}, [bars])
        words = " \N{MIDDLE DOT} ".join(compare(*pair))
        return {"words": f"B: {words}", "rows": differences(*pair)}

    @request
    async def estimate_calls(  # noqa: PLR0913 -- the fields of the form
        self,
        job: Job,
        *,
        source: int,
        latency: float,
        bandwidth: float,
        connections: int,
        price_get: float,
        price_put: float,
        price_out: float,
    ) -> object:
        """Return what the calls would take and cost; see `Assumptions` for the units."""
        del job
        assumptions = Assumptions(
            latency, bandwidth, connections, price_get, price_put, price_out
        )
        records = await self._records(source)

        found = await run_in_thread(partial(estimate, records, assumptions))
        return {
            "seconds": found.seconds,
            "cost": found.cost,
            "rows": _sums(found, len(records)),
            "rules": [TIME_RULE, COST_RULE],
        }

    @request
    async def export_calls(self, job: Job, *, source: int, form: Format) -> None:
        """Send the calls as the text of a file."""
        records = await self._records(source)
        text = await run_in_thread(lambda: _EXPORTS[form](records))
        await job.bytes({}, text.encode(errors="backslashreplace"))

    @request
    async def arrays_seen(self, job: Job, *, source: int) -> object:
        """Return the arrays that the calls were about."""
        del job
        nodes = await arrays_seen(self._inner, await self._records(source))
        self._nodes = {node.path: node for node in nodes}
        return [_array(node) for node in nodes]

    @request
    async def chunk_heat(
        self, job: Job, *, path: str, source: int, direction: Direction
    ) -> object:
        """Return how the chunks of an array were touched, and send the touches."""
        node = self._nodes.get(path) or await self.node(path)
        records = await self._records(source)
        found = await run_in_thread(lambda: heat_of(node, records, direction))
        columns = [
            *found.indices.T,
            found.touches,
            found.repeats,
            found.missing,
        ]
        await job.bytes({}, np.array(columns, dtype="<f8").tobytes())
        return {
            "what": found.what,
            "words": found.words,
            "counts": list(found.counts),
            "ntouched": len(found.touches),
        }

    async def node(self, path: str) -> Node:
        """Return the array at `path`.

        Raises
        ------
        InvalidTypeError
            If there is none.
        """
        node = await read_node(self._inner, path)
        if node is None or node.array is None:
            msg = f"there is no array at {visible(path, 200)!r}"
            raise InvalidTypeError(msg)
        return node

    async def _records(self, source: int) -> Sequence[Record]:
        if source:
            return self._recording(source).records
        return await run_in_thread(lambda: self._store.trace)

    def _recording(self, number: int) -> Recording:
        for recording in self._recordings.kept:
            if recording.number == number:
                return recording
        msg = f"there is no recording number {number}"
        raise InvalidTypeError(msg)


def _details(record: Record) -> dict[str, object]:
    subjects = record.keys
    if not subjects and record.prefix is not None:
        subjects = (record.prefix or "/",)
    keys = [visible(str(key), _MAX_TEXT) for key in subjects[:_MAX_KEYS]]
    # Within one message, also if each character is an escape.
    while sum(map(len, keys)) > _MAX_TEXT * 80:
        keys = keys[: len(keys) // 2]
    ranges = [
        "" if each is None else range_text([each])
        for each in record.byte_ranges[:_MAX_KEYS]
    ]
    hidden = len(subjects) - len(keys), len(record.byte_ranges) - len(ranges)
    return {
        "start": record.start,
        "keys": keys,
        "ranges": ranges,
        "nhidden": max(hidden),
        "task": visible(record.task, 80),
    }


def _sums(found: Estimate, ncalls: int) -> list[tuple[str, str]]:
    counts = {
        "calls": ncalls,
        "reads": found.nreads,
        "writes": found.nwrites,
        "lists": found.nlists,
        "deletes (free)": found.ndeletes,
    }
    return [
        *((name, format_count(count)) for name, count in counts.items()),
        ("bytes read", format_nbytes(found.nbytes_out)),
        ("bytes written", format_nbytes(found.nbytes_in)),
    ]


def _bars(recording: Recording) -> tuple[bytes, list[str]]:
    """Return start, duration, method and outcome of the first calls, as columns."""
    records = sorted(recording.records, key=lambda record: record.clock)[:_MAX_BARS]
    start = records[0].clock if records else 0.0
    methods: dict[str, int] = {}
    rows = [
        (
            record.clock - start,
            record.seconds,
            methods.setdefault(visible(record.method, 80), len(methods)),
        )
        for record in records
    ]
    return np.array(rows, dtype="<f8").reshape(-1, 3).T.tobytes(), list(methods)


def _array(node: Node) -> dict[str, object]:
    array = node.array
    assert array is not None  # noqa: S101 -- `arrays_seen` gives arrays only
    stored = array.grid.stored_shape
    what = "shards" if array.shard_shape is not None else "chunks"
    return {
        "path": node.path,
        "shape": format_shape(array.shape) or "scalar",
        "stored": f"{what} {format_shape(stored)}" if stored else what,
    }
