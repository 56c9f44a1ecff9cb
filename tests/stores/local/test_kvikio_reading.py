"""LocalStore by kvikio: on a recorded double of it and a simulation, on no GPU."""

import math
import os
import pickle
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest

from tests.gpu.simulation import Simulation
from tests.stores.local.recorded_kvikio import RecordedKvikio
from tests.stores.on_device import content, until_unused
from zstore import LocalStore, RangeByteRequest
from zstore.buffer import gpu
from zstore.errors import (
    BackendError,
    DeviceMemoryError,
    InvalidTypeError,
    MissingDependencyError,
    ZStoreWarning,
)
from zstore.gpu.engines import open_engine
from zstore.stores.local import kvikio_reading

MIB = 2**20
VALUE = os.urandom(3 * MIB)


@pytest.fixture
def kvikio(monkeypatch: pytest.MonkeyPatch) -> RecordedKvikio:
    """The double, where kvikio would be imported."""
    double = RecordedKvikio()
    for name, module in double.modules.items():
        monkeypatch.setitem(sys.modules, name, module)
    return double


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "large").write_bytes(VALUE)
    (tmp_path / "small").write_bytes(VALUE[:1000])
    return tmp_path


async def on_device(store: LocalStore, key: str = "large", request: Any = None) -> bytes:
    return content(await store.get(key, gpu.buffer_prototype, request))


@pytest.mark.parametrize("reader", ["auto", "kvikio"])
async def test_kvikio_reads_what_is_asked_for_and_not_past_the_end_on_a_simulation(
    simulation: Simulation, kvikio: RecordedKvikio, folder: Path, reader: Any
):
    store = LocalStore(folder, gpu_reader=reader)
    assert await on_device(store) == VALUE
    found = await on_device(store, request=RangeByteRequest(MIB + 5, 2**40))
    assert found == VALUE[MIB + 5 :]
    rest = 2 * MIB - 5
    assert kvikio.reads == [(3 * MIB, 0, 3 * MIB), (rest, MIB + 5, rest)]
    assert simulation.counts.uploads == 0


async def test_tasks_are_cut_by_us_and_all_waited_for_on_a_simulation(
    simulation: Simulation, kvikio: RecordedKvikio, folder: Path, monkeypatch
):
    monkeypatch.setattr(kvikio_reading, "_TASK_NBYTES", MIB)
    (folder / "large").write_bytes(VALUE + b"end")
    store = LocalStore(folder, gpu_reader="kvikio")
    kvikio.failing = {MIB}
    with pytest.warns(ZStoreWarning, match="told to fail") as caught:
        assert await on_device(store) == VALUE + b"end"
    assert [size for size, _, task in kvikio.reads if size == task] == [MIB] * 3 + [3]
    # What still writes when the memory goes back would write into another value.
    assert kvikio.waited_at_close == [True] * 4
    assert simulation.counts.uploads == 1
    assert len(caught) == 1


async def test_after_a_failure_the_store_goes_the_other_way_on_a_simulation(
    simulation: Simulation, kvikio: RecordedKvikio, folder: Path
):
    store = LocalStore(folder, gpu_reader="auto")
    kvikio.missing_nbytes = 1
    with pytest.warns(ZStoreWarning, match=f"read {3 * MIB - 1} of {3 * MIB} bytes"):
        assert await on_device(store) == VALUE
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert await on_device(store) == VALUE
    assert len(kvikio.reads) == 1
    assert simulation.counts.uploads == 2


@pytest.mark.usefixtures("simulation")
async def test_a_file_that_cannot_be_read_is_not_held_against_kvikio_on_a_simulation(
    kvikio: RecordedKvikio, folder: Path
):
    store = LocalStore(folder, gpu_reader="kvikio")
    await on_device(store)
    path = folder / "large"
    kvikio.before_open = lambda: os.truncate(path, MIB)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(BackendError, match=f"ended at byte {MIB} of {3 * MIB}"):
            await on_device(store)
        kvikio.before_open = lambda: None
        path.write_bytes(VALUE)
        assert await on_device(store) == VALUE
    assert len(kvikio.reads) == 3
    await until_unused(await open_engine())


