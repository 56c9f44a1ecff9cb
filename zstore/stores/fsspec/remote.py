"""What the store asks of a kind of filesystem."""

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, suppress

from zstore.concurrency import map_limited
from zstore.entries import EntryBatch, KeyPage, SizeBatch
from zstore.ranges import ByteRequest
from zstore.stores.fsspec.filesystem import Client
from zstore.stores.listed import ListedNames

__all__ = ["Remote"]

_MAX_CONCURRENCY = 16


class Remote(ABC):
    """How one kind of filesystem reads, writes and lists below a root.

    Failures are raised as the filesystem raises them; a missing value is a
    `FileNotFoundError`. The store knows what they mean.

    Parameters
    ----------
    names
        Tells which listed names are keys.
    """

    can_write: bool = True
    can_delete: bool = True
    # Whether it sends requests again itself, and the filesystem has to send each once.
    sends_once: bool = False
    # Whether `pages` is in order, and can start at any name.
    lists_in_order: bool = False

    def __init__(self, names: ListedNames) -> None:
        self._names = names

    @abstractmethod
    async def read(
        self, client: Client, key: str, request: ByteRequest | None
    ) -> bytes | memoryview:
        """Return the bytes that were asked for, or fail."""

    @abstractmethod
    async def size(self, client: Client, key: str) -> int:
        """Return the size of a value in bytes; a folder is none."""

    @abstractmethod
    async def write(self, client: Client, key: str, data: bytes) -> None:
        """Store a value."""

    @abstractmethod
    async def create(self, client: Client, key: str, data: bytes) -> None:
        """Store a value in one atomic step; `FileExistsError` if there is one."""

    @abstractmethod
    async def remove(self, client: Client, key: str) -> None:
        """Delete one value, by its literal name."""

    async def remove_below(self, client: Client, prefix: str) -> None:
        """Delete all values below a prefix."""
        async with aclosing(self.keys(client, prefix)) as batches:
            async for batch in batches:
                await self.remove_many(client, batch)

    async def remove_many(self, client: Client, keys: Sequence[str]) -> None:
        """Delete values; those that are missing are no error."""

        async def remove(key: str) -> None:
            # Somebody else may be faster.
            with suppress(FileNotFoundError):
                await self.remove(client, key)

        await map_limited(remove, keys, limit=_MAX_CONCURRENCY)

    @abstractmethod
    def scan(self, client: Client, prefix: str) -> AsyncGenerator[SizeBatch, None]:
        """Iterate over batches of (key, nbytes) below `prefix`."""

    async def keys(self, client: Client, prefix: str) -> AsyncGenerator[list[str], None]:
        """Iterate over batches of keys below `prefix`."""
        async with aclosing(self.scan(client, prefix)) as batches:
            async for batch in batches:
                yield [key for key, _ in batch]

    async def pages(
        self, client: Client, prefix: str, after: str, until: str | None
    ) -> AsyncGenerator[KeyPage, None]:
        """Iterate over all that is listed below `prefix`, in pages.

        `after` and `until` are "" and None unless `lists_in_order`.
        """
        del after, until
        async with aclosing(self.scan(client, prefix)) as batches:
            async for batch in batches:
                yield KeyPage.of(batch)

    @abstractmethod
    def entries(
        self, client: Client, prefix: str, limit: int | None, after: str
    ) -> AsyncGenerator[EntryBatch, None]:
        """Iterate over one level; in order if `limit` or `after` is given."""
