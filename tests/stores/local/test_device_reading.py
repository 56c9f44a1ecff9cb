"""LocalStore reads to device memory: on a simulation in host memory, on no GPU."""

import asyncio
import importlib
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.gpu.simulation import Simulation
from tests.stores.on_device import content, until_unused
from zstore import LocalStore, OffsetByteRequest, RangeByteRequest, SuffixByteRequest
from zstore.buffer import gpu
from zstore.buffer.core import BufferPrototype
from zstore.errors import (
    BackendError,
    DeviceMemoryError,
    GpuUnavailable,
    InvalidByteRangeError,
    OutsideRootError,
)
from zstore.gpu import GpuStatus
from zstore.gpu.engines import open_engine
from zstore.gpu.span import SMALL_NBYTES
from zstore.ranges import ByteRequest, resolve

GPU = gpu.buffer_prototype
MIB = 2**20
BLOCK = 4 * MIB
NOISE = os.urandom(5 * BLOCK)
SIZES = [0, 1, SMALL_NBYTES - 1, SMALL_NBYTES, BLOCK - 1, BLOCK, BLOCK + 1, 5 * BLOCK]


@pytest.mark.parametrize("nbytes", SIZES)
async def test_a_value_arrives_on_the_device_on_a_simulation(
    simulation: Simulation, store: LocalStore, root: Path, nbytes: int
):
    simulation.driver.stream.delay = 0.001
    (root / "a").write_bytes(NOISE[:nbytes])
    value = await store.get("a", GPU)
    assert content(value) == NOISE[:nbytes]
    assert simulation.counts.uploads == -(-nbytes // BLOCK)
    # Nothing is copied again on the way back to the host.
    assert await store.get_bytes("a") == NOISE[:nbytes]


@pytest.mark.parametrize(
    "request_",
    [
        RangeByteRequest(0, 1),
        RangeByteRequest(BLOCK - 3, 2 * BLOCK + 3),
        RangeByteRequest(5, 2**62),
        OffsetByteRequest(1),
        OffsetByteRequest(5 * BLOCK - 1),
        SuffixByteRequest(BLOCK + 1),
        SuffixByteRequest(2**62),
    ],
)
async def test_every_kind_of_range_arrives_on_a_simulation(
    simulation: Simulation, store: LocalStore, root: Path, request_: ByteRequest
):
    (root / "a").write_bytes(NOISE)
    start, stop = resolve(request_, len(NOISE))
    assert content(await store.get("a", GPU, request_)) == NOISE[start:stop]
    assert simulation.counts.uploaded_nbytes == stop - start


async def test_a_range_of_no_byte_is_refused_on_a_simulation(
    simulation: Simulation, store: LocalStore, root: Path
):
    (root / "a").write_bytes(NOISE)
    for request in (OffsetByteRequest(len(NOISE)), SuffixByteRequest(0)):
        with pytest.raises(InvalidByteRangeError, match="asks for no byte"):
            await store.get("a", GPU, request)
    assert simulation.counts.allocations == 0


def test_any_range_has_the_bytes_of_the_file_on_a_simulation(
    simulation: Simulation, tmp_path: Path
):
    (tmp_path / "a").write_bytes(NOISE)
    store = LocalStore(tmp_path, read_only=True)
    edges = st.sampled_from([0, SMALL_NBYTES, BLOCK, 2 * BLOCK, 3 * BLOCK, len(NOISE)])
    places = st.builds(lambda at, by: max(0, at + by), edges, st.integers(-2, 2))

    @settings(max_examples=30, deadline=None)
    @given(places, places, st.sampled_from([0.0, 0.001]))
    def check(one: int, other: int, delay: float) -> None:
        simulation.driver.stream.delay = delay
        start, end = sorted((one, other))
        for request, expected in (
            (RangeByteRequest(start, end), NOISE[start:end]),
            (OffsetByteRequest(start), NOISE[start:]),
            (SuffixByteRequest(start), NOISE[-start:] if start else b""),
        ):
            if expected:
                assert content(asyncio.run(store.get("a", GPU, request))) == expected

    check()


@pytest.mark.parametrize("kind", ["nothing", "folder", "below a file", "fifo"])
async def test_what_is_no_file_is_missing_on_a_simulation(
    simulation: Simulation, store: LocalStore, root: Path, kind: str
):
    if kind == "folder":
        (root / "odd").mkdir()
    elif kind == "fifo":
        os.mkfifo(root / "odd")
    elif kind == "below a file":
        (root / "odd").write_bytes(NOISE[:BLOCK])
    key = "odd/x" if kind == "below a file" else "odd"
    assert await store.get(key, GPU) is None
    assert await store.get_many([key], GPU) == [None]
    assert simulation.counts.allocations == 0


@pytest.mark.parametrize("key", ["link", "folder/secret"])
async def test_no_link_is_followed_on_a_simulation(
    simulation: Simulation, store: LocalStore, root: Path, outside: Path, key: str
):
    (outside / "secret").write_bytes(NOISE)
    (root / "link").symlink_to(outside / "secret")
    (root / "folder").symlink_to(outside)
    with pytest.raises(OutsideRootError):
        await store.get(key, GPU)
    assert simulation.counts.allocations == 0


@pytest.mark.usefixtures("simulation")
async def test_a_file_that_shrinks_while_it_is_read_is_an_error_on_a_simulation(
    store: LocalStore, root: Path, monkeypatch
):
    (root / "a").write_bytes(NOISE)
    real = os.preadv

    def preadv(fd: int, buffers: list[memoryview], offset: int, *flags: int) -> int:
        os.truncate(root / "a", BLOCK + 5)
        return real(fd, buffers, offset, *flags)

    engine = await open_engine()
    monkeypatch.setattr("os.preadv", preadv)
    with pytest.raises(
        BackendError, match=rf"'a': the file ended at byte \d+ of {5 * BLOCK}"
    ):
        await store.get("a", GPU)
    await until_unused(engine)
    # All pinned memory is there to be used again.
    (root / "b").write_bytes(NOISE)
    monkeypatch.setattr("os.preadv", real)
    for _ in range(4):
        assert content(await store.get("b", GPU)) == NOISE
    assert engine.pinned_nbytes <= 66 * MIB


@pytest.mark.parametrize("reason", ["short reads", "other platform"])
async def test_reads_that_give_less_go_on_on_a_simulation(
    simulation: Simulation, store: LocalStore, root: Path, monkeypatch, reason: str
):
    (root / "a").write_bytes(NOISE)
    real = os.preadv

    def preadv(fd: int, buffers: list[memoryview], offset: int, *flags: int) -> int:
        return real(fd, [buffers[0][:1_000_003]], offset, *flags)

    if reason == "other platform":
        monkeypatch.setattr("zstore.stores.local.reading._NOWAIT", None)
        monkeypatch.delattr("os.preadv")
    else:
        monkeypatch.setattr("os.preadv", preadv)
    assert content(await store.get("a", GPU)) == NOISE
    assert simulation.counts.uploaded_nbytes == len(NOISE)


async def test_small_values_that_the_kernel_has_not_cached_come_too_on_a_simulation(
    simulation: Simulation, store: LocalStore, root: Path, monkeypatch
):
    monkeypatch.setattr("zstore.stores.local.reading._NOWAIT", None)
    for i in range(40):
        (root / f"{i}").write_bytes(NOISE[i : i + 100])
    values = await store.get_many([f"{i}" for i in range(40)], GPU)
    assert [content(value) for value in values] == [NOISE[i : i + 100] for i in range(40)]
    assert simulation.counts.uploads == 1


async def test_many_values_come_in_few_copies_on_a_simulation(
    simulation: Simulation, store: LocalStore, root: Path
):
    expected = {f"{i}": NOISE[i : i + 1000] for i in range(200)}
    expected |= {f"large/{i}": NOISE[i : i + BLOCK + i] for i in range(3)}
    (root / "large").mkdir()
    for key, value in expected.items():
        (root / key).write_bytes(value)
    keys = [*expected, "none"]
    values = await store.get_many(keys, GPU)
    assert values.pop() is None
    assert list(map(content, values)) == list(expected.values())
    # The small ones in one copy; each large one in copies of 4 MiB.
    assert simulation.counts.uploads == 1 + 1 + 2 + 2
    parts = await store.get_partial_values(
        GPU, [(key, RangeByteRequest(1, 900)) for key in expected]
    )
    assert list(map(content, parts)) == [value[1:900] for value in expected.values()]
    assert simulation.counts.uploads == 7
    ranges: list[ByteRequest] = [
        RangeByteRequest(9, BLOCK),
        SuffixByteRequest(5),
        RangeByteRequest(0, 9),
    ]
    found = await store.get_ranges("large/0", ranges, GPU)
    assert found is not None
    value = expected["large/0"]
    assert list(map(content, found)) == [value[9:], value[-5:], value[:9]]


async def test_values_lie_on_the_current_device_and_are_of_the_kind_on_a_simulation(
    simulation: Simulation, store: LocalStore, root: Path
):
    class Mine(gpu.Buffer):
        __slots__ = ()

    (root / "a").write_bytes(NOISE)
    simulation.current = 1
    value = await store.get("a", BufferPrototype(buffer=Mine, nd_buffer=gpu.NDBuffer))
    assert type(value) is Mine
    assert value.device_id == 1
    assert simulation.counts.uploads == 0


async def test_what_does_not_fit_is_told_on_a_simulation(
    simulation: Simulation, store: LocalStore, root: Path
):
    (root / "a").write_bytes(NOISE)
    simulation.driver.memory_nbytes = MIB
    with pytest.raises(DeviceMemoryError, match="20,971,520 bytes do not fit on cuda:0"):
        await store.get("a", GPU)


async def test_a_file_that_claims_any_size_is_told_on_a_simulation(
    simulation: Simulation, store: LocalStore, root: Path
):
    with (root / "a").open("wb") as file:
        file.truncate(2**43)
    with pytest.raises(DeviceMemoryError, match="8,796,093,022,208 bytes do not fit"):
        await store.get("a", GPU)
    value = await store.get("a", GPU, SuffixByteRequest(MIB))
    assert content(value) == bytes(MIB)
    assert simulation.counts.uploads == 1


async def test_without_a_device_only_what_exists_is_an_error(
    store: LocalStore, root: Path, monkeypatch
):
    status = importlib.import_module("zstore.gpu.status")  # not the function
    absent = GpuStatus("no cupy", "cupy is hidden by this test", "show it")
    monkeypatch.setattr(status, "_known", (absent, None))
    for key, nbytes in (("small", 10), ("large", BLOCK)):
        (root / key).write_bytes(NOISE[:nbytes])
        with pytest.raises(GpuUnavailable, match="hidden by this test"):
            await store.get(key, GPU)
    (root / "folder").mkdir()
    assert await store.get("none", GPU) is None
    assert await store.get("folder", GPU) is None
