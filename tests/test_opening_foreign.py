"""`open_store` on stores of other packages."""

from pathlib import Path

import pytest

from tests.opened import VALUES, archive, bucket, folder, keys_of
from tests.scripts import run_script
from zstore import LocalStore, ObjectStore, ZipStore, open_store
from zstore.errors import InvalidTypeError, ReadOnlyError

__all__ = ["archive", "bucket", "folder"]


class TestForeignTypes:
    async def test_fsspec_mappers(self, bucket: str):
        fsspec = pytest.importorskip("fsspec")
        opened = await open_store(fsspec.get_mapper(bucket), path="a")
        assert await keys_of(opened) == ["b"]

    async def test_fsspec_file_systems(self, bucket: str):
        fs = pytest.importorskip("fsspec").filesystem("memory")
        opened = await open_store(fs, path=bucket.removeprefix("memory://"), mode="r")
        assert await opened.get_bytes("c") == b"1"
        with pytest.raises(ReadOnlyError):
            await opened.set("c", b"2")

    async def test_a_whole_file_system_is_not_emptied(self, bucket: str):
        fs = pytest.importorskip("fsspec").filesystem("memory")
        with pytest.raises(InvalidTypeError, match="would empty all of MemoryFileSystem"):
            await open_store(fs, mode="w")
        name = bucket.removeprefix("memory://")
        emptied = await open_store(fs, mode="w", path=f"{name}/a")
        assert await emptied.is_empty()
        assert await keys_of(await open_store(bucket)) == ["c", "zips/x.zip"]

    async def test_universal_paths(self, bucket: str, folder: Path):
        upath = pytest.importorskip("upath").UPath
        assert await keys_of(await open_store(upath(f"{bucket}/a"))) == ["b"]
        for like in (upath(folder), upath(folder.as_uri())):
            opened = await open_store(like, mode="r")
            assert isinstance(opened, LocalStore)
            assert await keys_of(opened) == ["a/b", "c"]
        opened = await open_store(upath(f"{bucket}/zips/x.zip"))
        assert isinstance(opened, ZipStore)
        await opened.aclose()

    async def test_obstore_stores(self, folder: Path):
        stores = pytest.importorskip("obstore.store")
        opened = await open_store(stores.LocalStore(folder))
        assert isinstance(opened, ObjectStore)
        assert await keys_of(opened) == ["a/b", "c"]
        with pytest.raises(ReadOnlyError):
            await (await open_store(stores.MemoryStore(), mode="r")).set("a", b"")

    async def test_groups_and_arrays_of_zarr_are_the_place_where_they_lie(self):
        zarr = pytest.importorskip("zarr")
        root = zarr.open_group(zarr.storage.MemoryStore(), mode="w")
        array = root.create_array("ocean/temp", shape=(2,), chunks=(1,), dtype="i4")
        for node in (array, array._async_array):
            names = [name async for name in (await open_store(node)).list_dir("")]
            assert names == ["zarr.json"]
        for node in (root["ocean"], root["ocean"]._async_group):
            names = [name async for name in (await open_store(node)).list_dir("")]
            assert sorted(names) == ["temp", "zarr.json"]

    async def test_zarr_stores_and_their_paths(self):
        storage = pytest.importorskip("zarr.storage")
        store = storage.MemoryStore()
        opened = await open_store(store)
        for key, value in VALUES.items():
            await opened.set(key, value)
        assert await keys_of(await open_store(store, mode="r")) == ["a/b", "c"]
        opened = await open_store(storage.StorePath(store, "a"), mode="r")
        assert await keys_of(opened) == ["b"]
        assert await keys_of(await open_store(storage.StorePath(store))) == ["a/b", "c"]

    def test_nothing_is_imported_to_recognise_them(self):
        out = run_script("""
            import asyncio, sys
            from zstore import MemoryStore, open_store
            asyncio.run(open_store(MemoryStore()))
            asyncio.run(open_store("folder"))
            print({"fsspec", "obstore", "zarr", "upath", "cupy"} & set(sys.modules))
        """)
        assert out == "set()\n"
