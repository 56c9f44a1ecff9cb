"""P1: what many opened and closed stores leave behind in the process."""

import asyncio
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.reliability.apart import apart
from tests.reliability.figures import Effort, Figure
from tests.reliability.systems import opened

__all__ = ["opens", "resident_nbytes"]

# Pools have started their threads by then, and caches are full.
_WARM = 50


@dataclass(frozen=True, slots=True)
class _Held:
    """What the process holds: descriptors, threads, bytes."""

    fds: int
    threads: int
    nbytes: int

    @classmethod
    def now(cls) -> "_Held":
        fds = len(list(Path("/proc/self/fd").iterdir()))
        return cls(fds, threading.active_count(), resident_nbytes())


def resident_nbytes() -> int:
    """Return the bytes of this process that are in memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


async def _open_one(system: str, place: Path) -> None:
    async with opened(system, place) as handle:
        assert await handle.get("key") == b"value" or system.endswith("Memory")


async def _open_many(system: str, place: Path, nopens: int) -> _Held:
    async with opened(system, place) as handle:
        await handle.set("key", b"value")
    for _ in range(_WARM):
        await _open_one(system, place)
    before = _Held.now()
    for _ in range(nopens):
        await _open_one(system, place)
    after = _Held.now()
    return _Held(
        after.fds - before.fds, after.threads - before.threads, after.nbytes - before.nbytes
    )


def _run(system: str, place: Path, nopens: int) -> _Held:
    return asyncio.run(_open_many(system, place, nopens))


def _run_apart(system: str, place: Path, nopens: int) -> _Held:
    return apart(_run, system, place, nopens)


def opens(system: str, place: Path, effort: Effort) -> Iterator[Figure]:
    """Open, read and close, again and again."""
    nopens = effort.pick(200, 10_000)
    # In a process of its own the memory is that of the stores.
    more = effort.pick(_run, _run_apart)(system, place, nopens)
    for what, number, bar in (
        (f"descriptors more after {nopens:,} opens", more.fds, 0),
        (f"threads more after {nopens:,} opens", more.threads, 2),
    ):
        yield Figure(promise="P1", system=system, what=what, value=number, bar=bar)
    yield Figure(
        promise="P1",
        system=system,
        what=f"memory more after {nopens:,} opens",
        value=more.nbytes / 2**20,
        bar=effort.pick(None, 2.0),
        unit="MiB",
    )
