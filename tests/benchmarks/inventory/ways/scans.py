"""Scans of `Inventory`, whole, disturbed, and on Dask."""

import asyncio
import atexit
import importlib
import time
from collections.abc import Awaitable, Callable
from typing import Any

import duckdb
import pyarrow as pa

from tests.benchmarks.inventory.ways.ours import open_named
from zstore import Store
from zstore.inventory import Inventory, ScanProgress

__all__ = ["cancelled", "on_dask", "refreshed", "resumed", "scan"]

Action = Callable[[], Awaitable[dict[str, Any]]]


def _found(inventory: Inventory) -> dict[str, Any]:
    return {
        "nkeys": inventory.nkeys,
        "nbytes": inventory.nbytes,
        "nrequests": inventory.nrequests,
        "complete": inventory.complete,
        "digest": inventory.digest(),
    }


def _opened(**place: str) -> Store:
    """Open a store, when all is imported that a scan needs: Arrow asks for pandas, too."""
    pa.array([0])
    duckdb.connect().execute("SELECT 1")
    return open_named(**place)


def scan(
    *,
    snapshot: str | None = None,
    at_once: int | None = 1,
    digest: bool = False,
    **place: str,
) -> Action:
    """Scan a store, so many requests at a time."""
    store = _opened(**place)

    async def action() -> dict[str, Any]:
        inventory = await Inventory.scan(store, snapshot=snapshot, max_concurrency=at_once)
        return _found(inventory) if digest else {"nkeys": inventory.nkeys}

    return action


def refreshed(*, snapshot: str, **place: Any) -> Action:
    """Bring the snapshot of a store up to date."""
    store = _opened(**place)

    async def action() -> dict[str, Any]:
        return {"nkeys": (await Inventory.refresh(store, snapshot)).nkeys}

    return action


async def _stopped(store: Any, snapshot: str, at_once: int, share: float) -> float:
    """Cancel a scan when so much of it is done; return how long that took to end."""
    reached = asyncio.Event()

    def look(progress: ScanProgress) -> None:
        if (progress.fraction or 0) >= share:
            reached.set()

    task = asyncio.create_task(
        Inventory.scan(store, snapshot=snapshot, max_concurrency=at_once, on_progress=look)
    )
    waiting = asyncio.create_task(reached.wait())
    await asyncio.wait([task, waiting], return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    start = time.perf_counter()
    task.cancel()
    await asyncio.wait([task])
    return time.perf_counter() - start


def resumed(*, snapshot: str, at_once: int, share: float, **place: str) -> Action:
    """Cancel a scan in its midst, and go on to the end."""
    store = _opened(**place)

    async def action() -> dict[str, Any]:
        await _stopped(store, snapshot, at_once, share)
        return _found(
            await Inventory.scan(store, snapshot=snapshot, max_concurrency=at_once)
        )

    return action


def cancelled(*, snapshot: str, at_once: int, share: float = 0.0, **place: str) -> Action:
    """Cancel a scan at its first progress; say when that came, and when it ended."""
    store = _opened(**place)

    async def action() -> dict[str, Any]:
        start = time.perf_counter()
        ending = await _stopped(store, snapshot, at_once, share)
        first = time.perf_counter() - start - ending
        return {"first_progress": first, "cancel": ending}

    return action


def on_dask(
    *, snapshot: str, nworkers: int, nthreads: int, digest: bool = False, **place: str
) -> Action:
    """Scan on a cluster on this machine, that runs before the time is taken."""
    # Only the ways on Dask import it: it is a tenth of a second and 50 MB.
    from distributed import Client, LocalCluster  # noqa: PLC0415

    store = _opened(**place)
    cluster = LocalCluster(
        n_workers=nworkers, threads_per_worker=nthreads, dashboard_address="127.0.0.1:0"
    )
    client = Client(cluster)
    atexit.register(cluster.close)
    atexit.register(client.close)
    client.wait_for_workers(nworkers)
    client.run(importlib.import_module, "zstore.inventory")
    client.run(importlib.import_module, "zstore.inventory.scanning.slices")

    async def action() -> dict[str, Any]:
        inventory = await Inventory.scan(store, snapshot=snapshot, client=client)
        return _found(inventory) if digest else {"nkeys": inventory.nkeys}

    return action
