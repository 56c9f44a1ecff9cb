"""What else lists a bucket or a folder."""

import subprocess
from collections.abc import Awaitable, Callable
from typing import Any

import s3fs
import zarr.storage
from obstore.store import LocalStore as ObstoreLocal
from obstore.store import S3Store

from tests.benchmarks.inventory.ways.addresses import fsspec_options, obstore_options

__all__ = [
    "command",
    "obstore_arrow",
    "obstore_local",
    "s3fs_find",
    "zarr_level",
    "zarr_list",
    "zarr_size",
]

Action = Callable[[], Awaitable[dict[str, Any]]]


def obstore_arrow(*, url: str, bucket: str) -> Action:
    """List a bucket as Arrow batches, one request after the other."""
    store = S3Store(bucket, **obstore_options(url))

    async def action() -> dict[str, Any]:
        nkeys = 0
        async for batch in store.list(chunk_size=1000, return_arrow=True):
            nkeys += batch.num_rows
        return {"nkeys": nkeys}

    return action


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
