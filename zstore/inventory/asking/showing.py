"""An inventory as a line, and as a small table for a notebook."""

from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape

from zstore.display.names import visible
from zstore.display.numbers import format_count, format_nbytes
from zstore.inventory.asking.queries import Child
from zstore.inventory.snapshot.manifest import Manifest

__all__ = ["inventory_html", "inventory_line", "inventory_text"]

_NAME = "font-family:monospace;white-space:pre-wrap;overflow-wrap:anywhere;text-align:left"


def inventory_line(manifest: Manifest) -> str:
    """Return what an inventory is of, how much that is, and what is missing."""
    place = visible(manifest.store)
    if manifest.prefix:
        place += f" below {visible(manifest.prefix)!r}"
    counted = f"{format_count(manifest.nkeys)} keys, {format_nbytes(manifest.nbytes)}"
    return f"{place}: {counted}, {_state(manifest)}"


def inventory_text(line: str, children: Sequence[Child]) -> str:
    """Return the line, and below it a line for each child."""
    sizes = [format_nbytes(child.nbytes) for child in children]
    width = max(map(len, sizes), default=0)
    rows = [
        f"  {size:>{width}}  {_name(child)}"
        for size, child in zip(sizes, children, strict=True)
    ]
    return "\n".join([line, *rows])


def inventory_html(line: str, children: Sequence[Child]) -> str:
    """Return the same as static HTML; every name is escaped."""
    rows = "".join(
        f'<tr><td style="{_NAME}">{escape(_name(child))}</td>'
        f"<td>{format_count(child.nkeys)}</td><td>{format_nbytes(child.nbytes)}</td></tr>"
        for child in children
    )
    head = "<tr><th>name</th><th>keys</th><th>size</th></tr>" if rows else ""
    return f"<div>{escape(line)}<table>{head}{rows}</table></div>"


def _name(child: Child) -> str:
    return visible(child.name) + "/" * (child.kind == "prefix")


def _state(manifest: Manifest) -> str:
    as_of = f"as of {_minute(manifest.finished or manifest.started)}"
    if manifest.complete:
        return as_of
    parts: list[str] = []
    if manifest.pending:
        parts.append(f"{format_count(len(manifest.pending))} ranges not listed yet")
    if manifest.holes:
        parts.append(f"{format_count(len(manifest.holes))} ranges failed")
    return f"{as_of}, NOT complete: {', '.join(parts) or 'interrupted'}"


def _minute(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
