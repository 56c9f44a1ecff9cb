"""Traces as text that other programs read."""

import dataclasses
import heapq
import json
import os
from collections.abc import Iterable
from typing import Any

from zstore.wrappers.trace import Record

__all__ = ["as_chrome_trace", "as_json_lines"]


def as_json_lines(records: Iterable[Record]) -> str:
    r"""Return one JSON object a line, with the attributes of `Record`.

    A byte range is an object with the fields of its type; None stands for all bytes.

    Notes
    -----
    Source: RFC 8259; one text a line, each ended by ``\n``.
    """
    return "".join(f"{_json(_fields(record))}\n" for record in records)


def as_chrome_trace(records: Iterable[Record]) -> str:
    """Return the records in the Trace Event Format, which Perfetto and Chrome show.

    Notes
    -----
    Each call is a complete event (``"ph": "X"``); ``ts`` and ``dur`` are microseconds,
    ``ts`` by the clock that orders calls. Calls that overlap in time stand on lanes of
    their own (``tid``), so there are as many lanes as there were calls at once; the name
    of the task is among the ``args``.

    Source: "Trace Event Format", Google, sections "Complete Events" and "Metadata Events".
    """
    pid = os.getpid()
    events: list[dict[str, Any]] = []
    nlanes = 0
    for record, lane in _lanes(records):
        nlanes = max(nlanes, lane)
        events.append(
            {
                "name": record.method,
                "cat": record.outcome,
                "ph": "X",
                "ts": record.clock * 1e6,
                "dur": record.seconds * 1e6,
                "pid": pid,
                "tid": lane,
                "args": _fields(record),
            }
        )
    names: list[dict[str, Any]] = [
        {
            "name": "thread_name",
            "ph": "M",
            "pid": pid,
            "tid": lane,
            "args": {"name": f"lane {lane}"},
        }
        for lane in range(1, nlanes + 1)
    ]
    return _json({"traceEvents": names + events, "displayTimeUnit": "ms"})


def _lanes(records: Iterable[Record]) -> list[tuple[Record, int]]:
    """Return the records by start, each with the lowest lane that is free, from 1."""
    placed: list[tuple[Record, int]] = []
    busy: list[tuple[float, int]] = []
    free: list[int] = []
    for record in sorted(records, key=lambda record: record.clock):
        while busy and busy[0][0] <= record.clock:
            heapq.heappush(free, heapq.heappop(busy)[1])
        lane = heapq.heappop(free) if free else len(busy) + 1
        heapq.heappush(busy, (record.clock + record.seconds, lane))
        placed.append((record, lane))
    return placed


def _fields(record: Record) -> dict[str, Any]:
    fields = record._asdict()
    fields["byte_ranges"] = [_range(byte_range) for byte_range in record.byte_ranges]
    return fields


def _range(byte_range: Any) -> Any:
    # A call with an impossible range is recorded too.
    if dataclasses.is_dataclass(byte_range) and not isinstance(byte_range, type):
        return dataclasses.asdict(byte_range)
    return byte_range


def _json(value: Any) -> str:
    return json.dumps(value, default=repr)
