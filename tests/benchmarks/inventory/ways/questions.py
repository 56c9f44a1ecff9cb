"""What a snapshot is asked, and how two are compared."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from typing import Any

from zstore.inventory import Inventory

__all__ = ["answers", "browse", "compared", "imported"]

_TIMES = 5

Action = Callable[[], dict[str, Any]]


def _took(question: Callable[[], object]) -> float:
    """Return the median of the seconds of some calls."""
    found = []
    for _ in range(_TIMES):
        start = time.perf_counter()
        question()
        found.append(time.perf_counter() - start)
    return statistics.median(found)


def answers(*, snapshot: str, prefix: str, url: str = "") -> Action:
    """Ask for a total, for a range of keys, and for a level."""
    del url
    inventory = asyncio.run(Inventory.open(snapshot))
    total = "SELECT count(*), sum(nbytes) FROM keys"
    below = f"{total} WHERE key >= $first AND key < $last"
    ends = {"first": f"{prefix}/", "last": f"{prefix}0"}
    return lambda: {
        "total": _took(lambda: inventory.sql(total)),
        "range": _took(lambda: inventory.sql(below, **ends)),
        "children": _took(lambda: inventory.children("")),
    }


def browse(*, snapshot: str, url: str = "") -> Action:
    """Look at the levels of a snapshot; the server is not to hear of it."""
    del url
    inventory = asyncio.run(Inventory.open(snapshot))

    def action() -> dict[str, Any]:
        rows = inventory.children("")
        for row in rows[:20]:
            if row.kind == "prefix":
                inventory.children(row.name)
        return {"nrows": len(rows), "nkeys": inventory.total().nkeys}

    return action


def compared(*, old: str, new: str, url: str = "") -> Action:
    """Compare two snapshots."""
    del url
    before, after = (asyncio.run(Inventory.open(where)) for where in (old, new))

    def action() -> dict[str, Any]:
        with before.diff(after) as difference:
            return {"nchanged": difference.changed.nkeys}

    return action


def imported(
    *, report: str, snapshot: str, url: str = ""
) -> Callable[[], Awaitable[dict[str, Any]]]:
    """Make a snapshot of a report of S3 Inventory."""
    del url

    async def action() -> dict[str, Any]:
        inventory = await Inventory.from_s3_inventory(
            report, "manifest.json", snapshot=snapshot
        )
        return {"nkeys": inventory.nkeys}

    return action
