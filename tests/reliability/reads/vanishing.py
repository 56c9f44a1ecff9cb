"""R7: listings, sizes and deletions while another program removes the files."""

import asyncio
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from pathlib import Path

from tests.reliability.figures import Effort, Figure
from tests.reliability.handles import Handle, ZStoreHandle
from tests.reliability.names.operations import operations_of
from tests.reliability.peers import ZarrHandle
from tests.reliability.systems import opened

__all__ = ["vanishing"]

_NFILES, _NFOLDERS, _NBYTES = 120, 6, 10
# Beside the folder, and alike in name only.
_OTHER = "foobar/k"
_Call = Callable[[], Awaitable[object]]


def _calls(handle: Handle) -> dict[str, _Call]:
    calls = operations_of(handle)
    found: dict[str, _Call] = {
        "list_prefix": lambda: calls["list_prefix"]("foo"),
        "delete_dir": lambda: calls["delete_dir"]("foo"),
    }
    if isinstance(handle, (ZStoreHandle, ZarrHandle)):
        store = handle.store
        return {**found, "getsize_prefix": lambda: store.getsize_prefix("foo")}
    return {**found, "getsize_prefix": lambda: _sum(calls)}


async def _sum(calls: dict[str, Callable[[str], Awaitable[int]]]) -> int:
    """Add the sizes up where there is no call for it."""
    keys: object = await calls["list_prefix"]("foo")
    assert isinstance(keys, list)
    return sum([await calls["getsize"](key) for key in keys])


async def _fill(handle: Handle) -> list[str]:
    keys = [f"foo/{i % _NFOLDERS}/{i}" for i in range(_NFILES)]
    await asyncio.gather(*(handle.set(key, bytes(_NBYTES)) for key in keys))
    return keys


async def _meanwhile(call: _Call, paths: list[Path]) -> None:
    """Make a call while a thread removes files, half of them from behind."""
    removing = threading.Event()

    def remove() -> None:
        for path in paths[::-2]:
            with suppress(FileNotFoundError):
                path.unlink()
            removing.set()

    remover = threading.Thread(target=remove)
    remover.start()
    try:
        await asyncio.to_thread(removing.wait)
        await call()
    finally:
        await asyncio.to_thread(remover.join)


async def _rounds(system: str, place: Path, nrounds: int) -> Counter[str]:
    found: Counter[str] = Counter()
    async with opened(system, place) as handle:
        await handle.set(_OTHER, bytes(_NBYTES))
        for number in range(nrounds):
            for name, call in _calls(handle).items():
                keys = await _fill(handle)
                if number == 0 and name == "getsize_prefix":
                    # Nothing vanishes: the sum is known.
                    found["miscounted"] += await call() != _NFILES * _NBYTES
                found["rounds"] += 1
                try:
                    await _meanwhile(call, [place / key for key in keys])
                except Exception as error:  # noqa: BLE001 -- it is what is counted
                    found["raised"] += 1
                    found[f"{name}: {type(error).__name__}"] += 1
        found["taken"] = await handle.get(_OTHER) is None
    return found


def vanishing(system: str, place: Path, effort: Effort) -> Iterator[Figure]:
    """List, add up and delete a folder whose files vanish meanwhile."""
    found = asyncio.run(_rounds(system, place, effort.pick(5, 60)))
    kinds = ", ".join(f"{name} {n}" for name, n in found.items() if ": " in name)
    for what, bad, of, note in (
        ("calls that raised where keys vanished", found["raised"], found["rounds"], kinds),
        ("sums that were not of 'foo/' alone", found["miscounted"], 1, ""),
        ("deletions of 'foo' that took 'foobar/'", found["taken"], 1, ""),
    ):
        yield Figure(
            promise="R7", system=system, what=what, value=bad, of=of, bar=0, note=note
        )
