"""Recorded calls as tables: by method as text and HTML, call by call as CSV."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import NamedTuple

from zstore.display import format_count, format_nbytes, visible
from zstore.wrappers.percentiles import percentiles_by_method
from zstore.wrappers.trace import Record
from zstore_widgets.calls.feed import range_text
from zstore_widgets.calls.recordings import FINE

__all__ = ["as_csv", "calls_html", "calls_text"]

# Hosts align every cell to the right.
_FIRST = "text-align:left;padding:.2em .5em"
_OTHER = "text-align:right;padding:.2em .5em;font-variant-numeric:tabular-nums"
_COLUMNS = (
    "start",
    "clock",
    "seconds",
    "method",
    "key",
    "nkeys",
    "byte_ranges",
    "nbytes_in",
    "nbytes_out",
    "nitems",
    "outcome",
    "task",
)
# What makes a spreadsheet take a cell for a formula.
_ACTS = ("=", "+", "-", "@", "\t", "\r")


class _Row(NamedTuple):
    """One method: calls by the counter, the rest by the records."""

    method: str
    ncalls: int
    nbytes_out: int
    nbytes_in: int
    nerrors: int


def calls_text(counter: Mapping[str, int], records: Sequence[Record]) -> str:
    """Return a table of methods, without times: it is the same on every run.

    Parameters
    ----------
    counter
        How often each method was called.
    records
        The calls whose bytes and errors are added up: the last ones.
    """
    rows = _rows(counter, records)
    if not rows:
        return "no calls yet"
    lines = [("method", "calls", "read", "written", "errors")]
    lines += [(row.method, *_cells(row)) for row in rows]
    widths = [max(len(line[at]) for line in lines) for at in range(5)]
    return "\n".join(
        "  ".join(
            [line[0].ljust(widths[0])]
            + [cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True)]
        )
        for line in lines
    )


def calls_html(counter: Mapping[str, int], records: Sequence[Record]) -> str:
    """Return the table of methods with percentiles; no script, no style sheet."""
    rows = _rows(counter, records)
    if not rows:
        return "<p>No calls yet.</p>"
    percentiles = percentiles_by_method(records)
    names = ("calls", "read", "written", "errors", "p50", "p90", "p99")
    heads = f'<th scope="col" style="{_FIRST}">method</th>'
    heads += "".join(f'<th scope="col" style="{_OTHER}">{name}</th>' for name in names)
    lines = []
    for row in rows:
        times = percentiles.get(row.method)
        shown = (times.p50, times.p90, times.p99) if times else ()
        cells = [*_cells(row), *[f"{1000 * seconds:,.2f} ms" for seconds in shown]]
        numbers = "".join(f'<td style="{_OTHER}">{cell}</td>' for cell in cells)
        name = f'<td style="{_FIRST}">{escape(row.method)}</td>'
        lines.append(f"<tr>{name}{numbers}</tr>")
    body = "".join(lines)
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"


def as_csv(records: Iterable[Record]) -> str:
    """Return the calls as CSV, one a line, with a header.

    A text that a spreadsheet would run, as ``=HYPERLINK(...)``, has a quote before it.

    Notes
    -----
    Source: RFC 4180. A batch has its first key and the number of all.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_COLUMNS)
    for record in records:
        key = str(record.keys[0]) if record.keys else str(record.prefix or "")
        cells = [
            *(record.start, record.clock, record.seconds),
            *(_inert(record.method), _inert(key), len(record.keys)),
            _inert(range_text(record.byte_ranges)),
            *(record.nbytes_in, record.nbytes_out, record.nitems),
            *(_inert(record.outcome), _inert(record.task)),
        ]
        writer.writerow(cells)
    return out.getvalue()


def _inert(text: str) -> str:
    return f"'{text}" if text.startswith(_ACTS) else text


def _rows(counter: Mapping[str, int], records: Sequence[Record]) -> list[_Row]:
    rows: list[_Row] = []
    for method, ncalls in sorted(counter.items()):
        own = [record for record in records if record.method == method]
        rows.append(
            _Row(
                visible(method, 80),
                ncalls,
                sum(record.nbytes_out for record in own),
                sum(record.nbytes_in for record in own),
                sum(record.outcome not in FINE for record in own),
            )
        )
    return rows


def _cells(row: _Row) -> tuple[str, str, str, str]:
    return (
        format_count(row.ncalls),
        format_nbytes(row.nbytes_out),
        format_nbytes(row.nbytes_in),
        format_count(row.nerrors),
    )
