"""Readers while writers overwrite: each value is one that was written, whole."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from tests.reliability.apart import Forked, Tell, apart
from tests.reliability.figures import Effort, Figure
from tests.reliability.handles import Handle
from tests.reliability.systems import opened
from tests.reliability.writes.lives import prepare
from tests.reliability.writes.values import EMPTY, LINE, TORN, number_of, value

__all__ = ["readers"]

_KEYS = ("a", "b/c")
_WRITERS = 2


async def _write(system: str, place: Path, tell: Tell) -> None:
    async with opened(system, place) as handle:
        for number in range(10**6):
            for key in _KEYS:
                await handle.set(key, value(key, number, 2 ** (12 + number % 9)))
            if not number:
                tell("there is something to read")
            await asyncio.sleep(0)


async def _read(system: str, place: Path, nreads: int, seconds: float, tell: Tell) -> None:
    found: Counter[str] = Counter()
    end = time.monotonic() + seconds
    async with opened(system, place) as handle:
        while found["reads"] < nreads and time.monotonic() < end:
            for key in _KEYS:
                found["reads"] += 1
                found["torn"] += number_of(key, await handle.get(key) or b"") in (
                    TORN,
                    EMPTY,
                )
                found["torn ranges"] += await _is_torn_range(handle, key)
            if found["reads"] % 50 == 0:
                found["lists"] += 1
                found["foreign"] += bool(set(await handle.keys()) - set(_KEYS))
    tell(found)


async def _is_torn_range(handle: Handle, key: str) -> bool:
    # The shortest value has all of it.
    part = await handle.get_range(key, LINE, 5 * LINE) or b""
    lines = {part[at : at + LINE] for at in range(0, len(part), LINE)}
    return len(part) != 4 * LINE or len(lines) != 1


def _against(system: str, place: Path, nreads: int, seconds: float) -> Counter[str]:
    prepare(system)
    writers = [Forked(partial(_write, system, place)) for _ in range(_WRITERS)]
    for writer in writers:
        writer.wait_for_a_line()
    reader = Forked(partial(_read, system, place, nreads, seconds))
    told = reader.told()
    for writer in writers:
        writer.kill()
        writer.told()
    return Counter(told[0]) if told else Counter({"died": 1})


def readers(system: str, place: Path, effort: Effort) -> Iterator[Figure]:
    """Read whole values and ranges while two processes overwrite them: 4 KiB to 1 MiB."""
    found = apart(_against, system, place, effort.pick(100, 4000), effort.pick(5.0, 60.0))
    for what, bad, of in (
        ("torn or empty values read beside writers", "torn", found["reads"]),
        ("torn or short ranges read beside writers", "torn ranges", found["reads"]),
        ("listings beside writers that show unfinished files", "foreign", found["lists"]),
        ("readers that failed beside writers", "died", 1),
    ):
        yield Figure(promise="W1", system=system, what=what, value=found[bad], of=of, bar=0)
