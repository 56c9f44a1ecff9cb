"""Which key each chunk of an array is stored under, and which chunk a key means."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Final

__all__ = ["ChunkGrid", "ChunkKeyEncoding"]


@dataclass(frozen=True, slots=True)
class ChunkKeyEncoding:
    """How the index of a chunk is written as a key.

    Attributes
    ----------
    separator
        Stands between the numbers: ``"/"`` or ``"."``.
    lead
        Stands before them, and before a further separator: ``"c"`` in Zarr v3, or
        nothing.
    reverses
        Whether the numbers come in the reverse order of the axes, as in N5.
    """

    separator: str
    lead: str = ""
    reverses: bool = False

    def key_of(self, index: Sequence[int]) -> str:
        """Return the key of the chunk at `index`, relative to its array.

        Examples
        --------
        >>> ChunkKeyEncoding("/", "c").key_of((0, 7)), ChunkKeyEncoding(".").key_of(())
        ('c/0/7', '0')
        """
        numbers = [str(number) for number in index]
        if self.reverses:
            numbers.reverse()
        parts = [self.lead, *numbers] if self.lead else numbers
        return self.separator.join(parts) or "0"


@dataclass(frozen=True, slots=True)
class ChunkGrid:
    """The regular grid of what is stored of an array: of its shards, if it has any.

    Attributes
    ----------
    shape
        Of the array, in elements.
    stored_shape
        Of what is stored under one key, in elements; every number is at least 1.
    encoding
        How the index of a chunk is written as a key.
    counts
        How many chunks the whole array has along each axis.

    Notes
    -----
    Sources: Zarr v3 core, "Regular grids" and "Chunk key encoding"; Zarr v2, "Chunks".
    """

    shape: tuple[int, ...]
    stored_shape: tuple[int, ...]
    encoding: ChunkKeyEncoding
    counts: tuple[int, ...] = field(init=False)
    # Matches a key of the grid, or one just out of range. Made at the first use: most
    # grids are only looked at, and compiling takes longer than all else about an array.
    _compiled: re.Pattern[str] | None = field(
        default=None, init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        pairs = zip(self.shape, self.stored_shape, strict=True)
        counts = tuple(-(-length // step) for length, step in pairs)
        object.__setattr__(self, "counts", counts)

    @property
    def nchunks(self) -> int:
        """How many chunks the whole array has; 1 if it has no axis."""
        return prod(self.counts)

    @property
    def prefix(self) -> str:
        """What all keys of chunks start with, as a prefix below the array.

        ``"c/"`` where the chunks have a folder of their own; ``""`` where they lie beside
        the metadata, or the only chunk has no folder.
        """
        apart = self.encoding.lead and self.encoding.separator == "/" and self.shape
        return f"{self.encoding.lead}/" if apart else ""

    def key_of(self, index: Sequence[int]) -> str:
        """Return the key of the chunk at `index`, relative to the array.

        Examples
        --------
        >>> grid = ChunkGrid((100, 100), (10, 10), ChunkKeyEncoding("/", "c"))
        >>> grid.key_of((0, 7))
        'c/0/7'
        """
        return self.encoding.key_of(index)

    def index_of(self, key: str) -> tuple[int, ...] | None:
        """Return the index of the chunk under `key`, or None if it is the key of none.

        Parameters
        ----------
        key
            Relative to the array.

        Returns
        -------
        tuple of int, or None
            Shape (ndim,); None also for a key out of the range of the grid, and for one
            that no writer makes, as ``"c/01"``.

        Examples
        --------
        >>> grid = ChunkGrid((100, 100), (10, 10), ChunkKeyEncoding("/", "c"))
        >>> grid.index_of("c/0/7"), grid.index_of("c/0/10"), grid.index_of("zarr.json")
        ((0, 7), None, None)
        """
        match = (self._compiled or self._pattern()).fullmatch(key)
        if match is None:
            return None
        index = tuple(map(int, match.groups()))
        if self.encoding.reverses:
            index = index[::-1]
        # A loop, because it is called for every key of large listings.
        for number, count in zip(index, self.counts, strict=True):
            if number >= count:
                return None
        return index

    def is_shaped(self, key: str, start: int = 0) -> bool:
        """Tell whether `key`, from `start` on, has the form of a key of a chunk.

        Quicker than `index_of`; the chunk may still be out of range.
        """
        return (self._compiled or self._pattern()).fullmatch(key, start) is not None

    def _pattern(self) -> re.Pattern[str]:
        pattern = _key_pattern(self.counts, self.encoding)
        object.__setattr__(self, "_compiled", pattern)
        return pattern


_NUMBER: Final = "(0|[1-9][0-9]{0,%d})"


def _key_pattern(counts: tuple[int, ...], encoding: ChunkKeyEncoding) -> re.Pattern[str]:
    separator = re.escape(encoding.separator)
    # No number has more digits than the largest index, so none is too large to convert.
    numbers = [_NUMBER % (len(str(max(count, 1) - 1)) - 1) for count in counts]
    if encoding.reverses:
        numbers.reverse()
    if encoding.lead:
        return re.compile(separator.join([re.escape(encoding.lead), *numbers]))
    return re.compile(separator.join(numbers) or "0")
