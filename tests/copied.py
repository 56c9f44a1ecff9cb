"""What the tests of copying copy."""

import asyncio
from typing import Any

from zstore import MemoryStore, Store
from zstore._compat import override
from zstore.buffer import Buffer
from zstore.ranges import ByteRequest

__all__ = ["VALUES", "Gated", "Watched", "contents", "filled"]

VALUES = {"a/0": b"zero", "a/1": b"one", "ab": b"two", "b": b""}


async def filled(values: dict[str, bytes]) -> MemoryStore:
    store = MemoryStore()
    await store.set_many(values)
    return store


async def contents(store: Store) -> dict[str, bytes]:
    return {key: await store.get_bytes(key) async for key in store.list()}


class Gated(MemoryStore):
    """A store in memory that gives out some values, and the others through a gate."""

    def __init__(
        self, values: Any = None, *, read_only: bool = False, passing: int = 0
    ) -> None:
        super().__init__(values, read_only=read_only)
        self.passing = passing
        self.waiting, self.gate = asyncio.Event(), asyncio.Event()

    @override
    async def _read(self, key: str, request: ByteRequest | None) -> Buffer | None:
        value = await super()._read(key, request)
        if not self.passing:
            self.waiting.set()
            await self.gate.wait()
        self.passing = max(0, self.passing - 1)
        return value


class Watched(MemoryStore):
    """A store in memory that is slow, and counts what is under way."""

    def __init__(self, values: Any = None, *, read_only: bool = False) -> None:
        super().__init__(values, read_only=read_only)
        self.calls: list[str] = []
        self.now = [0, 0]
        self.most = [0, 0]

    @override
    async def _read(self, key: str, request: ByteRequest | None) -> Buffer | None:
        self.calls.append("read")
        value = await super()._read(key, request)
        nbytes = 0 if value is None else len(value)
        self.now = [self.now[0] + 1, self.now[1] + nbytes]
        self.most = [max(pair) for pair in zip(self.most, self.now, strict=True)]
        await asyncio.sleep(0.005)
        self.now = [self.now[0] - 1, self.now[1] - nbytes]
        return value

    @override
    async def _size(self, key: str) -> int | None:
        self.calls.append("size")
        return await super()._size(key)
