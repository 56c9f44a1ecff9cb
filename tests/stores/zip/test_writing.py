import asyncio
import os
import stat
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest

from tests.stores.zip.archives import (
    by_python,
    contents,
    contents_of,
    files_in,
    reread,
    write,
)
from zstore import ZipStore
from zstore.stores.zip import unfinished
from zstore.stores.zip.compression import METHODS, STORED

VALUES = {"zarr.json": b"{}", "a/c/0": b"chunk", "é/ü": b"text", "empty": b""}


@pytest.mark.parametrize("compression", METHODS)
@pytest.mark.parametrize("mode", ["w", "x", "a"])
async def test_a_new_archive_is_read_by_zipfile_and_again(tmp_path, mode, compression):
    path = tmp_path / "a.zip"
    values = VALUES | {"large": os.urandom(100_000) + bytes(100_000)}
    async with ZipStore(path, mode=mode, compression=compression) as store:
        await store.set_many(values)
        assert await contents_of(store) == values
        assert not path.exists()
    assert contents(path) == values
    assert await reread(path) == values
    assert files_in(tmp_path) == ["a.zip"]


async def test_members_have_the_attributes_that_zarr_gives_them(tmp_path: Path):
    path = tmp_path / "a.zip"
    async with ZipStore(path, mode="w") as store:
        await store.set("a", b"1")
    with zipfile.ZipFile(path) as archive:
        (info,) = archive.infolist()
    assert stat.S_IMODE(info.external_attr >> 16) == 0o644
    assert abs(time.mktime((*info.date_time, 0, 0, -1)) - time.time()) < 10


async def test_values_may_be_arrays_and_are_owned(tmp_path: Path):
    array = np.arange(10, dtype="<i4")
    async with ZipStore(tmp_path / "a.zip", mode="w") as store:
        await store.set("a", array)
        array[:] = 0
        assert await store.get_bytes("a") == np.arange(10, dtype="<i4").tobytes()


@pytest.mark.parametrize("mode", ["w", "a"])
async def test_a_value_set_again_is_there_once(tmp_path: Path, mode: str):
    path = tmp_path / "a.zip"
    async with ZipStore(path, mode=mode) as store:
        for i in range(100):
            await store.set("a", b"%100d" % i)
        assert await contents_of(store) == {"a": b"%100d" % 99}
        assert store.reclaimable_nbytes == 99 * 131
    assert contents(path) == {"a": b"%100d" % 99}


async def test_deleted_keys_are_gone(tmp_path: Path):
    path = write(
        tmp_path / "a.zip", by_python({"a": b"1", "b/c": b"2", "b/d": b"3", "bb": b"4"})
    )
    async with ZipStore(path, mode="a") as store:
        await store.delete("missing")
        await store.delete_dir("missing")
        await store.delete("b")
        assert len(await contents_of(store)) == 4
        assert store.reclaimable_nbytes == 0
        await store.delete_dir("b")
        assert await contents_of(store) == {"a": b"1", "bb": b"4"}
        await store.delete("a")
        await store.set("b/e", b"5")
        assert [name async for name in store.list_dir("b")] == ["e"]
    assert contents(path) == {"bb": b"4", "b/e": b"5"}
    async with ZipStore(path, mode="a") as store:
        await store.clear()
        assert await store.is_empty()
    assert contents(path) == {}


async def test_set_if_not_exists_says_who_wrote(tmp_path: Path):
    async with ZipStore(tmp_path / "a.zip", mode="w") as store:
        wrote = await asyncio.gather(
            *(store.set_if_not_exists("a", b"%d" % i) for i in range(20))
        )
        assert wrote.count(True) == 1
        assert await store.get_bytes("a") == b"%d" % wrote.index(True)
        await store.delete("a")
        assert await store.set_if_not_exists("a", b"again")


def test_the_defaults_are_those_of_zipfile():
    assert STORED == zipfile.ZIP_STORED
    assert METHODS == (
        zipfile.ZIP_STORED,
        zipfile.ZIP_DEFLATED,
        zipfile.ZIP_BZIP2,
        zipfile.ZIP_LZMA,
    )


def test_another_process_does_not_remove_an_unfinished_file(tmp_path: Path):
    path = write(tmp_path / "a", b"")
    unfinished._remove(path, os.getpid() + 1)
    assert path.exists()
    unfinished._remove(path, os.getpid())
    assert not path.exists()
