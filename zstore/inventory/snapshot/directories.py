"""The file that keeps the totals of every directory."""

import tempfile
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Self

import numpy as np

from zstore.errors import BackendError
from zstore.inventory.engines import duckdb, pa, pc, pq
from zstore.inventory.snapshot.arrow_memory import pool
from zstore.inventory.snapshot.directory_totals import DIRECTORIES, DirectoryTotals
from zstore.inventory.snapshot.parts import tables_file

__all__ = ["DirectoryFile"]

_ORDER = ("parent", "path")

# Tables of a row or two take more memory than their rows, and so are joined, until they
# have so many rows.
_TABLES_AT_ONCE = 64
_ROWS_AT_ONCE = 4_096
# Rows that are written together, and that are held in memory: some 15 MB. Of more, the
# memory that sorting them may take.
_ROW_GROUP_NROWS = 16_384
_ROWS_IN_MEMORY = 2**17
_SORT_MEMORY = "128MB"
_SORT_THREADS = 2


class DirectoryFile:
    """The file ``dirs`` of a snapshot, made with little memory; all calls block.

    Used as a context manager: a temporary folder holds the rows of many directories until
    they are sorted.

    Notes
    -----
    Some 2 us a directory. Room on the disk for temporary files: some 50 bytes a directory.
    """

    def __init__(self) -> None:
        self._totals = DirectoryTotals()
        self._small: list[Any] = []
        self._tables: list[Any] = []
        self._spilled: _Spilled | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._spilled is not None:
            self._spilled.close()

    def add(self, batch: Any) -> None:
        """Count the keys of a batch, in the order of all keys.

        Raises
        ------
        BackendError
            If the disk for temporary files is full.
        """
        self._small.append(self._totals.add(batch))
        is_large = _nrows(self._small) >= _ROWS_AT_ONCE
        if is_large or len(self._small) >= _TABLES_AT_ONCE:
            joined = pa.concat_tables(self._small).combine_chunks(memory_pool=pool())
            self._small.clear()
            (self._tables if is_large else self._small).append(joined)
        if _nrows(self._tables) > _ROWS_IN_MEMORY:
            self._spill()

    def finish(self) -> memoryview:
        """Return the file, once all keys were counted.

        It may lie in memory that is mapped from a temporary file.

        Raises
        ------
        BackendError
            If the disk for temporary files is full.
        """
        self._tables += [*self._small, self._totals.finish()]
        if self._spilled is not None:
            self._spill()
            return self._spilled.in_order()
        table, self._tables = pa.concat_tables(self._tables), []
        return _sorted_file(table)

    def _spill(self) -> None:
        self._spilled = self._spilled or _Spilled()
        self._spilled.add(pa.concat_tables(self._tables))
        self._tables.clear()


def _nrows(tables: list[Any]) -> int:
    return sum(table.num_rows for table in tables)


def _sorted_file(table: Any) -> memoryview:
    # The root, the one without a parent, comes first.
    columns = [pc.coalesce(table.column(name), "", memory_pool=pool()) for name in _ORDER]
    order = pc.SortOptions([(name, "ascending") for name in _ORDER])
    names = pa.table(columns, list(_ORDER))
    rows = pc.sort_indices(names, options=order, memory_pool=pool())
    del columns, names
    # There is room for the rows once, and not for a copy of them in order.
    groups = (
        pc.take(table, rows.slice(start, _ROW_GROUP_NROWS), memory_pool=pool())
        for start in range(0, len(rows), _ROW_GROUP_NROWS)
    )
    return tables_file(groups, DIRECTORIES)


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
                connection.from_parquet(self._path("unsorted")).order(
                    ", ".join(f"{name} NULLS FIRST" for name in _ORDER)
                ).write_parquet(
                    self._path("sorted"),
                    compression="zstd",
                    row_group_size=_ROW_GROUP_NROWS,
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
