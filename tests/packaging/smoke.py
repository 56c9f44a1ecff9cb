"""What has to work after ``pip install zstore``: run by itself, with nothing but that."""

import asyncio
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

import zstore
import zstore_widgets  # noqa: F401 -- importing it needs no extra


async def stores(folder: Path) -> None:
    """Write, read, list and measure in each store that needs no extra."""
    for store in (
        zstore.MemoryStore(),
        zstore.LocalStore(folder / "local"),
        zstore.ZipStore(folder / "a.zip", mode="w"),
        zstore.LoggingStore(zstore.MemoryStore(), log_level="ERROR"),
    ):
        async with store:
            await store.set("a/b", b"value")
            assert await store.get_bytes("a/b") == b"value"
            assert [key async for key in store.list()] == ["a/b"]
            assert await store.getsize_prefix("a") == 5
    async with await zstore.open_store(folder / "a.zip") as reopened:
        assert await reopened.get_bytes("a/b") == b"value"


def extras() -> None:
    """What needs an extra says which."""
    said = "nothing"
    for make in (
        lambda: zstore.FsspecStore.from_url("memory://a"),
        lambda: zstore.as_zarr(zstore.MemoryStore()),
    ):
        try:
            make()
        except zstore.errors.MissingDependencyError as error:
            said = str(error)
        assert "pip install" in said, said


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        asyncio.run(stores(Path(name)))
    extras()
    foreign = {"fsspec", "zarr", "obstore", "ipywidgets", "pyarrow"} & set(sys.modules)
    assert not foreign, foreign
    print(f"zstore {version('zstore')} works on Python {sys.version.split()[0]}")
