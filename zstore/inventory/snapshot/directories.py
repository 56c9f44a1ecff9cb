"""Totals of every directory, from keys in their order, and the file that keeps them."""

import tempfile
from collections.abc import Generator, Iterable
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np

from zstore.errors import BackendError
from zstore.inventory.engines import duckdb, pa, pc, pq
from zstore.inventory.snapshot.parts import table_file
from zstore.inventory.snapshot.rollup import Run

__all__ = ["DIRECTORIES", "DirectoryFile", "DirectoryRow", "DirectoryTotals"]

_TIME = pa.timestamp("us", tz="UTC")

DIRECTORIES: Any = pa.schema(
    [
        pa.field("path", pa.string(), nullable=False),
        pa.field("parent", pa.string()),
        pa.field("depth", pa.int32(), nullable=False),
        pa.field("own_nkeys", pa.int64(), nullable=False),
        pa.field("own_nbytes", pa.int64(), nullable=False),
        pa.field("nkeys", pa.int64(), nullable=False),
        pa.field("nbytes", pa.int64(), nullable=False),
        pa.field("newest", _TIME),
    ]
)
"""The columns of ``dirs``: see `DirectoryRow`. Sorted by `parent`, then `path`."""

_ORDER = ("parent", "path")

# Rows that are put into a table together, and that are held in memory: some 15 MB. Of
# more, the memory that sorting them may take.
_ROWS_AT_ONCE = 16_384
_ROWS_IN_MEMORY = 2**17
_SORT_MEMORY = "128MB"
_SORT_THREADS = 2


class DirectoryRow(NamedTuple):
    """What is said of one directory.

    Attributes
    ----------
    path
        ``""`` for the root, which is always there.
    parent
        The directory that it lies in; None for the root.
    depth
        How many directories it lies in.
    own_nkeys, own_nbytes
        The keys that lie in it, and in none below it.
    nkeys, nbytes
        All the keys below it.
    newest
        When the newest of all was written, in microseconds since 1970; None where no time
        is known.
    """

    path: str
    parent: str | None
    depth: int
    own_nkeys: int
    own_nbytes: int
    nkeys: int
    nbytes: int
    newest: int | None


@dataclass(slots=True)
class _Open:
    """A directory that more keys may come of."""

    path: str
    own_nkeys: int = 0
    own_nbytes: int = 0
    nkeys: int = 0
    nbytes: int = 0
    newest: int | None = None

    def holds(self, path: str) -> bool:
        """Tell whether a directory is this one, or lies below it."""
        return not self.path or path == self.path or path.startswith(f"{self.path}/")


class DirectoryTotals:
    """Exact totals of every directory, from the runs of all keys in their order.

    All keys below ``"a/"`` follow each other, although ``"a-"`` comes before them and
    after ``"a"``; so a directory is done when the first key outside of it comes.

    Attributes
    ----------
    rows
        Directories that are done, each before the one that it lies in; take them away.

    Notes
    -----
    Memory: the directories that the last key lies in. Some 2 us a run.
    """

    def __init__(self) -> None:
        self._open = [_Open("")]
        self.rows: list[DirectoryRow] = []

    def add(self, runs: Iterable[Run]) -> None:
        """Count the runs of a batch; its keys come after all that were counted before."""
        for path, nkeys, nbytes, newest in runs:
            last = self._open[-1]
            if last.path != path:
                self._go_to(path)
                last = self._open[-1]
            last.own_nkeys += nkeys
            last.own_nbytes += nbytes
            last.newest = _newer(last.newest, newest)

    def finish(self) -> None:
        """Take it that no key follows."""
        while self._open:
            self._leave()

    def _go_to(self, path: str) -> None:
        while not self._open[-1].holds(path):
            self._leave()
        # A path that starts with a slash lies in the root like any other.
        stop = path.find("/", len(self._open[-1].path) + 1)
        while stop >= 0:
            self._open.append(_Open(path[:stop]))
            stop = path.find("/", stop + 1)
        if self._open[-1].path != path:
            self._open.append(_Open(path))

    def _leave(self) -> None:
        done = self._open.pop()
        nkeys, nbytes = done.nkeys + done.own_nkeys, done.nbytes + done.own_nbytes
        parent = self._open[-1] if self._open else None
        if parent is not None:
            parent.nkeys += nkeys
            parent.nbytes += nbytes
            parent.newest = _newer(parent.newest, done.newest)
        self.rows.append(
            DirectoryRow(
                done.path,
                None if parent is None else parent.path,
                len(self._open),
                done.own_nkeys,
                done.own_nbytes,
                nkeys,
                nbytes,
                done.newest,
            )
        )


