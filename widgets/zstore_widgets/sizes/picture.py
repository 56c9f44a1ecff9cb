"""A treemap as SVG, for places where no widget runs."""

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

from zstore.display import format_nbytes, visible
from zstore_widgets.sizes.tree import Kind, Level

__all__ = ["Rect", "size_picture", "squarified"]

_WIDTH, _HEIGHT = 640, 300
_GAP = 1.0
_HEAD = 16.0
_LETTER = 6.6
# Of an area, in pixels: what can be seen, what has room for a name.
_SEEN, _NAMED = (1.5, 1.5), (40.0, 15.0)

# Tints that black text is read on, in the order of Okabe and Ito.
_FILLS: dict[Kind, str] = {
    "group": "#9fc8e4",
    "array": "#f7dca3",
    "chunks": "#9fdcc9",
    "metadata": "#ebcade",
    "other": "#d9d9d9",
}
_REST = "#f2f2f2"


class Rect(NamedTuple):
    """A rectangle in pixels."""

    x: float
    y: float
    width: float
    height: float


def squarified(areas: Sequence[float], frame: Rect) -> list[Rect]:
    """Divide `frame` by `areas`, into rectangles close to squares.

    Parameters
    ----------
    areas
        Falling, each positive; in any unit.
    frame
        What they fill.

    Notes
    -----
    Source: Bruls, Huizing, van Wijk, "Squarified Treemaps" (2000).
    """
    rects: list[Rect] = []
    left = sum(areas)
    start = 0
    while start < len(areas) and left > 0:
        x, y, width, height = frame
        side = min(width, height)
        scale = width * height / left
        stop, total = start + 1, areas[start]
        while stop < len(areas):
            longer = total + areas[stop]
            if _worst(areas, start, stop + 1, longer, scale, side) > _worst(
                areas, start, stop, total, scale, side
            ):
                break
            stop, total = stop + 1, longer
        thickness = total * scale / side if side else 0.0
        at = 0.0
        for area in areas[start:stop]:
            length = side * area / total
            rects.append(
                Rect(x, y + at, thickness, length)
                if width >= height
                else Rect(x + at, y, length, thickness)
            )
            at += length
        if width >= height:
            frame = Rect(x + thickness, y, max(0.0, width - thickness), height)
        else:
            frame = Rect(x, y + thickness, width, max(0.0, height - thickness))
        left -= total
        start = stop
    return rects


def _worst(
    areas: Sequence[float], start: int, stop: int, total: float, scale: float, side: float
) -> float:
    """Return how far the worst of a row is from a square; areas fall, so it is an end."""
    thickness = total * scale / side if side else 0.0
    if not thickness:
        return float("inf")
    lengths = [areas[end] * scale / thickness for end in (start, stop - 1)]
    return max(max(thickness / n, n / thickness) if n else float("inf") for n in lengths)


def size_picture(level: Level) -> str:
    """Return an ``<svg>`` of the two levels of `level`; names are shown as escapes."""
    frame = Rect(0, 0, _WIDTH, _HEIGHT)
    marks = [f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>']
    for number, rect in _placed(level, -1, frame):
        marks += _mark(level, number, rect)
        if number >= 0:
            # The strip above holds the name.
            top = min(_HEAD, rect.height)
            inner = Rect(
                rect.x + 2, rect.y + top, max(0, rect.width - 4), rect.height - top - 2
            )
            if min(inner.width, inner.height) > _NAMED[1]:
                for inside, part in _placed(level, number, inner):
                    marks += _mark(level, inside, part)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{_HEIGHT}" '
        f'viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif" font-size="11">'
        f"{''.join(marks)}</svg>"
    )


def _placed(level: Level, parent: int, frame: Rect) -> list[tuple[int, Rect]]:
    """Return where the boxes in one box lie, by their number; -1 is the rest."""
    inside = [
        (box.nbytes, number)
        for number, box in enumerate(level.boxes)
        if box.parent == parent
    ]
    if inside:
        inside += [(rest.nbytes, -1) for rest in level.rests if rest.parent == parent]
    inside = sorted([each for each in inside if each[0] > 0], reverse=True)
    rects = squarified([area for area, _ in inside], frame)
    return [(number, rect) for (_, number), rect in zip(inside, rects, strict=True)]


def _mark(level: Level, number: int, rect: Rect) -> list[str]:
    width, height = rect.width - _GAP, rect.height - _GAP
    if width < _SEEN[0] or height < _SEEN[1]:
        return []
    fill = _REST if number < 0 else _FILLS[level.boxes[number].kind]
    place = f'x="{rect.x:.1f}" y="{rect.y:.1f}" width="{width:.1f}" height="{height:.1f}"'
    marks = [f'<rect {place} fill="{fill}" stroke="#00000033"/>']
    if width >= _NAMED[0] and height >= _NAMED[1]:
        room = int((width - 6) / _LETTER)
        text = _label(level, number, room)
        if text:
            at = f'x="{rect.x + 3:.1f}" y="{rect.y + 11.5:.1f}"'
            marks.append(f'<text {at} fill="#000">{escape(text)}</text>')
    return marks


def _label(level: Level, number: int, room: int) -> str:
    if number < 0:
        return "… smaller" if room >= len("… smaller") else "…"
    box = level.boxes[number]
    size = format_nbytes(box.nbytes)
    name = visible(box.name, max(1, room))
    return f"{name} {size}" if len(name) + 1 + len(size) <= room else name
