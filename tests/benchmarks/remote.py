"""Stores on S3 and HTTP beside zarr, obstore and a bare client, on a local server."""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import obstore
import zarr.storage
from obstore.store import HTTPStore, S3Store
from zarr.core.buffer import cpu, default_buffer_prototype

from tests.benchmarks.inventory.ways.addresses import fsspec_options, obstore_options
from tests.benchmarks.serving import serving
from tests.benchmarks.timing import Comparison, Way, compare
from zstore import FsspecStore, ObjectStore, Store

__all__ = ["run"]

_PROTOTYPE = default_buffer_prototype()
_SMALL, _LARGE = os.urandom(4096), os.urandom(32 << 20)
_WIDE = 32
_TIMES = 320


class _Client(NamedTuple):
    get: Callable[[], Awaitable[object]]
    set: Callable[[], Awaitable[object]]


def _ours(store: Store, key: str, value: bytes) -> _Client:
    return _Client(lambda: store.get(key), lambda: store.set(key, value))


def _zarrs(store: Any, key: str, value: bytes) -> _Client:
    buffer = cpu.Buffer.from_bytes(value)
    return _Client(lambda: store.get(key, _PROTOTYPE), lambda: store.set(key, buffer))


def _obstores(store: Any, key: str, value: bytes) -> _Client:
    async def get() -> object:
        return await (await obstore.get_async(store, key)).bytes_async()

    return _Client(get, lambda: obstore.put_async(store, key, value))


Make = Callable[[str, bytes], _Client]


# Stores are made anew for each comparison: zarr's are bound to the loop they meet first.
def _fsspec_on_s3(url: str) -> dict[str, Make]:
    options = fsspec_options(url)
    theirs = zarr.storage.FsspecStore.from_url("s3://bucket", storage_options=options)
    ours = FsspecStore.from_url("s3://bucket", options)
    return {"zarr": partial(_zarrs, theirs), "zstore": partial(_ours, ours)}


def _object_on_s3(url: str) -> dict[str, Make]:
    s3 = S3Store("bucket", **obstore_options(url))
    return {
        "obstore": partial(_obstores, s3),
        "zarr": partial(_zarrs, zarr.storage.ObjectStore(s3)),
        "zstore": partial(_ours, ObjectStore(s3)),
    }


def _fsspec_on_http(url: str) -> dict[str, Make]:
    web = HTTPStore.from_url(f"{url}/bucket", client_options={"allow_http": True})
    theirs = zarr.storage.FsspecStore.from_url(
        f"{url}/bucket", storage_options={"skip_instance_cache": True}
    )
    return {
        "obstore": partial(_obstores, web),
        "zarr": partial(_zarrs, theirs),
        "zstore": partial(_ours, FsspecStore.from_url(f"{url}/bucket")),
    }


_GROUPS = (
    ("FsspecStore on S3", "zarr", _fsspec_on_s3),
    ("ObjectStore on S3", "obstore", _object_on_s3),
    ("FsspecStore over HTTP", "zarr", _fsspec_on_http),
)


_CASES = (
    ("get 4 KiB, one at a time", "small", "get", 1),
    (f"get 4 KiB, {_WIDE} wide", "small", "get", _WIDE),
    ("get 32 MiB", "large", "get", 1),
    (f"set 4 KiB, {_WIDE} wide", "small", "set", _WIDE),
)


def _wide(call: Callable[[], Awaitable[object]], wide: int, times: int) -> Way:
    async def way() -> None:
        for _ in range(times // wide):
            await asyncio.gather(*(call() for _ in range(wide)))

    return way


def run(folder: Path, *, rounds: int) -> Iterator[Comparison]:
    """Compare reads of 4 KiB and of 32 MiB, and on S3 writes of 4 KiB."""
    del folder
    # Sessions of zarr's stores are left open: nothing closes them.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    with serving() as url:
        _fill(url)
        for (name, against, makes), (what, key, call, wide) in product(_GROUPS, _CASES):
            if call == "set" and "HTTP" in name:
                continue
            value, times = (_LARGE, 2) if key == "large" else (_SMALL, _TIMES)
            yield compare(
                Comparison(f"{name} {what}", against, None, times),
                {
                    way: _wide(getattr(make(key, value), call), wide, times)
                    for way, make in makes(url).items()
                },
                rounds=rounds,
            )


def _fill(url: str) -> None:
    async def fill() -> None:
        store = ObjectStore(S3Store("bucket", **obstore_options(url)))
        await store.set_many({"small": _SMALL, "large": _LARGE})

    asyncio.run(fill())
