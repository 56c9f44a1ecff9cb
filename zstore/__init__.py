"""Async key-value stores for chunked arrays: a folder, a zip, a bucket, a dict, a GPU.

Every public name is here. Each is imported when it is first used, so that
``import zstore`` stays light and never loads fsspec, obstore, zarr or CuPy.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zstore import (
        buffer,
        demo,
        display,
        errors,
        gpu,
        hierarchy,
        inspection,
        sync,
        testing,
    )
    from zstore.buffer import Buffer, BufferPrototype, NDBuffer, default_buffer_prototype
    from zstore.copying import copy
    from zstore.entries import Entry, Usage
    from zstore.interop.zarr import as_zarr, from_zarr
    from zstore.opening import StoreLike, open_store
    from zstore.path import StorePath
    from zstore.ranges import (
        ByteRequest,
        OffsetByteRequest,
        RangeByteRequest,
        SuffixByteRequest,
    )
    from zstore.store import Store
    from zstore.stores.fsspec import FsspecStore
    from zstore.stores.gpu_memory import GpuMemoryStore
    from zstore.stores.local import LocalStore
    from zstore.stores.memory import MemoryStore
    from zstore.stores.object_store import ObjectStore
    from zstore.stores.zip import ZipStore
    from zstore.wrappers.base import WrapperStore
    from zstore.wrappers.latency import LatencyStore
    from zstore.wrappers.logging import LoggingStore
    from zstore.wrappers.prefix import PrefixStore
    from zstore.wrappers.read_only import ReadOnlyStore

# Where each name comes from; the block above says the same to type checkers.
_HOMES = {
    "zstore.buffer": ("Buffer", "BufferPrototype", "NDBuffer", "default_buffer_prototype"),
    "zstore.copying": ("copy",),
    "zstore.entries": ("Entry", "Usage"),
    "zstore.interop.zarr": ("as_zarr", "from_zarr"),
    "zstore.opening": ("StoreLike", "open_store"),
    "zstore.path": ("StorePath",),
    "zstore.ranges": (
        "ByteRequest",
        "OffsetByteRequest",
        "RangeByteRequest",
        "SuffixByteRequest",
    ),
    "zstore.store": ("Store",),
    "zstore.stores.fsspec": ("FsspecStore",),
    "zstore.stores.gpu_memory": ("GpuMemoryStore",),
    "zstore.stores.local": ("LocalStore",),
    "zstore.stores.memory": ("MemoryStore",),
    "zstore.stores.object_store": ("ObjectStore",),
    "zstore.stores.zip": ("ZipStore",),
    "zstore.wrappers.base": ("WrapperStore",),
    "zstore.wrappers.latency": ("LatencyStore",),
    "zstore.wrappers.logging": ("LoggingStore",),
    "zstore.wrappers.prefix": ("PrefixStore",),
    "zstore.wrappers.read_only": ("ReadOnlyStore",),
}
_MODULES = (
    *("buffer", "demo", "display", "errors", "gpu", "hierarchy", "inspection"),
    *("sync", "testing"),
)
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Buffer",
    "BufferPrototype",
    "ByteRequest",
    "Entry",
    "FsspecStore",
    "GpuMemoryStore",
    "LatencyStore",
    "LocalStore",
    "LoggingStore",
    "MemoryStore",
    "NDBuffer",
    "ObjectStore",
    "OffsetByteRequest",
    "PrefixStore",
    "RangeByteRequest",
    "ReadOnlyStore",
    "Store",
    "StoreLike",
    "StorePath",
    "SuffixByteRequest",
    "Usage",
    "WrapperStore",
    "ZipStore",
    "as_zarr",
    "buffer",
    "copy",
    "default_buffer_prototype",
    "demo",
    "display",
    "errors",
    "from_zarr",
    "gpu",
    "hierarchy",
    "inspection",
    "open_store",
    "sync",
    "testing",
]


def __getattr__(name: str) -> object:
    if name in _MODULES:
        return importlib.import_module(f"{__name__}.{name}")
    if name not in _HOME_OF:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    value: object = getattr(importlib.import_module(_HOME_OF[name]), name)
    # Kept, so that the next use costs nothing.
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
