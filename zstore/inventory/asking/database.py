"""DuckDB over the files of a snapshot, and over nothing else of the machine."""

import re
import shutil
import tempfile
import threading
import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from zstore.errors import BackendError, CorruptStoreError, InvalidTypeError, SnapshotError
from zstore.inventory.engines import duckdb

__all__ = ["BATCH_NROWS", "Database", "file_list"]

BATCH_NROWS = 65_536
"""How many rows are in memory at once where a result is streamed."""

# No package is fetched, and no variable of the program that asks can be read by its name.
_CONFIG = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "python_enable_replacements": "false",
    # Rows come in the order of the files: the parts of a snapshot are sorted.
    "preserve_insertion_order": "true",
}


# DuckDB takes every path for a pattern.
_MEANING = re.compile(r"[*?\[]")


def file_list(paths: Iterable[str]) -> str:
    """Return paths as a list in SQL, each for the very file.

    Examples
    --------
    >>> file_list(["it's.parquet", "a[1].parquet"])
    "['it''s.parquet', 'a[[]1].parquet']"
    """
    quoted = ("'" + _pattern(path).replace("'", "''") + "'" for path in paths)
    return f"[{', '.join(quoted)}]"


def _remove(folder: str) -> None:
    shutil.rmtree(folder, ignore_errors=True)


def _pattern(path: str) -> str:
    return _MEANING.sub(r"[\g<0>]", path)


class Database:
    """Views of the files of a snapshot, to be asked in SQL from any thread.

    Parameters
    ----------
    place
        What the files are of, for messages.
    files
        All that can be read: paths on this machine.
    views
        Queries by the name that they are asked under; see `file_list`.
    memory
        What DuckDB may take, as it writes it; what does not fit goes to a temporary
        folder, which is removed when the database is closed or forgotten.

    Raises
    ------
    CorruptStoreError
        If a file is damaged, or has not the columns of a snapshot.
    BackendError
        If a file cannot be read.

    Notes
    -----
    Making one reads the footer of a file of each view, and is work for a thread.
    """

    def __init__(
        self,
        place: str,
        files: Sequence[str],
        views: Mapping[str, str],
        *,
        memory: str = "1GiB",
    ) -> None:
        self._place = place
        self._spill = tempfile.mkdtemp(prefix="zstore-inventory-")
        self._remove = weakref.finalize(self, _remove, self._spill)
        self._lock = threading.Lock()
        config = {**_CONFIG, "memory_limit": memory, "temp_directory": self._spill}
        self._connection: Any = duckdb.connect(":memory:", config=config)
        try:
            allowed = [*files, *map(_pattern, files)]
            self._connection.execute("SET allowed_paths = $files", {"files": allowed})
            # From here on a query reads what it is given, whatever it says.
            self._connection.execute("SET enable_external_access = false")
            self._connection.execute("SET lock_configuration = true")
            for name, query in views.items():
                self.execute(f"CREATE VIEW {name} AS {query}")
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Forget the files, and remove what was written beside them."""
        with self._lock:
            connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
        self._remove()

    def execute(self, query: str, parameters: Mapping[str, Any] | None = None) -> None:
        """Run a statement that gives no rows."""
        self.rows(query, parameters)

    def rows(
        self, query: str, parameters: Mapping[str, Any] | None = None
    ) -> list[tuple[Any, ...]]:
        """Return the rows that a query gives, as values of Python.

        Raises
        ------
        CorruptStoreError, BackendError
            If a file is damaged, or cannot be read; or there is no room for the query.
        SnapshotError
            If the database was closed.
        """
        cursor = self._cursor()
        try:
            rows: list[tuple[Any, ...]]
            rows = cursor.execute(query, dict(parameters or {}) or None).fetchall()
        except duckdb.Error as error:
            raise self._translated(error) from error
        finally:
            cursor.close()
        return rows

    def batches(
        self, query: str, parameters: Mapping[str, Any] | None = None
    ) -> Iterator[Any]:
        """Iterate over the rows that a query gives, as Arrow batches, a few at a time.

        Raises
        ------
        CorruptStoreError, BackendError, SnapshotError
            As `rows` does.
        """
        cursor = self._cursor()
        try:
            relation = cursor.sql(query, params=dict(parameters or {}) or None)
            yield from relation.to_arrow_reader(BATCH_NROWS)
        except (duckdb.Error, OSError) as error:
            raise self._translated(error) from error
        finally:
            cursor.close()

    def select(self, query: str, parameters: Mapping[str, Any]) -> Any:
        """Return what a query of the user gives, as a ``pyarrow.Table``.

        Raises
        ------
        InvalidTypeError
            If it is anything but one query: a query changes nothing.
        duckdb.Error
            If DuckDB refuses it, with the reason.
        SnapshotError
            If the database was closed.
        """
        statements = duckdb.extract_statements(query)
        kinds = [statement.type for statement in statements]
        if kinds != [duckdb.StatementType.SELECT]:
            said = ", ".join(kind.name for kind in kinds) or "nothing"
            msg = f"sql() takes one query, which only reads (SELECT), got {said}"
            raise InvalidTypeError(msg)
        cursor = self._cursor()
        try:
            return cursor.sql(query, params=dict(parameters) or None).to_arrow_table()
        finally:
            cursor.close()

    def _cursor(self) -> Any:
        # A connection is for one thread at a time; cursors share what it knows.
        with self._lock:
            if self._connection is None:
                msg = f"the inventory of {self._place} was closed; open it again"
                raise SnapshotError(msg)
            return self._connection.cursor()

    def _translated(self, error: Exception) -> Exception:
        reason = str(error).partition("\n")[0]
        if isinstance(error, duckdb.PermissionException):
            # It looks for other files when one of those that it may read is not there.
            return BackendError(
                self._place, "a file of the inventory is not there any more"
            )
        if isinstance(error, OSError | duckdb.IOException | duckdb.OutOfMemoryException):
            return BackendError(self._place, reason)
        return CorruptStoreError(f"the inventory of {self._place} is damaged: {reason}")
