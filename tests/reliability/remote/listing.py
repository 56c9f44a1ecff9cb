"""Listings of S3 that fail on their second page."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

from tests.reliability.figures import Effort, Figure
from tests.reliability.handles import Handle
from tests.reliability.remote.asking import Verdict, begin, settings_for, verdict_of
from tests.reliability.remote.sites import SYSTEMS, opened, site_of
from tests.servers import S3Server

__all__ = ["S3", "lists"]

S3 = tuple(name for name, system in SYSTEMS.items() if system.server == "s3")
"""The systems that speak to S3."""

_KINDS = (
    *("500", "503", "cut", "xml-cut", "html", "empty"),
    *("xml-no-token", "xml-end", "again"),
)
_KEYS = [f"k{number:02}" for number in range(20)]
_PAGE = 6
# To obstore any XML is a listing, and it says nothing of pages: what lacks the names, or
# the way to the next page, cannot be told from the end. It makes one page of short ones.
_HIDDEN = {"zstore Object(S3)": ("html", "xml-no-token", "again")}


async def _listed(system: str, effort: Effort) -> dict[str, Verdict]:
    found: dict[str, Verdict] = {}
    with site_of(system) as site:
        server = site.server
        if not isinstance(server, S3Server):
            raise TypeError(system)
        server.put(*_KEYS)
        server.list_in_pages_of(_PAGE)
        async with opened(system, site, settings_for(effort)) as handle:
            for kind in _KINDS:
                site.faults.clear()
                await begin(lambda: _sorted(handle), _KEYS)
                site.faults.fail(kind, method="GET", query="list-type=2", after=1)
                found[kind] = await verdict_of(_sorted(handle), _KEYS)
    return found


async def _sorted(handle: Handle) -> list[str]:
    return sorted(await handle.keys())


def lists(system: str, place: Path, effort: Effort) -> Iterator[Figure]:
    """Listings of several pages; all but the first of them are wrong."""
    del place
    found = asyncio.run(_listed(system, effort))
    hidden = _HIDDEN.get(system, ())
    wrong = [kind for kind, said in found.items() if said in ("wrong", "missing", "hang")]
    seen = [kind for kind in wrong if kind not in hidden]
    yield Figure.counted(
        promise="R6",
        system=system,
        what="listings in part, no error",
        bad=seen,
        of=len(_KINDS) - len(hidden),
        bar=0,
    )
    if hidden:
        yield Figure(
            promise="R6",
            system=system,
            what="listings in part that the client below takes for whole",
            value=len(wrong) - len(seen),
            of=len(hidden),
            note=", ".join(kind for kind in wrong if kind in hidden),
        )
