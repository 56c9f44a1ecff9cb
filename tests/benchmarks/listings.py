"""Listing and measuring 100,000 keys, beside zarr and obstore."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import obstore
import zarr.storage
from obstore.store import LocalStore as ObstoreLocal
from obstore.store import MemoryStore as ObstoreMemory
from zarr.core.buffer import cpu

from tests.benchmarks.timing import Comparison, compare
from zstore import LocalStore, MemoryStore, Store

__all__ = ["run"]

_KEYS = [f"g{n // 1000}/a{n // 100 % 10}/c/{n % 100}" for n in range(100_000)]
_VALUE = b"0123456789"


def run(folder: Path, *, rounds: int) -> Iterator[Comparison]:
    """Compare all keys with and without sizes: files and memory."""
    for key in _KEYS:
        path = folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_VALUE)
    rounds = min(rounds, 5)
    yield from _of(
        "LocalStore",
        LocalStore(folder, read_only=True),
        zarr.storage.LocalStore(folder, read_only=True),
        ObstoreLocal(folder),
        rounds,
    )
    theirs: dict[str, Any] = dict.fromkeys(_KEYS, cpu.Buffer.from_bytes(_VALUE))
    third = ObstoreMemory()
    for key in _KEYS:
        obstore.put(third, key, _VALUE)
    ours = MemoryStore(dict.fromkeys(_KEYS, _VALUE))  # type: ignore[arg-type]
    yield from _of("MemoryStore", ours, zarr.storage.MemoryStore(theirs), third, rounds)


def _of(
    name: str, ours: Store, zarrs: Any, obstores: Any, rounds: int
) -> Iterator[Comparison]:
    asyncio.run(ours.ensure_open())
    yield compare(
        Comparison(f"{name} list, 100,000 keys", "obstore", None),
        {
            "obstore": lambda: _obstore(obstores),
            "zarr": lambda: _count(zarrs.list()),
            "zstore": lambda: _count(ours.list()),
        },
        rounds=rounds,
    )
    yield compare(
        Comparison(f"{name} getsize_prefix, 100,000 keys", "obstore", None),
        {
            "obstore": lambda: _obstore(obstores),
            "zarr": lambda: zarrs.getsize_prefix(""),
            "zstore": lambda: ours.getsize_prefix(""),
        },
        rounds=rounds,
    )


async def _count(keys: AsyncIterator[str]) -> int:
    return sum([1 async for _ in keys])


async def _obstore(store: Any) -> int:
    pages = obstore.list(store)
    return sum([sum(meta["size"] for meta in page) async for page in pages])
