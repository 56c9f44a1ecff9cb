"""The first bytes of a value, or a part of it, whatever the store can do."""

import asyncio
from dataclasses import dataclass

from zstore import RangeByteRequest, Store
from zstore.errors import (
    BackendError,
    InvalidByteRangeError,
    KeyNotFoundError,
    UnsupportedError,
)

__all__ = ["MAX_WHOLE_NBYTES", "Head", "read_head", "read_part"]

MAX_WHOLE_NBYTES = 16 * 2**20
"""A value up to this size is read whole where the store gives out no ranges."""


@dataclass(frozen=True, slots=True)
class Head:
    """The first bytes of a value.

    Attributes
    ----------
    content
        As many as were asked for, or all.
    nbytes
        Size of the whole value.
    """

    content: bytes
    nbytes: int

    @property
    def is_whole(self) -> bool:
        """Whether nothing comes after `content`."""
        return len(self.content) >= self.nbytes


async def read_head(store: Store, key: str, limit: int) -> Head | None:
    """Return the first `limit` bytes of a value, or None if there is none.

    Raises
    ------
    AccessDeniedError, BackendError, StoreClosedError
        As `Store.get` does.

    Notes
    -----
    Two requests at once, for the size and for a range of bytes; a third where the store
    gives out no ranges and the value is small enough to be read whole.
    """
    try:
        nbytes, content = await asyncio.gather(
            store.getsize(key), _read(store, key, 0, limit)
        )
    except KeyNotFoundError:
        return None
    return Head(content, max(nbytes, len(content)))


async def read_part(store: Store, key: str, start: int, stop: int) -> bytes:
    """Return the bytes from `start` up to `stop`; fewer where the value ends before.

    Raises
    ------
    KeyNotFoundError
        If nothing is stored under `key`.
    AccessDeniedError, BackendError, StoreClosedError
        As `Store.get` does.

    Notes
    -----
    One request; three where the store gives out no ranges, and then the whole value is
    read, if it has at most `MAX_WHOLE_NBYTES`.
    """
    return await _read(store, key, start, stop)


async def _read(store: Store, key: str, start: int, stop: int) -> bytes:
    if stop <= start:
        return b""
    try:
        value = await store.get(key, byte_range=RangeByteRequest(start, stop))
    except InvalidByteRangeError:
        return b""  # the value has no byte there
    except (UnsupportedError, BackendError):
        # Some servers refuse ranges, or ignore them.
        if await store.getsize(key) > MAX_WHOLE_NBYTES:
            raise
        value = await store.get(key)
        value = None if value is None else value[start:stop]
    if value is None:
        raise KeyNotFoundError(key)
    return value.to_bytes()
