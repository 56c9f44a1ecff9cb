"""The copy engine, in simulation: one for a device, whoever calls, and nothing leaks."""

import asyncio
import math
import random
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Any

import numpy as np
import pytest

from tests.gpu.simulation import SimulatedDeviceError, SimulatedDriver, Simulation
from tests.waiting import until
from zstore import GpuMemoryStore
from zstore.concurrency import run_in_thread
from zstore.errors import DeviceMemoryError
from zstore.gpu import GpuUnavailable, engines
from zstore.gpu.engine import Engine
from zstore.gpu.engines import open_engine, open_engine_now
from zstore.gpu.ring import Ring
from zstore.gpu.span import Span

MIB = 1 << 20
BLOCKS = 16  # of the ring
SMALL_BLOCKS = 8


@pytest.fixture
async def engine(simulation: Simulation) -> Engine:
    del simulation
    return await open_engine()


def host(nbytes: int, seed: int = 0) -> memoryview:
    return memoryview(np.random.default_rng(seed).bytes(nbytes))


def driver_of(engine: Engine) -> SimulatedDriver:
    assert isinstance(engine.driver, SimulatedDriver)
    return engine.driver


async def fetched(engine: Engine, spans: list[Span]) -> list[bytes]:
    return [array.tobytes() for array in await engine.download(spans)]


async def check_rings(engine: Engine) -> None:
    """Use more blocks than there are: they all are there, or this hangs."""
    small, large = host(1000), host(4 * MIB * (BLOCKS + 2))
    for _ in range(SMALL_BLOCKS + 2):
        [span] = await engine.upload([small])
        assert await fetched(engine, [span]) == [small.tobytes()]
    async with asyncio.timeout(60):
        [span] = await engine.upload([large])
        assert (await engine.download([span]))[0].data == large
    assert len(engine.device.ring._idle) == engine.device.ring._made
    assert len(engine.device.small_ring._idle) == SMALL_BLOCKS


@pytest.mark.usefixtures("simulation")
async def test_stores_loops_and_threads_share_one_engine_in_simulation():
    stores = [GpuMemoryStore() for _ in range(4)]
    found: dict[str, bytes] = {}

    async def use(number: int) -> None:
        for store in stores:
            for nbytes in (10, MIB):
                key = f"{number}/{nbytes}"
                await store.set(key, bytes([number]) * nbytes)
                found[key] = await store.get_bytes(key)

    def work(number: int) -> None:
        asyncio.run(use(number))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        await asyncio.to_thread(thread.join, 60)
    assert len({id(store.engine) for store in stores}) == 1
    assert len({id(store.pool) for store in stores}) == 4
    assert found == {
        f"{number}/{nbytes}": bytes([number]) * nbytes
        for number in range(1, 5)
        for nbytes in (10, MIB)
    }
    assert stores[0].engine is await open_engine(0)
    assert stores[0].engine is await asyncio.to_thread(open_engine_now)


def test_a_loop_that_ended_leaves_the_engine_to_others_in_simulation(
    simulation: Simulation,
):
    del simulation
    store = GpuMemoryStore()
    for i in range(3):
        asyncio.run(store.set("k", bytes([i]) * MIB))
        assert asyncio.run(store.get_bytes("k")) == bytes([i]) * MIB


async def test_many_starts_at_once_open_the_device_once_in_simulation(
    monkeypatch: pytest.MonkeyPatch, simulation: Simulation
):
    opened: list[int] = []

    def make(number: int) -> SimulatedDriver:
        opened.append(number)
        return simulation.driver

    monkeypatch.setattr(engines, "_make_driver", make)
    found = await asyncio.gather(*(open_engine() for _ in range(20)))
    assert opened == [0]
    assert len({id(engine) for engine in found}) == 1


