"""Writes to S3 whose answers are lost."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

from tests.reliability.figures import Effort, Figure
from tests.reliability.handles import Handle
from tests.reliability.remote.sites import Settings, Site, opened, site_of

__all__ = ["lost_answers"]

_KINDS = ("lost", "500-after", "unheard")
_MINE, _THEIRS = b"mine", b"theirs"


async def _create(handle: Handle, site: Site, kind: str, *, taken: bool) -> bool | None:
    """Create a value while the first answer is lost; whether it is said to be ours."""
    key = f"{kind}.{taken}"
    if taken:
        # The same value, written by somebody else.
        site.put(key, _MINE)
    site.faults.fail(kind, method="PUT", path=f"/{key}", times=1)
    try:
        return await handle.create(key, _MINE)
    except Exception:  # noqa: BLE001 -- whoever is told of a failure knows that he must look
        return None


async def _overwrite(handle: Handle, site: Site, kind: str) -> str:
    key = f"{kind}.old"
    site.put(key, _THEIRS)
    site.faults.fail(kind, method="PUT", path=f"/{key}", times=1)
    site.faults.fail(kind, method="DELETE", path=f"/{key}", times=1)
    try:
        await handle.set(key, _MINE)
        if await handle.get(key) != _MINE:
            return "wrong"
        await handle.delete(key)
        return "right" if await handle.get(key) is None else "wrong"
    except Exception:  # noqa: BLE001 -- as above
        return "error"


async def _play(system: str) -> tuple[int, int, int, int]:
    """Return losing winners, winning losers, those left unsure, and failed writes."""
    with site_of(system) as site:
        # Nothing is late here, but the machine may be.
        async with opened(system, site, Settings(30.0)) as handle:
            await handle.get("none")
            won = [await _create(handle, site, kind, taken=False) for kind in _KINDS]
            lost = [await _create(handle, site, kind, taken=True) for kind in _KINDS]
            wrote = [await _overwrite(handle, site, kind) for kind in _KINDS]
    return (
        won.count(False),
        lost.count(True),
        won.count(None) + lost.count(None),
        len(wrote) - wrote.count("right"),
    )


def lost_answers(system: str, place: Path, effort: Effort) -> Iterator[Figure]:
    """Writes of which the first answer is lost, before or after they were done."""
    del place, effort
    counts = asyncio.run(_play(system))
    named = (
        ("winners that are told they lost", 3, 0),
        ("losers that are told they won", 3, 0),
        ("calls that cannot tell who won", 6, 0),
        ("writes and deletions that are not got over", 3, None),
    )
    for value, (what, of, bar) in zip(counts, named, strict=True):
        yield Figure(promise="W7", system=system, what=what, value=value, of=of, bar=bar)
