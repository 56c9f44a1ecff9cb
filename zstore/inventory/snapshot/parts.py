"""Parts of a snapshot: files of keys, each of one range."""

import uuid
from collections.abc import Iterable
from typing import Any

from zstore.concurrency import run_to_the_end
from zstore.inventory.engines import pa, pc, pq
from zstore.inventory.planning import KeyRange
from zstore.inventory.snapshot.arrow_memory import pool, release
from zstore.inventory.snapshot.key_batches import SCHEMA
from zstore.inventory.snapshot.manifest import Part
from zstore.store import Store

__all__ = ["MAX_PART_NKEYS", "PartWriter", "new_name", "table_file", "tables_file"]

MAX_PART_NKEYS = 2**20
"""Keys of a part, about: a file of 3 to 6 MB."""

# So many keys wait, as they came, in each part that is being written. Larger groups make
# no smaller files, and queries of a prefix slower.
_ROW_GROUP_NKEYS = 16_384

_ENCODINGS = {
    "key": "DELTA_BYTE_ARRAY",
    "nbytes": "DELTA_BINARY_PACKED",
    "modified": "DELTA_BINARY_PACKED",
}


def new_name(folder: str) -> str:
    """Return a key for a new file in a folder of a snapshot."""
    return f"{folder}/{uuid.uuid4().hex}.parquet"


class PartWriter:
    """The file of a part, as it grows in memory.

    Attributes
    ----------
    nkeys
        How many keys were added.

    Notes
    -----
    Some 0.15 us a key. Memory: 3 to 6 bytes a key, and the last 16,384 keys as they came.
    """

    def __init__(self) -> None:
        self.nkeys = 0
        self._nbytes = 0
        self._waiting: list[Any] = []
        self._nwaiting = 0
        self._sink: Any = None
        self._writer: Any = None
        self._file: memoryview | None = None
        self._name = new_name("keys")

    @property
    def is_full(self) -> bool:
        """Whether it is time for another part."""
        return self.nkeys >= MAX_PART_NKEYS

    def add(self, batch: Any) -> None:
        """Add keys that come after all that were added.

        Parameters
        ----------
        batch
            Of `zstore.inventory.snapshot.key_batches.SCHEMA`; it is copied. When there are
            enough for a row group, it is written, which takes some 3 ms.
        """
        # The page of a listing holds more than these columns, and holds it together.
        both = pa.Table.from_batches([batch, batch.slice(0, 0)], schema=SCHEMA)
        self._waiting += both.combine_chunks(memory_pool=pool()).to_batches()
        self._nwaiting += batch.num_rows
        self.nkeys += batch.num_rows
        if self._nwaiting >= _ROW_GROUP_NKEYS:
            self._write(self._nwaiting - self._nwaiting % _ROW_GROUP_NKEYS)

    async def save(self, place: Store, one: KeyRange) -> Part | None:
        """Write the file into the place of a snapshot, when all keys were added.

        Parameters
        ----------
        place
            Where the snapshot lies.
        one
            The range that the keys are all of.

        Returns
        -------
        Part
            What a manifest says of the file; None if there was no key.

        Raises
        ------
        AccessDeniedError, BackendError
            If the place refuses or fails, as a full disk does. It can be tried again, and
            gives the file the same name.
        """
        if not self.nkeys:
            return None
        file = await run_to_the_end(self._finish)
        await place.set(self._name, file)
        return Part(self._name, one, self.nkeys, self._nbytes, file.nbytes)

    def _write(self, nkeys: int) -> None:
        table = pa.Table.from_batches(self._waiting, schema=SCHEMA)
        group, rest = table.slice(0, nkeys), table.slice(nkeys)
        if self._writer is None:
            self._sink = pa.BufferOutputStream(pool())
            self._writer = _key_writer(self._sink)
        self._writer.write_table(group, row_group_size=_ROW_GROUP_NKEYS)
        self._nbytes += pc.sum(group.column("nbytes")).as_py()
        self._waiting, self._nwaiting = rest.to_batches(), rest.num_rows
        release()

    def _finish(self) -> memoryview:
        if self._file is None:
            if self._nwaiting:
                self._write(self._nwaiting)
            self._writer.close()
            self._file = memoryview(self._sink.getvalue())
        return self._file


def _key_writer(sink: Any) -> Any:
    return pq.ParquetWriter(
        sink,
        SCHEMA,
        compression="zstd",
        use_dictionary=False,
        column_encoding=_ENCODINGS,
        store_schema=False,
        memory_pool=pool(),
    )


def table_file(table: Any) -> memoryview:
    """Return a table of Arrow as a Parquet file."""
    return tables_file([table], table.schema)


def tables_file(tables: Iterable[Any], schema: Any) -> memoryview:
    """Return tables of Arrow, each of which is held no longer than needed, as one file."""
    sink = pa.BufferOutputStream(pool())
    with pq.ParquetWriter(sink, schema, compression="zstd", memory_pool=pool()) as writer:
        for table in tables:
            writer.write_table(table, row_group_size=_ROW_GROUP_NKEYS)
    release()
    return memoryview(sink.getvalue())
