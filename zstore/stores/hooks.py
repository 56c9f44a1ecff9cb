"""What a backend writes: four hooks, and some more where it has a faster way."""

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from heapq import nsmallest
from typing import Any, ClassVar

from zstore.buffer import Buffer
from zstore.concurrency import map_limited
from zstore.entries import Entry, KeyPage
from zstore.errors import UnsupportedError
from zstore.ranges import ByteRequest

__all__ = ["Hooks", "Part"]

Part = tuple[int, memoryview]
"""The first byte to write, and the bytes."""


class Hooks(ABC):
    """What `BaseStore` calls once its public methods have checked their arguments.

    A backend writes `_arguments`, `_read`, `_write`, `_remove` and `_scan`. It may write
    the others where it has a faster way. Hooks get checked keys, ranges of our types and
    prefixes that are empty or end in ``/``; they are called on an open store.
    """

    # What the backend can do; an instance may differ from its class.
    _can_write: bool = True
    _can_delete: bool = True
    _can_write_parts: bool = False
    _can_list: bool = True
    # Whether `_pages` is in order, and can start at any key.
    _lists_in_order: bool = False

    # Requests at once, where the caller does not say.
    _max_concurrency: ClassVar[int] = 16
    # Bytes worth fetching in vain to save a request.
    _max_gap_nbytes: ClassVar[int] = 2**20

    @abstractmethod
    def _arguments(self) -> dict[str, Any]:
        """Return the keyword arguments, but `read_only`, that make an equal store."""

    @abstractmethod
    async def _read(self, key: str, request: ByteRequest | None) -> Buffer | None:
        """Return a read-only buffer, or None if the key is missing."""

    async def _read_as(
        self, kind: type[Buffer], key: str, request: ByteRequest | None
    ) -> Buffer | None:
        """Do as `_read` does, for a caller who will have the value as a `kind`.

        For backends with a shorter way there; any kind of buffer will do.
        """
        del kind
        return await self._read(key, request)

    @abstractmethod
    async def _write(self, key: str, value: Buffer, *, overwrite: bool) -> bool:
        """Store the value, atomically; return False if it was there and may not."""

    @abstractmethod
    async def _remove(self, key: str) -> None:
        """Delete the value if there is one."""

    @abstractmethod
    def _scan(self, prefix: str) -> AsyncGenerator[list[tuple[str, int]], None]:
        """Iterate over batches of (key, nbytes) below `prefix`."""

    async def _open(self) -> None:  # noqa: B027 -- not every backend has to get ready
        """Get ready; may be called by several tasks and threads at once."""

    def _close(self) -> None:  # noqa: B027 -- nor to let go
        """Let go of what was opened."""

    async def _aclose(self) -> None:
        """Let go of what was opened on this loop, and wait for it."""
        self._close()

    async def _size(self, key: str) -> int | None:
        value = await self._read(key, None)
        return None if value is None else len(value)

    async def _list(self, prefix: str) -> AsyncGenerator[list[str], None]:
        """Iterate over batches of keys below `prefix`; for when sizes cost extra."""
        async with aclosing(self._scan(prefix)) as batches:
            async for batch in batches:
                yield [key for key, _ in batch]

    async def _pages(
        self, prefix: str, after: str, until: str | None
    ) -> AsyncGenerator[KeyPage, None]:
        """Iterate over what is listed below `prefix`, in pages.

        `after` and `until` are "" and None unless `_lists_in_order`.
        """
        del after, until
        async with aclosing(self._scan(prefix)) as batches:
            async for batch in batches:
                yield KeyPage.of(batch)

    async def _total(self, prefix: str) -> int:
        """Return the bytes of all values below `prefix`."""
        total = 0
        async with aclosing(self._scan(prefix)) as batches:
            async for batch in batches:
                total += sum([nbytes for _, nbytes in batch])
        return total

    async def _entries(
        self, prefix: str, limit: int | None, after: str
    ) -> AsyncGenerator[list[Entry], None]:
        """Iterate over one level; this default reads all that lies below it."""
        level: dict[str, Entry] = {}
        async with aclosing(self._scan(prefix)) as batches:
            async for batch in batches:
                for key, nbytes in batch:
                    name, below, _ = key[len(prefix) :].partition("/")
                    entry = Entry(name, "prefix") if below else Entry(name, "key", nbytes)
                    level.setdefault(entry.cursor, entry)
        cursors = [cursor for cursor in level if cursor > after]
        yield [level[cursor] for cursor in nsmallest(limit or len(cursors), cursors)]

    async def _names(self, prefix: str) -> AsyncGenerator[list[str], None]:
        """Iterate over the names of one level, each once."""
        async with aclosing(self._entries(prefix, None, "")) as batches:
            seen: set[str] = set()
            async for batch in batches:
                names = dict.fromkeys(entry.name for entry in batch)
                yield [name for name in names if name not in seen]
                seen.update(names)

    async def _write_many(self, items: Sequence[tuple[str, Buffer]], limit: int) -> None:
        """Store the values, each atomically, at most `limit` at once."""

        async def one(item: tuple[str, Buffer]) -> None:
            await self._write(*item, overwrite=True)

        await map_limited(one, items, limit=limit)

    async def _remove_prefix(self, prefix: str) -> None:
        async with aclosing(self._list(prefix)) as batches:
            async for batch in batches:
                await map_limited(self._remove, batch, limit=self._max_concurrency)

    async def _write_parts(self, parts: Mapping[str, Sequence[Part]]) -> None:
        """Overwrite or extend values; none of `parts` overlap."""
        del parts
        raise UnsupportedError(self, "set_partial_values")
