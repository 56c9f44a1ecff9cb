"""What is measured: our stores, those of the peers, and SQLite as the control.

A figure of SQLite that is not zero is a fault of the test.
"""

import importlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import zstore
from tests.reliability.handles import Handle, ZStoreHandle
from tests.reliability.peers import (
    ObstoreHandle,
    SQLiteHandle,
    TensorStoreHandle,
    ZarrHandle,
)

__all__ = ["OURS", "PEERS", "SYSTEMS", "System", "opened"]

Kind = Literal["ours", "peer", "control"]


@dataclass(frozen=True, slots=True)
class System:
    """Something that keeps values under keys in a folder."""

    kind: Kind
    open: Callable[[Path], AbstractAsyncContextManager[Handle]]


def _ours(make: Callable[[Path], zstore.Store]) -> System:
    @asynccontextmanager
    async def opened(place: Path) -> AsyncIterator[Handle]:
        async with make(place) as store:
            yield ZStoreHandle(store)

    return System("ours", opened)


def _zarr(make: Callable[[Any, Path], Any]) -> System:
    @asynccontextmanager
    async def opened(place: Path) -> AsyncIterator[Handle]:
        store = make(importlib.import_module("zarr.storage"), place)
        # What its own calls do not do for a zip archive.
        await store._ensure_open()
        try:
            yield ZarrHandle(store)
        finally:
            store.close()

    return System("peer", opened)


@asynccontextmanager
async def _obstore(place: Path) -> AsyncIterator[Handle]:
    yield ObstoreHandle(importlib.import_module("obstore.store").LocalStore(place))


@asynccontextmanager
async def _tensorstore(place: Path) -> AsyncIterator[Handle]:
    kvstore = importlib.import_module("tensorstore").KvStore
    yield TensorStoreHandle(await kvstore.open({"driver": "file", "path": f"{place}/"}))


@asynccontextmanager
async def _sqlite(place: Path) -> AsyncIterator[Handle]:
    handle = SQLiteHandle(place / "control.sqlite")
    try:
        yield handle
    finally:
        handle.close()


def _obstore_local(place: Path) -> zstore.Store:
    local = importlib.import_module("obstore.store").LocalStore(place)
    return zstore.ObjectStore(local)


SYSTEMS = {
    "zstore Local": _ours(zstore.LocalStore),
    "zstore Local durable": _ours(lambda place: zstore.LocalStore(place, durable=True)),
    "zstore Zip": _ours(lambda place: zstore.ZipStore(place / "a.zip", mode="a")),
    "zstore Memory": _ours(lambda _: zstore.MemoryStore()),
    "zstore Fsspec(local)": _ours(
        lambda place: zstore.FsspecStore.from_url(f"file://{place}")
    ),
    "zstore Object(local)": _ours(_obstore_local),
    "zarr Local": _zarr(lambda zarr, place: zarr.LocalStore(place)),
    "zarr Zip": _zarr(lambda zarr, place: zarr.ZipStore(place / "a.zip", mode="a")),
    "zarr Memory": _zarr(lambda zarr, _: zarr.MemoryStore()),
    "zarr Fsspec(local)": _zarr(
        lambda zarr, place: zarr.FsspecStore.from_url(
            f"file://{place}", storage_options={"auto_mkdir": True}
        )
    ),
    "obstore Local": System("peer", _obstore),
    "tensorstore file": System("peer", _tensorstore),
    "SQLite": System("control", _sqlite),
}
"""All of them, by name; a folder is the place of each."""

OURS = tuple(name for name, system in SYSTEMS.items() if system.kind == "ours")
PEERS = tuple(name for name, system in SYSTEMS.items() if system.kind != "ours")


def opened(name: str, place: Path) -> AbstractAsyncContextManager[Handle]:
    """Open a system in a folder."""
    return SYSTEMS[name].open(place)
