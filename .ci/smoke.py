"""Use zstore where nothing but its required dependencies is installed."""

import asyncio
import sys

import zstore

OPTIONAL = {"anywidget", "cupy", "fsspec", "ipywidgets", "obstore", "zarr"}


async def main() -> None:
    """Store and read a value, and ask for a store whose extra is not installed."""
    async with zstore.MemoryStore() as store:
        await store.set("greeting", b"hello")
        assert await store.get_bytes("greeting") == b"hello"
        assert [name async for name in store.list_dir("")] == ["greeting"]
    try:
        async with await zstore.open_store("s3://bucket") as store:
            await store.exists("greeting")
    except zstore.errors.MissingDependencyError as error:
        print(error)
    else:
        sys.exit("a store on S3 opened without the package for it")
    loaded = OPTIONAL & set(sys.modules)
    assert not loaded, loaded


asyncio.run(main())
