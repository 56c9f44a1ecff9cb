"""What a durable write costs: calls that wait for the disk, and milliseconds."""

import asyncio
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Coroutine, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from tests.reliability.apart import apart
from tests.reliability.figures import Effort, Figure
from tests.reliability.handles import Handle
from tests.reliability.systems import opened
from tests.reliability.writes.failing_calls import Shim

__all__ = ["syncs"]

# The file and its folder; a name that goes takes no file along.
_MOST = {
    "a new value": 2,
    "a value that is replaced": 2,
    "put-if-absent": 2,
    "a deletion": 1,
}
_DATA = bytes(range(250)) * 400
_BASE = "tensorstore file"
# How many writes at once, and how many there are.
_WAYS = ((1, 40), (16, 160))


async def _count(system: str, place: Path) -> Counter[str]:
    counted: Counter[str] = Counter()

    async def during(act: Coroutine[Any, Any, object], what: str) -> None:
        shim = Shim()
        with shim.armed():
            await act
        counted[what] = sum(call in ("fsync", "fdatasync") for call in shim.calls)

    async with opened(system, place) as handle:
        # The first write into a folder makes sure of the folders above as well.
        await handle.set("a/first", b"1")
        await handle.set("a/other", b"1")
        await during(handle.set("a/k", _DATA), "a new value")
        await during(handle.set("a/k", _DATA), "a value that is replaced")
        await during(handle.create("a/c", _DATA), "put-if-absent")
        await during(handle.delete("a/k"), "a deletion")
    return counted


def _counted(system: str, place: Path) -> Counter[str]:
    return asyncio.run(_count(system, place))


async def _time(handle: Handle, at_once: int, nwrites: int) -> float:
    """Return the milliseconds of a write, one after the other or some at once."""
    numbers = iter(range(nwrites))

    async def work() -> None:
        for number in numbers:
            await handle.set(f"k{number}", _DATA)

    began = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(at_once)))
    return (time.perf_counter() - began) / nwrites * 1e3


async def _compare(systems: tuple[str, ...], place: Path) -> list[dict[str, list[float]]]:
    """Return the milliseconds of a write of each system, in each way and turn."""
    times: list[dict[str, list[float]]] = [defaultdict(list) for _ in _WAYS]
    async with AsyncExitStack() as stack:
        handles = {
            system: await stack.enter_async_context(opened(system, place / system))
            for system in systems
        }
        # In turns, since the machine and the disk have other things to do.
        for _ in range(15):
            for way, (at_once, nwrites) in zip(times, _WAYS, strict=True):
                for system, handle in handles.items():
                    way[system].append(await _time(handle, at_once, nwrites))
    return times


def _compared(systems: tuple[str, ...], place: Path) -> list[dict[str, list[float]]]:
    return asyncio.run(_compare(systems, place))


def syncs(system: str, place: Path, effort: Effort) -> Iterator[Figure]:
    """Count fsync and fdatasync; in the battery time them beside tensorstore, too."""
    found = apart(_counted, system, place / "counted")
    for what, calls in found.items():
        yield Figure(
            promise="W4",
            system=system,
            what=f"syncs of {what}",
            value=calls,
            bar=_MOST[what],
        )
    few = sum(calls < _MOST[what] for what, calls in found.items())
    yield Figure(
        promise="W4", system=system, what="kinds of writes not synced", value=few, bar=0
    )
    if effort is Effort.LONG:
        yield from _times(system, place)


def _times(system: str, place: Path) -> Iterator[Figure]:
    systems = (system, "zstore Local", _BASE)
    for each in systems:
        (place / each).mkdir()
    for (at_once, _), times in zip(_WAYS, apart(_compared, systems, place), strict=True):
        mine, plain, base = (statistics.median(times[each]) for each in systems)
        ratios = [a / b for a, b in zip(times[system], times[_BASE], strict=True)]
        yield Figure(
            promise="W4",
            system=system,
            what=f"a write of 100 kB beside tensorstore's, {at_once} at once",
            value=statistics.median(ratios),
            bar=1.3,
            unit="x",
            note=f"{mine:.2f} ms; tensorstore {base:.2f} ms; not durable {plain:.2f} ms",
        )
