"""Opening, reading and listing an archive, as the hooks of a store."""

import asyncio
import threading
import warnings
from abc import abstractmethod
from collections.abc import AsyncGenerator
from datetime import datetime
from pathlib import Path

from zstore._compat import override
from zstore.buffer import Buffer
from zstore.concurrency import run_in_thread, run_to_the_end
from zstore.entries import Entry, KeyPage
from zstore.errors import StoreClosedError, ZStoreWarning
from zstore.ranges import ByteRequest
from zstore.stores.base import BaseStore
from zstore.stores.key_tree import KeyTree, batches_in_turns, entry_of
from zstore.stores.zip.archive import Archive
from zstore.stores.zip.reader import Reader
from zstore.stores.zip.records import from_dos_time
from zstore.stores.zip.sources import BinaryFile
from zstore.stores.zip.store_source import ArchiveInStore
from zstore.stores.zip.writer import Writer

__all__ = ["ArchiveStore"]


class ArchiveStore(BaseStore):
    """A store whose values are the members of an archive."""

    _lists_in_order = True

    def __init__(
        self,
        path: Path | BinaryFile | ArchiveInStore,
        *,
        read_only: bool,
        max_ratio: int,
        verify: bool,
    ) -> None:
        super().__init__(read_only=read_only)
        self.path = path
        self._max_ratio = max_ratio
        self._verify = verify
        self._opened: Reader | Writer | None = None
        self._open_lock = threading.Lock()

    @abstractmethod
    def _make_writer(self, path: Path) -> Writer:
        """Open the archive at `path` so that it can be changed."""

    @property
    def warnings(self) -> list[str]:
        """What was left out of the archive when it was opened; empty before."""
        opened = self._opened
        return [] if opened is None else list(opened.archive.warnings)

    @property
    def reclaimable_nbytes(self) -> int:
        """Bytes of the archive that `compact` would win back; 0 before it is open."""
        opened = self._opened
        return 0 if opened is None else opened.reclaimable_nbytes

    @override
    async def _open(self) -> None:
        if isinstance(self.path, ArchiveInStore):
            reader = await Reader.open(
                self.path, max_ratio=self._max_ratio, verify=self._verify
            )
            is_new = self._opened is None
            self._opened = self._opened or reader
        else:
            is_new = await run_to_the_end(self._open_here, self.path)
        if is_new:
            for text in self.warnings:
                warnings.warn(f"{self}: {text}", ZStoreWarning, stacklevel=2)

    def _open_here(self, path: Path | BinaryFile) -> bool:
        """Open the archive unless another thread has; tell whether this call did."""
        with self._open_lock:
            if self._is_closed:
                raise StoreClosedError(self)
            if self._opened is not None:
                return False
            if not isinstance(path, Path) or self._only_reads(path):
                self._opened = Reader.open_here(
                    path, max_ratio=self._max_ratio, verify=self._verify
                )
            else:
                self._opened = self._make_writer(path)
            return True

    @abstractmethod
    def _only_reads(self, path: Path) -> bool:
        """Tell whether the archive is opened for reading, for now at least."""

    def _writer(self) -> Writer:
        """Return the writer, made at the first change; blocks."""
        if not isinstance(self._opened, Writer):
            with self._open_lock:
                if self._opened is None or not isinstance(self.path, Path):
                    raise StoreClosedError(self)
                if not isinstance(self._opened, Writer):
                    self._opened = self._make_writer(self.path)
                return self._opened
        return self._opened

    @override
    def _close(self) -> None:
        with self._open_lock:
            opened, self._opened = self._opened, None
        if opened is not None:
            opened.close()
        if isinstance(self.path, ArchiveInStore) and self.path.close_store:
            self.path.store.close()

    @override
    async def _aclose(self) -> None:
        with self._open_lock:
            opened, self._opened = self._opened, None
        if isinstance(opened, Writer):
            await run_to_the_end(opened.close)
        if isinstance(self.path, ArchiveInStore) and self.path.close_store:
            await self.path.store.aclose()

    def _archive(self) -> Archive:
        """Return the open archive."""
        opened = self._opened
        if opened is None:
            raise StoreClosedError(self)
        return opened.archive

    @override
    async def _read(self, key: str, request: ByteRequest | None) -> Buffer | None:
        archive = self._archive()
        member = archive.members.get(key)
        if member is None:
            return None
        found = archive.read_now(key, member, request)
        return found if found is not None else await archive.read(key, member, request)

    @override
    async def _size(self, key: str) -> int | None:
        member = self._archive().members.get(key)
        return None if member is None else member.nbytes

    async def _indexed(self) -> tuple[Archive, KeyTree]:
        archive = self._archive()
        if not archive.is_indexed:
            await run_in_thread(archive.make_index)
        return archive, archive.index()

    @override
    async def _list(self, prefix: str) -> AsyncGenerator[list[str], None]:
        archive, tree = await self._indexed()
        with archive.lock:
            batches = tree.below(prefix)
        async for batch in batches_in_turns(batches, archive.lock):
            yield batch

    @override
    async def _pages(
        self, prefix: str, after: str, until: str | None
    ) -> AsyncGenerator[KeyPage, None]:
        archive, tree = await self._indexed()
        with archive.lock:
            batches = tree.in_order(prefix, after, until)
        async for batch in batches_in_turns(batches, archive.lock):
            members = [(key, archive.members.get(key)) for key in batch]
            yield KeyPage.of(
                [(key, member.nbytes) for key, member in members if member is not None]
            )

    @override
    async def _scan(self, prefix: str) -> AsyncGenerator[list[tuple[str, int]], None]:
        members = self._archive().members
        async for batch in self._list(prefix):
            found = [(key, members.get(key)) for key in batch]
            yield [(key, member.nbytes) for key, member in found if member is not None]

    @override
    async def _names(self, prefix: str) -> AsyncGenerator[list[str], None]:
        archive, tree = await self._indexed()
        with archive.lock:
            names = tree.names(prefix)
        yield names

    @override
    async def _entries(
        self, prefix: str, limit: int | None, after: str
    ) -> AsyncGenerator[list[Entry], None]:
        archive, tree = await self._indexed()
        with archive.lock:
            page = tree.cursors(prefix, limit, after)
        for first in range(0, len(page), 4096):
            yield [_entry(archive, prefix, cursor) for cursor in page[first : first + 4096]]
            await asyncio.sleep(0)


def _entry(archive: Archive, prefix: str, cursor: str) -> Entry:
    member = archive.members.get(prefix + cursor)
    if member is None:
        return entry_of(cursor, None)
    return Entry(cursor, "key", member.nbytes, _modified(member.dos_time))


def _modified(dos_time: int) -> datetime | None:
    when = from_dos_time(dos_time)
    return None if when is None else when.astimezone()
