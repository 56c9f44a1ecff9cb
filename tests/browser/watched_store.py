"""A store whose calls are watched, and what a person does with it."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import numpy as np
import zarr
from playwright.sync_api import Page

from zstore import LoggingStore, MemoryStore, Store, as_zarr, sync

__all__ = ["filled", "open_tab", "read_slice", "run", "run_apart", "watched"]

T = TypeVar("T")


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run the user's code in another thread: Playwright has a loop running in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(sync.run, coroutine).result()


def run_apart(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run it on a loop of its own, as a cell does, and not on that of the view."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()


def filled() -> MemoryStore:
    """A store with a 2-D array of 8 x 8 chunks, and a small one."""
    store = MemoryStore()
    group = zarr.create_group(as_zarr(store))
    for name in ("temp", "salt"):
        array = group.create_array(
            name, shape=(80, 80), chunks=(10, 10), dtype="f4", fill_value=np.nan
        )
        array[:] = np.arange(6400, dtype="f4").reshape(80, 80)
    return store


def watched(store: Store | None = None) -> LoggingStore[Store]:
    """Return a store whose calls are recorded and not printed."""
    return LoggingStore(store or filled(), log_level="WARNING")


def read_slice(store: LoggingStore[Store], path: str = "temp", *, rows: int = 15) -> None:
    """Read some rows of an array through zarr."""
    array = zarr.open_array(as_zarr(store), path=path, mode="r")
    assert np.shape(array[0:rows, 5:35]) == (rows, 30)


def open_tab(page: Page, name: str) -> None:
    """Click a tab of the view."""
    page.get_by_role("tab", name=name).click()
