"""The last state of a `SizeMap` without JavaScript: as text, and as HTML."""

from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime
from html import escape

from zstore import Usage
from zstore.display import format_count, format_nbytes, visible
from zstore_widgets.sizes.picture import size_picture
from zstore_widgets.sizes.tree import Box, Level, SizeTree

__all__ = ["size_caption", "size_html", "size_text"]

_ROWS = 12
_DRAWN = 300
_LONGEST_NAME = 40

_CELL = "text-align:right;padding:0 .5em;font-variant-numeric:tabular-nums"
_NAME = "text-align:left;padding:0 .5em;font-family:monospace;white-space:pre-wrap"
_METER = "width:7em;height:.8em;vertical-align:middle"


def size_caption(
    usage: Usage, state: str, problem: str | None, as_of: datetime | None = None
) -> str:
    """Return one line: how much it is, of when, and whether that is all."""
    if state == "new":
        return "not counted yet"
    more = "" if usage.complete else "≥ "
    keys = "key" if usage.nkeys == 1 else "keys"
    total = f"{more}{format_count(usage.nkeys)} {keys}, {more}{format_nbytes(usage.nbytes)}"
    if as_of is not None:
        total += f" as of {as_of.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    if usage.complete:
        return total
    return f"{total} (partial)" + (f": ⚠ {problem}" if problem else "")


def size_text(title: str, usage: Usage, caption: str) -> str:
    """Return a table of the largest children, the same for the same `usage`."""
    level = _upper(usage)
    rows = [
        (
            _shown(box),
            format_count(box.nkeys),
            format_nbytes(box.nbytes),
            _percent(box.nbytes, usage.nbytes),
        )
        for box in level.boxes
    ]
    rows += [
        (
            _smaller(rest.count),
            format_count(rest.nkeys),
            format_nbytes(rest.nbytes),
            _percent(rest.nbytes, usage.nbytes),
        )
        for rest in level.rests
    ]
    lines = [f"SizeMap({title}): {caption}"]
    if rows:
        rows.insert(0, ("name", "keys", "size", "share"))
        widths = [max(len(row[column]) for row in rows) for column in range(4)]
        lines += [
            "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])])
            for row in rows
        ]
    return "\n".join(lines)


def size_html(title: str, usage: Usage, caption: str) -> str:
    """Return a table with meters, and the map as a picture; no script, no style sheet."""
    head = f"<div><strong>{escape(title)}</strong> {escape(caption)}</div>"
    level = _upper(usage)
    if not level.boxes:
        return f"<div>{head}</div>"
    rows = "".join(
        f'<tr><td style="{_NAME}">{escape(_shown(box))}</td>'
        f'<td style="{_CELL}">{format_count(box.nkeys)}</td>'
        f'<td style="{_CELL}" title="{box.nbytes} bytes">{format_nbytes(box.nbytes)}</td>'
        f"<td>{_meter(box.nbytes, usage.nbytes)}</td></tr>"
        for box in level.boxes
    )
    rows += "".join(
        f'<tr><td style="{_NAME}">{_smaller(rest.count)}</td>'
        f'<td style="{_CELL}">{format_count(rest.nkeys)}</td>'
        f'<td style="{_CELL}">{format_nbytes(rest.nbytes)}</td>'
        f"<td>{_meter(rest.nbytes, usage.nbytes)}</td></tr>"
        for rest in level.rests
    )
    names = "".join(
        f'<th scope="col" style="{style}">{name}</th>'
        for name, style in (
            ("Name", _NAME),
            ("Keys", _CELL),
            ("Size", _CELL),
            ("Share", "text-align:left;padding:0 .5em"),
        )
    )
    table = f"<table><thead><tr>{names}</tr></thead><tbody>{rows}</tbody></table>"
    return f"<div>{head}{_picture(title, usage)}{table}</div>"


def _picture(title: str, usage: Usage) -> str:
    svg = size_picture(SizeTree(usage).level(limit=_DRAWN))
    # As an image, a picture can run and fetch nothing.
    source = f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode('ascii')}"
    alt = escape(f"Map of the sizes in {title}; the table says the same", quote=True)
    return f'<img src="{source}" alt="{alt}" style="max-width:100%">'


def _upper(usage: Usage) -> Level:
    # Two levels are enough to know which of the upper one have something below.
    two = {path: each for path, each in usage.children.items() if path.count("/") <= 1}
    level = SizeTree(replace(usage, children=two)).level(limit=2 * _ROWS)
    tops = [box for box in level.boxes if box.parent < 0]
    rests = [rest for rest in level.rests if rest.parent < 0]
    return Level("", level.kind, level.nkeys, level.nbytes, tops, rests)


def _shown(box: Box) -> str:
    return visible(box.name, _LONGEST_NAME) + "/" * box.opens


def _smaller(count: int) -> str:
    return f"… {format_count(count)} smaller" if count else "… others"


def _percent(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else ""


def _meter(part: int, whole: int) -> str:
    share = part / whole if whole else 0.0
    label = f"{share:.1%}"
    return f'<meter min="0" max="1" value="{share:.4f}" style="{_METER}">{label}</meter>'
