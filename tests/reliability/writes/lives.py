"""A writer that is killed, and what it leaves: which of its writes are there, and whole."""

import asyncio
import importlib
import random
from collections import Counter
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeAlias

from tests.reliability.apart import Forked, Tell
from tests.reliability.handles import Handle
from tests.reliability.systems import opened
from tests.reliability.writes.values import EMPTY, TORN, number_of, value

__all__ = [
    "MISSING",
    "Found",
    "Script",
    "State",
    "count",
    "judge",
    "look",
    "prepare",
    "write_on",
]

State: TypeAlias = int | str
"""The number of a write, or what was found instead of its value."""

MISSING = "missing"
"""What stands for no value."""


@dataclass(frozen=True, slots=True)
class Script:
    """What writers do: each task its own keys, in turn, until they are killed.

    Attributes
    ----------
    tasks
        How many write at once.
    per_commit
        Writes that are acknowledged together, by `Handle.commit`.
    nkeys
        Of each task.
    largest
        Bytes of the largest value.
    deletes
        Whether every fourth round of a key deletes it.
    """

    tasks: int = 4
    per_commit: int = 1
    nkeys: int = 8
    largest: int = 2**20
    deletes: bool = True

    def key(self, task: int, number: int) -> str:
        """Return the key of a write."""
        return f"t{task}/k{number % self.nkeys}"

    def value(self, task: int, number: int) -> bytes | None:
        """Return what a write puts there; None if it deletes."""
        if self.deletes and number // self.nkeys % 4 == 3:
            return None
        nbytes = int(1024 * (self.largest / 1024) ** random.Random(number).random())
        return value(self.key(task, number), number, nbytes)

    def state(self, task: int, number: int) -> State:
        """Return what is found after a write."""
        return MISSING if self.value(task, number) is None else number

    def all_keys(self) -> list[str]:
        """Return all keys that are ever written."""
        return [self.key(task, i) for task in range(self.tasks) for i in range(self.nkeys)]


def prepare(system: str) -> None:
    """Import what a system needs, once for all processes that are forked then."""
    for start, module in (
        ("zarr", "zarr.storage"),
        ("obstore", "obstore.store"),
        ("tensorstore", "tensorstore"),
        ("zstore Object", "obstore.store"),
        ("zstore Fsspec", "fsspec.implementations.local"),
    ):
        if system.startswith(start):
            importlib.import_module(module)


async def write_on(
    script: Script, system: str, place: Path, first: int, tell: Tell
) -> None:
    """Write without end, from the number `first` on; tell what was acknowledged."""
    async with opened(system, place) as handle, asyncio.TaskGroup() as group:
        for task in range(script.tasks):
            group.create_task(_write(script, handle, task, first, tell))


async def _write(script: Script, handle: Handle, task: int, first: int, tell: Tell) -> None:
    for number in range(first, first + 10**6):
        key, data = script.key(task, number), script.value(task, number)
        await (handle.delete(key) if data is None else handle.set(key, data))
        if (number + 1) % script.per_commit == 0:
            await handle.commit()
            tell([task, number])


async def _look(system: str, place: Path, keys: list[str], tell: Tell) -> None:
    async with opened(system, place) as handle:
        tell(sorted(set(await handle.keys()) - set(keys)))
        for key in keys:
            data = await handle.get(key)
            tell([key, MISSING if data is None else number_of(key, data)])


@dataclass(slots=True)
class Found:
    """What was under each key when the system was opened again."""

    states: dict[str, State]
    foreign: int


def look(script: Script, system: str, place: Path) -> Found | None:
    """Open a system again, in a process of its own; None if that failed."""
    child = Forked(partial(_look, system, place, script.all_keys()))
    told = child.told()
    if not child.ended_well:
        return None
    return Found(dict(told[1:]), len(told[0]))


def judge(
    script: Script, before: dict[str, State], acks: list[tuple[int, int]], first: int
) -> dict[str, list[State]]:
    """Return the states that each key may be in, after writes of which some were told."""
    may = {key: [before.get(key, MISSING)] for key in script.all_keys()}
    for task in range(script.tasks):
        last = max((number for who, number in acks if who == task), default=first - 1)
        for number in range(first, last + 1 + script.per_commit):
            key, state = script.key(task, number), script.state(task, number)
            # What was not acknowledged has happened or not; what was, has.
            may[key] = [state] if number <= last else [*may[key], state]
    return may


def count(found: dict[str, State], may: dict[str, list[State]]) -> Counter[str]:
    """Count what is wrong: keys that lost what was acknowledged; of these torn or empty."""
    wrong: Counter[str] = Counter()
    for key, state in found.items():
        wrong["lost"] += state not in may[key]
        if state in (TORN, EMPTY):
            wrong[str(state)] += 1
    return wrong
