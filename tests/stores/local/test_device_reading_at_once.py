"""LocalStore reads to a device while other things go on: on a simulation, on no GPU."""

import asyncio
import os
import threading
from pathlib import Path

import pytest

from tests.gpu.simulation import Simulation
from tests.gpu.turns import in_turns_with
from tests.stores.on_device import content, until_unused
from tests.waiting import LONG, until
from zstore import LocalStore, SuffixByteRequest
from zstore.buffer import gpu
from zstore.errors import InvalidByteRangeError
from zstore.gpu.engines import open_engine

GPU = gpu.buffer_prototype
MIB = 2**20
BLOCK = 4 * MIB
NOISE = os.urandom(5 * BLOCK)


async def test_32_reads_at_once_keep_apart_on_a_simulation(
    simulation: Simulation, store: LocalStore, root: Path
):
    simulation.driver.stream.delay = 0.0005
    values = {f"{i}": NOISE[i * MIB // 4 :][: BLOCK + i * 10_007] for i in range(32)}
    for key, value in values.items():
        (root / key).write_bytes(value)
    found = await asyncio.gather(*(store.get(key, GPU) for key in values))
    assert [content(value) for value in found] == list(values.values())
    assert (await open_engine()).pinned_nbytes <= 66 * MIB


async def test_a_cancelled_read_leaves_nothing_on_the_device_on_a_simulation(
    simulation: Simulation,
    store: LocalStore,
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    # More than the pinned memory: it cannot be read before the stream goes on.
    (root / "a").write_bytes(4 * NOISE)
    engine = await open_engine()
    begun, go_on = threading.Event(), threading.Event()

    def pass_time() -> None:
        begun.set()
        assert go_on.wait(LONG)

    monkeypatch.setattr(simulation.driver.stream, "pass_time", pass_time)
    task = asyncio.create_task(store.get("a", GPU))
    await until(begun.is_set)
    task.cancel()
    await asyncio.sleep(0)
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    await until_unused(engine)
    assert content(await store.get("a", GPU)) == 4 * NOISE


async def test_the_event_loop_goes_on_during_a_long_read_on_a_simulation(
    simulation: Simulation, tmp_path: Path
):
    with (tmp_path / "a").open("wb") as file:
        file.truncate(256 * MIB)
    store = LocalStore(tmp_path)
    await open_engine()
    async with in_turns_with(simulation.driver.stream) as turns:
        value = await store.get("a", GPU)
    assert value is not None
    assert len(value) == 256 * MIB
    assert turns.waits > 10


async def test_reading_leaves_no_descriptor_open_on_a_simulation(
    simulation: Simulation, store: LocalStore, root: Path
):
    (root / "a").write_bytes(NOISE[:MIB])
    await store.get("a", GPU)
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(50):
        await store.get("a", GPU)
        await store.get("none", GPU)
        with pytest.raises(InvalidByteRangeError):
            await store.get("a", GPU, SuffixByteRequest(0))
    assert len(list(Path("/proc/self/fd").iterdir())) <= before + 2
    assert simulation.counts.uploads == 51
