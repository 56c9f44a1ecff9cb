"""Which keys of a column are chunks of an array, and which chunks they are."""

from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt

from zstore.hierarchy import ChunkGrid
from zstore.inventory.engines import pa, pc

__all__ = ["chunks_in", "index_at", "places_of"]


def chunks_in(keys: Any, grid: ChunkGrid, start: int) -> npt.NDArray[np.int64]:
    """Return the indices of the chunks among keys.

    Parameters
    ----------
    keys
        A column of Arrow.
    grid
        Of at most 10**18 chunks.
    start
        How many characters the keys have before those that `grid` gives them.

    Returns
    -------
    numpy.ndarray
        Shape (n, ndim), int64: those that are keys of the grid, in the order of `keys`.

    Notes
    -----
    Some 0.3 us a key; there is no Python object for one.
    """
    encoding, ndim = grid.encoding, len(grid.shape)
    names = pc.utf8_slice_codeunits(keys, start)
    if not ndim:
        n = pc.sum(pc.equal(names, grid.key_of(()))).as_py() or 0
        return np.empty((n, 0), dtype=np.int64)
    names = names.filter(pc.match_substring_regex(names, _pattern(grid)))
    if encoding.lead:
        names = pc.utf8_slice_codeunits(names, len(encoding.lead) + 1)
    numbers = pc.split_pattern(names, encoding.separator).flatten().cast(pa.int64())
    indices: npt.NDArray[np.int64] = numbers.to_numpy().reshape(-1, ndim)
    if encoding.reverses:
        indices = indices[:, ::-1]
    return indices[(indices < np.array(grid.counts, dtype=np.int64)).all(axis=1)]


def _pattern(grid: ChunkGrid) -> str:
    # No number has more digits than the largest index, so none is too large to convert.
    numbers = [
        "(0|[1-9][0-9]{0,%d})" % max(0, len(str(max(count, 1) - 1)) - 1)  # noqa: UP031 -- braces
        for count in grid.counts
    ]
    if grid.encoding.reverses:
        numbers.reverse()
    lead = [grid.encoding.lead] if grid.encoding.lead else []
    separator = "[.]" if grid.encoding.separator == "." else "/"
    return rf"\A{separator.join([*lead, *numbers])}\z"


def places_of(grid: ChunkGrid, indices: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return where chunks stand in the order of indices, the last axis fastest.

    Parameters
    ----------
    grid
        Of at most 10**18 chunks.
    indices
        Shape (n, ndim).
    """
    steps = [prod(grid.counts[axis + 1 :]) for axis in range(len(grid.counts))]
    return indices @ np.array(steps, dtype=np.int64)


def index_at(grid: ChunkGrid, place: int) -> tuple[int, ...]:
    """Return the index of the chunk that stands at a place; see `places_of`."""
    index: list[int] = []
    for count in reversed(grid.counts):
        place, number = divmod(place, count)
        index.append(number)
    return tuple(reversed(index))