async def test_memory_that_is_still_in_use_is_waited_for_on_a_simulation(
    simulation: Simulation, kvikio: RecordedKvikio, folder: Path
):
    stream = simulation.driver.stream
    stream.delay = math.inf
    store = LocalStore(folder, gpu_reader="kvikio")
    await store.get("small", gpu.buffer_prototype)
    assert stream.done < stream.asked
    seen: list[bool] = []
    kvikio.before_read = lambda: seen.append(stream.done == stream.asked)
    assert await on_device(store) == VALUE
    assert seen == [True]


async def test_kvikio_reads_the_file_that_was_opened_beneath_the_root_on_a_simulation(
    simulation: Simulation, kvikio: RecordedKvikio, folder: Path, tmp_path_factory
):
    outside = tmp_path_factory.mktemp("outside") / "secret"
    outside.write_bytes(b"x" * len(VALUE))

    def swap() -> None:
        (folder / "large").unlink()
        (folder / "large").symlink_to(outside)

    kvikio.before_open = swap
    store = LocalStore(folder, gpu_reader="kvikio")
    assert await on_device(store) == VALUE
    assert kvikio.files[0].startswith("/proc/self/fd/")
    assert simulation.counts.uploads == 0


async def test_what_does_not_fit_is_no_failure_of_kvikio_on_a_simulation(
    simulation: Simulation, kvikio: RecordedKvikio, folder: Path
):
    simulation.driver.memory_nbytes = MIB
    store = LocalStore(folder, gpu_reader="kvikio")
    with pytest.raises(DeviceMemoryError, match="3,145,728 bytes do not fit on cuda:0"):
        await on_device(store)
    assert kvikio.files == []


@pytest.mark.usefixtures("simulation")
async def test_auto_leaves_short_reads_and_slow_kvikio_alone_on_a_simulation(
    kvikio: RecordedKvikio, folder: Path
):
    store = LocalStore(folder, gpu_reader="auto")
    found = await on_device(store, request=RangeByteRequest(0, MIB - 1))
    assert found == VALUE[: MIB - 1]
    kvikio.compat = True
    assert await on_device(LocalStore(folder, gpu_reader="auto")) == VALUE
    assert kvikio.files == []
    # Who asks for it by name gets it.
    assert await on_device(LocalStore(folder, gpu_reader="kvikio")) == VALUE
    assert len(kvikio.files) == 1


class Libraryless:
    """Finds kvikio, and fails as it does without libcufile: with no ImportError."""

    def find_spec(self, name: str, *_: object) -> None:
        if name == "kvikio":
            msg = "libcufile.so.0 was not found (recorded double)"
            raise RuntimeError(msg)


@pytest.mark.parametrize("absence", ["not installed", "its libraries are not"])
async def test_without_kvikio_auto_does_without_and_kvikio_says_so_on_a_simulation(
    simulation: Simulation, folder: Path, monkeypatch, absence: str
):
    if absence == "not installed":
        monkeypatch.setitem(sys.modules, "kvikio", None)
    else:
        monkeypatch.delitem(sys.modules, "kvikio", raising=False)
        monkeypatch.setattr(sys, "meta_path", [Libraryless(), *sys.meta_path])
    assert await on_device(LocalStore(folder, gpu_reader="auto")) == VALUE
    store = LocalStore(folder, gpu_reader="kvikio")
    assert await store.get_bytes("large") == VALUE
    for key in ("small", "large"):
        with pytest.raises(MissingDependencyError, match=r"pip install 'zstore\[gds\]'"):
            await store.get(key, gpu.buffer_prototype)
    assert simulation.counts.uploads == 1


def test_the_way_to_a_device_belongs_to_the_store(folder: Path):
    store = LocalStore(folder, gpu_reader="auto")
    assert store != LocalStore(folder)
    assert store == LocalStore(folder, gpu_reader="auto")
    assert pickle.loads(pickle.dumps(store)) == store  # noqa: S301 -- made here
    assert store.with_read_only() == LocalStore(folder, read_only=True, gpu_reader="auto")


def test_an_unknown_way_to_a_device_is_refused(folder: Path):
    unknown: Any = "gds"
    with pytest.raises(InvalidTypeError, match="'pinned', 'kvikio', 'auto', got 'gds'"):
        LocalStore(folder, gpu_reader=unknown)
