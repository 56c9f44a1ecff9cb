"""A bucket of a million keys that takes no room."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from zstore._compat import override
from zstore.buffer import Buffer
from zstore.buffer.convert import as_buffer
from zstore.demo.archive import archive
from zstore.entries import Entry, KeyPage
from zstore.errors import InvalidTypeError, UnsupportedError
from zstore.ranges import ByteRequest, resolve
from zstore.stores.base import BaseStore
from zstore.wrappers.latency import LatencyStore

__all__ = ["ComputedStore", "million_keys"]

_LEAST, _MOST = 1_000, 100_000_000
# As on S3.
_PAGE: Final = 1_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# The character after "/": what begins with it comes after all that lies below.
_AFTER_SLASH: Final = "0"


class ComputedStore(BaseStore):
    """A large archive whose keys, sizes and times are computed when they are asked for.

    Twenty-six arrays of Zarr v3 in groups, and some texts. They look like the work of
    several people: one array has nine keys of ten, another one a third of the bytes, one
    has a gap, and one was forgotten. Documents of metadata can be read; all other values
    are zeros, which are no chunks.

    Parameters
    ----------
    nkeys
        How many keys there are, 1,000 to 100 million.
    a_week_later
        What became of it: the forecasts went on, the gap was filled, and what was
        forgotten is gone. Then there are a few keys more or less.
    read_only
        Nothing can be written in any case.

    Raises
    ------
    InvalidTypeError
        If `nkeys` is none of these.

    Notes
    -----
    About 5 bytes a key, shared by all stores of the same keys. A page of 1,000 keys takes
    half a millisecond, a level 10 us an entry.
    """

    _can_write = False
    _can_delete = False
    _lists_in_order = True

    def __init__(
        self,
        nkeys: int = 1_000_000,
        *,
        a_week_later: bool = False,
        read_only: bool = True,
    ) -> None:
        if type(nkeys) is not int or not _LEAST <= nkeys <= _MOST:
            msg = f"nkeys must be an int from {_LEAST:,} to {_MOST:,}, got {nkeys!r}"
            raise InvalidTypeError(msg)
        super().__init__(read_only=read_only)
        self._nkeys = nkeys
        self._a_week_later = a_week_later
        self._keys, self._documents = archive(nkeys, later=a_week_later)

    @override
    def _arguments(self) -> dict[str, Any]:
        return {"nkeys": self._nkeys, "a_week_later": self._a_week_later}

    @override
    def __str__(self) -> str:
        return f"computed://{self._nkeys}{'/a-week-later' if self._a_week_later else ''}"

    @override
    async def _read(self, key: str, request: ByteRequest | None) -> Buffer | None:
        nbytes = await self._size(key)
        if nbytes is None:
            return None
        start, stop = resolve(request, nbytes)
        document = self._documents.get(key)
        return as_buffer(bytes(stop - start) if document is None else document[start:stop])

    @override
    async def _size(self, key: str) -> int | None:
        i = self._keys.find(key)
        return None if i is None else self._keys.page(i, i + 1).nbytes[0]

    @override
    async def _write(self, key: str, value: Buffer, *, overwrite: bool) -> bool:
        raise UnsupportedError(self, "set")

    @override
    async def _remove(self, key: str) -> None:
        raise UnsupportedError(self, "delete")

    @override
    async def _pages(
        self, prefix: str, after: str, until: str | None
    ) -> AsyncGenerator[KeyPage, None]:
        start, stop = self._below(prefix)
        if after:
            start = max(start, self._first_after(after))
        if until is not None:
            stop = min(stop, self._first_after(until))
        for first in range(start, stop, _PAGE):
            yield self._keys.page(first, min(first + _PAGE, stop))
            await asyncio.sleep(0)

    @override
    async def _scan(self, prefix: str) -> AsyncGenerator[list[tuple[str, int]], None]:
        async for page in self._pages(prefix, "", None):
            yield list(zip(page.keys, page.nbytes, strict=True))

    @override
    async def _entries(
        self, prefix: str, limit: int | None, after: str
    ) -> AsyncGenerator[list[Entry], None]:
        start, stop = self._below(prefix)
        if after:
            # All that lies below the same name is passed over with it.
            name, slash, _ = after.partition("/")
            start = max(start, self._next(f"{prefix}{name}{slash}"))
        batch: list[Entry] = []
        nleft = stop - start if limit is None else limit
        while start < stop and len(batch) < nleft:
            page = self._keys.page(start, start + 1)
            name, slash, _ = page.keys[0].removeprefix(prefix).partition("/")
            if slash:
                batch.append(Entry(name, "prefix"))
            else:
                at = _EPOCH + timedelta(microseconds=page.modified[0])
                batch.append(Entry(name, "key", page.nbytes[0], at))
            start = self._next(f"{prefix}{batch[-1].cursor}")
            if len(batch) == _PAGE:
                yield batch
                await asyncio.sleep(0)
                nleft -= len(batch)
                batch = []
        yield batch

    def _below(self, prefix: str) -> tuple[int, int]:
        """Return the numbers of the first key below a prefix, and of the first after."""
        return self._keys.before(prefix), self._next(prefix) if prefix else len(self._keys)

    def _next(self, cursor: str) -> int:
        """Return the number of the first key that is neither at a cursor nor below it."""
        if cursor.endswith("/"):
            return self._keys.before(cursor[:-1] + _AFTER_SLASH)
        return self._first_after(cursor)

    def _first_after(self, key: str) -> int:
        # No text comes between it and this one.
        return self._keys.before(f"{key}\0")


def million_keys(
    nkeys: int = 1_000_000, *, latency: float = 0.03, a_week_later: bool = False
) -> LatencyStore[ComputedStore]:
    """Return a bucket of a million keys to try things on, as far away as a real one.

    Parameters
    ----------
    nkeys, a_week_later
        As of `ComputedStore`, which says what is in it.
    latency
        Seconds that each request takes; see `LatencyStore`.

    Raises
    ------
    InvalidTypeError
        If an argument makes no sense.

    Examples
    --------
    >>> million_keys(5_000)
    LatencyStore(ComputedStore, 'computed://5000')
    """
    store = ComputedStore(nkeys, a_week_later=a_week_later)
    return LatencyStore(store, latency=latency)
