"""A scan of a server that lets in only so many requests a second."""

from collections.abc import Awaitable, Callable
from typing import Any

from tests.benchmarks.inventory.ways.ours import open_named
from zstore.inventory import Inventory, ScanProgress

__all__ = ["scan"]


def scan(*, at_once: int, **place: str) -> Callable[[], Awaitable[dict[str, Any]]]:
    """Scan a store; say how many pages came, and how long they took, from the first on."""
    store = open_named(**place)

    async def action() -> dict[str, Any]:
        told: list[ScanProgress] = []
        await Inventory.scan(store, max_concurrency=at_once, on_progress=told.append)
        first, *_, last, end = told
        return {
            "npages": last.nrequests - last.nretries - first.nrequests + first.nretries,
            "seconds": last.seconds - first.seconds,
            "complete": end.complete,
        }

    return action
