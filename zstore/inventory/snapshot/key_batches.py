"""Pages of a listing as Arrow batches, checked: each key once, in order, in its range."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from zstore.entries import KeyPage
from zstore.errors import BackendError
from zstore.inventory.engines import pa, pc

__all__ = [
    "NEVER",
    "SCHEMA",
    "batch_of",
    "check_order",
    "ends_of",
    "integers",
    "letters_of",
    "position_after",
    "sorted_batches",
    "within",
]

SCHEMA: Any = pa.schema(
    [
        pa.field("key", pa.string(), nullable=False),
        pa.field("nbytes", pa.int64(), nullable=False),
        pa.field("modified", pa.timestamp("us", tz="UTC")),
    ]
)
"""The columns of a snapshot: a row for each key, sorted by `key` in the order of UTF-8."""

NEVER: Final = int(np.iinfo(np.int64).min)
"""Where a time should stand, and none is known."""


def batch_of(page: KeyPage) -> Any:
    """Return a page as a ``pyarrow.RecordBatch`` of `SCHEMA`, without copying Arrow."""
    columns = [
        _column(page.keys, pa.string()),
        _column(page.nbytes, pa.int64()),
        pa.nulls(len(page), SCHEMA.field("modified").type)
        if page.modified is None
        else _column(page.modified, pa.int64()).cast(SCHEMA.field("modified").type),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=SCHEMA)


def _column(values: Any, kind: Any) -> Any:
    column = pa.array(values, type=kind) if isinstance(values, list) else pa.array(values)
    return column if column.type == kind else column.cast(kind)


def ends_of(batch: Any) -> tuple[str, str]:
    """Return the first and the last key of a batch that has some."""
    keys = batch.column(0)
    return keys[0].as_py(), keys[len(keys) - 1].as_py()


def check_order(batch: Any, after: str, where: str) -> None:
    """Require that the keys of a batch grow strictly, and come after `after`.

    Raises
    ------
    BackendError
        If the listing goes back: a server that repeats a page, or that does not sort.
    """
    keys = batch.column(0)
    if not len(keys):
        return
    grows = pc.greater(keys.slice(1), keys.slice(0, len(keys) - 1))
    if pc.all(grows).as_py() is False:
        at = grows.index(pa.scalar(False)).as_py()
        before, follows = keys[at].as_py(), keys[at + 1].as_py()
    elif after and keys[0].as_py() <= after:
        before, follows = after, keys[0].as_py()
    else:
        return
    reason = f"the listing is out of order: {follows!r} came after {before!r}"
    raise BackendError(where, reason)


def position_after(batch: Any, key: str) -> int:
    """Return how many keys of a sorted batch are no greater than `key`."""
    keys = batch.column(0)
    low, high = 0, len(keys)
    while low < high:
        middle = (low + high) // 2
        if keys[middle].as_py() <= key:
            low = middle + 1
        else:
            high = middle
    return low


def within(batch: Any, after: str, until: str | None) -> Any:
    """Return the rows of a sorted batch whose keys are in a range; nothing is copied.

    Parameters
    ----------
    batch
        Of `SCHEMA`.
    after, until
        The range: keys greater than `after`, and no greater than `until`.
    """
    start = position_after(batch, after) if after else 0
    stop = batch.num_rows if until is None else position_after(batch, until)
    return batch.slice(start, max(0, stop - start))


def sorted_batches(batches: Sequence[Any]) -> list[Any]:
    """Return the rows of batches in the order of keys; of a key that comes twice, one.

    Notes
    -----
    Copies everything: some 80 bytes a key, and as much again while it sorts.
    """
    table = pa.Table.from_batches(batches, SCHEMA).sort_by("key").combine_chunks()
    keys = table.column("key")
    if len(keys) > 1:
        differs = pc.not_equal(keys.slice(1), keys.slice(0, len(keys) - 1))
        first = pa.chunked_array([pa.array([True]), *differs.chunks])
        table = table.filter(first)
    sorted_: list[Any] = table.to_batches()
    return sorted_


def integers(array: Any) -> npt.NDArray[np.signedinteger]:
    """Return an Arrow array of integers without nulls as one of NumPy; nothing is copied.

    Notes
    -----
    Arrow's own way imports pandas, if that is installed: 40 MB, half a second.
    """
    kind = np.dtype(f"i{array.type.bit_width // 8}")
    offset = array.offset * kind.itemsize
    return np.frombuffer(array.buffers()[1], kind, len(array), offset)


def letters_of(texts: Any) -> npt.NDArray[np.uint8]:
    """Return the bytes of an Arrow array of texts, one text after the other; no copy."""
    _, offsets, letters = texts.buffers()
    ends = np.frombuffer(offsets, np.int32, len(texts) + 1, texts.offset * 4)
    start, stop = int(ends[0]), int(ends[-1])
    if start == stop:
        return np.empty(0, np.uint8)
    return np.frombuffer(letters, np.uint8, stop - start, start)
