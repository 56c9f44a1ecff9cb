"""Hours in minutes: four processes of random calls, kills, and what is left: ``make soak``.

All work on the same LocalStore and the same durable one, and each on an archive of its own,
since an archive has one writer. Three of them are killed again and again; the fourth is
not, so that its memory can be watched.
"""

import argparse
import asyncio
import os
import random
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Any

from tests.reliability.apart import Forked, Tell
from tests.reliability.figures import Figure
from tests.reliability.handles import Handle, ZStoreHandle
from tests.reliability.resources.opens import resident_nbytes
from tests.reliability.systems import opened
from tests.reliability.writes.values import LINE, number_of, value
from zstore import LocalStore, ZipStore
from zstore.errors import ZStoreWarning

__all__ = ["main", "soak"]

_NWORKERS, _SURVIVOR = 4, 3
_SHARED = ("zstore Local", "zstore Local durable")
_SYSTEM = "zstore"
# Seconds between two kills, and between two looks at the memory.
_KILL_EVERY, _LOOK_EVERY = 2.0, 1.0
# Before this part of the time caches fill.
_WARM = 0.3
_NKEYS, _LARGEST = 16, 2**18
_COMMIT_EVERY = 20
_RECLAIM = 32 * 2**20


def _name(system: str) -> str:
    return system.removeprefix("zstore ").replace(" ", "-").lower()


class _Worker:
    """One process: it writes keys of its own, and keys of all, and reads them."""

    def __init__(self, me: int, place: Path, end: float, tell: Tell) -> None:
        self._me, self._place, self._end, self._tell = me, place, end, tell
        self._chance = random.Random(os.getpid())
        # What nobody else writes: the number of the last write, by store and key.
        self._own: dict[tuple[str, str], int] = {}
        self._ncalls = 0

    async def run(self) -> None:
        """Make calls until the end, one task a store."""
        async with AsyncExitStack() as stack:
            handles: dict[str, Handle] = {}
            for system in (*_SHARED, "zstore Zip"):
                folder = self._place / _name(system)
                if system == "zstore Zip":
                    folder = folder / str(self._me)
                await asyncio.to_thread(partial(folder.mkdir, parents=True, exist_ok=True))
                handles[system] = await stack.enter_async_context(opened(system, folder))
            async with asyncio.TaskGroup() as group:
                for system, handle in handles.items():
                    group.create_task(self._work(system, handle))
                group.create_task(self._watch())
        self._tell(["calls", self._ncalls])

    async def _watch(self) -> None:
        while time.time() < self._end:
            if self._me == _SURVIVOR:
                self._tell(["memory", time.time(), resident_nbytes()])
            await asyncio.sleep(_LOOK_EVERY)

    async def _work(self, system: str, handle: Handle) -> None:
        start = time.time_ns()
        while time.time() < self._end:
            self._ncalls += 1
            number = time.time_ns() - start + self._ncalls
            own = self._chance.random() < 0.5
            owner = self._me if own else "all"
            key = f"{owner}/{self._chance.randrange(_NKEYS)}"
            await self._call(system, handle, key, number)
            if self._ncalls % _COMMIT_EVERY == 0:
                await _tidy(handle)

    async def _call(self, system: str, handle: Handle, key: str, number: int) -> None:
        name = self._chance.choices(
            ["set", "get", "delete", "create", "range", "list"], [40, 30, 10, 10, 9, 1]
        )[0]
        nbytes = int(LINE * (_LARGEST / LINE) ** self._chance.random())
        own, place = not key.startswith("all/"), (system, key)
        match name:
            case "set":
                await handle.set(key, value(key, number, nbytes))
                self._own[place] = number
            case "create" if not own:
                await handle.create(key, value(key, number, nbytes))
            case "delete":
                await handle.delete(key)
                self._own[place] = 0
            case "list":
                self._check_names(await handle.keys())
            case "range":
                await self._read_part(handle, key)
            case _:
                self._check(place, await handle.get(key), own=own)

    def _check(self, place: tuple[str, str], data: bytes | None, *, own: bool) -> None:
        found = 0 if data is None else number_of(place[1], data)
        # Of a key that was not yet written by this process nothing is known but its shape.
        known = own and place in self._own
        if isinstance(found, str) or (known and found != self._own[place]):
            self._tell(["bad", f"{place}: {found}"])

    def _check_names(self, keys: list[str]) -> None:
        if odd := [key for key in keys if not _is_ours(key)]:
            self._tell(["bad", f"listed {odd[:3]}"])

    async def _read_part(self, handle: Handle, key: str) -> None:
        assert isinstance(handle, ZStoreHandle)
        data = await handle.get_range(key, 0, LINE)
        # Every value is whole lines, the first says of which key.
        if data is not None and not data.startswith(f"{key} ".encode()):
            self._tell(["bad", f"part of {key}: {data[:40]!r}"])


async def _tidy(handle: Handle) -> None:
    """Commit an archive, without the replaced values once they are many."""
    await handle.commit()
    store = handle.store if isinstance(handle, ZStoreHandle) else None
    if isinstance(store, ZipStore) and store.reclaimable_nbytes > _RECLAIM:
        await store.compact()


