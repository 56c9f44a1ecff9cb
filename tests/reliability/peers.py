"""The peers, and SQLite as the control; imported only when one is opened."""

import asyncio
import contextlib
import importlib
import sqlite3
from pathlib import Path
from typing import Any

from tests.reliability.handles import Handle
from zstore._compat import override

__all__ = ["ObstoreHandle", "SQLiteHandle", "TensorStoreHandle", "ZarrHandle"]


class ZarrHandle(Handle):
    """A store of zarr-python."""

    def __init__(self, store: Any) -> None:
        core = importlib.import_module("zarr.core.buffer")
        abc = importlib.import_module("zarr.abc.store")
        self.store = store
        self._prototype = core.default_buffer_prototype()
        self._buffer = core.cpu.Buffer.from_bytes
        self._range = abc.RangeByteRequest

    @override
    async def get(self, key: str) -> bytes | None:
        value = await self.store.get(key, self._prototype)
        return None if value is None else value.to_bytes()

    @override
    async def get_range(self, key: str, start: int, end: int) -> bytes | None:
        part = self._range(start, end)
        value = await self.store.get(key, self._prototype, byte_range=part)
        return None if value is None else value.to_bytes()

    @override
    async def set(self, key: str, value: bytes) -> None:
        await self.store.set(key, self._buffer(value))

    @override
    async def create(self, key: str, value: bytes) -> bool | None:
        await self.store.set_if_not_exists(key, self._buffer(value))
        return None

    @override
    async def delete(self, key: str) -> None:
        await self.store.delete(key)

    @override
    async def keys(self) -> list[str]:
        return [key async for key in self.store.list()]


class ObstoreHandle(Handle):
    """A store of obstore."""

    def __init__(self, store: Any) -> None:
        self.store = store
        self._obstore = importlib.import_module("obstore")

    @override
    async def get(self, key: str) -> bytes | None:
        try:
            found = await self._obstore.get_async(self.store, key)
            return bytes(await found.bytes_async())
        except FileNotFoundError:
            return None

    @override
    async def get_range(self, key: str, start: int, end: int) -> bytes | None:
        try:
            part = await self._obstore.get_range_async(
                self.store, key, start=start, end=end
            )
        except FileNotFoundError:
            return None
        return bytes(part)

    @override
    async def set(self, key: str, value: bytes) -> None:
        await self._obstore.put_async(self.store, key, value)

    @override
    async def create(self, key: str, value: bytes) -> bool | None:
        exists = importlib.import_module("obstore.exceptions").AlreadyExistsError
        try:
            await self._obstore.put_async(self.store, key, value, mode="create")
        except exists:
            return False
        return True

    @override
    async def delete(self, key: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            await self._obstore.delete_async(self.store, key)

    @override
    async def keys(self) -> list[str]:
        pages = self._obstore.list(self.store)
        return [entry["path"] async for page in pages for entry in page]


class TensorStoreHandle(Handle):
    """A key-value store of TensorStore."""

    def __init__(self, kvstore: Any) -> None:
        self.kvstore = kvstore

    @override
    async def get(self, key: str) -> bytes | None:
        found = await self.kvstore.read(key)
        return bytes(found.value) if found.state == "value" else None

    @override
    async def get_range(self, key: str, start: int, end: int) -> bytes | None:
        value = await self.get(key)  # its Python calls read whole values only
        return None if value is None else value[start:end]

    @override
    async def set(self, key: str, value: bytes) -> None:
        await self.kvstore.write(key, value)

    @override
    async def create(self, key: str, value: bytes) -> bool | None:
        # The generation of what is not there is the same for all keys.
        nothing = (await self.kvstore.read(f"{key}.never")).stamp.generation
        return bool((await self.kvstore.write(key, value, if_equal=nothing)).generation)

    @override
    async def delete(self, key: str) -> None:
        await self.kvstore.delete_range(self._only(key))

    def _only(self, key: str) -> Any:
        key_range = importlib.import_module("tensorstore").KvStore.KeyRange
        return key_range(key, f"{key}\0")

    @override
    async def keys(self) -> list[str]:
        return [key.decode() for key in await self.kvstore.list()]


class SQLiteHandle(Handle):
    """A table of keys and values, every write synced; the control."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(
            path, isolation_level=None, check_same_thread=False, timeout=60
        )
        self._lock = asyncio.Lock()
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")
        self._connection.execute(
            "CREATE TABLE IF NOT EXISTS kv (key TEXT PRIMARY KEY, value BLOB)"
        )

    def close(self) -> None:
        """Close the database."""
        self._connection.close()

    async def _do(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        async with self._lock:
            # A cancelled call waits for its thread: that is what makes it the control.
            call = asyncio.ensure_future(
                asyncio.to_thread(lambda: self._connection.execute(sql, values).fetchall())
            )
            try:
                return await asyncio.shield(call)
            except asyncio.CancelledError:
                await asyncio.wait([call])
                raise

    @override
    async def get(self, key: str) -> bytes | None:
        rows = await self._do("SELECT value FROM kv WHERE key = ?", key)
        return rows[0][0] if rows else None

    @override
    async def get_range(self, key: str, start: int, end: int) -> bytes | None:
        value = await self.get(key)
        return None if value is None else value[start:end]

    @override
    async def set(self, key: str, value: bytes) -> None:
        await self._do("INSERT OR REPLACE INTO kv VALUES (?, ?)", key, value)

    @override
    async def create(self, key: str, value: bytes) -> bool | None:
        sql = "INSERT INTO kv VALUES (?, ?) ON CONFLICT DO NOTHING RETURNING 1"
        return bool(await self._do(sql, key, value))

    @override
    async def delete(self, key: str) -> None:
        await self._do("DELETE FROM kv WHERE key = ?", key)

    @override
    async def keys(self) -> list[str]:
        return [row[0] for row in await self._do("SELECT key FROM kv")]
