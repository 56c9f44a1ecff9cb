"""Chunks of an array as columns of numbers, small enough for one message each."""

from collections.abc import Iterator

import numpy as np

from zstore.hierarchy import Chunks, Node

__all__ = ["chunk_columns"]

# Two columns of eight bytes each, in a message of at most 256 KiB.
_ROWS = 12_000


def chunk_columns(node: Node, chunks: Chunks) -> Iterator[list[bytes]]:
    """Iterate over columns of flat indices and of bytes, each as float64.

    Parameters
    ----------
    node
        The array; a flat index counts the chunks of its grid, the last axis fastest.
    chunks
        Some of them.

    Notes
    -----
    A page has no other integers than those that a float64 holds: flat indices beyond
    2**53 fall together.
    """
    assert node.array is not None  # noqa: S101 -- its chunks were listed
    flat = np.zeros(len(chunks), dtype=np.float64)
    for axis, count in enumerate(node.array.grid.counts):
        flat = flat * count + chunks.indices[:, axis]
    for start in range(0, len(chunks), _ROWS):
        rows = slice(start, start + _ROWS)
        yield [flat[rows].tobytes(), chunks.nbytes[rows].astype(np.float64).tobytes()]
