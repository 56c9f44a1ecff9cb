"""How much of each array is stored, and which of its chunks are not there."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from zstore.errors import CorruptStoreError
from zstore.hierarchy import ChunkGrid, ChunkKeyEncoding
from zstore.inventory.asking.chunk_columns import chunks_in, index_at, places_of
from zstore.inventory.asking.database import Database
from zstore.inventory.asking.views import selects
from zstore.inventory.engines import pc
from zstore.inventory.snapshot.arrays import MAX_NCHUNKS
from zstore.inventory.snapshot.key_batches import check_order
from zstore.keys import prefix_of

__all__ = ["ArrayUsage", "CodecUsage", "by_array", "by_codec", "missing_chunks"]

# As in `zstore.hierarchy`.
_MAX_NDIM: Final = 64
# A byte for each chunk that is looked for at once.
_WINDOW: Final = 2**26


@dataclass(frozen=True, slots=True)
class ArrayUsage:
    """How much of an array is stored.

    Attributes
    ----------
    path
        Where it lies; ``""`` is the root of the store.
    zarr_format
        ``"zarr2"``, ``"zarr3"`` or ``"n5"``.
    dtype, shape, codecs
        As the metadata say, in the words of `zstore.hierarchy.ArrayMetadata`.
    chunks
        Shape of what is stored under one key each, of shards if there are any; in elements.
    nchunks_expected
        How many of them the whole array has.
    nchunks
        How many are stored: keys of the grid, and no others.
    nbytes
        Sizes of all values below `path` together, the metadata among them.
    missing
        How many chunks are not stored; None where not all keys were listed.
    problem
        A sentence, if the metadata could not be understood. What they did not say is None,
        or empty.
    """

    path: str
    zarr_format: str
    dtype: str | None
    shape: tuple[int, ...] | None
    chunks: tuple[int, ...] | None
    codecs: str | None
    nchunks_expected: int | None
    nchunks: int | None
    nbytes: int
    missing: int | None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class CodecUsage:
    """How much is stored of all arrays of one encoding.

    Attributes
    ----------
    codecs
        In the order of encoding; None for arrays whose metadata do not say.
    narrays, nchunks, nbytes
        How many arrays; how many chunks of them are stored; sizes of all values below them.
    """

    codecs: str | None
    narrays: int
    nchunks: int
    nbytes: int


def by_array(database: Database, covers: Callable[[str], bool]) -> list[ArrayUsage]:
    """Return how much is stored of each array, the largest first.

    Parameters
    ----------
    covers
        Tells whether every key that a prefix selects was listed.
    """
    rows = database.rows(f"SELECT {_COLUMNS} FROM arrays")
    tallies = sorted((_Tally(_Array(*row)) for row in rows), key=lambda one: one.low)
    _count(database, tallies)
    usages = [tally.usage(covers) for tally in tallies]
    return sorted(usages, key=lambda usage: (-usage.nbytes, usage.path))


def by_codec(usages: Sequence[ArrayUsage]) -> list[CodecUsage]:
    """Return how much is stored of each encoding, the largest first."""
    groups: dict[str | None, list[ArrayUsage]] = {}
    for usage in usages:
        groups.setdefault(usage.codecs, []).append(usage)
    found = [
        CodecUsage(
            codecs,
            len(arrays),
            sum(array.nchunks or 0 for array in arrays),
            sum(array.nbytes for array in arrays),
        )
        for codecs, arrays in groups.items()
    ]
    return sorted(found, key=lambda one: (-one.nbytes, one.codecs or ""))


def missing_chunks(database: Database, path: str, limit: int) -> list[str] | None:
    """Return the keys of chunks that are not stored; None if `path` is no array.

    In the order of their indices, the last axis fastest; at most `limit`.
    """
    rows = database.rows(
        f"SELECT {_COLUMNS} FROM arrays WHERE path = $path", {"path": path}
    )
    grid = _Array(*rows[0]).grid() if rows else None
    if grid is None:
        return None
    below = prefix_of(path)
    found: list[str] = []
    for start in range(0, grid.nchunks, _WINDOW):
        if len(found) >= limit:
            break
        absent = np.ones(min(_WINDOW, grid.nchunks - start), dtype=np.bool_)
        for indices in _stored(database, grid, below):
            places = places_of(grid, indices) - start
            absent[places[(places >= 0) & (places < len(absent))]] = False
        numbers = np.flatnonzero(absent)[: limit - len(found)].tolist()
        found += [below + grid.key_of(index_at(grid, start + number)) for number in numbers]
    return found


_COLUMNS: Final = (
    "path, zarr_format, dtype, shape, chunks, codecs, lead, separator, reverses, problem"
)


@dataclass(frozen=True, slots=True)
class _Array:
    """A row of ``arrays``."""

    path: str
    zarr_format: str
    dtype: str | None
    shape: list[int] | None
    chunks: list[int] | None
    codecs: str | None
    lead: str | None
    separator: str | None
    reverses: bool | None
    problem: str | None

    def grid(self) -> ChunkGrid | None:
        if self.shape is None or self.chunks is None or self.separator is None:
            return None
        shape, chunks, lead = tuple(self.shape), tuple(self.chunks), self.lead or ""
        good = len(shape) == len(chunks) <= _MAX_NDIM and self.separator in ("/", ".")
        if good and lead in ("", "c") and min(shape + chunks, default=1) >= 0:
            encoding = ChunkKeyEncoding(self.separator, lead, reverses=bool(self.reverses))
            grid = ChunkGrid(shape, chunks, encoding) if all(chunks) else None
            if grid is not None and grid.nchunks <= MAX_NCHUNKS:
                return grid
        msg = f"the inventory is damaged: {self.path!r} is no array with chunks of {chunks}"
        raise CorruptStoreError(msg)


class _Tally:
    """What is found of one array."""

    def __init__(self, array: _Array) -> None:
        self.array = array
        self.grid = array.grid()
        self.low = prefix_of(array.path)
        self.high = self.low[:-1] + "0" if self.low else None
        self.nbytes = self.nchunks = 0

    def add(self, batch: Any) -> None:
        self.nbytes += pc.sum(batch.column(1)).as_py() or 0
        if self.grid is not None:
            self.nchunks += len(chunks_in(batch.column(0), self.grid, len(self.low)))

    def usage(self, covers: Callable[[str], bool]) -> ArrayUsage:
        array, grid = self.array, self.grid
        complete = grid is not None and covers(self.low)
        return ArrayUsage(
            path=array.path,
            zarr_format=array.zarr_format,
            dtype=array.dtype,
            shape=None if grid is None else grid.shape,
            chunks=None if grid is None else grid.stored_shape,
            codecs=array.codecs,
            nchunks_expected=None if grid is None else grid.nchunks,
            nchunks=None if grid is None else self.nchunks,
            nbytes=self.nbytes,
            missing=grid.nchunks - self.nchunks if grid and complete else None,
            problem=array.problem,
        )


def _count(database: Database, tallies: Sequence[_Tally]) -> None:
    """Go through all keys once, in order, beside the arrays."""
    first = 0
    if not tallies:
        return
    for batch in _sorted_batches(database, ""):
        keys = batch.column(0)
        last = keys[len(keys) - 1].as_py()
        for tally in tallies[first:]:
            if tally.low > last:
                break
            start = _position(keys, tally.low)
            stop = len(keys) if tally.high is None else _position(keys, tally.high)
            if stop > start:
                tally.add(batch.slice(start, stop - start))
        # Arrays that end here are done with; one that holds others stays for its end.
        while first < len(tallies) and _ends_before(tallies[first], last):
            first += 1


def _ends_before(tally: _Tally, key: str) -> bool:
    return tally.high is not None and tally.high <= key


def _position(keys: Any, text: str) -> int:
    """Return how many keys of a sorted column come before `text`."""
    return bisect_left(range(len(keys)), text, key=lambda row: keys[row].as_py())


def _sorted_batches(database: Database, prefix: str) -> Iterator[Any]:
    condition, parameters = selects(prefix)
    query = f"SELECT key, nbytes FROM keys WHERE {condition}"
    after = ""
    for batch in database.batches(query, parameters):
        if batch.num_rows:
            check_order(batch, after, "the snapshot")
            after = batch.column(0)[batch.num_rows - 1].as_py()
            yield batch


def _stored(
    database: Database, grid: ChunkGrid, below: str
) -> Iterator[npt.NDArray[np.int64]]:
    for batch in _sorted_batches(database, below):
        yield chunks_in(batch.column(0), grid, len(below))
