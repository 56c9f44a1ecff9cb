"""Reading all of an archive, by whoever can."""

import importlib
import zipfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import zstore

__all__ = ["READERS", "Answer"]

Answer = dict[str, bytes | Exception]
"""Values by key, or why one cannot be read."""


def _each(keys: list[str], read: Callable[[str], bytes]) -> Answer:
    found: Answer = {}
    for key in keys:
        try:
            found[key] = read(key)
        except Exception as error:  # noqa: BLE001 -- what it says is what is asked
            found[key] = error
    return found


async def _each_of(store: Any, read: Callable[[str], Any]) -> Answer:
    found: Answer = {}
    for key in [key async for key in store.list()]:
        try:
            found[key] = await read(key)
        except Exception as error:  # noqa: BLE001 -- what it says is what is asked
            found[key] = error
    return found


async def _ours(path: Path) -> Answer:
    async with zstore.ZipStore(path) as store:
        return await _each_of(store, store.get_bytes)


async def _zarr(path: Path) -> Answer:
    storage = importlib.import_module("zarr.storage")
    buffer = importlib.import_module("zarr.core.buffer").default_buffer_prototype()
    store = await storage.ZipStore.open(path, mode="r", read_only=True)

    async def get(key: str) -> bytes:
        return bytes((await store.get(key, buffer)).to_bytes())

    return await _each_of(store, get)


async def _fsspec(path: Path) -> Answer:
    module = importlib.import_module("fsspec.implementations.zip")
    archive = module.ZipFileSystem(str(path))
    return _each(archive.find("/"), archive.cat_file)


async def _stdlib(path: Path) -> Answer:
    with zipfile.ZipFile(path) as archive:
        return _each(archive.namelist(), archive.read)


async def _tensorstore(path: Path) -> Answer:
    kvstore = importlib.import_module("tensorstore").KvStore
    base = {"driver": "file", "path": str(path)}
    archive = kvstore.open({"driver": "zip", "base": base}).result()
    keys = [key.decode() for key in archive.list().result()]
    return _each(keys, lambda key: bytes(archive.read(key).result().value))


READERS: dict[str, Callable[[Path], Awaitable[Answer]]] = {
    "zstore Zip": _ours,
    "zarr Zip": _zarr,
    "fsspec zip": _fsspec,
    "tensorstore zip": _tensorstore,
    "zipfile": _stdlib,
}
"""By the names of their systems."""