def _newer(one: int | None, other: int | None) -> int | None:
    if one is None or other is None:
        return one if other is None else other
    return max(one, other)


class DirectoryFile:
    """The file ``dirs`` of a snapshot, made with little memory; all calls block.

    Used as a context manager: a temporary folder holds the rows of many directories until
    they are sorted.

    Notes
    -----
    Some 5 us a directory. Room on the disk for temporary files: some 50 bytes a directory.
    """

    def __init__(self) -> None:
        self._totals = DirectoryTotals()
        self._tables: list[Any] = []
        self._spilled: _Spilled | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._spilled is not None:
            self._spilled.close()

    def add(self, runs: Iterable[Run]) -> None:
        """Count the runs of a batch, in the order of all keys.

        Raises
        ------
        BackendError
            If the disk for temporary files is full.
        """
        self._totals.add(runs)
        if len(self._totals.rows) >= _ROWS_AT_ONCE:
            self._take()
            if sum(table.num_rows for table in self._tables) > _ROWS_IN_MEMORY:
                self._spill()

    def finish(self) -> memoryview:
        """Return the file, once all keys were counted.

        It may lie in memory that is mapped from a temporary file.

        Raises
        ------
        BackendError
            If the disk for temporary files is full.
        """
        self._totals.finish()
        self._take()
        if self._spilled is not None:
            self._spill()
            return self._spilled.in_order()
        table, self._tables = pa.concat_tables(self._tables), []
        # The root, the one without a parent, comes first.
        columns = [table.column(name).fill_null("") for name in _ORDER]
        order = [(name, "ascending") for name in _ORDER]
        rows = pc.sort_indices(pa.table(columns, list(_ORDER)), sort_keys=order)
        return table_file(table.take(rows))

    def _take(self) -> None:
        rows, self._totals.rows = self._totals.rows, []
        columns = list(zip(*rows, strict=True))
        self._tables.append(pa.table(columns, schema=DIRECTORIES))

    def _spill(self) -> None:
        self._spilled = self._spilled or _Spilled()
        for table in self._tables:
            self._spilled.add(table)
        self._tables.clear()


class _Spilled:
    """Rows in a temporary file."""

    def __init__(self) -> None:
        with _explained("temporary files"):
            self._folder = tempfile.TemporaryDirectory(prefix="zstore-")
            self._file = pq.ParquetWriter(self._path("unsorted"), DIRECTORIES)

    def add(self, table: Any) -> None:
        with _explained(self._folder.name):
            self._file.write_table(table)

    def in_order(self) -> memoryview:
        settings = {
            "memory_limit": _SORT_MEMORY,
            "temp_directory": self._path("sorting"),
            "threads": _SORT_THREADS,
            "preserve_insertion_order": False,
        }
        with _explained(self._folder.name):
            self._file.close()
            with duckdb.connect(config=settings) as connection:
                connection.from_parquet(self._path("unsorted")).sort(
                    *(f"{name} NULLS FIRST" for name in _ORDER)
                ).write_parquet(
                    self._path("sorted"), compression="zstd", row_group_size=_ROWS_AT_ONCE
                )
            return np.memmap(self._path("sorted"), np.uint8, mode="r").data

    def close(self) -> None:
        # After a failure the file cannot be ended as it should, and goes away all the same.
        with suppress(OSError):
            self._file.close()
        self._folder.cleanup()

    def _path(self, name: str) -> str:
        return str(Path(self._folder.name, name))


@contextmanager
def _explained(where: str) -> Generator[None]:
    try:
        yield
    except (duckdb.Error, OSError) as error:
        raise BackendError(where, error) from error
