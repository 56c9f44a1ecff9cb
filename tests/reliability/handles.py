"""The same few calls for every system, as thin as they can be."""

from abc import ABC, abstractmethod

import zstore
from zstore._compat import override
from zstore.buffer import cpu
from zstore.errors import KeyNotFoundError
from zstore.ranges import RangeByteRequest

__all__ = ["Handle", "ZStoreHandle"]


class Handle(ABC):
    """One system, opened: the same calls for all, as thin as they can be."""

    @abstractmethod
    async def get(self, key: str) -> bytes | None:
        """Read a value; None if there is none."""

    @abstractmethod
    async def get_range(self, key: str, start: int, end: int) -> bytes | None:
        """Read a part of a value."""

    @abstractmethod
    async def set(self, key: str, value: bytes) -> None:
        """Write a value."""

    @abstractmethod
    async def create(self, key: str, value: bytes) -> bool | None:
        """Write a value if there is none; whether it did, None if it does not tell."""

    @abstractmethod
    async def delete(self, key: str) -> None:
        """Remove a value."""

    @abstractmethod
    async def keys(self) -> list[str]:
        """List all keys."""

    async def commit(self) -> None:  # noqa: B027 -- most have no such step
        """Make what was written last, where that is a step of its own."""


class ZStoreHandle(Handle):
    """A store of ours."""

    def __init__(self, store: zstore.Store) -> None:
        self.store = store

    @override
    async def get(self, key: str) -> bytes | None:
        try:
            return await self.store.get_bytes(key)
        except KeyNotFoundError:
            return None

    @override
    async def get_range(self, key: str, start: int, end: int) -> bytes | None:
        value = await self.store.get(key, byte_range=RangeByteRequest(start, end))
        return None if value is None else value.to_bytes()

    @override
    async def set(self, key: str, value: bytes) -> None:
        await self.store.set(key, value)

    @override
    async def create(self, key: str, value: bytes) -> bool | None:
        return await self.store.set_if_not_exists(key, cpu.Buffer.from_bytes(value))

    @override
    async def delete(self, key: str) -> None:
        await self.store.delete(key)

    @override
    async def keys(self) -> list[str]:
        return [key async for key in self.store.list()]

    @override
    async def commit(self) -> None:
        if isinstance(self.store, zstore.ZipStore):
            await self.store.commit()
