"""The questions that a snapshot answers: totals, sizes, ages, arrays, SQL."""

from typing import Any

from zstore.errors import SnapshotError
from zstore.inventory.asking import array_usage, queries
from zstore.inventory.asking.array_usage import ArrayUsage, CodecUsage
from zstore.inventory.asking.coverage import covers
from zstore.inventory.asking.queries import Age, Child, ChildOrder, Period, SizedKey, Total
from zstore.inventory.asking.snapshots import Snapshot
from zstore.inventory.asking.views import whole_number
from zstore.inventory.snapshot.manifest import Manifest
from zstore.keys import check_prefix

__all__ = ["Questions"]


class Questions:
    """What `zstore.inventory.Inventory` can be asked, each in a method.

    Parameters
    ----------
    snapshot
        What is asked.

    Notes
    -----
    No coroutines: they read files on this machine, for milliseconds where there are
    millions of keys. Beside an event loop call them in a thread, as by
    `asyncio.to_thread`; threads may ask at the same time.

    A prefix is as everywhere (`zstore.keys`): ``"foo"`` is the key ``foo`` and all below
    ``foo/``, and never ``foobar``. Each raises `InvalidKeyError` if it is none,
    `CorruptStoreError` if a file of the snapshot is damaged, `BackendError` if it cannot
    be read, and `SnapshotError` once the snapshot was closed.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._database = snapshot.database

    @property
    def manifest(self) -> Manifest:
        """What the snapshot says of itself."""
        return self._snapshot.manifest

    @property
    def knows_directories(self) -> bool:
        """Whether totals of all directories are there, so that no key has to be read."""
        return self.manifest.dirs is not None and self.manifest.complete

    def total(self, prefix: str = "") -> Total:
        """Sum up what a prefix selects; of nothing the sum is 0.

        Notes
        -----
        Of a complete snapshot one row is read; otherwise all keys below the prefix, at
        some 10 ms a million.
        """
        complete = covers(self.manifest, check_prefix(prefix))
        has = self.knows_directories
        return queries.total(self._database, prefix, complete=complete, by_directory=has)

    def children(
        self, prefix: str = "", *, order: ChildOrder = "nbytes", limit: int | None = None
    ) -> list[Child]:
        """Return what lies directly below a prefix, each with its size.

        Parameters
        ----------
        prefix
            The level; ``""`` is the root.
        order
            What comes first: the largest, that with the most keys, or by name.
        limit
            Return so many at most.

        Notes
        -----
        Of a complete snapshot the rows of this level are read. If keys lie directly in
        it, so are those before and after its directories, and all below it if some of
        them lie in between. Otherwise all keys below it are read.
        """
        has = self.knows_directories
        return queries.children(self._database, prefix, order, limit, by_directory=has)

    def largest(self, n: int = 10, prefix: str = "") -> list[SizedKey]:
        """Return the `n` keys with the largest values that a prefix selects."""
        return queries.largest(self._database, n, prefix)

    def by_age(self, prefix: str = "", *, period: Period = "month") -> list[Age]:
        """Return how much was written in each period, the oldest first.

        Parameters
        ----------
        prefix
            What is counted.
        period
            ``"year"``, ``"month"`` or ``"day"``, in UTC. Those without keys are left out.
        """
        return queries.ages(self._database, prefix, period)

    def by_array(self) -> list[ArrayUsage]:
        """Return how much is stored of each array, the largest first.

        Notes
        -----
        Arrays are those whose metadata the scan has read. Goes through all keys, at some
        0.3 us each.
        """
        return array_usage.by_array(
            self._database, lambda prefix: covers(self.manifest, prefix)
        )

    def by_codec(self) -> list[CodecUsage]:
        """Return how much is stored of each encoding; as costly as `by_array`."""
        return array_usage.by_codec(self.by_array())

    def missing_chunks(self, path: str, *, limit: int = 1000) -> list[str]:
        """Return the keys of the chunks of an array that are not stored.

        Parameters
        ----------
        path
            Of the array; ``""`` is the root.
        limit
            Return so many at most, the first in the order of their indices.

        Raises
        ------
        SnapshotError
            If the snapshot knows of no array there, or not all of its keys were listed.

        Notes
        -----
        Memory: 64 MiB at most. Goes through the keys of the array once for each 67
        million chunks, until there are enough.
        """
        path = check_prefix(path).removesuffix("/")
        limit = whole_number("limit", limit)
        found = array_usage.missing_chunks(self._database, path, limit)
        if found is None:
            msg = f"the inventory of {self.manifest.store} knows of no array at {path!r}"
            raise SnapshotError(msg)
        if not covers(self.manifest, f"{path}/" if path else ""):
            msg = f"not all keys below {path!r} were listed: scan on before you ask"
            raise SnapshotError(msg)
        return found

    def sql(self, query: str, **parameters: Any) -> Any:
        """Return what a query in SQL gives, as a ``pyarrow.Table``.

        Parameters
        ----------
        query
            In the words of DuckDB. There are the tables ``keys`` (`key`, `nbytes`,
            `modified`, `directory`, `name`), ``dirs`` and ``arrays``, see
            `zstore.inventory.asking.views`; of an unfinished scan ``dirs`` is empty.
        **parameters
            Values for the ``$name`` in the query. What comes from a store belongs here.

        Raises
        ------
        InvalidTypeError
            If it is anything but one query that reads.
        duckdb.Error
            If DuckDB refuses it, with the reason.

        Notes
        -----
        It can read the snapshot, and no other file or server.
        """
        return self._database.select(query, parameters)

    def to_arrow(self) -> Any:
        """Return all keys in order, as a ``pyarrow.Table``: some 100 bytes a key."""
        return self.sql("SELECT key, nbytes, modified FROM keys")

    def digest(self) -> str:
        """Return a text that is equal for equal sizes of all directories.

        SHA-256 of what each directory holds: how many keys, and how many bytes. Neither
        parts, nor times, nor the order of a scan have a say.
        """
        return queries.digest(self._database)
