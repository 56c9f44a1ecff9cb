"""Stores that only tests need."""

import threading
from collections.abc import AsyncGenerator
from typing import Any

from zstore._compat import override
from zstore.buffer import Buffer
from zstore.buffer.convert import as_buffer
from zstore.keys import check_key
from zstore.ranges import (
    ByteRequest,
    OffsetByteRequest,
    RangeByteRequest,
    SuffixByteRequest,
    resolve,
)
from zstore.stores.base import BaseStore

__all__ = ["DictStore", "RecordingStore"]


class DictStore(BaseStore):
    """The least that a backend has to write: all else is made from it."""

    def __init__(self, values: dict[str, bytes] | None = None, *, read_only: bool = False):
        super().__init__(read_only=read_only)
        self.values = {} if values is None else values
        self.lock = threading.Lock()

    @override
    def _arguments(self) -> dict[str, Any]:
        return {"values": self.values}

    @override
    async def _read(self, key: str, request: ByteRequest | None) -> Buffer | None:
        value = self.values.get(key)
        if value is None:
            return None
        start, stop = resolve(request, len(value))
        return as_buffer(value[start:stop])

    @override
    async def _write(self, key: str, value: Buffer, *, overwrite: bool) -> bool:
        with self.lock:
            if not overwrite and key in self.values:
                return False
            self.values[key] = value.to_bytes()
            return True

    @override
    async def _remove(self, key: str) -> None:
        self.values.pop(key, None)

    @override
    async def _scan(self, prefix: str) -> AsyncGenerator[list[tuple[str, int]], None]:
        yield [(k, len(v)) for k, v in list(self.values.items()) if k.startswith(prefix)]


class RecordingStore(DictStore):
    """Fails if a hook gets anything but what `Hooks` promises it."""

    def __init__(self, values: dict[str, bytes] | None = None, *, read_only: bool = False):
        super().__init__(values, read_only=read_only)
        self.hooks: list[str] = []

    def _called(self, hook: str, key: str) -> None:
        assert self._is_open, f"{hook} was called on a store that is not open"
        assert type(key) is str, f"{hook} got a {type(key).__name__}"
        check_key(key)
        self.hooks.append(hook)

    @override
    async def _read(self, key: str, request: ByteRequest | None) -> Buffer | None:
        self._called("_read", key)
        kinds = (type(None), RangeByteRequest, OffsetByteRequest, SuffixByteRequest)
        assert type(request) in kinds, f"_read got {request!r}"
        return await super()._read(key, request)

    @override
    async def _write(self, key: str, value: Buffer, *, overwrite: bool) -> bool:
        self._called("_write", key)
        assert not self.read_only, "_write was called on a read-only store"
        assert isinstance(value, Buffer), f"_write got {value!r}"
        return await super()._write(key, value, overwrite=overwrite)

    @override
    async def _remove(self, key: str) -> None:
        self._called("_remove", key)
        assert not self.read_only, "_remove was called on a read-only store"
        await super()._remove(key)

    @override
    async def _scan(self, prefix: str) -> AsyncGenerator[list[tuple[str, int]], None]:
        if prefix:
            assert prefix.endswith("/"), f"_scan got {prefix!r}"
            self._called("_scan", prefix[:-1])
        async for batch in super()._scan(prefix):
            yield batch
