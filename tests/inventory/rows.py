"""Keys of a store as rows, and as what the inventory makes of them."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import strategies as st

from zstore.inventory.planning import KeyRange
from zstore.inventory.snapshot.key_batches import SCHEMA
from zstore.inventory.snapshot.manifest import Part
from zstore.inventory.snapshot.parts import PartWriter
from zstore.store import Store

__all__ = [
    "ODD_KEYS",
    "Row",
    "above",
    "batch_of_rows",
    "directories_of_rows",
    "pieces",
    "ranges",
    "rows_of",
    "saved",
    "sorted_rows",
]

Row: TypeAlias = tuple[str, int, int | None]
"""A key, its size, and when it was written."""

# What sorts around a slash, and names that are no keys of zstore but may be in a bucket.
ODD_KEYS = st.text("a-/0é", min_size=1, max_size=7)


def sorted_rows(keys: st.SearchStrategy[str], *, max_size: int = 30) -> Any:
    """Return a strategy of rows with different keys, in order."""
    others = st.tuples(st.integers(0, 2**40), st.none() | st.integers(0, 2**50))
    rows = st.dictionaries(keys, others, max_size=max_size)
    return rows.map(lambda found: [(key, *found[key]) for key in sorted(found)])


def batch_of_rows(rows: Sequence[Row]) -> Any:
    """Return rows as a batch, which is part of a longer one."""
    around = [("before/it", 1, None), *rows, ("~after/it", 2, 3)]
    columns = [
        pa.array([row[index] for row in around], field.type)
        for index, field in enumerate(SCHEMA)
    ]
    return pa.RecordBatch.from_arrays(columns, schema=SCHEMA).slice(1, len(rows))


def pieces(rows: Sequence[Row], nkeys: int) -> Iterator[Any]:
    """Iterate over rows in batches."""
    for start in range(0, len(rows), nkeys):
        yield batch_of_rows(rows[start : start + nkeys])


def rows_of(source: Any) -> list[Row]:
    """Return the rows of a batch, or of a file."""
    if not isinstance(source, pa.RecordBatch):
        source = pq.read_table(pa.BufferReader(pa.py_buffer(source)))
    columns = [source.column(index) for index in range(3)]
    columns[2] = columns[2].cast(pa.int64())
    return list(zip(*(column.to_pylist() for column in columns), strict=True))


def above(path: str) -> set[str]:
    """Return a directory and those that it lies in."""
    return {"", path} | {path[:at] for at, letter in enumerate(path) if letter == "/"}


def directories_of_rows(
    rows: Iterable[Row],
) -> dict[str, tuple[int, int, int, int, int | None]]:
    """Return what is in each directory, by its path; see `DIRECTORIES`."""
    found: dict[str, tuple[int, int, int, int, int | None]] = {"": (0, 0, 0, 0, None)}
    for key, nbytes, modified in rows:
        own = key.rpartition("/")[0]
        for path in above(own):
            a, b, c, d, newest = found.get(path, (0, 0, 0, 0, None))
            times = [time for time in (newest, modified) if time is not None]
            mine = (a + 1, b + nbytes) if path == own else (a, b)
            found[path] = (*mine, c + 1, d + nbytes, max(times, default=None))
    return found


async def saved(place: Store, rows: Sequence[Row], one: KeyRange | None = None) -> Part:
    """Write rows as a part; of all keys, if no range is given."""
    writer = PartWriter()
    for batch in pieces(rows, 1000):
        writer.add(batch)
    part = await writer.save(place, one or KeyRange())
    assert part is not None
    return part


def ranges(*ends: str) -> Iterable[KeyRange]:
    """Iterate over the ranges between some keys, from the first key to the last."""
    return map(KeyRange, ("", *ends), (*ends, None))