def _is_ours(key: str) -> bool:
    owner, _, number = key.partition("/")
    return owner in {"all", *map(str, range(_NWORKERS))} and number.isdecimal()


async def _live(me: int, place: Path, end: float, tell: Tell) -> None:
    await _Worker(me, place, end, tell).run()


class _Soak:
    """The processes, and what they said."""

    def __init__(self, place: Path, seconds: float) -> None:
        self._place = place
        self._end = time.time() + seconds
        self.counted: Counter[str] = Counter()
        self.bad: list[str] = []
        self.memory: list[tuple[float, float]] = []

    def run(self) -> None:
        """Start, kill and start again, until the time is over."""
        workers = [self._start(me) for me in range(_NWORKERS)]
        chance = random.Random(0)
        try:
            while time.time() < self._end - 2 * _KILL_EVERY:
                time.sleep(_KILL_EVERY)
                me = chance.choice([i for i in range(_NWORKERS) if i != _SURVIVOR])
                workers[me].kill()
                self._hear(workers[me], killed=True)
                self.counted["kills"] += 1
                workers[me] = self._start(me)
            for worker in workers:
                self._hear(worker, killed=False)
        finally:
            for worker in workers:
                worker.kill()

    def _start(self, me: int) -> Forked:
        return Forked(partial(_live, me, self._place, self._end))

    def _hear(self, worker: Forked, *, killed: bool) -> None:
        told: list[Any] = worker.told()
        for what, *rest in told:
            if what == "bad":
                self.bad.append(rest[0])
            elif what == "memory":
                self.memory.append((rest[0], rest[1]))
            else:
                self.counted[what] += rest[0]
        if not killed and not worker.ended_well:
            self.bad.append("a process that was not killed failed")

    def slope(self) -> float:
        """Return MiB a minute that the survivor grew by, once it was warm."""
        first = self.memory[0][0] + _WARM * (self.memory[-1][0] - self.memory[0][0])
        points = [(at / 60, n / 2**20) for at, n in self.memory if at >= first]
        middle = sum(at for at, _ in points) / len(points)
        spread = sum((at - middle) ** 2 for at, _ in points)
        return sum((at - middle) * n for at, n in points) / spread


async def _look(place: Path, system: str) -> list[str]:
    """Open a store for the last time; return what is wrong in it, and tidy it up."""
    async with opened(system, place) as handle:
        keys = await handle.keys()
        found = [f"listed {key}" for key in keys if not _is_ours(key)]
        for key in filter(_is_ours, keys):
            data = await handle.get(key)
            if isinstance(number_of(key, data or b""), str):
                found.append(f"{system} {key} at the end")
        store = handle.store if isinstance(handle, ZStoreHandle) else None
        # All that wrote are dead.
        if isinstance(store, LocalStore):
            await store.remove_unfinished(older_than=0)
        elif isinstance(store, ZipStore):
            await store.compact()
    return found


def _left(place: Path) -> list[Path]:
    return [path for path in place.rglob("*") if "zstore-partial" in path.name]


def _open_all(place: Path) -> list[str]:
    wrong: list[str] = []
    for system in _SHARED:
        wrong += asyncio.run(_look(place / _name(system), system))
    for folder in sorted((place / "zip").iterdir()):
        wrong += asyncio.run(_look(folder, "zstore Zip"))
    return wrong


def soak(place: Path, seconds: float) -> Iterator[Figure]:
    """Run the processes for so long, and count what went wrong.

    Parameters
    ----------
    place
        An empty folder.
    seconds
        Of random calls; what comes before and after takes seconds.
    """
    run = _Soak(place, seconds)
    run.run()
    unfinished = _left(place)
    run.bad += _open_all(place)
    for promise, what, number, bar in (
        ("W1", "bad values", len(run.bad), 0),
        (
            "W3",
            "unfinished files left by remove_unfinished and compact",
            len(_left(place)),
            0,
        ),
    ):
        note = "; ".join(run.bad[:3]) if promise == "W1" else ""
        yield Figure(
            promise=promise, system=_SYSTEM, what=what, value=number, bar=bar, note=note
        )
    yield Figure(
        promise="W3",
        system=_SYSTEM,
        what="unfinished files of killed writers",
        value=len(unfinished),
        of=run.counted["kills"],
    )
    yield Figure(
        promise="P1",
        system=_SYSTEM,
        what="growth of the process that lives, a minute",
        value=run.slope(),
        bar=1.0,
        unit="MiB",
    )
    for what in ("kills", "calls"):
        # Those of the processes that were not killed.
        yield Figure(promise="W1", system=_SYSTEM, what=what, value=run.counted[what])


def main() -> int:
    """Soak the stores; return 1 if a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600.0)
    options = parser.parse_args()
    # Of each archive whose writer was killed.
    warnings.simplefilter("ignore", ZStoreWarning)
    missed = 0
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        for figure in soak(Path(folder), options.seconds):
            says = {True: "met", False: "MISSED", None: ""}[figure.met]
            missed += figure.met is False
            sys.stdout.write(f"{figure.promise} {figure} {says} {figure.note}\n")
            sys.stdout.flush()
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
