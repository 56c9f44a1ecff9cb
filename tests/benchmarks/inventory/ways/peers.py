"""What else lists a bucket or a folder."""

import asyncio
import atexit
import subprocess
import time
from collections.abc import Awaitable, Callable
from typing import Any, cast

import s3fs
import zarr.storage
from obstore.store import LocalStore as ObstoreLocal
from obstore.store import S3Store

from tests.benchmarks.inventory.ways.addresses import fsspec_options, obstore_options
from tests.inventory.planning.key_spaces import Shape, shape

__all__ = [
    "command",
    "obstore_arrow",
    "obstore_local",
    "obstore_offsets",
    "s3fs_find",
    "zarr_level",
    "zarr_list",
    "zarr_size",
]

Action = Callable[[], Awaitable[dict[str, Any]]]


def obstore_arrow(*, url: str, bucket: str) -> Action:
    """List a bucket as Arrow batches, one request after the other."""
    store = _obstore(url, bucket)

    async def action() -> dict[str, Any]:
        nkeys = 0
        async for batch in store.list(chunk_size=1000, return_arrow=True):
            nkeys += batch.num_rows
        return {"nkeys": nkeys}

    return action


def obstore_offsets(*, url: str, bucket: str, at_once: int) -> Action:
    """List a bucket as Arrow batches, so many ranges at once, whose bounds are known.

    Nothing can be faster on one machine: nobody has to find the bounds, and nothing is
    done with the keys.
    """
    name, _, nkeys = bucket.partition("-")
    space = shape(cast("Shape", name), int(nkeys))
    bounds = [len(space) * piece // at_once for piece in range(at_once + 1)]
    store = _obstore(url, bucket)

    async def piece(start: int, stop: int) -> int:
        offset = space.key(start - 1) if start else None
        found = 0
        async for batch in store.list(offset=offset, chunk_size=1000, return_arrow=True):
            found += batch.num_rows
            if found >= stop - start:
                break
        return min(found, stop - start)

    async def action() -> dict[str, Any]:
        return {"nkeys": sum(await asyncio.gather(*map(piece, bounds, bounds[1:])))}

    return action


def _obstore(url: str, bucket: str) -> S3Store:
    # Its threads abort a process that ends too soon after the last page.
    atexit.register(time.sleep, 0.1)
    return S3Store(bucket, **obstore_options(url))


def obstore_local(*, path: str, **_: str) -> Action:
    """List a folder as Arrow batches."""
    store = ObstoreLocal(path)

    async def action() -> dict[str, Any]:
        nkeys = 0
        async for batch in store.list(chunk_size=1000, return_arrow=True):
            nkeys += batch.num_rows
        return {"nkeys": nkeys}

    return action


def _zarr(url: str, bucket: str, kind: str, path: str = "", *, cache: bool = False) -> Any:
    if kind == "local":
        return zarr.storage.LocalStore(path, read_only=True)
    if kind == "obstore":
        return zarr.storage.ObjectStore(S3Store(bucket, **obstore_options(url)))
    options = fsspec_options(url, cache=cache)
    return zarr.storage.FsspecStore.from_url(f"s3://{bucket}", storage_options=options)


def zarr_size(
    *, url: str, kind: str, bucket: str = "", path: str = "", cache: bool = False
) -> Action:
    """Ask a store of zarr for the size of all."""
    store = _zarr(url, bucket, kind, path, cache=cache)

    async def action() -> dict[str, Any]:
        return {"nbytes": await store.getsize_prefix("")}

    return action


def zarr_list(*, url: str, kind: str, bucket: str = "") -> Action:
    """List all keys of a store of zarr."""
    store = _zarr(url, bucket, kind)

    async def action() -> dict[str, Any]:
        nkeys = 0
        async for _ in store.list_prefix(""):
            nkeys += 1
        return {"nkeys": nkeys}

    return action


def zarr_level(*, url: str, kind: str, bucket: str, prefix: str, limit: int) -> Action:
    """Ask a store of zarr for the first names of a level."""
    store = _zarr(url, bucket, kind)

    async def action() -> dict[str, Any]:
        nrows = 0
        async for _ in store.list_dir(prefix):
            nrows += 1
            if nrows == limit:
                break
        return {"nrows": nrows}

    return action


def s3fs_find(*, url: str, bucket: str) -> Action:
    """Find all keys of a bucket, with their sizes."""

    async def action() -> dict[str, Any]:
        fs = s3fs.S3FileSystem(asynchronous=True, **fsspec_options(url))
        session = await fs.set_session()
        found = await fs._find(bucket, detail=True)
        await session.close()
        return {"nkeys": len(found), "nbytes": sum(one["size"] for one in found.values())}

    return action


def command(*, words: list[str], **_: str) -> Callable[[], None]:
    """Run a program, and read nothing of what it prints."""

    def action() -> None:
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL)

    return action
