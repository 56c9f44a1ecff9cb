"""Which chunks of an array are stored, and how large they are: from a listing alone."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from zstore.entries import SizeBatch
from zstore.errors import InvalidTypeError
from zstore.hierarchy.chunk_grid import ChunkGrid
from zstore.hierarchy.nodes import Node
from zstore.keys import prefix_of
from zstore.store import Store

__all__ = ["Chunks", "Integers", "scan_chunks"]

_MAX_NBYTES: Final = 2**63 - 1

Integers: TypeAlias = npt.NDArray[np.int64]
"""An array of 64-bit integers."""


@dataclass(frozen=True, slots=True, eq=False)
class Chunks:
    """Some of the chunks that are stored of an array: of its shards, if it has any.

    Attributes
    ----------
    indices
        Shape (n, ndim), int64: where each stands in `ArrayMetadata.grid`.
    nbytes
        Shape (n,), int64: how many bytes are stored of each.
    """

    indices: Integers
    nbytes: Integers

    def __len__(self) -> int:
        return len(self.nbytes)


async def scan_chunks(store: Store, node: Node) -> AsyncGenerator[Chunks, None]:
    """Iterate over the chunks that are stored of an array.

    Parameters
    ----------
    store
        That `node` was read from.
    node
        An array.

    Yields
    ------
    Chunks
        Some of the chunks, at least one, in the order of the listing. Keys that are of no
        chunk of the grid are passed over.

    Raises
    ------
    InvalidTypeError
        If `node` has no `Node.array`.
    UnsupportedError, AccessDeniedError, BackendError, StoreClosedError
        As `Store.scan` does.

    Notes
    -----
    One `Store.scan` of what lies below the array, and no other request; memory is bounded
    by its batches. About 1 us a key beside the listing.
    """
    if node.array is None:
        msg = f"scan_chunks takes an array, and {node.path!r} is none: {node.problem}"
        raise InvalidTypeError(msg)
    grid = node.array.grid
    below = prefix_of(node.path)
    # The one chunk of an array without axes is a key, and the others are below a prefix.
    prefix = below + (grid.prefix if grid.shape else grid.key_of(()))
    async with aclosing(store.scan(prefix)) as batches:
        async for batch in batches:
            chunks = _chunks_in(grid, len(below), batch)
            if len(chunks):
                yield chunks


def _chunks_in(grid: ChunkGrid, start: int, batch: SizeBatch) -> Chunks:
    """Return the chunks among keys that have `start` characters before the array's own."""
    found = [(key, nbytes) for key, nbytes in batch if grid.is_shaped(key, start)]
    # A server may name any number.
    nbytes = np.array([min(size, _MAX_NBYTES) for _, size in found], dtype=np.int64)
    encoding = grid.encoding
    ndim = len(grid.shape)
    if not ndim:
        return Chunks(np.empty((len(found), 0), dtype=np.int64), nbytes)
    skipped = start + (len(encoding.lead) + 1 if encoding.lead else 0)
    # One conversion of one text: ten times as quick as an int() a number.
    text = " ".join([key[skipped:] for key, _ in found])
    numbers = text.replace(encoding.separator, " ")
    indices = np.fromstring(numbers, dtype=np.int64, sep=" ").reshape(-1, ndim)
    if encoding.reverses:
        indices = indices[:, ::-1]
    inside = (indices < np.array(grid.counts, dtype=np.int64)).all(axis=1)
    return Chunks(indices[inside], nbytes[inside])
