"""Archives whose writer dies, is closed, is pickled, or is not the only one."""

import pickle
import shutil
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import zstore
from tests.reliability.apart import Forked, Tell, apart
from tests.reliability.figures import Effort, Figure
from tests.reliability.handles import Handle, ZStoreHandle
from tests.reliability.measures import Measure
from tests.reliability.peers import ZarrHandle
from tests.reliability.writes.kills import kill_writers
from tests.reliability.writes.lives import Script, prepare

__all__ = ["CRASHES"]

_SYSTEMS = ("zstore Zip", "zarr Zip")
_NAMES = 20


def _open(system: str, path: Path, mode: str) -> Handle:
    if system == "zstore Zip":
        return ZStoreHandle(zstore.ZipStore(path, mode=mode))
    import zarr.storage  # noqa: PLC0415 -- a peer is imported where it is opened

    # Its constructor opens nothing; the first `set` does.
    return ZarrHandle(zarr.storage.ZipStore(path, mode=mode))  # type: ignore[arg-type]


def _store(handle: Handle) -> Any:
    return handle.store  # type: ignore[attr-defined]


def _make(path: Path) -> None:
    """Make an archive with one value."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("old", b"old")


def _intact(path: Path) -> bool:
    with suppress(OSError, zipfile.BadZipFile), zipfile.ZipFile(path) as archive:
        return "old" in archive.namelist() and archive.read("old") == b"old"
    return False


async def _replace(system: str, path: Path, tell: Tell) -> None:
    handle = _open(system, path, "w")
    for number in range(10**6):
        await handle.set(f"k{number}", bytes(1000))
        tell(number)


def _die_replacing(system: str, place: Path, ndeaths: int) -> int:
    """Count the old archives that are lost when who replaces them dies."""
    prepare(system)
    lost = 0
    for _ in range(ndeaths):
        _make(place / "a.zip")
        writer = Forked(partial(_replace, system, place / "a.zip"))
        writer.wait_for_a_line()
        writer.kill()
        writer.told()
        lost += not _intact(place / "a.zip")
    return lost


def replacing(system: str, place: Path, effort: Effort) -> Iterator[Figure]:
    """Kill who replaces an archive before it is closed."""
    ndeaths = effort.pick(2, 50)
    yield Figure(
        promise="Z1",
        system=system,
        what="old archives lost with the writer of a new one",
        value=apart(_die_replacing, system, place, ndeaths),
        of=ndeaths,
        bar=0,
    )


def commits(system: str, place: Path, effort: Effort) -> Iterator[Figure]:
    """Kill who appends to an archive and commits every five values."""
    script = Script(tasks=1, per_commit=5, largest=2**16, deletes=False)
    nkills = effort.pick(3, 200)
    found = apart(kill_writers, script, system, place / "killed", nkills)
    for what, bad, of in (
        ("kills after which the archive did not open", found["reopen"], nkills),
        ("committed values lost by a kill", found["lost"], found["acknowledged"]),
    ):
        yield Figure(promise="Z2", system=system, what=what, value=bad, of=of, bar=0)


async def _use_closed(system: str, path: Path, tell: Tell) -> None:
    handle = _open(system, path, "w")
    await handle.set("old", b"old")
    _store(handle).close()
    refused = False
    try:
        await handle.get("old")
    except Exception:  # noqa: BLE001 -- each system has its own errors
        refused = True
    tell(["kept", _intact(path)])
    tell(["refused", refused])


async def _unpickle(system: str, path: Path, tell: Tell) -> None:
    handle = _open(system, path, "w")
    await handle.set("old", b"old")
    pickled = pickle.dumps(_store(handle))
    _store(handle).close()
    with suppress(Exception):
        pickle.loads(pickled)  # noqa: S301 -- made here
    tell(["unpickled", _intact(path)])


def _live_on(system: str, place: Path) -> Counter[str]:
    prepare(system)
    found: Counter[str] = Counter()
    for run in (_use_closed, _unpickle):
        found.update(dict(Forked(partial(run, system, place / run.__name__)).told()))
    return found


def closing(system: str, place: Path, effort: Effort) -> Iterator[Figure]:
    """Use an archive after it was closed, and unpickle the store that wrote one."""
    del effort  # once is enough
    found = apart(_live_on, system, place)
    for what, good in (
        ("archives emptied by a read after close", "kept"),
        ("archives emptied by unpickling", "unpickled"),
        ("reads after close that were not refused", "refused"),
    ):
        bad = not found[good]
        yield Figure(promise="Z3", system=system, what=what, value=bad, of=1, bar=0)


async def _overwrite(system: str, path: Path, nwrites: int, tell: Tell) -> None:
    handle = _open(system, path, "w")
    for number in range(nwrites):
        await handle.set("key", str(number).encode())
    tell(len(await handle.keys()))
    _store(handle).close()
    with zipfile.ZipFile(path) as archive:
        tell(len(archive.namelist()))
        tell(archive.read("key") == str(nwrites - 1).encode())


def _entries(system: str, place: Path) -> list[int]:
    prepare(system)
    return Forked(partial(_overwrite, system, place / "a.zip", 100)).told()


def overwriting(system: str, place: Path, effort: Effort) -> Iterator[Figure]:
    """Write one key a hundred times."""
    del effort  # it is quick
    listed, stored, is_last = apart(_entries, system, place)
    for what, value in (
        ("times a key is listed that was written 100 times", listed),
        ("entries of a key that was written 100 times", stored),
    ):
        yield Figure(promise="Z4", system=system, what=what, value=value, bar=1)
    what = "keys whose last value is not the one in the archive"
    yield Figure(promise="Z4", system=system, what=what, value=not is_last, bar=0)


async def _append(system: str, path: Path, who: int, gate: Path, tell: Tell) -> None:
    handle = _open(system, path, "a")
    tell("ready")
    while not gate.exists():
        time.sleep(0.001)  # noqa: ASYNC251 -- a process of its own, which has no more to do
    acked = []
    for number in range(_NAMES):
        await handle.set(f"{who}-{number}", b"1")
        acked.append(f"{who}-{number}")
    _store(handle).close()
    tell(acked)


def _append_at_once(system: str, place: Path, rounds: int) -> Counter[str]:
    prepare(system)
    found: Counter[str] = Counter()
    for _ in range(rounds):
        place.mkdir()
        path, gate = place / "a.zip", place / "go"
        _make(path)
        writers = [Forked(partial(_append, system, path, who, gate)) for who in range(2)]
        for writer in writers:
            writer.wait_for_a_line()
        gate.touch()
        acked = [key for writer in writers for key in (writer.told()[1:] or [[]])[0]]
        with suppress(zipfile.BadZipFile), zipfile.ZipFile(path) as archive:
            found["kept"] += len({*acked, "old"} & set(archive.namelist()))
        found["acknowledged"] += len(acked) + 1
        shutil.rmtree(place)
    return found


def two_writers(system: str, place: Path, effort: Effort) -> Iterator[Figure]:
    """Let two processes append to one archive: all is kept, or one is refused."""
    found = apart(_append_at_once, system, place / "shared", effort.pick(2, 20))
    yield Figure(
        promise="Z5",
        system=system,
        what="values that two writers closed an archive with, and one lost",
        value=found["acknowledged"] - found["kept"],
        of=found["acknowledged"],
        bar=0,
    )


_Run = Callable[[str, Path, Effort], Iterator[Figure]]


def _measure(promise: str, run: _Run) -> Measure:
    name = f"archives.{run.__name__.replace('_', ' ')}"
    return Measure(name=name, promises=(promise,), systems=_SYSTEMS, run=run)


CRASHES = (
    _measure("Z1", replacing),
    _measure("Z2", commits),
    _measure("Z3", closing),
    _measure("Z4", overwriting),
    _measure("Z5", two_writers),
)
"""The measures of writers of archives."""
