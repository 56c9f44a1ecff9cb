"""MemoryStore beside zarr's."""

from collections.abc import Iterator
from pathlib import Path

import zarr.storage
from zarr.core.buffer import cpu

from tests.benchmarks.timing import Comparison, compare
from zstore import MemoryStore

__all__ = ["run"]


async def _names(store: object, prefix: str) -> int:
    return len([name async for name in store.list_dir(prefix)])  # type: ignore[attr-defined]


def run(folder: Path, *, rounds: int) -> Iterator[Comparison]:
    """Compare a listing of one array of ten chunks among 200,000 keys."""
    del folder
    keys = [f"group{n // 1000}/array{n // 10 % 100}/c/{n % 10}" for n in range(200_000)]
    value = cpu.Buffer.from_bytes(b"x")
    theirs = zarr.storage.MemoryStore(dict.fromkeys(keys, value))
    ours = MemoryStore(dict.fromkeys(keys, b"x"))  # type: ignore[arg-type]
    leaf = "group77/array50/c"
    yield compare(
        Comparison("MemoryStore list_dir of a leaf in 200,000 keys", "zarr", 0.01),
        {
            "zarr": lambda: _names(theirs, leaf),
            "zstore": lambda: _names(ours, leaf),
        },
        rounds=rounds,
    )
