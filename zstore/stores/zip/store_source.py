"""An archive that is a value of another store, read by byte ranges."""

import asyncio
from dataclasses import dataclass

from zstore._compat import override
from zstore.errors import (
    BackendError,
    CorruptStoreError,
    KeyNotFoundError,
    StoreNotFoundError,
    UnsupportedError,
)
from zstore.ranges import RangeByteRequest, SuffixByteRequest
from zstore.store import Store
from zstore.stores.zip.directory import TAIL_NBYTES
from zstore.stores.zip.records import Data

__all__ = ["ArchiveInStore", "StoreSource"]


@dataclass(frozen=True, slots=True)
class ArchiveInStore:
    """An archive that is the value of a key of another store.

    Attributes
    ----------
    store, key
        Where the archive is.
    close_store
        Whether closing the zip store closes `store` as well.
    """

    store: Store
    key: str
    close_store: bool = False

    @override
    def __str__(self) -> str:
        return f"{self.store}/{self.key}"


class StoreSource:
    """An archive in another store, read by byte ranges.

    Notes
    -----
    Two requests to open, for the size and the last 64 KiB, and a third if the directory
    does not fit in these; then one for each read.
    """

    def __init__(self, where: ArchiveInStore) -> None:
        self._where = where
        self.size = 0
        self._tail: Data = b""

    async def open(self) -> None:
        """Learn the size, and fetch the end of the archive.

        Raises
        ------
        StoreNotFoundError
            If the key is missing.
        """
        store, key = self._where.store, self._where.key
        size, tail = await asyncio.gather(
            store.getsize(key), self._fetch_tail(), return_exceptions=True
        )
        if isinstance(size, KeyNotFoundError):
            raise StoreNotFoundError(self._where) from size
        if isinstance(size, BaseException):
            raise size
        self.size = size
        if isinstance(tail, UnsupportedError):
            # Some services take no suffix; the size is known by now.
            tail = await self._fetch(max(0, size - TAIL_NBYTES), size)
        if size and isinstance(tail, BaseException):
            raise tail
        self._tail = b"" if isinstance(tail, BaseException) else tail
        if len(self._tail) != min(size, TAIL_NBYTES):
            raise BackendError(key, f"it changed in {store} while it was opened")

    def forget_tail(self) -> None:
        """Let go of what was fetched for the directory."""
        self._tail = b""

    async def read(self, offset: int, nbytes: int) -> Data:
        """Return exactly `nbytes` bytes; one request, none for what `open` fetched."""
        if not nbytes:
            return b""
        at = offset - (self.size - len(self._tail))
        if at >= 0:
            return memoryview(self._tail)[at : at + nbytes]
        return await self._fetch(offset, offset + nbytes)

    async def _fetch_tail(self) -> Data:
        store, key = self._where.store, self._where.key
        value = await store.get(key, byte_range=SuffixByteRequest(TAIL_NBYTES))
        return b"" if value is None else value.as_buffer_like()

    async def _fetch(self, start: int, stop: int) -> Data:
        store, key = self._where.store, self._where.key
        value = await store.get(key, byte_range=RangeByteRequest(start, stop))
        if value is None:
            raise BackendError(key, f"it vanished from {store} while it was read")
        if len(value) != stop - start:
            msg = (
                f"{self._where} gave {len(value)} bytes for the range {start} to {stop}: "
                "it is shorter than it was"
            )
            raise CorruptStoreError(msg)
        return value.as_buffer_like()
