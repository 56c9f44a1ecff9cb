"""Stores of zstore, without a snapshot."""

from collections.abc import Awaitable, Callable
from typing import Any

import pyarrow as pa
import pyarrow.compute

from tests.benchmarks.inventory.ways.addresses import fsspec_options, obstore_options
from zstore import FsspecStore, LocalStore, ObjectStore
from zstore.store import Store

__all__ = ["first_page", "open_named", "pages", "size", "usage"]

Action = Callable[[], Awaitable[dict[str, Any]]]


def open_named(url: str, bucket: str = "", kind: str = "obstore", path: str = "") -> Store:
    """Return a store on a bucket of the server, or on a folder, and import Arrow whole."""
    pa.compute.sum(pa.array([0]))
    if kind == "local":
        return LocalStore(path, read_only=True)
    if kind == "fsspec":
        return FsspecStore.from_url(f"s3://{bucket}", fsspec_options(url))
    return ObjectStore.from_url(f"s3://{bucket}", **obstore_options(url))


def size(*, prefix: str = "", times: int = 1, **place: str) -> Action:
    """Ask for the size of all that lies below a prefix."""
    store = open_named(**place)

    async def action() -> dict[str, Any]:
        for _ in range(times - 1):
            await store.getsize_prefix(prefix)
        return {"nbytes": await store.getsize_prefix(prefix)}

    return action


def usage(**place: str) -> Action:
    """Count the keys and their bytes."""
    store = open_named(**place)

    async def action() -> dict[str, Any]:
        *_, last = [total async for total in store.usage()]
        return {"nkeys": last.nkeys, "nbytes": last.nbytes}

    return action


def pages(**place: str) -> Action:
    """Read the pages of keys, sizes and times, and drop them."""
    store = open_named(**place)

    async def action() -> dict[str, Any]:
        nkeys = 0
        async for page in store.scan_pages():
            nkeys += len(page)
        return {"nkeys": nkeys}

    return action


def first_page(*, prefix: str, limit: int, **place: str) -> Action:
    """Ask for the first rows of a level."""
    store = open_named(**place)

    async def action() -> dict[str, Any]:
        found = [
            one async for batch in store.list_entries(prefix, limit=limit) for one in batch
        ]
        return {"nrows": len(found)}

    return action
