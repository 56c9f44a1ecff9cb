"""A disk that is full, and a file that may not grow: the old value is left, and no file."""

import resource
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

from tests.reliability.apart import Forked, Tell, apart
from tests.reliability.figures import Effort, Figure
from tests.reliability.handles import Handle
from tests.reliability.systems import opened
from tests.reliability.writes.lives import prepare
from tests.reliability.writes.mounts import ALONE, can_mount, mounted
from tests.reliability.writes.values import number_of, value

__all__ = ["full_disk", "limited_files"]

_OLD, _TOO_LARGE, _NEXT = 1, 2, 3


async def _state(handle: Handle, key: str) -> int | str | None:
    data = await handle.get(key)
    return None if data is None else number_of(key, data)


async def _try_to_write(
    handle: Handle, place: Path, key: str, nbytes: int, found: Counter[str]
) -> bool:
    """Write what does not fit, and count what is wrong then; tell whether it did fit."""
    before = await _state(handle, key)
    try:
        await handle.set(key, value(key, _TOO_LARGE, nbytes))
        await handle.commit()
    except Exception:  # noqa: BLE001 -- each system has its own errors
        found["refused"] += 1
    else:
        return True
    found["wrong"] += await _state(handle, key) != before
    found["left"] += sum("partial" in path.name for path in place.rglob("*"))
    return False


async def _in_a_small_file(system: str, place: Path, tell: Tell) -> None:
    found: Counter[str] = Counter()
    async with opened(system, place) as handle:
        await handle.set("k", value("k", _OLD, 1024))
        await handle.commit()
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        for key in ("k", "a/new"):
            fits = await _try_to_write(handle, place, key, 2**20, found)
            found["fits"] += fits
            await handle.set(key, value(key, _NEXT, 1024))
            found["next"] += await _state(handle, key) != _NEXT
    tell(found)


async def _on_a_small_disk(system: str, place: Path, tell: Tell) -> None:
    found: Counter[str] = Counter()
    states: dict[str, int] = {}
    async with opened(system, place) as handle:
        for number in range(100):
            key = f"k{number}"
            if not await _try_to_write(handle, place, key, 2**18, found):
                break
            states[key] = _TOO_LARGE
        # What is there is replaced, or is kept.
        if await _try_to_write(handle, place, "k0", 2**20, found):
            found["fits"] += 1
        for key, state in states.items():
            found["wrong"] += await _state(handle, key) != state
        found["foreign"] = len(set(await handle.keys()) - set(states))
        for key in ("k1", "k2"):
            with suppress(NotImplementedError):
                await handle.delete(key)
        await handle.set("k1", value("k1", _NEXT, 1024))
        found["next"] += await _state(handle, "k1") != _NEXT
    tell(found)


def _limited(system: str, place: Path) -> Counter[str]:
    prepare(system)
    return _told(Forked(partial(_in_a_small_file, system, place)))


def _full(system: str, place: Path) -> Counter[str]:
    prepare(system)
    with mounted("none", place, "tmpfs", "size=4m") as disk:
        return _told(Forked(partial(_on_a_small_disk, system, disk)))


def _told(child: Forked) -> Counter[str]:
    told = child.told()
    return Counter(told[0]) if told else Counter({"died": 1})


def _figures(system: str, how: str, found: Counter[str]) -> Iterator[Figure]:
    for what, bad in (
        (f"values that are wrong after writes {how}", found["wrong"]),
        (f"files left by writes {how}", found["left"] + found["foreign"]),
        (f"writes after those {how} that failed", found["next"]),
        (f"systems that failed altogether after writes {how}", found["died"]),
    ):
        yield Figure(promise="W9", system=system, what=what, value=bad, bar=0)
    yield Figure(
        promise="W9",
        system=system,
        what=f"writes {how} that were refused",
        value=found["refused"],
        bar=1,
        least=True,
    )


def limited_files(system: str, place: Path, effort: Effort) -> Iterator[Figure]:
    """Write 1 MiB where files may have 100,000 bytes (EFBIG)."""
    del effort  # one is enough
    yield from _figures(system, "too large for a file", apart(_limited, system, place))


def full_disk(system: str, place: Path, effort: Effort) -> Iterator[Figure]:
    """Fill a disk of 4 MiB (ENOSPC)."""
    del effort  # one is enough
    if not can_mount("tmpfs"):
        note = "not tried: this user may not mount a disk"
        yield Figure(
            promise="W9", system=system, what="full disks", value=0, bar=0, note=note
        )
        return
    found = apart(_full, system, place / "small", within=ALONE)
    yield from _figures(system, "on a full disk", found)
