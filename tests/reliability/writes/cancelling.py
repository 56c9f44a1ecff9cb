"""Writes that are cancelled at random moments have happened then, or never will."""

import asyncio
import random
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.reliability.figures import Effort, Figure
from tests.reliability.handles import Handle
from tests.reliability.systems import opened
from tests.reliability.writes.values import EMPTY, TORN, number_of, value

__all__ = ["cancellation"]

_NBYTES = 2**20
_OLD, _CANCELLED, _NEW = 1, 2, 3
# Seconds at the end, in which a write that was called off could still land.
_GRACE = 0.2


async def _cancel(handle: Handle, key: str, turns: int) -> bool:
    """Cancel a write after a while; tell whether it was cancelled, and not done before."""
    task = asyncio.create_task(handle.set(key, value(key, _CANCELLED, _NBYTES)))
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        return True
    return False


async def _state(handle: Handle, key: str) -> int | str:
    return number_of(key, await handle.get(key) or b"")


async def _duration(handle: Handle) -> int:
    """Return how many turns of the loop a write takes here; sleeps are too long."""
    turns = []
    for number in range(5):
        key = f"t{number}"
        task = asyncio.create_task(handle.set(key, value(key, _OLD, _NBYTES)))
        turns.append(0)
        while not task.done():
            await asyncio.sleep(0)
            turns[-1] += 1
        await handle.delete(key)
    return int(statistics.median(turns))


async def _cancel_many(
    system: str, place: Path, wanted: int, seconds: float
) -> Counter[str]:
    """Cancel writes; after every other one write once more, and expect that to stay."""
    counted: Counter[str] = Counter()
    expected: dict[str, int | str] = {}
    chance = random.Random(0)
    async with opened(system, place) as handle:
        longest = await _duration(handle)
        end = time.monotonic() + seconds
        # Some are done before they are cancelled; where no write ever waits, all are.
        for number in range(8 * wanted):
            if counted["cancelled"] >= wanted or time.monotonic() > end:
                break
            key = f"k{number}"
            await handle.set(key, value(key, _OLD, 1024))
            turns = chance.randrange(longest + 1)
            counted["cancelled"] += await _cancel(handle, key, turns)
            if number % 2:
                await handle.set(key, value(key, _NEW, 1024))
            expected[key] = await _state(handle, key)
        await asyncio.sleep(_GRACE)
        for key, state in expected.items():
            now = await _state(handle, key)
            counted["zombies"] += now != state
            counted["torn"] += now in (TORN, EMPTY)
        counted["foreign"] = len(set(await handle.keys()) - set(expected))
    return counted


def _files_left(place: Path) -> int:
    return sum("partial" in path.name for path in place.rglob("*"))


def cancellation(system: str, place: Path, effort: Effort) -> Iterator[Figure]:
    """Cancel writes of 1 MiB."""
    wanted = effort.pick(20, 300)
    found = asyncio.run(_cancel_many(system, place, wanted, effort.pick(3.0, 120.0)))
    cancelled = found["cancelled"]
    for what, bad in (
        ("cancelled writes that landed later", found["zombies"]),
        ("torn values after cancelled writes", found["torn"]),
        ("files left by cancelled writes", found["foreign"] + _files_left(place)),
    ):
        yield Figure(promise="W8", system=system, what=what, value=bad, of=cancelled, bar=0)