async def test_a_start_that_fails_is_told_and_may_succeed_later_in_simulation():
    drivers: list[Any] = [SimulatedDeviceError("cudaErrorDevicesUnavailable")]

    def make() -> SimulatedDriver:
        if drivers:
            raise drivers.pop()
        return SimulatedDriver()

    engine = Engine("cuda:0", make)
    assert not engine.started
    with pytest.raises(GpuUnavailable, match="cudaErrorDevicesUnavailable") as caught:
        await engine.start()
    assert isinstance(caught.value.__cause__, SimulatedDeviceError)
    assert not engine.started
    assert await engine.run(lambda: 5) == 5
    assert engine.started
    assert engine.pinned_nbytes == 2 * MIB
    await engine.start()
    await asyncio.to_thread(engine.start_now)


async def test_a_call_runs_with_the_device_current_in_simulation(engine: Engine):
    driver = driver_of(engine)
    assert await engine.run(lambda: driver._thread.active) is True
    done = threading.Event()
    engine.begin(done.set)
    assert await asyncio.to_thread(done.wait, 10)

    def fail() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await engine.run(fail)
    assert not await engine.run(lambda: False)


@pytest.mark.parametrize("sizes", [[], [0], [5], [0, 1, 0], [100] * 40, [MIB, 3, 9 * MIB]])
async def test_the_twins_that_wait_do_the_same_in_simulation(
    engine: Engine, sizes: list[int]
):
    views = [host(nbytes, seed) for seed, nbytes in enumerate(sizes)]
    expected = [view.tobytes() for view in views]
    driver_of(engine).stream.delay = 0.002

    def now() -> list[list[bytes]]:
        spans = engine.upload_now(views)
        results = [spans, engine.duplicate_now(spans), [engine.join_now(spans)]]
        return [[array.tobytes() for array in engine.download_now(r)] for r in results]

    spans = await engine.upload(views)
    joined = await engine.join(spans)
    copies = await engine.duplicate(spans)
    results = [await fetched(engine, each) for each in (spans, copies, [joined])]
    assert results == [expected, expected, [b"".join(expected)]]
    assert await asyncio.to_thread(now) == results


async def test_copies_within_the_device_of_any_size_come_in_order_in_simulation(
    engine: Engine,
):
    driver_of(engine).stream.delay = math.inf
    view = host(17 * MIB)
    [span] = await engine.upload([view])
    [copy] = await engine.duplicate([span])
    assert copy.base is not span.base
    assert await fetched(engine, [copy]) == [view.tobytes()]


async def test_a_worker_may_fill_blocks_in_any_order_in_simulation(engine: Engine):
    view = host(11 * MIB + 3)
    seen: list[tuple[int, int]] = []

    def fill(target: memoryview, at: int) -> None:
        seen.append((at, len(target)))
        target[:] = view[at : at + len(target)]

    span = await run_in_thread(engine.stage, len(view), fill)
    assert await fetched(engine, [span]) == [view.tobytes()]
    block = 4 * MIB
    assert sorted(seen) == [(0, block), (block, block), (2 * block, 3 * MIB + 3)]
    empty = await run_in_thread(engine.stage, 0, fill)
    assert await fetched(engine, [empty]) == [b""]


@pytest.mark.parametrize("nbytes", [100, 40 * MIB])
async def test_a_fill_that_fails_leaves_nothing_allocated_in_simulation(
    engine: Engine, nbytes: int
):
    driver = driver_of(engine)

    def fill(target: memoryview, at: int) -> None:
        del target
        if at >= min(nbytes - 1, 8 * MIB) or nbytes == 100:
            msg = "the disk failed"
            raise OSError(msg)

    pool = driver.pool()
    for _ in range(BLOCKS + 2):
        with pytest.raises(OSError, match="the disk failed"):
            await run_in_thread(engine.stage, nbytes, fill, pool)
    await check_rings(engine)
    await until(lambda: not driver.figures(pool).used_nbytes)


async def test_a_download_waits_for_the_stream_of_the_caller_in_simulation(engine: Engine):
    driver = driver_of(engine)
    for nbytes in (100, MIB):
        array = driver.allocate(engine.pool, nbytes)
        driver.stream.delay = math.inf
        driver.caller_asks(partial(array.values.fill, 7))
        span = Span(array, 0, nbytes, None)
        assert await fetched(engine, [span]) == [b"\x07" * nbytes]
        driver.stream.delay = 0


