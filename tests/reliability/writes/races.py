"""Put-if-absent by many at once: one wins, and all see its value."""

import asyncio
import multiprocessing
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import partial
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any, TypeAlias

from tests.reliability.apart import Forked, Tell, apart
from tests.reliability.figures import Effort, Figure
from tests.reliability.handles import Handle
from tests.reliability.systems import opened
from tests.reliability.writes.lives import prepare
from tests.reliability.writes.values import number_of, value

__all__ = ["races_of_processes", "races_of_tasks", "races_of_threads"]

_PROCESSES, _THREADS, _TASKS = 4, 4, 6
_NBYTES = 2**18

# The round, who it was, whether it won (None if it was not told), whose value it saw.
Result: TypeAlias = tuple[int, int, bool | None, int | str]


async def _try(handle: Handle, turn: int, who: int) -> Result:
    key = f"r{turn}"
    won = await handle.create(key, value(key, who, _NBYTES))
    return turn, who, won, number_of(key, await handle.get(key) or b"")


async def _tasks(handle: Handle, turn: int, first: int) -> list[Result]:
    return await asyncio.gather(
        *(_try(handle, turn, first + number) for number in range(_TASKS))
    )


def _bad_rounds(results: Iterable[Result]) -> tuple[int, int]:
    """Count the rounds with other than one value, or other than one winner by name."""
    rounds: dict[int, list[Result]] = defaultdict(list)
    for result in results:
        rounds[result[0]].append(result)
    values = winners = 0
    for round_ in rounds.values():
        seen = {saw for _, _, _, saw in round_}
        named = {who for _, who, won, _ in round_ if won}
        is_told = all(won is not None for _, _, won, _ in round_)
        values += len(seen) != 1 or isinstance(next(iter(seen)), str)
        winners += is_told and (len(named) != 1 or named != seen)
    return values, winners


def _figures(system: str, who: str, rounds: int, results: list[Result]) -> Iterator[Figure]:
    values, winners = _bad_rounds(results)
    complete = len({turn for turn, _, _, _ in results})
    for what, bad in (
        (f"rounds of {who} that saw other than one whole value", values),
        (f"rounds of {who} with other than one winner named", winners),
        (f"rounds of {who} that were not played", rounds - complete),
    ):
        yield Figure(promise="W6", system=system, what=what, value=bad, of=rounds, bar=0)


async def _play(
    system: str, place: Path, rounds: int, start: Barrier, first: int, tell: Tell
) -> None:
    async with opened(system, place) as handle:
        for turn in range(rounds):
            start.wait(60)
            tell(await _tasks(handle, turn, first))


def _fork(system: str, place: Path, rounds: int) -> list[Result]:
    prepare(system)
    start = multiprocessing.get_context("fork").Barrier(_PROCESSES)

    children = [
        Forked(partial(_play, system, place, rounds, start, number * _TASKS))
        for number in range(_PROCESSES)
    ]
    told: list[Any] = [line for child in children for line in child.told()]
    return [tuple(result) for results in told for result in results]


def races_of_processes(system: str, place: Path, effort: Effort) -> Iterator[Figure]:
    """Let four processes of six tasks each create the same keys."""
    rounds = effort.pick(20, 150)
    results = apart(_fork, system, place, rounds)
    yield from _figures(system, "4 processes", rounds, results)


def races_of_tasks(system: str, place: Path, effort: Effort) -> Iterator[Figure]:
    """Let six tasks of one loop create the same keys."""
    rounds = effort.pick(30, 150)

    async def play() -> list[Result]:
        async with opened(system, place) as handle:
            return [r for turn in range(rounds) for r in await _tasks(handle, turn, 0)]

    yield from _figures(system, "6 tasks", rounds, asyncio.run(play()))


def races_of_threads(system: str, place: Path, effort: Effort) -> Iterator[Figure]:
    """Let four threads, each with a loop of its own, create the same keys by one store."""
    rounds = effort.pick(30, 150)
    results: list[Result] = []
    start = threading.Barrier(_THREADS, timeout=60)

    def play(handle: Handle, first: int) -> None:
        for turn in range(rounds):
            start.wait()
            results.extend(asyncio.run(_tasks(handle, turn, first)))

    async def play_all() -> None:
        async with opened(system, place) as handle:
            await asyncio.gather(
                *(
                    asyncio.to_thread(play, handle, number * _TASKS)
                    for number in range(_THREADS)
                )
            )

    asyncio.run(play_all())
    yield from _figures(system, "4 threads", rounds, results)
