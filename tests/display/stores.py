"""Stores that the displays are tried on."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.fakes import DictStore
from zstore._compat import override
from zstore.entries import Entry
from zstore.errors import AccessDeniedError

__all__ = ["NAMES", "FailingStore", "HangingStore", "StubbornStore", "evil", "ocean"]

NAMES: list[tuple[str, str]] = json.loads(
    (Path(__file__).parents[1] / "names.json").read_text(encoding="ascii")
)


def _v2_array(shape: list[int], chunks: list[int]) -> bytes:
    metadata = {
        "zarr_format": 2,
        "shape": shape,
        "chunks": chunks,
        "dtype": "<f4",
        "compressor": None,
        "fill_value": 0,
        "filters": None,
        "order": "C",
    }
    return json.dumps(metadata).encode()


def ocean() -> dict[str, bytes]:
    """A small tree of Zarr v2: 2 groups, 2 arrays, a text, and a plain folder."""
    return {
        ".zgroup": b'{"zarr_format": 2}',
        ".zattrs": b'{"title": "sea"}',
        "ocean/.zgroup": b'{"zarr_format": 2}',
        "ocean/temp/.zarray": _v2_array([4, 6], [2, 3]),
        "ocean/temp/0.0": bytes(24),
        "ocean/temp/1.1": bytes(24),
        "ocean/temp/notes.txt": b"warm",
        "ocean/salt/.zarray": _v2_array([10], [5]),
        "plain/a/b/c.bin": bytes(2000),
        "readme.txt": b"A sea that does not exist.",
    }


def evil() -> DictStore:
    """A store with every name of the table, as values and as folders."""
    names = [text for text, _ in NAMES if text]
    values = dict.fromkeys(names, b"1") | {f"{name}/below": b"1" for name in names}
    attributes = json.dumps({text: text for text in names}).encode()
    return DictStore({**values, ".zgroup": b'{"zarr_format": 2}', ".zattrs": attributes})


class FailingStore(DictStore):
    """Refuses to list, or to read, what lies below ``broken``."""

    @override
    async def _read(self, key: str, request: Any) -> Any:
        if key.startswith("broken/"):
            raise AccessDeniedError(key, "GET https://me:word@host/x: 403")
        return await super()._read(key, request)

    @override
    async def _entries(
        self, prefix: str, limit: int | None, after: str
    ) -> AsyncGenerator[list[Entry], None]:
        if prefix.startswith("broken/"):
            raise AccessDeniedError(prefix, "LIST https://me:word@host/x: 403")
        async for batch in super()._entries(prefix, limit, after):
            yield batch


class HangingStore(DictStore):
    """Never answers what is below ``hangs``; with `from_start` nothing at all."""

    from_start = False

    async def _wait(self, key: str) -> None:
        if self.from_start or key.startswith("hangs/"):
            await asyncio.Event().wait()

    @override
    async def _read(self, key: str, request: Any) -> Any:
        await self._wait(key)
        return await super()._read(key, request)

    @override
    async def _entries(
        self, prefix: str, limit: int | None, after: str
    ) -> AsyncGenerator[list[Entry], None]:
        await self._wait(prefix)
        async for batch in super()._entries(prefix, limit, after):
            yield batch


class StubbornStore(HangingStore):
    """Does not end when it is cancelled, as a thread that waits for a dead disk."""

    from_start = True
    is_over = False

    @override
    async def _wait(self, key: str) -> None:
        while not self.is_over:
            with suppress(asyncio.CancelledError):
                await asyncio.sleep(0.05)
