"""An outline as static HTML: no script, no style sheet, nothing that is fetched.

Pages that show notebooks (GitHub, nbviewer) remove scripts, style sheets and often the
style attributes too; lists, details and meters stay, and are enough to read it.
"""

from html import escape

from zstore.display.numbers import format_count
from zstore.display.rows import Outline, Row, about, caption
from zstore.display.text import shown_name

__all__ = ["outline_html"]

# Colours are those of the page, so that it is read in the light and in the dark.
_BOX = "line-height:1.5;max-height:32em;overflow:auto"
_LIST = "list-style:none;margin:0;padding-left:1.25em"
_NAME = "font-family:monospace;white-space:pre-wrap;overflow-wrap:anywhere"
_FAINT = "opacity:.7;font-variant-numeric:tabular-nums"
# As wide as the triangle of what folds, so that names stand below each other.
_LEAF = "padding-left:1em"
_METER = "width:5em;height:.8em;vertical-align:middle"


def outline_html(outline: Outline) -> str:
    """Return one ``<div>``; the first level is open, those below fold.

    Every name went through `zstore.display.visible`, and was escaped for HTML.
    """
    place = f'<strong style="{_NAME}">{escape(outline.place)}</strong>'
    head = f'<div>{place} <span style="{_FAINT}">{escape(caption(outline))}</span></div>'
    notes = _problem(outline.root)
    if outline.is_late:
        notes += "<div>… time was over before all levels were looked at</div>"
    return f'<div style="{_BOX}">{head}{_list(outline.root)}{notes}</div>'


def _list(row: Row) -> str:
    sizes = [child.nbytes for child in row.children if child.kind == "key"]
    # A bar beside nothing to compare it with says nothing.
    largest = max(size or 0 for size in sizes) if len(sizes) > 1 else 0
    items = [f"<li>{_item(child, largest)}</li>" for child in row.children]
    if row.hidden:
        items.append(f"<li>… {format_count(row.hidden)} more</li>")
    elif row.hidden is None and row.children:
        items.append("<li>… more</li>")
    return f'<ul style="{_LIST}">{"".join(items)}</ul>' if items else ""


def _item(row: Row, largest: int) -> str:
    text = f'<span style="{_NAME}">{escape(shown_name(row))}</span>'
    if known := about(row):
        text += f' &nbsp;<span style="{_FAINT}">{escape(known)}</span>'
    text += _meter(row, largest)
    if not row.children:
        return f'<div style="{_LEAF}">{text}</div>'
    return f"<details><summary>{text}</summary>{_list(row)}</details>"


def _meter(row: Row, largest: int) -> str:
    """Return a bar: of chunks how many are there, of a value its size by the largest."""
    if row.kind == "chunks" and row.nchunks is not None and row.node and row.node.array:
        value, top = row.nchunks, row.node.array.grid.nchunks
    else:
        value, top = row.nbytes or 0, largest
    if top <= 0 or row.nbytes is None:
        return ""
    # A hostile store can say numbers that no browser knows; a bar shows a share.
    share = round(min(1.0, value / top), 4)
    return f' <meter min="0" max="1" value="{share}" style="{_METER}">{share:.0%}</meter>'


def _problem(row: Row) -> str:
    if row.problem is None:
        return ""
    return f'<div role="note">⚠ {escape(row.problem)}</div>'
