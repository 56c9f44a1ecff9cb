"""The demo store: its arrays, and the files that lie beside them."""

import importlib
import json
from typing import Any, Final

from zstore.concurrency import run_to_the_end
from zstore.demo.arrays import GZIPPED, write_arrays
from zstore.demo.climate import STEPS
from zstore.demo.picture import png_of
from zstore.demo.texts import README, STATIONS, table_of
from zstore.errors import MissingDependencyError
from zstore.opening import StoreLike, open_store
from zstore.store import Store

__all__ = ["EDITION", "write_demo"]

EDITION: Final = 1
"""Changes with what is written, so that an older store in a cache is not taken for it."""


async def write_demo(store_like: StoreLike) -> Store:
    """Write the demo into a store, and return the store.

    Parameters
    ----------
    store_like
        An empty store to write to, as for `zstore.open_store`.

    Raises
    ------
    MissingDependencyError
        If zarr is not installed.
    ReadOnlyError
        If the store cannot be written to.

    Notes
    -----
    Some 600 values of 4 MB together, the same bytes each time; a second or two.
    """
    zarr, as_zarr = _zarr()
    store = await open_store(store_like, mode="a")
    # In a thread, since zarr's calls wait, for a loop of its own.
    climate = await run_to_the_end(write_arrays, zarr, as_zarr, store)
    await _without_times(store, GZIPPED)
    values = {
        "README.md": README.encode(),
        "pictures/temperature-july.png": png_of(climate.temperature[13]),
        "pictures/sea-ice-march.png": png_of(climate.ice[5]),
        "tables/stations.csv": table_of(STATIONS).encode(),
        "tables/parameters.json": json.dumps(
            {"seed": 1850, "steps": STEPS}, indent=2
        ).encode(),
    }
    for key, value in values.items():
        await store.set(key, value)
    return store


def _zarr() -> tuple[Any, Any]:
    """Import zarr when a demo is first written, not when zstore is."""
    try:
        zarr: Any = importlib.import_module("zarr")
    except ImportError as error:
        raise MissingDependencyError("zarr", extra="zarr") from error
    bridge: Any = importlib.import_module("zstore.interop.zarr")
    return zarr, bridge.as_zarr


async def _without_times(store: Store, prefix: str) -> None:
    """Clear the time in the header of each gzip file below `prefix`.

    The same run writes the same bytes then; RFC 1952 section 2.3: 0 means no time.
    """
    for key in [key async for key in store.list_prefix(prefix)]:
        value = await store.get_bytes(key)
        await store.set(key, value[:4] + bytes(4) + value[8:])
