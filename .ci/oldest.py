"""Use zstore and zarr together, with the oldest versions of both that are allowed."""

import asyncio
import tempfile

import numpy as np
import zarr

import zstore


async def store_values(store: zstore.Store) -> None:
    """Store, list and read values and parts of them."""
    await store.set("a/b", b"0123456789")
    assert await store.get_bytes("a/b", zstore.RangeByteRequest(2, 4)) == b"23"
    assert [entry.name async for batch in store.list_entries("a") for entry in batch] == [
        "b"
    ]
    assert await store.getsize_prefix("a") == 10  # noqa: PLR2004 -- what was stored
    await store.delete_dir("a")


def store_an_array(store: zstore.Store) -> None:
    """Write and read an array through zarr."""
    numbers = np.arange(100).reshape(10, 10)
    place = zstore.as_zarr(store)
    array = zarr.create_array(place, shape=(10, 10), chunks=(3, 3), dtype="i4")
    array[:] = numbers
    assert (zarr.open_array(place, mode="r")[:] == numbers).all()


with tempfile.TemporaryDirectory() as folder:
    for each in (zstore.MemoryStore(), zstore.LocalStore(folder)):
        asyncio.run(store_values(each))
        store_an_array(each)
print("numpy", np.__version__, "zarr", zarr.__version__)
