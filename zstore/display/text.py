"""An outline as plain text."""

import unicodedata
from collections.abc import Iterator

from zstore.display.names import visible
from zstore.display.numbers import format_count
from zstore.display.rows import Outline, Row, about, caption

__all__ = ["outline_text", "shown_name"]

_LONGEST_NAME = 60
# Where the second column starts at the latest; longer names push it to the right.
_WIDEST = 48


def outline_text(
    outline: Outline, *, depth: int | None = None, max_rows: int | None = None
) -> str:
    """Return a tree of box characters, as many lines as there are rows and a few more.

    Parameters
    ----------
    outline
        What was found.
    depth
        How many levels of it; all by default.
    max_rows
        How many rows at most; the others are said to be there.
    """
    deep = outline.depth if depth is None else min(depth, outline.depth)
    lines = list(_lines(outline.root, deep))
    hidden = 0 if max_rows is None else max(0, len(lines) - max_rows)
    if hidden:
        lines = [*lines[:max_rows], (f"… {format_count(hidden)} lines more", "")]
    # The tree begins with what it is; a root alone has its problem below.
    head = f"{outline.place}: {caption(outline, deep)}"
    return "\n".join([head, *_columns(lines), *_notes(outline)])


def shown_name(row: Row) -> str:
    """Return the name of a row, fit to be shown; with ``/`` if keys lie below it."""
    if row.kind == "chunks":
        array = row.node.array if row.node else None
        return "shards" if array is not None and array.shard_shape else "chunks"
    name = visible(row.name, _LONGEST_NAME)
    return name if row.kind == "key" else f"{name}/"


def _lines(row: Row, depth: int, indent: str = "") -> Iterator[tuple[str, str]]:
    """Iterate over the lines below a row: the name in its place, and what is known."""
    if depth == 0:
        return
    more = _more(row)
    for number, child in enumerate(row.children, 1):
        is_last = number == len(row.children) and not more
        yield f"{indent}{'└── ' if is_last else '├── '}{shown_name(child)}", about(child)
        yield from _lines(child, depth - 1, indent + ("    " if is_last else "│   "))
    if more:
        yield f"{indent}└── {more}", ""


def _more(row: Row) -> str:
    if row.hidden is None:
        return "… more" if row.children else ""
    return f"… {format_count(row.hidden)} more" if row.hidden else ""


def _notes(outline: Outline) -> list[str]:
    notes = [] if outline.root.problem is None else [f"⚠ {outline.root.problem}"]
    if outline.is_late:
        notes.append("… time was over before all levels were looked at")
    return notes


def _columns(lines: list[tuple[str, str]]) -> list[str]:
    widths = [_width(name) for name, text in lines if text]
    column = min(max(widths, default=0), _WIDEST)
    return [
        f"{name}{' ' * max(0, column - _width(name))}  {text}" if text else name
        for name, text in lines
    ]


def _width(text: str) -> int:
    """Return how many cells of a terminal a text takes."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in text)
    marks = sum(unicodedata.combining(char) > 0 for char in text)
    return len(text) + wide - marks
