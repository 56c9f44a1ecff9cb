"""P4: very many keys in one level, and very many levels."""

import asyncio
import gc
import importlib
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.reliability.apart import apart
from tests.reliability.figures import Effort, Figure
from tests.reliability.handles import Handle, ZStoreHandle
from tests.reliability.names.operations import operations_of
from tests.reliability.peers import ObstoreHandle, ZarrHandle
from tests.reliability.systems import opened

__all__ = ["deep", "fill", "wide"]

_LEVELS, _FEW = 1000, 1200
_SYNCED = ("zstore Local durable", "tensorstore file")
# Of such a key the path is longer than any that the system takes at once.
_LONG_NAME = "level-0123"


@dataclass(frozen=True, slots=True)
class _Listed:
    """What a listing gave, and what it took: keys, seconds, bytes."""

    nkeys: int
    first: float
    whole: float
    nbytes: int


async def _batches(handle: Handle) -> AsyncIterator[int]:
    """List a level; give how many keys came at a time."""
    match handle:
        case ZStoreHandle() | ZarrHandle():
            async for _ in handle.store.list_prefix("d"):
                yield 1
        case ObstoreHandle():
            pages = importlib.import_module("obstore").list(handle.store, "d")
            async for page in pages:
                yield len(page)
        case _:
            yield len(await handle.keys())


async def fill(system: str, place: Path, handle: Handle, nkeys: int) -> None:
    """Write one level of keys; where each would be synced, as the same files without."""
    if system in _SYNCED:
        async with opened("zstore Local", place) as other:
            await _fill(other, nkeys)
    else:
        await _fill(handle, nkeys)


async def _fill(handle: Handle, nkeys: int) -> None:
    for first in range(0, nkeys, 500):
        keys = (f"d/{i:06}" for i in range(first, min(first + 500, nkeys)))
        await asyncio.gather(*(handle.set(key, b"x") for key in keys))
    await handle.commit()


async def _list(system: str, place: Path, nkeys: int) -> _Listed:
    async with opened(system, place) as handle:
        # What is imported at the first listing of several pages is not of this one.
        await fill(system, place, handle, _FEW)
        assert sum([number async for number in _batches(handle)]) == _FEW
        await fill(system, place, handle, nkeys)
        gc.collect()
        Path("/proc/self/clear_refs").write_text("5")
        before = _peak_nbytes()
        start = time.perf_counter()
        first, found = 0.0, 0
        async for number in _batches(handle):
            first = first or time.perf_counter() - start
            found += number
        whole = time.perf_counter() - start
        return _Listed(found, first, whole, _peak_nbytes() - before)


def _peak_nbytes() -> int:
    """Return the most memory that the process had since the peak was forgotten."""
    lines = Path("/proc/self/status").read_text().splitlines()
    (peak,) = [line for line in lines if line.startswith("VmHWM:")]
    return int(peak.split()[1]) * 1024


def _run(system: str, place: Path, nkeys: int) -> _Listed:
    return asyncio.run(_list(system, place, nkeys))


def _run_apart(system: str, place: Path, nkeys: int) -> _Listed:
    return apart(_run, system, place, nkeys)


def wide(system: str, place: Path, effort: Effort) -> Iterator[Figure]:
    """List one level of very many keys."""
    nkeys = effort.pick(1500, 100_000)
    found = effort.pick(_run, _run_apart)(system, place, nkeys)
    yield Figure(
        promise="P4",
        system=system,
        what="keys of one level that its listing did not give",
        value=abs(nkeys - found.nkeys),
        of=nkeys,
        bar=0,
    )
    for what, value, bar, unit in (
        ("time to the first key", found.first * 1e3, 20.0, "ms"),
        ("time to list them", found.whole, 1.0, "s"),
        ("memory to list them", found.nbytes / 2**20, 40.0, "MiB"),
    ):
        yield Figure(
            promise="P4",
            system=system,
            what=f"{what}, {nkeys:,} in one level",
            value=value,
            bar=effort.pick(None, bar),
            unit=unit,
            note=f"after a listing of {_FEW:,}",
        )


def _calls(handle: Handle, key: str) -> dict[str, Callable[[], Awaitable[object]]]:
    """Return eight calls by their names, deletions last."""
    calls = operations_of(handle)
    names = ("set", "get", "exists", "getsize", "list_prefix", "list_dir")
    folder = key.partition("/")[0]
    return {
        **{name: partial(calls[name], key) for name in names[:4]},
        **{name: partial(calls[name], folder) for name in names[4:]},
        "get_range": lambda: handle.get_range(key, 0, 4),
        "delete_dir": lambda: calls["delete_dir"](folder),
    }


async def _descend(system: str, place: Path, name: str) -> list[str]:
    failed: list[str] = []
    async with opened(system, place) as handle:
        key = "/".join([name] * _LEVELS)
        for what, call in _calls(handle, key).items():
            try:
                await call()
            except Exception as error:  # noqa: BLE001 -- it is what is counted
                failed.append(f"{what}: {type(error).__name__}")
    return failed


def _made(place: Path) -> Path:
    place.mkdir()
    return place


def deep(system: str, place: Path, _: Effort) -> Iterator[Figure]:
    """Make eight calls with keys of a thousand levels."""
    for name, what in (("d", "short"), (_LONG_NAME, "long")):
        folder = _made(place / what)
        failed = asyncio.run(_descend(system, folder, name))
        # Python cannot remove what is so deep, and leaves a temporary folder there.
        subprocess.run(["rm", "-r", "--", str(folder)], check=True)
        yield Figure.counted(
            promise="P4",
            system=system,
            what=f"calls that failed 1,000 levels deep, of {what} names",
            bad=failed,
            of=8,
            bar=0 if what == "short" else None,
        )
