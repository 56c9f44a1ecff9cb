"""Values and ranges of them, from a server that fails in each known way."""

import asyncio
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from tests.reliability.figures import Effort, Figure
from tests.reliability.remote.asking import (
    Question,
    Verdict,
    ask_each,
    settings_for,
    value_of,
    verdict_of,
)
from tests.reliability.remote.sites import SYSTEMS, Settings, opened, site_of

__all__ = ["defaults", "heals", "ranges", "verified", "wholes"]

_STATUSES = ("403", "429", "500", "502", "503")
_BROKEN = (
    *("dropped", "reset", "cut-head", "reset-head", "cut", "cut-chunked", "cut-unframed"),
    *("reset-body", "stall", "stall-head", "stall-body", "not-http", "redirect"),
)
_ODD = ("two-lengths", "not-gzip", "other-etag", "no-content", "unasked")
# Nothing in the answer speaks against these; a checksum may. What is no answer of S3 at
# all lacks the headers that those have, and S3 stores the encoding of a value beside it.
_UNKNOWABLE = ("short-honest", "longer", "flip", "empty")
_FOREIGN: tuple[str, ...] = ("html", "error-200")
_ENCODED: tuple[str, ...] = ("gzip",)
_RANGES = (
    *("whole", "range-200", "range-unsaid", "range-garbled", "range-start", "range-end"),
    *("range-total", "range-shifted", "range-lying", "range-short", "range-short-lying"),
    *("range-long", "range-long-lying", "range-empty", "range-parts", "cut"),
)
# obstore does not give the status of a success.
_HIDDEN = {
    "zstore Object(S3)": ("no-content", "unasked"),
    "zstore Object(HTTP)": ("no-content", "unasked"),
}
_PART = (1000, 3048)
_WHOLE = Question()
_ONCE = (
    *("500", "503", "dropped", "reset", "reset-head", "cut", "cut-chunked", "reset-body"),
    *("stall", "stall-body"),
)
_ALWAYS = ("500", "stall", "stall-body", "dropped")
# Bytes that only a checksum tells from those that were stored.
_DAMAGED = (*_UNKNOWABLE, *_ENCODED)


def _ask(
    system: str,
    settings: Settings,
    kinds: Collection[str],
    question: Question = _WHOLE,
) -> dict[str, Verdict]:
    with site_of(system) as site:
        return asyncio.run(ask_each(system, site, settings, kinds, question))


def _which(found: Mapping[str, Verdict], *verdicts: Verdict) -> list[str]:
    return [kind for kind, verdict in found.items() if verdict in verdicts]


def wholes(system: str, place: Path, effort: Effort) -> Iterator[Figure]:
    """Whole values: each fault at every try."""
    del place
    seen, unseen = _ENCODED, _FOREIGN
    if SYSTEMS[system].server == "s3":
        seen, unseen = unseen, seen
    hidden = _HIDDEN.get(system, ())
    kinds = (*_BROKEN, *_ODD, *_STATUSES, *seen)
    told = [kind for kind in kinds if kind not in hidden]
    untold = (*_UNKNOWABLE, *unseen, *hidden)
    found = _ask(system, settings_for(effort), (*told, *untold, "404-page"))
    wrong, hung = _which(found, "wrong"), _which(found, "hang")
    missing = [kind for kind in _which(found, "missing") if kind != "404-page"]
    bad = [kind for kind in wrong if kind in told]
    yield Figure.counted(
        promise="R2",
        system=system,
        what="wrong values, no error: the answer contradicts itself",
        bad=bad,
        of=len(told),
        bar=0,
    )
    yield Figure(
        promise="R3",
        system=system,
        what="wrong values, no error: nothing tells, or the client below hides it",
        value=len(wrong) - len(bad),
        of=len(untold),
        note=", ".join(kind for kind in wrong if kind in untold),
    )
    for promise, what, bad in (
        ("R4", "failures taken for missing values", missing),
        ("R5", "reads that hang for more than 15 s", hung),
    ):
        yield Figure.counted(
            promise=promise,
            system=system,
            what=what,
            bad=bad,
            of=len(found),
            bar=0,
        )
    yield Figure(
        promise="R2",
        system=system,
        what="answers that came twice and are taken for the next one",
        value=int(asyncio.run(_twice(system, effort)) == "wrong"),
        of=1,
        note="aiohttp and hyper look at a connection when they put it aside, not later",
    )


async def _twice(system: str, effort: Effort) -> Verdict:
    """Read after an answer that came twice: the second may be taken for the next one's."""
    with site_of(system) as site:
        site.put("first", value_of("first"))
        site.put("next", value_of("next"))
        site.faults.fail("twice", path="/first", method="GET")
        async with opened(system, site, settings_for(effort)) as handle:
            for _ in range(3):
                await verdict_of(handle.get("first"), value_of("first"))
                found = await verdict_of(handle.get("next"), value_of("next"))
                if found != "right":
                    return found
    return "right"


def ranges(system: str, place: Path, effort: Effort) -> Iterator[Figure]:
    """Byte ranges: other bytes, or other words about them."""
    del place
    found = _ask(system, settings_for(effort), _RANGES, Question(_PART))
    wrong, missing = _which(found, "wrong"), _which(found, "missing")
    yield Figure.counted(
        promise="R2",
        system=system,
        what="wrong ranges, no error",
        bad=wrong,
        of=len(_RANGES),
        # A server that sends other bytes under the right name cannot be seen through.
        bar=1,
    )
    yield Figure(
        promise="R4",
        system=system,
        what="failed ranges taken for missing values",
        value=len(missing),
        of=len(_RANGES),
        bar=0,
    )


def heals(system: str, place: Path, effort: Effort) -> Iterator[Figure]:
    """Faults that pass: the next try is answered right."""
    del place, effort
    # Not short: a try that is cut off because the machine is slow proves nothing.
    found = _ask(system, Settings(9.0), _ONCE, Question(times=1))
    failed = [kind for kind, verdict in found.items() if verdict != "right"]
    yield Figure.counted(
        promise="R5",
        system=system,
        what="faults that pass, and are not got over",
        bad=failed,
        of=len(_ONCE),
        bar=0,
    )


def defaults(system: str, place: Path, effort: Effort) -> Iterator[Figure]:
    """Faults that stay, with the settings that a user has; in a test with shorter ones."""
    del place
    settings, limit = effort.pick((Settings(1.0), 15.0), (Settings(), 35.0))
    found = _ask(system, settings, _ALWAYS, Question(seconds=limit))
    hung = _which(found, "hang", "missing", "wrong")
    yield Figure.counted(
        promise="R5",
        system=system,
        what=f"faults that stay, and no error within {limit:.0f} s",
        bad=hung,
        of=len(_ALWAYS),
        bar=0,
    )


def verified(system: str, place: Path, effort: Effort) -> Iterator[Figure]:
    """Damage that only a checksum shows, with ``verify=True``."""
    del place
    settings = settings_for(effort, verify=True)
    wholes = _ask(system, settings, _DAMAGED)
    parts = _ask(system, settings, _DAMAGED, Question(_PART))
    for what, found in (("values", wholes), ("ranges", parts)):
        wrong = _which(found, "wrong", "missing")
        yield Figure.counted(
            promise="R3",
            system=system,
            what=f"damaged {what} with verify=True, no error",
            bad=wrong,
            of=len(found),
            bar=0,
        )
