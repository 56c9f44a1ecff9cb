"""The first levels of a store, as plain values: what an outline consists of."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from zstore.display.names import visible
from zstore.display.numbers import format_count, format_nbytes, format_shape
from zstore.hierarchy import ArrayMetadata, Node

__all__ = ["Outline", "Row", "RowKind", "about", "caption"]

RowKind: TypeAlias = Literal["group", "array", "prefix", "key", "chunks"]
"""What a row stands for; ``"chunks"`` is all chunks of an array."""

# Longer texts of metadata (a structured dtype) are cut in a row.
_LONGEST = 60
_LONGEST_PROBLEM = 400


@dataclass(frozen=True, slots=True)
class Row:
    """One name of a store, and what lies directly below it.

    Attributes
    ----------
    name
        One segment, as it is stored: not fit to be shown, see `zstore.display.visible`.
    path
        The key or prefix, without a final ``/``.
    kind
        What it is.
    nbytes
        Of a value, its size; of chunks, the sum of those that were listed; else None.
    node
        What the metadata say, of a group or array and of the chunks of one.
    nchunks
        Of chunks: how many there are; None if they were not all listed.
    children
        The rows below, as far as they were looked at.
    hidden
        How many rows below are not in `children`; None if there are more, or may be, and
        nobody counted.
    problem
        Why the level, or the metadata, could not be read, as a sentence.
    """

    name: str
    path: str
    kind: RowKind
    nbytes: int | None = None
    node: Node | None = None
    nchunks: int | None = None
    children: tuple["Row", ...] = ()
    hidden: int | None = 0
    problem: str | None = None

    def below(self, depth: int) -> Iterator["Row"]:
        """Iterate over the rows of `depth` levels below, each before its own."""
        for child in self.children if depth else ():
            yield child
            yield from child.below(depth - 1)


@dataclass(frozen=True, slots=True)
class Outline:
    """The first levels of a store.

    Attributes
    ----------
    place
        The line that names the store; fit to be shown.
    root
        The prefix that was asked for, and the rows below it.
    depth
        How many levels were asked for.
    is_late
        Whether time was over before all that was to be looked at had been.
    """

    place: str
    root: Row
    depth: int
    is_late: bool = False


def caption(outline: Outline, depth: int | None = None) -> str:
    """Return how much an outline shows in `depth` of its levels, as one line."""
    deep = outline.depth if depth is None else min(depth, outline.depth)
    counts = dict.fromkeys(("group", "array", "prefix", "key"), 0)
    for row in outline.root.below(deep):
        if row.kind in counts:
            counts[row.kind] += 1
    names = {"group": "group", "array": "array", "prefix": "folder", "key": "key"}
    told = [_many(count, names[kind]) for kind, count in counts.items() if count]
    if not told:
        return "nothing to show" if outline.root.problem else "no keys"
    levels = "level" if deep == 1 else f"{deep} levels"
    return f"{', '.join(told)} in the first {levels}"


def about(row: Row) -> str:
    """Return what is known of a row besides its name, fit to be shown."""
    parts: list[str] = []
    match row.kind:
        case "key":
            parts += [] if row.nbytes is None else [format_nbytes(row.nbytes)]
        case "array":
            parts += _about_array(row.node.array if row.node else None)
        case "chunks":
            parts += _about_chunks(row)
        case "group":
            parts.append("group")
        case "prefix":
            pass
    if row.problem is not None:
        parts.append(f"⚠ {visible(row.problem, _LONGEST_PROBLEM)}")
    return ", ".join(parts)


def _about_array(array: ArrayMetadata | None) -> list[str]:
    if array is None:
        return ["array"]
    shape = _shown(array.shape) or "one value"
    parts = [f"array {shape} {visible(array.dtype, _LONGEST)}"]
    if array.chunk_shape:
        parts.append(f"chunks {_shown(array.chunk_shape)}")
    if array.shard_shape:
        parts.append(f"shards {_shown(array.shard_shape)}")
    return parts


def _about_chunks(row: Row) -> list[str]:
    array = row.node.array if row.node else None
    total = 0 if array is None else array.grid.nchunks
    if row.nchunks is None:
        return [f"up to {format_count(total)}, not counted"]
    parts = [f"{format_count(row.nchunks)} of {format_count(total)}"]
    return [*parts, format_nbytes(row.nbytes or 0)]


def _shown(shape: tuple[int, ...]) -> str:
    return visible(format_shape(shape), _LONGEST)


def _many(count: int, noun: str) -> str:
    return f"{format_count(count)} {noun}{'' if count == 1 else 's'}"
