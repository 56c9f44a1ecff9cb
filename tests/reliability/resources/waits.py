"""P3: how long the event loop stands still, and whether other tasks have their turn."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

from tests.reliability.figures import Effort, Figure
from tests.reliability.resources.shapes import fill
from tests.reliability.systems import opened

__all__ = ["waits"]

_MIB = 2**20
_MANY = 20_000
# Seconds of calls in which others are to have had a turn.
_LONG_ENOUGH = 0.2
_Call = Callable[[], Awaitable[object]]


class _Ticker:
    """A task that looks at the clock whenever it has a turn.

    Attributes
    ----------
    longest
        Seconds between two turns, at most.
    nturns
        How many it had.
    """

    def __init__(self) -> None:
        self.longest = 0.0
        self.nturns = 0

    async def tick(self) -> None:
        """Go on until cancelled."""
        last = time.perf_counter()
        while True:
            await asyncio.sleep(0)
            now = time.perf_counter()
            self.longest = max(self.longest, now - last)
            self.nturns += 1
            last = now


async def _ticked(call: _Call) -> _Ticker:
    ticker = _Ticker()
    task = asyncio.create_task(ticker.tick())
    await asyncio.sleep(0)
    ticker.nturns = 0
    try:
        await call()
        await asyncio.sleep(0)
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    return ticker


async def _longest(call: _Call) -> float:
    """Return the seconds that the loop stood still; of three calls the one in between."""
    return statistics.median([(await _ticked(call)).longest for _ in range(3)])


async def _lags(system: str, place: Path, nkeys: int) -> dict[str, float]:
    large = bytes(64 * _MIB)
    async with opened(system, place) as handle:
        found = {"nothing": await _longest(lambda: asyncio.sleep(1.0))}
        found["set of 64 MiB"] = await _longest(lambda: handle.set("large", large))
        found["get of 64 MiB"] = await _longest(lambda: handle.get("large"))
        await handle.delete("large")
        await fill(system, place, handle, nkeys)
        found[f"list of {nkeys:,} keys"] = await _longest(handle.keys)
    return found


def _of_lags(system: str, place: Path) -> Iterator[Figure]:
    """Measure the longest wait of another task."""
    found = asyncio.run(_lags(system, place, 100_000))
    nothing = found.pop("nothing") * 1e3
    for what, seconds in found.items():
        yield Figure(
            promise="P3",
            system=system,
            what=f"standstill of the loop in a {what}",
            value=seconds * 1e3,
            # What the machine takes by itself is not the store's.
            bar=max(50.0, 2 * nothing),
            unit="ms",
            note=f"{nothing:.1f} ms where nothing is done",
        )


async def _turns(system: str, place: Path) -> dict[str, int]:
    async with opened(system, place) as handle:
        await handle.set("key", b"value")

        async def repeat(call: _Call) -> None:
            start = time.perf_counter()
            for _ in range(_MANY):
                await call()
                if time.perf_counter() - start > _LONG_ENOUGH:
                    break

        calls: dict[str, _Call] = {
            "set": lambda: handle.set("key", b"value"),
            "get": lambda: handle.get("key"),
            "get of a missing key": lambda: handle.get("missing"),
            "delete": lambda: handle.delete("missing"),
            "create": lambda: handle.create("key", b"other"),
        }
        return {
            name: (await _ticked(partial(repeat, call))).nturns
            for name, call in calls.items()
        }


def waits(system: str, place: Path, effort: Effort) -> Iterator[Figure]:
    """Look who waits: for quick calls that are repeated, and for large ones.

    Times are for the long form only.
    """
    yield from _of_turns(system, place)
    if effort is Effort.LONG:
        yield from _of_lags(system, place)


def _of_turns(system: str, place: Path) -> Iterator[Figure]:
    """Repeat quick calls for a while: an interrupt of a notebook has to come between."""
    found = asyncio.run(_turns(system, place))
    # The last turn is the one after the calls.
    starved = [name for name, number in found.items() if number < 3]
    yield Figure.counted(
        promise="P3",
        system=system,
        what="calls that, repeated, let no other task run",
        bad=starved,
        of=len(found),
        bar=0,
    )
