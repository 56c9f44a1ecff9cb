"""What the views of an array ask for: a slice of its values, and a map of its chunks."""

from typing import Any

import numpy as np

from zstore.concurrency import run_in_thread
from zstore.display import visible
from zstore.hierarchy import Node, scan_chunks
from zstore_widgets.arrays.chunk_maps import chunk_columns
from zstore_widgets.arrays.decoding import Opened, Values, open_array, read_metadata
from zstore_widgets.arrays.pictures import Picture, picture_of
from zstore_widgets.arrays.slices import Slice, plan_slice
from zstore_widgets.channel import Job, request
from zstore_widgets.root import Root

__all__ = ["Arrays"]


class Arrays:
    """Answers the views of arrays.

    Parameters
    ----------
    root
        What is shown.
    """

    def __init__(self, root: Root) -> None:
        self._root = root
        self._opened: tuple[str, Opened] | None = None

    @request
    async def slice(
        self,
        job: Job,
        *,
        path: str,
        axes: list[int] | None = None,
        index: list[int] | None = None,
        window: list[int] | None = None,
        field: str | None = None,
    ) -> dict[str, Any]:
        """Send the part of an array that is asked for, as numbers to draw.

        First what the array is, then the numbers, and at the end what is said about them.
        The metadata are read again whenever `axes` are left to the kernel.
        """
        opened = await self._open(path, again=axes is None)
        await job.part(_facts_of(opened))
        if not opened.metadata.size:
            return {"kind": "empty"}
        part = plan_slice(opened.metadata, opened.unit, axes, index, window)
        values = _drawn(await opened.read(part.selection), part)
        picture = await run_in_thread(_picture, values, opened, field, part)
        await job.bytes({"kind": "numbers"}, picture.content)
        return _place_of(part) | picture.facts

    @request
    async def chunk_map(self, job: Job, *, path: str) -> dict[str, Any]:
        """Send which chunks of an array are stored, and how large they are.

        First the grid, then the chunks as they are listed: columns of their flat indices
        (float64) and of their bytes (float64).
        """
        store = await self._root.store()
        node, _ = await read_metadata(store, path)
        await job.part(_grid_of(node))
        found = total = 0
        async for chunks in scan_chunks(store, node):
            for columns in chunk_columns(node, chunks):
                await job.part({"kind": "chunks"}, columns)
            found += len(chunks)
            total += int(chunks.nbytes.sum())
        return {"present": found, "nbytes": total}

    async def _open(self, path: str, *, again: bool) -> Opened:
        if again or self._opened is None or self._opened[0] != path:
            self._opened = (path, await open_array(await self._root.store(), path))
        return self._opened[1]


def _picture(values: Values, opened: Opened, field: str | None, part: Slice) -> Picture:
    if len(part.axes) == 3:  # noqa: PLR2004 -- rows, columns and colours
        facts = {"what": "colour", "column": "uint8", "drawn": list(values.shape)}
        return Picture(np.ascontiguousarray(values).tobytes(), facts)
    return picture_of(values, opened.fill, field, folds=len(part.axes) == 1)


def _drawn(values: Values, part: Slice) -> Values:
    """Put the axes in the order in which they are drawn."""
    ranks = {axis: rank for rank, axis in enumerate(sorted(part.axes))}
    return values.transpose([ranks[axis] for axis in part.axes])


def _facts_of(opened: Opened) -> dict[str, Any]:
    array = opened.metadata
    fields = list(opened.dtype.names or ())
    return _grid_of(opened.node) | {
        "kind": "array",
        "dtype": array.dtype,
        "names": list(array.dimension_names or [None] * array.ndim),
        "fields": fields[:100],
    }


def _place_of(part: Slice) -> dict[str, Any]:
    return {
        "kind": "slice",
        "axes": list(part.axes),
        "index": list(part.index),
        "window": [number for window in part.windows for number in window],
        "steps": list(part.steps),
        "samples": list(part.samples),
        "nchunks": part.nchunks,
        "nbytes": part.nbytes,
        "cut": part.is_cut,
    }


def _grid_of(node: Node) -> dict[str, Any]:
    array = node.array
    assert array is not None  # noqa: S101 -- read_metadata looked
    encoding = array.grid.encoding
    itemsize = array.itemsize
    chunk = int(np.prod([float(n) for n in array.grid.stored_shape]))
    return {
        "kind": "grid",
        "path": node.path,
        "shape": list(array.shape),
        "names": list(array.dimension_names or [None] * array.ndim),
        "stored_shape": list(array.grid.stored_shape),
        "counts": list(array.grid.counts),
        "sharded": array.shard_shape is not None,
        "nbytes_of_chunk": None if itemsize is None else chunk * itemsize,
        "encoding": {
            "separator": encoding.separator,
            "lead": encoding.lead,
            "reverses": encoding.reverses,
        },
        "title": visible(node.name),
    }
