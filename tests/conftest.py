"""What every test stands on: no blocking call on an event loop, and real data."""

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from blockbuster import BlockBuster, blockbuster_ctx
from blockbuster.blockbuster import BlockBusterFunction
from hypothesis import HealthCheck, settings

from tests.gpu.simulation import Simulation
from tests.waiting import LONG
from zstore.display import bundle, outline
from zstore.gpu import engines, status

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
            # So is the temporary folder of a snapshot.
            call.can_block_in("zstore/inventory/snapshot/places.py", "_remove")
            call.can_block_in("zstore/inventory/asking/database.py", "_remove")
            # Pickling is no coroutine: device memory goes through the host while it waits.
            for name in ("__reduce__", "_from_host"):
                call.can_block_in("zstore/stores/gpu_memory/__init__.py", name)
            # A driver is imported where it is first needed, once a process.
            call.can_block_in("<frozen importlib._bootstrap>", "_find_and_load")
            # botocore reads its settings and its description of S3 when s3fs makes a
            # client, once a loop; s3fs offers no other way.
            call.can_block_in("s3fs/core.py", "set_session")
        yield blockbuster


@pytest.fixture(autouse=True)
def patient_displays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a display look for a minute: what is slow in a test is the machine."""
    monkeypatch.setattr(bundle, "_SECONDS", LONG)
    monkeypatch.setitem(cast("dict[str, Any]", outline.__kwdefaults__), "seconds", LONG)


@pytest.fixture
def shared() -> Path:
    """The folder of real data beside the repository."""
    if not SHARED.is_dir():
        pytest.skip("the real data of ../shared/data is not here")
    return SHARED


@pytest.fixture
def simulation(monkeypatch: pytest.MonkeyPatch) -> Iterator[Simulation]:
    """Let device memory be simulated in host memory. It is no GPU, and no test of one."""
    engines._forget()
    simulated = Simulation(monkeypatch)
    yield simulated
    engines._forget()
    for driver in simulated.drivers:
        driver.stream.close()


# The mark `gpu` as it stood when the test was collected, and the tests that had it.
MARKED = pytest.StashKey[bool]()
GPU_TESTS = pytest.StashKey[Counter[str]]()


def pytest_configure(config: pytest.Config) -> None:
    """Count from nothing; let an example of hypothesis take as long as it takes."""
    config.stash[GPU_TESTS] = Counter()
    too_slow = [HealthCheck.too_slow]
    settings.register_profile("patient", deadline=None, suppress_health_check=too_slow)
    settings.load_profile("patient")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what needs a device where there is none, or fail where there must be one."""
    item.stash[MARKED] = item.get_closest_marker("gpu") is not None
    if not item.stash[MARKED]:
        return
    found = status()
    required = os.environ.get("ZSTORE_REQUIRE_GPU") == "1"
    said = "ran" if found.available else "failed" if required else "skipped"
    item.config.stash[GPU_TESTS][said] += 1
    if said == "failed":
        pytest.fail(f"ZSTORE_REQUIRE_GPU=1, but {found}", pytrace=False)
    if said == "skipped":
        pytest.skip(str(found))


def pytest_runtest_call(item: pytest.Item) -> None:
    """Refuse a mark that a fixture added: `-m gpu` was over by then, and found nothing."""
    if item.get_closest_marker("gpu") and not item.stash[MARKED]:
        pytest.fail("a fixture added the mark gpu; mark the parameter or the test instead")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say whether a GPU was tested."""
    counts = terminalreporter.config.stash[GPU_TESTS]
    if counts:
        said = ", ".join(f"{number} {what}" for what, number in counts.items())
        reason = "" if counts["ran"] else f" ({status()})"
        terminalreporter.write_line(f"GPU tests: {said}{reason}")
