"""When each folder of a local store was changed last, as a scan found it."""

from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from typing import Any

from zstore.concurrency import run_in_thread
from zstore.entries import KeyPage
from zstore.inventory.engines import pa, pq
from zstore.inventory.snapshot.reading import read_file
from zstore.store import Store
from zstore.stores.local import LocalStore

__all__ = ["StampedStore", "folder_table", "read_folders"]

_SCHEMA: Any = pa.schema([("prefix", pa.string()), ("stamp", pa.int64())])


class StampedStore:
    """The pages of a local store, with the stamps of the folders that they come from.

    Parameters
    ----------
    store
        Whose folders are listed.

    Attributes
    ----------
    stamps
        When each folder that was listed was changed last, in nanoseconds since 1970, by
        its prefix: taken before it was listed.
    """

    def __init__(self, store: LocalStore) -> None:
        self._store = store
        self.stamps: dict[str, int] = {}

    async def scan_pages(
        self, prefix: str = "", *, after: str = "", until: str | None = None
    ) -> AsyncGenerator[KeyPage, None]:
        """Iterate as `Store.scan_pages` does; `prefix` is empty, or ends in ``/``."""
        stretches = self._store.scan_stretches(prefix, after=after, until=until)
        async with aclosing(stretches) as found:
            async for stretch in found:
                for folder, stamp in stretch.folders:
                    # Listed twice, it counts as it was the first time.
                    self.stamps.setdefault(folder, stamp)
                if len(stretch.page):
                    yield stretch.page


def folder_table(stamps: Iterable[tuple[str, int]]) -> Any:
    """Return stamps as a table of Arrow, in the order of prefixes."""
    ordered = sorted(stamps)
    columns = [[prefix for prefix, _ in ordered], [stamp for _, stamp in ordered]]
    return pa.table(columns, schema=_SCHEMA)


async def read_folders(place: Store, name: str) -> list[tuple[str, int]]:
    """Return the stamps that a snapshot has, in the order of prefixes.

    Raises
    ------
    CorruptStoreError
        If the file is missing.
    AccessDeniedError, BackendError
        If the place refuses or fails.
    """
    file = await read_file(place, name)

    def decode() -> list[tuple[str, int]]:
        table = pq.read_table(pa.BufferReader(pa.py_buffer(file)))
        return list(zip(*(column.to_pylist() for column in table.columns), strict=True))

    return await run_in_thread(decode)
