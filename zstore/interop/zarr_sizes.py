"""How large the values of a zarr store are; to be called on zarr's event loop.

zarr's interface has a call for the size of one value, which some of its stores answer
for folders too. Where the library below a store lists sizes they are taken from there.
"""

import importlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from functools import partial
from typing import Any, TypeAlias

from zarr.abc.store import Store as ZarrStore
from zarr.storage import FsspecStore, ObjectStore

from zstore.concurrency import map_limited
from zstore.entries import Entry

__all__ = ["SizedListing", "entries_of", "size_of", "sized_listing_of", "sizes_of"]

SizedListing: TypeAlias = Callable[[str], AsyncIterator[tuple[str, int]]]
"""Takes a prefix that is empty or ends in ``/``, gives (key, nbytes)."""

_CONCURRENCY = 16


async def size_of(store: ZarrStore, key: str) -> int | None:
    """Return the size of a value in bytes; None if there is no value, or only a folder."""
    try:
        if type(store) is FsspecStore:
            # Its `exists` is true of folders.
            return await _size_fsspec(store, key)
        if await store.exists(key):
            return await store.getsize(key)
    except FileNotFoundError:
        pass
    return None


async def sizes_of(store: ZarrStore, keys: list[str]) -> list[tuple[str, int]]:
    """Return (key, nbytes) of those of `keys` that have a value."""
    sizes = await map_limited(lambda key: size_of(store, key), keys, limit=_CONCURRENCY)
    found = zip(keys, sizes, strict=True)
    return [(key, size) for key, size in found if size is not None]


async def entries_of(store: ZarrStore, prefix: str, names: list[str]) -> list[Entry]:
    """Return what the names of one level stand for."""

    async def one(name: str) -> list[Entry]:
        size = await size_of(store, prefix + name)
        if size is None:
            return [Entry(name, "prefix")]
        value = Entry(name, "key", size)
        is_folder = await _has_below(store, f"{prefix}{name}/")
        return [value, Entry(name, "prefix")] if is_folder else [value]

    found = await map_limited(one, names, limit=_CONCURRENCY)
    return [entry for entries in found for entry in entries]


async def _has_below(store: ZarrStore, folder: str) -> bool:
    # Not `is_empty`: FsspecStore lists a value as lying below itself.
    async for key in store.list_prefix(folder):
        if key.startswith(folder):
            return True
    return False


async def _size_fsspec(store: Any, key: str) -> int | None:
    info: dict[str, Any] = await _fsspec_call(store, "info", _path(store, key))
    if info["type"] == "directory":
        return None
    nbytes: int | None = info.get("size")
    return await store.getsize(key) if nbytes is None else nbytes


def sized_listing_of(store: ZarrStore) -> SizedListing | None:
    """Return a listing that knows sizes, or None if the store has none."""
    if type(store) is FsspecStore:
        return partial(_list_fsspec, store)
    if type(store) is ObjectStore:
        return partial(_list_obstore, store)
    return None


async def _list_fsspec(store: Any, prefix: str) -> AsyncGenerator[tuple[str, int], None]:
    # A filesystem of fsspec gives a listing whole.
    found: dict[str, dict[str, Any]]
    found = await _fsspec_call(store, "find", _path(store, prefix), detail=True)
    root = _path(store, "")
    for name, info in found.items():
        key = name.removeprefix(root)
        nbytes = info.get("size")
        yield key, await store.getsize(key) if nbytes is None else nbytes


async def _list_obstore(store: Any, prefix: str) -> AsyncGenerator[tuple[str, int], None]:
    obstore = importlib.import_module("obstore")
    async for batch in obstore.list(store.store, prefix or None, chunk_size=1000):
        for found in batch:
            yield found["path"], found["size"]


def _fsspec_call(store: Any, name: str, *args: Any, **kwargs: Any) -> Any:
    """Make an asynchronous call of fsspec, whose names start with an underscore."""
    return getattr(store.fs, f"_{name}")(*args, **kwargs)


def _path(store: Any, key: str) -> str:
    """Return where an FsspecStore keeps `key`."""
    root = store.path.rstrip("/")
    return f"{root}/{key}" if root else key
