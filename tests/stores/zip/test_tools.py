"""Archives by other tools, and other tools on ours."""

import asyncio
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import zarr
from zarr.storage import ZipStore as ZarrZipStore

from tests.stores.zip.archives import write
from zstore import ZipStore

VALUES = {
    "zarr.json": b'{"a": 1}',
    "a/c/0": os.urandom(5000),
    "a/c/1": b"x" * 5000,
    "é": b"1",
}


def tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


async def contents_of(path: Path) -> dict[str, bytes]:
    async with ZipStore(path) as store:
        return {key: await store.get_bytes(key) async for key in store.list()}


async def run(*command: str, cwd: Path) -> None:
    def call() -> None:
        subprocess.run(command, cwd=cwd, check=True, capture_output=True)

    await asyncio.to_thread(call)


@pytest.mark.parametrize("option", ["-0", "-9", "-fz", "-Zbzip2"])
async def test_archives_by_zip_are_read(tmp_path: Path, option: str):
    for key, value in VALUES.items():
        path = tmp_path / "files" / key
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path, value)
    zip_ = tool("zip")
    await run(zip_, "-r", option, "../a.zip", ".", cwd=tmp_path / "files")
    assert await contents_of(tmp_path / "a.zip") == VALUES


@pytest.mark.parametrize("mode", ["w", "a"])
async def test_zip_and_unzip_find_no_fault_in_ours(tmp_path: Path, mode: str):
    path = tmp_path / "a.zip"
    for number in range(2):
        async with ZipStore(path, mode=mode, compression=8 * number) as store:
            await store.set_many(VALUES)
            await store.commit()
            await store.set("a/c/0", b"again")
            await store.delete("a/c/1")
    await run(tool("unzip"), "-t", "a.zip", cwd=tmp_path)
    await run(tool("zip"), "-T", "a.zip", cwd=tmp_path)


async def test_what_zip_added_to_ours_is_read(tmp_path: Path):
    path = tmp_path / "a.zip"
    async with ZipStore(path, mode="w") as store:
        await store.set("a", b"1")
    write(tmp_path / "b", b"2")
    await run(tool("zip"), "a.zip", "b", cwd=tmp_path)
    assert await contents_of(path) == {"a": b"1", "b": b"2"}


def test_zarr_reads_what_we_wrote_and_we_read_what_it_wrote(tmp_path: Path):
    theirs, ours = tmp_path / "theirs.zip", tmp_path / "ours.zip"
    store = ZarrZipStore(theirs, mode="w")
    array = zarr.create_array(store, shape=(50, 50), chunks=(10, 10), dtype="i4")
    array[:] = np.arange(2500).reshape(50, 50)
    store.close()

    async def copy() -> None:
        async with ZipStore(theirs) as source, ZipStore(ours, mode="x") as target:
            async for key in source.list():
                await target.set(key, await source.get_bytes(key))

    asyncio.run(copy())
    found = zarr.open_array(ZarrZipStore(ours), mode="r")
    np.testing.assert_array_equal(found[:], np.arange(2500).reshape(50, 50))


def test_what_zarr_wrote_twice_is_there_once_and_can_be_reclaimed(tmp_path: Path):
    path = tmp_path / "a.zip"
    store = ZarrZipStore(path, mode="w")
    array = zarr.create_array(
        store, shape=(10,), chunks=(10,), dtype="i4", compressors=None
    )
    array[:] = 1
    for number in (2, 3):
        with pytest.warns(UserWarning, match="Duplicate name"):
            array[:] = number
    store.close()

    async def compact() -> int:
        async with ZipStore(path, mode="a") as mine:
            keys = [key async for key in mine.list()]
            assert len(keys) == len(set(keys)) == 2
            assert mine.reclaimable_nbytes == 2 * (30 + len("c/0") + 40)
            return await mine.compact()

    before = path.stat().st_size
    won = asyncio.run(compact())
    # The directory has two entries less as well.
    assert path.stat().st_size == before - won - 2 * (46 + len("c/0"))
    np.testing.assert_array_equal(zarr.open_array(ZarrZipStore(path), mode="r")[:], 3)
