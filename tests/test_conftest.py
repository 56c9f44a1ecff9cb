"""The guards that conftest.py puts around every test are there, and can fail."""

import asyncio
import os
import time
from pathlib import Path
from typing import Any

import pytest
from blockbuster import BlockingError

import zstore
from zstore._compat import override
from zstore.buffer import Buffer
from zstore.concurrency import run_in_thread
from zstore.ranges import ByteRequest


class BlockingStore(zstore.MemoryStore):
    """Does what a backend must not: it waits on the event loop."""

    act: Any = staticmethod(lambda: time.sleep(0))

    @override
    async def _read(self, key: str, request: ByteRequest | None) -> Buffer | None:
        self.act()
        return await super()._read(key, request)


def from_the_library(path: Path, source: str) -> Any:
    """Compile a function as if it stood in a file of zstore."""
    names: dict[str, Any] = {"os": os, "time": time, "path": path}
    where = str(Path(zstore.__file__).parent / "stores" / "blocking.py")
    exec(compile(f"def act():\n    {source}", where, "exec"), names)  # noqa: S102 -- ours
    return names["act"]


@pytest.mark.parametrize(
    "source",
    [
        "time.sleep(0)",
        "os.stat(path)",
        "os.listdir(path)",
        "with os.scandir(path) as names: next(names)",
        "os.open(path / 'file', os.O_RDONLY)",
        "os.mkdir(path / 'new')",
        "(path / 'file').read_bytes()",
        "os.replace(path / 'file', path / 'other')",
    ],
)
async def test_a_blocking_call_on_the_loop_fails_the_test(tmp_path: Path, source: str):
    (tmp_path / "file").write_bytes(b"x")
    act = from_the_library(tmp_path, source)

    with pytest.raises(BlockingError):
        act()


async def test_a_store_that_blocks_fails_the_test():
    with pytest.raises(BlockingError):
        await BlockingStore().get("key")


async def test_the_same_call_may_block_in_a_thread(tmp_path: Path):
    await run_in_thread(from_the_library(tmp_path, "os.stat(path)"))


def test_the_same_call_may_block_where_no_loop_runs(tmp_path: Path):
    from_the_library(tmp_path, "os.stat(path)")()


async def test_tests_themselves_may_block(tmp_path: Path):
    (tmp_path / "file").write_bytes(b"x")
    await asyncio.sleep(0)
    assert (tmp_path / "file").stat().st_size == 1


def test_the_real_data_is_there_or_the_test_is_skipped(shared: Path):
    assert (shared / "zarr-v2-implementations").is_dir()


@pytest.mark.gpu
def test_a_test_with_the_mark_gpu_has_a_device():
    cupy = pytest.importorskip("cupy")
    assert cupy.cuda.runtime.getDeviceCount() > 0
