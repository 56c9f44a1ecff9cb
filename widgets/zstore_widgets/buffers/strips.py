"""The memory of a store as strips: where bytes lie, to scale, in few cells."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from zstore.inspection import MemoryMap, Region, Resident

__all__ = ["MAX_STRIPS", "Cell", "Strip", "cells_of", "shortened", "strips_of"]

MAX_STRIPS = 9
# One cell is at least this part of its strip, or it is next to one that is.
_PARTS = 64
_MAX_KEY_NBYTES = 96


@dataclass(frozen=True, slots=True)
class Strip:
    """Memory that is drawn as one line.

    Attributes
    ----------
    kind
        ``"shared"``: one piece of memory with several values, or none any more.
        ``"own"``: values with a piece of memory each, the largest first, one after the
        other as if they were one piece.
    regions
        The pieces; one if shared.
    residents
        The values, in the order of the strip; offsets are from the start of their own
        region.
    starts
        Where in the strip each of them starts, in bytes.
    """

    kind: Literal["shared", "own"]
    regions: tuple[Region, ...]
    residents: tuple[Resident, ...]
    starts: Sequence[int]

    @property
    def nbytes(self) -> int:
        """Length of all the memory."""
        return sum(region.nbytes for region in self.regions)

    @property
    def live_nbytes(self) -> int:
        """Bytes that values use."""
        return sum(region.live_nbytes for region in self.regions)


@dataclass(slots=True)
class Cell:
    """A part of a strip: one value, several small ones, or bytes that no value uses.

    Attributes
    ----------
    start, nbytes
        Where in the strip, in bytes.
    live_nbytes
        Bytes of it that values use.
    first, count
        Its values: the number of the first, and how many.
    """

    start: int
    nbytes: int = 0
    live_nbytes: int = 0
    first: int = 0
    count: int = 0


def strips_of(memory: MemoryMap) -> list[Strip]:
    """Return the strips of a map, those of shared memory first, all there are.

    Parameters
    ----------
    memory
        The regions of a store; a region with exactly one value is one of its own.
    """
    shared = [region for region in memory.regions if len(region.residents) != 1]
    own = tuple(region for region in memory.regions if len(region.residents) == 1)
    strips = [
        Strip("shared", (region,), region.residents, [r.offset for r in region.residents])
        for region in shared
    ]
    if own:
        strips.append(_own_strip(own))
    return strips


def _own_strip(regions: tuple[Region, ...]) -> Strip:
    starts: list[int] = []
    end = 0
    for region in regions:
        starts.append(end + region.residents[0].offset)
        end += region.nbytes
    return Strip("own", regions, tuple(r.residents[0] for r in regions), starts)


@dataclass(slots=True)
class _Drawing:
    """Cells as they come: what is small is gathered until it is worth a cell."""

    least: float
    end: int
    cells: list[Cell] = field(default_factory=list[Cell])
    open: Cell | None = None
    upto: int = 0

    def add(self, stop: int, *, value: int | None) -> None:
        stop = min(stop, self.end)
        new = max(0, stop - self.upto)
        if not new and value is None:
            return
        if not new and self.open is None and self.cells:
            # Bytes of two values: nothing to draw, but something to choose.
            self._put(self.cells[-1], 0, value)
            return
        if self.open is not None and new >= self.least:
            self._close()
        if self.open is None:
            self.open = Cell(self.upto)
        self._put(self.open, new, value)
        self.upto += new
        if self.open.nbytes >= self.least:
            self._close()

    def done(self) -> list[Cell]:
        self.add(self.end, value=None)
        self._close()
        return self.cells

    def _put(self, cell: Cell, new: int, value: int | None) -> None:
        cell.nbytes += new
        if value is None:
            return
        cell.live_nbytes += new
        cell.first = value if cell.count == 0 else cell.first
        cell.count += 1

    def _close(self) -> None:
        if self.open is not None:
            self.cells.append(self.open)
        self.open = None


def cells_of(strip: Strip) -> list[Cell]:
    """Return the cells of a strip, from its start to its end: at most some 130.

    A value, or a gap between values, of at least 1/64 of the strip has a cell of its own;
    smaller ones are gathered with those beside them.
    """
    drawing = _Drawing(least=max(1.0, strip.nbytes / _PARTS), end=strip.nbytes)
    for number, (start, resident) in enumerate(
        zip(strip.starts, strip.residents, strict=True)
    ):
        drawing.add(start, value=None)
        drawing.add(start + resident.nbytes, value=number)
    return drawing.done()


def shortened(key: str, most: int = _MAX_KEY_NBYTES) -> str:
    """Return a key that takes at most `most` bytes in a message; the end is cut off."""
    if len(key) * 6 <= most or _message_nbytes(key) <= most:
        return key
    cut = key[:most]
    while cut and _message_nbytes(cut) > most - 3:
        cut = cut[: len(cut) - max(1, len(cut) // 8)]
    return f"{cut}…"


def _message_nbytes(text: str) -> int:
    return len(json.dumps(text, ensure_ascii=False).encode("utf-8", "replace")) - 2
