"""What comes of one call to a faulty server."""

import asyncio
import math
import random
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Literal

from tests.reliability.figures import Effort
from tests.reliability.handles import Handle
from tests.reliability.remote.sites import Settings, Site, opened

__all__ = [
    "HANG_SECONDS",
    "Question",
    "Verdict",
    "ask_each",
    "begin",
    "key_of",
    "settings_for",
    "value_of",
    "verdict_of",
]

Verdict = Literal["right", "error", "missing", "wrong", "hang"]

HANG_SECONDS = 15
"""What takes longer hangs, where the system was told to take less."""

_BEGINNINGS = 20
_NBYTES = 256 * 1024


def settings_for(effort: Effort, *, verify: bool = False) -> Settings:
    """Return settings under which nothing takes long."""
    return Settings(effort.pick(1.5, 6.0), verify=verify)


def key_of(kind: str) -> str:
    """Return the key whose value is answered so; no key begins with another."""
    return f"{kind}.value"


def value_of(key: str) -> bytes:
    """Return the value that a key has on the server, as no other key has."""
    return random.Random(key).randbytes(_NBYTES)


async def verdict_of(
    call: Awaitable[object], expected: object, seconds: float = HANG_SECONDS
) -> Verdict:
    """Wait for a call, for so long at most, and tell what came of it."""
    task = asyncio.ensure_future(call)
    done, _ = await asyncio.wait([task], timeout=seconds)
    if not done:
        task.cancel()
        # What cannot even be cancelled is left alone.
        await asyncio.wait([task], timeout=1)
        return "hang"
    if task.exception() is not None:
        return "error"
    if task.result() == expected:
        return "right"
    return "missing" if task.result() in (None, []) else "wrong"


async def begin(call: Callable[[], Awaitable[object]], expected: object) -> None:
    """Make a call before any fault: what it costs to begin is none of them.

    On a busy machine it may take longer than the system was told to wait.
    """
    for _ in range(_BEGINNINGS):
        if await verdict_of(call(), expected) == "right":
            return
    msg = "the server does not work"
    raise RuntimeError(msg)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a server for each kind of fault.

    Attributes
    ----------
    part
        The range to read; None for whole values.
    times
        How often the fault is met, from the first request on.
    seconds
        After which a call hangs.
    """

    part: tuple[int, int] | None = None
    times: float = math.inf
    seconds: float = HANG_SECONDS

    async def ask(self, handle: Handle, key: str) -> bytes | None:
        """Read a value, or the part of it."""
        if self.part is None:
            return await handle.get(key)
        return await handle.get_range(key, *self.part)


async def ask_each(
    system: str,
    site: Site,
    settings: Settings,
    kinds: Collection[str],
    question: Question,
) -> dict[str, Verdict]:
    """Read a value for each kind of fault, all at once, and tell what came of it."""
    for kind in kinds:
        key = key_of(kind)
        site.put(key, value_of(kind))
        site.faults.fail(kind, path=f"/{key}", method="GET", times=question.times)
    site.put("plain", value_of("plain"))

    async def one(handle: Handle, kind: str) -> Verdict:
        expected = value_of(kind)
        if question.part is not None:
            expected = expected[slice(*question.part)]
        reading = question.ask(handle, key_of(kind))
        return await verdict_of(reading, expected, question.seconds)

    async with opened(system, site, settings) as handle:
        await begin(lambda: handle.get("plain"), value_of("plain"))
        found = await asyncio.gather(*(one(handle, kind) for kind in kinds))
    return dict(zip(kinds, found, strict=True))
