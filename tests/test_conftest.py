"""The guards that conftest.py puts around every test are there, and can fail."""

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from blockbuster import BlockingError

import zstore
import zstore.gpu
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
    assert zstore.gpu.status().available


MARKED_TESTS = """
import pytest

@pytest.mark.parametrize("place", ["cpu", pytest.param("gpu", marks=pytest.mark.gpu)])
def test_of_places(place):
    pass

@pytest.fixture(params=["cpu", pytest.param("gpu", marks=pytest.mark.gpu)])
def parameter(request):
    return request.param

def test_of_a_fixture(parameter):
    pass

@pytest.fixture(params=["cpu", "gpu"])
def late(request):
    if request.param == "gpu":
        request.node.add_marker(pytest.mark.gpu)

def test_of_a_late_mark(late):
    pass
"""


def run_pytest(tmp_path: Path, *arguments: str, **environment: str) -> tuple[int, str]:
    """Run the tests above in a process that has no CuPy, with our conftest."""
    (tmp_path / "test_marked.py").write_text(MARKED_TESTS)
    root = Path(__file__).parents[1]
    program = (
        "import sys, pytest; sys.modules['cupy'] = None; "
        "sys.exit(pytest.main(sys.argv[1:]))"
    )
    settings = ["-c", str(root / "pyproject.toml"), "-p", "tests.conftest"]
    done = subprocess.run(
        [sys.executable, "-c", program, *settings, str(tmp_path), *arguments],
        env={**os.environ, "PYTHONPATH": str(root), **environment},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_tests_that_need_a_gpu_are_skipped_with_the_reason(tmp_path: Path):
    code, said = run_pytest(tmp_path, "-m", "gpu", ZSTORE_REQUIRE_GPU="")

    # The mark that a fixture added came too late to be chosen.
    assert "2 skipped, 4 deselected" in said
    assert "GPU tests: 2 skipped (no GPU: cupy is not installed" in said
    assert code == pytest.ExitCode.OK


def test_tests_that_need_a_gpu_fail_where_one_is_required(tmp_path: Path):
    code, said = run_pytest(tmp_path, "-m", "gpu", ZSTORE_REQUIRE_GPU="1")

    assert "ZSTORE_REQUIRE_GPU=1, but no GPU: cupy is not installed" in said
    assert "GPU tests: 2 failed (no GPU: cupy is not installed" in said
    assert code == pytest.ExitCode.TESTS_FAILED


def test_a_fixture_that_adds_the_mark_gpu_fails_its_test(tmp_path: Path):
    code, said = run_pytest(tmp_path, "-k", "late", ZSTORE_REQUIRE_GPU="")

    assert "1 failed, 1 passed" in said
    assert "a fixture added the mark gpu" in said
    assert code == pytest.ExitCode.TESTS_FAILED
