"""Stores of other packages, recognised without importing the packages."""

import importlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeAlias

from zstore.errors import InvalidTypeError
from zstore.opening.places import Place, open_path, open_url
from zstore.path import AccessMode
from zstore.store import Store
from zstore.stores.fsspec import FsspecStore
from zstore.stores.object_store import ObjectStore
from zstore.wrappers.prefix import PrefixStore

__all__ = ["FOREIGN", "Opener", "opener_of"]

Opener: TypeAlias = Callable[[Any, AccessMode | None], Awaitable[Store]]
"""Makes a store of an object of another package."""


def opener_of(like: object) -> Opener | None:
    """Return what opens an object of another package, if its type is known."""
    for cls in type(like).__mro__:
        opener = FOREIGN.get(f"{cls.__module__}.{cls.__qualname__}")
        if opener is not None:
            return opener
    return None


async def _from_sync(like: Any, mode: AccessMode | None) -> Store:
    del mode
    store: Store = like.store
    return store


async def _from_file_system(like: Any, mode: AccessMode | None) -> Store:
    if mode == "w":
        msg = (
            f"open_store(mode='w') would empty all of {type(like).__name__}; give the URL "
            "of the part that is to be emptied, or a mapper: fs.get_mapper(root)"
        )
        raise InvalidTypeError(msg)
    return FsspecStore.from_mapper(like.get_mapper("/"), read_only=mode == "r")


async def _from_mapper(like: Any, mode: AccessMode | None) -> Store:
    return FsspecStore.from_mapper(like, read_only=mode == "r")


async def _from_upath(like: Any, mode: AccessMode | None) -> Store:
    if like.protocol in {"", "file", "local"}:
        return await open_path(Path(like.path), mode)
    return await open_url(Place(str(like), mode, dict(like.storage_options)))


async def _from_obstore(like: Any, mode: AccessMode | None) -> Store:
    return ObjectStore(like, read_only=mode == "r")


async def _from_zarr(like: Any, mode: AccessMode | None) -> Store:
    del mode
    # By name: zarr is imported already, or there would be no such object; and `interop`
    # stands above this module.
    store: Store = importlib.import_module("zstore.interop.zarr").from_zarr(like)
    return store


async def _from_zarr_path(like: Any, mode: AccessMode | None) -> Store:
    store = await _from_zarr(like.store, mode)
    return PrefixStore(store, like.path) if like.path else store


async def _from_zarr_node(like: Any, mode: AccessMode | None) -> Store:
    return await _from_zarr_path(like.store_path, mode)


_OBSTORE = "Azure", "GCS", "HTTP", "Local", "Memory", "Prefix", "S3"

# To take another foreign type, add a line: a class among its bases, and what opens it.
FOREIGN: dict[str, Opener] = {
    "zstore.sync.store.SyncStore": _from_sync,
    "fsspec.mapping.FSMap": _from_mapper,
    "fsspec.spec.AbstractFileSystem": _from_file_system,
    "upath.core.UPath": _from_upath,
    "zarr.abc.store.Store": _from_zarr,
    "zarr.storage._common.StorePath": _from_zarr_path,
    "zarr.core.array.Array": _from_zarr_node,
    "zarr.core.array.AsyncArray": _from_zarr_node,
    "zarr.core.group.AsyncGroup": _from_zarr_node,
    "zarr.core.group.Group": _from_zarr_node,
    **{f"obstore.store.{name}Store": _from_obstore for name in _OBSTORE},
}
