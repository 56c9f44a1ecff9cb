"""What the synchronous calls and the wrappers add to a read from memory."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import zarr.storage
from zarr.core.buffer import cpu, default_buffer_prototype
from zarr.core.sync import sync

from tests.benchmarks.local import one_at_a_time
from tests.benchmarks.timing import Comparison, Way, compare
from zstore import LoggingStore, MemoryStore, ReadOnlyStore
from zstore.sync import SyncStore

__all__ = ["run"]

_TIMES = 1000


def run(folder: Path, *, rounds: int) -> Iterator[Comparison]:
    """Compare with the bare call, and with the same of zarr."""
    del folder
    prototype = default_buffer_prototype()
    ours, theirs = MemoryStore(), zarr.storage.MemoryStore()
    asyncio.run(ours.set("a", b"value"))
    asyncio.run(theirs.set("a", cpu.Buffer.from_bytes(b"value")))
    bare = one_at_a_time(lambda: ours.get("a"), _TIMES)

    # Called in a thread, since a loop runs already.
    def blocking(call: object) -> Way:
        async def way() -> None:
            await asyncio.to_thread(lambda: [call() for _ in range(_TIMES)])  # type: ignore[operator]

        return way

    facade = SyncStore(ours)
    yield compare(
        Comparison("a get through zstore.sync", "zarr's sync", None, _TIMES),
        {
            "await": bare,
            "zarr's sync": blocking(lambda: sync(theirs.get("a", prototype))),
            "zstore": blocking(lambda: facade.get("a")),
        },
        rounds=rounds,
    )
    logged = LoggingStore(ours, log_level="CRITICAL")
    their_logged = zarr.storage.LoggingStore(theirs, log_level="CRITICAL")
    yield compare(
        Comparison("a get through LoggingStore", "zarr's", None, _TIMES),
        {
            "bare": bare,
            "zarr's": one_at_a_time(lambda: their_logged.get("a", prototype), _TIMES),
            "zstore": one_at_a_time(lambda: logged.get("a"), _TIMES),
        },
        rounds=rounds,
    )
    read_only = ReadOnlyStore(ours)
    yield compare(
        Comparison("a get through ReadOnlyStore", "bare", None, _TIMES),
        {"bare": bare, "zstore": one_at_a_time(lambda: read_only.get("a"), _TIMES)},
        rounds=rounds,
    )
