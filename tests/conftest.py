"""What every test stands on: no blocking call on an event loop, and real data."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from blockbuster import BlockBuster, blockbuster_ctx
from blockbuster.blockbuster import BlockBusterFunction

from zstore.buffer.gpu import GpuUnavailableError, device_arrays

SHARED = Path(__file__).parents[2] / "shared" / "data"

# System calls that wait for a disk and that blockbuster does not watch by itself.
BLOCKING = ("open", "pread", "preadv", "fsync", "ftruncate", "fdatasync", "utime", "chmod")


@pytest.fixture(autouse=True)
def no_blocking_calls() -> Iterator[BlockBuster]:
    """Make a call of the library that blocks an event loop raise `BlockingError`."""
    # The checks of zstore.testing are tests: only what they call is watched.
    excluded = ["zstore.testing"]
    with blockbuster_ctx("zstore", excluded_modules=excluded) as blockbuster:
        for name in BLOCKING:
            watched = BlockBusterFunction(
                None, f"os.{name}", scanned_modules="zstore", excluded_modules=excluded
            )
            blockbuster.functions[watched.full_name] = watched.activate()
        # Reads with RWF_NOWAIT: the kernel answers from its cache, or says that it would
        # wait, and then a thread does the read. The file was opened with RESOLVE_CACHED.
        allowed = blockbuster.functions["os.preadv"]
        allowed.can_block_in("zstore/stores/local/reading.py", "read_now")
        allowed.can_block_in("zstore/stores/zip/sources.py", "read_now")
        # Under coverage every line of a thread may wait for the lock of the collector.
        locks = blockbuster.functions["threading.Lock.acquire"]
        locks.can_block_in("coverage/collector.py", "lock_data")
        for call in blockbuster.functions.values():
            # `close` of an archive writes its directory, and is no coroutine; the file of
            # an archive that nobody closed is removed where Python finds it.
            call.can_block_in("zstore/stores/zip/archive_store.py", "_close")
            call.can_block_in("zstore/stores/zip/unfinished.py", "_remove")
            # A driver is imported where it is first needed, once a process.
            call.can_block_in("<frozen importlib._bootstrap>", "_find_and_load")
            # botocore reads its settings and its description of S3 when s3fs makes a
            # client, once a loop; s3fs offers no other way.
            call.can_block_in("s3fs/core.py", "set_session")
        yield blockbuster


@pytest.fixture
def shared() -> Path:
    """The folder of real data beside the repository."""
    if not SHARED.is_dir():
        pytest.skip("the real data of ../shared/data is not here")
    return SHARED


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what needs a device where there is none, and say what is missing."""
    if item.get_closest_marker("gpu"):
        try:
            device_arrays()
        except GpuUnavailableError as error:
            pytest.skip(f"no GPU: {error.reason}")