async def test_a_full_ring_of_small_blocks_sends_copies_to_the_thread_in_simulation(
    engine: Engine,
):
    driver_of(engine).stream.delay = math.inf
    views = [host(1000 + i, i) for i in range(3 * SMALL_BLOCKS)]
    spans = [(await engine.upload([view]))[0] for view in views]
    assert await fetched(engine, spans) == [view.tobytes() for view in views]


def calls(engine: Engine, spans: list[Span]) -> list[Callable[[], Awaitable[Any]]]:
    small, large = host(100), host(6 * MIB)
    return [
        lambda: engine.upload([small]),
        lambda: engine.upload([large]),
        lambda: engine.upload([small] * 50),
        lambda: engine.download(spans[:1]),
        lambda: engine.download(spans[1:]),
        lambda: engine.download(spans),
        lambda: engine.join(spans),
        lambda: engine.duplicate(spans * 3),
    ]


async def test_cancelling_at_any_point_leaks_no_block_in_simulation(engine: Engine):
    driver = driver_of(engine)
    spans = await engine.upload([host(100), host(6 * MIB)])
    driver.stream.delay = 0.001
    choose = random.Random(0)
    possible = calls(engine, spans)
    for _ in range(100):
        task = asyncio.ensure_future(choose.choice(possible)())
        for _ in range(choose.randrange(6)):
            await asyncio.sleep(choose.choice([0, 0, 0.001]))
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    await engine.run(lambda: None)
    driver.stream.delay = 0
    await check_rings(engine)


async def test_failures_of_memory_leak_no_block_in_simulation(engine: Engine):
    driver = driver_of(engine)
    spans = await engine.upload([host(100), host(6 * MIB)])
    needing = [call for i, call in enumerate(calls(engine, spans)) if i in {0, 1, 2, 6, 7}]
    for call in needing * 4:
        driver.failing_allocations = 2
        with pytest.raises(DeviceMemoryError, match="do not fit on cuda:0"):
            await call()
        driver.failing_allocations = 0
    await check_rings(engine)


async def test_one_failed_allocation_is_tried_again_after_a_trim_in_simulation(
    engine: Engine,
):
    driver_of(engine).failing_allocations = 1
    [span] = await engine.upload([host(100)])
    assert await fetched(engine, [span]) == [host(100).tobytes()]


async def test_a_device_that_breaks_says_so_at_every_call_and_never_hangs_in_simulation(
    engine: Engine,
):
    driver = driver_of(engine)
    spans = await engine.upload([host(100), host(6 * MIB)])
    driver.stream.delay = 0.01
    under_way = [asyncio.ensure_future(call()) for call in calls(engine, spans) * 3]
    await asyncio.sleep(0)
    driver.stream.error = SimulatedDeviceError("cudaErrorECCUncorrectable")
    async with asyncio.timeout(60):
        outcomes = await asyncio.gather(*under_way, return_exceptions=True)
        for outcome in outcomes:
            assert isinstance(outcome, list | Span | GpuUnavailable)
        for call in calls(engine, spans) * (BLOCKS + 2):
            with pytest.raises(GpuUnavailable, match="cudaErrorECCUncorrectable"):
                await call()


class FailingEvent:
    """The end of a copy that failed; asking for it says nothing."""

    done = False

    def synchronize(self) -> None:
        msg = "cudaErrorLaunchFailure"
        raise SimulatedDeviceError(msg)


def test_a_block_whose_copy_failed_is_not_lost_in_simulation():
    ring = Ring(SimulatedDriver(), 100, 1)
    ring.release(ring.acquire(), FailingEvent())
    for _ in range(3):
        assert ring.try_acquire() is None
        with pytest.raises(SimulatedDeviceError, match="cudaErrorLaunchFailure"):
            ring.acquire()  # which would wait for ever if the block were gone
