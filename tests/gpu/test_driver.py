"""What every driver does, the simulated one and that of CuPy.

Without a GPU, the code for CuPy runs on a simulation in host memory of what it calls.
"""

import math
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.gpu.simulated_cupy import SimulatedCupy
from tests.gpu.simulation import DeviceArray, SimulatedDriver
from zstore.gpu import require
from zstore.gpu.driver import CudaDriver, Driver, PoolFigures

MIB = 1 << 20


def _simulated() -> Driver:
    driver = SimulatedDriver()
    driver.stream.delay = math.inf  # nothing happens that nobody waits for
    return driver


def _code_for_cupy() -> Driver:
    simulated = SimulatedDriver()
    simulated.stream.delay = math.inf
    return CudaDriver(SimulatedCupy(simulated), 0)


DRIVERS: dict[str, Callable[[], Driver]] = {
    "simulation": _simulated,
    "simulation of CuPy": _code_for_cupy,
    "CUDA": lambda: CudaDriver(require(), 0),
}


@pytest.fixture(
    params=[
        "simulation",
        "simulation of CuPy",
        pytest.param("CUDA", marks=pytest.mark.gpu),
    ]
)
def driver(request: pytest.FixtureRequest) -> Driver:
    return DRIVERS[request.param]()


def random(nbytes: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
    return np.random.default_rng(nbytes).integers(0, 256, nbytes, np.uint8)


def on_the_device(driver: Driver, pool: Any, values: Any) -> Any:
    array = driver.allocate(pool, len(values))
    host = driver.pinned(len(values))
    host[:] = values
    driver.upload(array, 0, host)
    # The pinned memory may be used again, or given back, after that and not before.
    driver.record().synchronize()
    return array


def on_the_host(driver: Driver, array: Any, at: int, nbytes: int) -> bytes:
    host = driver.pinned(nbytes)
    driver.download(host, array, at)
    driver.record().synchronize()
    return host.tobytes()


def test_bytes_come_back_from_the_place_they_were_copied_to(driver: Driver):
    values = random(1000)
    array = driver.allocate(driver.pool(), 3000)
    host = driver.pinned(1000)
    host[:] = values
    for at in (1700, 0):
        driver.upload(array, at, host)

    assert on_the_host(driver, array, 1700, 1000) == values.tobytes()
    assert on_the_host(driver, array, 5, 90) == values[5:95].tobytes()


def test_an_allocation_has_the_length_that_was_asked_for(driver: Driver):
    pool = driver.pool()
    for nbytes in (0, 1, 511, 513):
        array = driver.allocate(pool, nbytes)
        assert (array.shape, array.dtype) == ((nbytes,), np.uint8)


def test_an_event_is_done_after_all_that_was_asked_for_before(driver: Driver):
    array = driver.allocate(driver.pool(), MIB)
    host = driver.pinned(MIB)
    host[:] = 7
    driver.upload(array, 0, host)
    event = driver.record()
    event.synchronize()

    assert event.done
    host[:] = 8  # too late to be copied
    assert on_the_host(driver, array, 0, MIB) == bytes([7]) * MIB


def test_copies_within_the_device_take_part_of_an_array(driver: Driver):
    pool = driver.pool()
    values = random(5000)
    source = on_the_device(driver, pool, values)
    target = driver.allocate(pool, 200)
    driver.duplicate(target, 100, source, 1234, 100)
    driver.duplicate(target, 0, source, 7, 100)

    expected = values[7:107].tobytes() + values[1234:1334].tobytes()
    assert on_the_host(driver, target, 0, 200) == expected


def test_gathering_puts_parts_one_after_the_other(driver: Driver):
    pool = driver.pool()
    one, two = random(3000), random(70)
    bases = [on_the_device(driver, pool, one), on_the_device(driver, pool, two)]
    gathered = driver.gather(pool, [(bases[0], 2, 5), (bases[1], 69, 1), (bases[0], 0, 64)])

    expected = one[2:7].tobytes() + two[69:].tobytes() + one[:64].tobytes()
    assert on_the_host(driver, gathered, 0, 70) == expected


def test_a_pool_counts_what_it_gave_out_and_what_it_keeps(driver: Driver):
    pool, other = driver.pool(), driver.pool()
    array = driver.allocate(pool, 513)
    assert driver.figures(pool).used_nbytes == 1024
    assert driver.figures(other) == PoolFigures(0, 0, 0, None)

    del array
    kept = driver.figures(pool)
    assert (kept.used_nbytes, kept.free_blocks) == (0, 1)
    assert kept.total_nbytes >= 1024

    driver.trim(pool)
    assert driver.figures(pool) == PoolFigures(0, 0, 0, None)


def test_a_full_pool_raises_what_the_driver_says_and_stays_as_it_was(driver: Driver):
    pool = driver.pool()
    pool.set_limit(size=MIB)
    array = driver.allocate(pool, MIB // 2)
    with pytest.raises(driver.out_of_memory):
        driver.allocate(pool, MIB)

    assert driver.figures(pool).used_nbytes == array.nbytes
    assert driver.figures(pool).limit_nbytes == MIB
    assert driver.allocate(pool, MIB // 2).nbytes == MIB // 2


def test_the_memory_of_the_device_is_free_or_not(driver: Driver):
    free, total = driver.memory()
    assert 0 < free <= total


def test_copies_come_after_what_an_event_stands_for(driver: Driver):
    pool = driver.pool()
    source = on_the_device(driver, pool, random(4096))
    host = driver.pinned(4096)
    host[:] = 1
    driver.upload(source, 0, host)
    driver.wait(driver.record())
    target = driver.allocate(pool, 4096)
    driver.duplicate(target, 0, source, 0, 4096)

    assert on_the_host(driver, target, 0, 4096) == bytes([1]) * 4096


def test_a_driver_follows_and_leads_the_stream_of_the_caller(driver: Driver):
    source = on_the_device(driver, driver.pool(), random(64))
    with driver.active():
        driver.follow_caller()
        driver.lead_caller(driver.record())

    assert on_the_host(driver, source, 0, 64) == random(64).tobytes()


def test_any_thread_may_use_a_driver(driver: Driver):
    pool = driver.pool()
    found: dict[int, bytes] = {}

    def work(nbytes: int) -> None:
        array = on_the_device(driver, pool, random(nbytes))
        found[nbytes] = on_the_host(driver, array, 0, nbytes)

    sizes = [10, 2000, 30_000]
    threads = [threading.Thread(target=work, args=(nbytes,)) for nbytes in sizes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {nbytes: random(nbytes).tobytes() for nbytes in sizes}


# The simulation itself: what it must show


def test_simulation_shows_a_wait_that_was_forgotten():
    driver = _simulated()
    pool = driver.pool()
    array = driver.allocate(pool, 8)
    host = driver.pinned(8)
    host[:] = 1
    driver.upload(array, 0, host)
    early = array.get().tobytes()
    driver.record().synchronize()

    assert early == b"\xa5" * 8
    assert array.get().tobytes() == b"\x01" * 8


def test_simulation_reads_pinned_memory_when_the_copy_happens():
    driver = _simulated()
    array = driver.allocate(driver.pool(), 8)
    host = driver.pinned(8)
    host[:] = 1
    driver.upload(array, 0, host)
    host[:] = 2  # before the event: a mistake that has to show
    driver.record().synchronize()

    assert array.get().tobytes() == b"\x02" * 8


def test_simulation_shows_work_of_the_caller_that_nobody_waited_for():
    driver = _simulated()
    assert isinstance(driver, SimulatedDriver)
    pool = driver.pool()
    source, targets = driver.allocate(pool, 4), [driver.allocate(pool, 4) for _ in "ab"]
    driver.caller_asks(lambda: source.values.fill(9))
    driver.duplicate(targets[0], 0, source, 0, 4)
    driver.follow_caller()
    driver.duplicate(targets[1], 0, source, 0, 4)
    driver.record().synchronize()

    assert [each.get().tobytes() for each in targets] == [b"\xa5" * 4, b"\x09" * 4]


def test_simulation_orders_two_devices_by_events_alone():
    drivers = SimulatedDriver(0), SimulatedDriver(1)
    for driver in drivers:
        driver.stream.delay = math.inf
    source, *targets = [drivers[i].allocate(drivers[i].pool(), 4) for i in (0, 1, 1)]
    host = drivers[0].pinned(4)
    host[:] = 3
    drivers[0].upload(source, 0, host)
    filled = drivers[0].record()
    drivers[1].duplicate(targets[0], 0, source, 0, 4)
    drivers[1].wait(filled)
    drivers[1].duplicate(targets[1], 0, source, 0, 4)
    drivers[1].record().synchronize()

    assert [each.get().tobytes() for each in targets] == [b"\xa5" * 4, b"\x03" * 4]
    assert [each.device.id for each in (source, *targets)] == [0, 1, 1]


def test_simulation_copies_only_to_and_from_pinned_memory():
    driver = _simulated()
    array = driver.allocate(driver.pool(), 8)
    with pytest.raises(AssertionError, match="pinned"):
        driver.upload(array, 0, np.zeros(8, np.uint8))
    with pytest.raises(AssertionError, match="pinned"):
        driver.download(np.zeros(8, np.uint8), array, 0)


def test_simulation_of_a_broken_device_fails_at_every_call():
    driver = _simulated()
    assert isinstance(driver, SimulatedDriver)
    pool = driver.pool()
    array, host = driver.allocate(pool, 8), driver.pinned(8)
    driver.upload(array, 4, host)  # beyond its end
    with pytest.raises(driver.failures):
        driver.record().synchronize()
    for call in (driver.pool, driver.record, driver.memory, lambda: driver.pinned(1)):
        with pytest.raises(driver.failures):
            call()


def test_simulation_of_an_array_is_not_read_by_numpy_and_says_where_it_lies():
    driver = _simulated()
    array: DeviceArray = driver.allocate(driver.pool(), 1000)
    part = array[10:20]
    with pytest.raises(TypeError, match="not allowed"):
        np.asarray(array)
    with pytest.raises(TypeError):
        memoryview(array)
    with pytest.raises(TypeError, match="Unsupported type"):
        array + np.ones(1000, np.uint8)

    assert part.data.ptr == array.data.ptr + 10
    assert part.data.mem.ptr == array.data.mem.ptr == array.data.ptr
    assert (part.data.mem.size, part.device.id) == (1024, 0)
    assert "not a GPU" in repr(array)


def test_simulation_of_kernels_keeps_results_on_the_device():
    driver = _simulated()
    assert isinstance(driver, SimulatedDriver)
    array = driver.xp.array(np.arange(8, dtype="f4"))
    before = driver.counts.downloads
    total = (array[1:] * 2).sum()

    assert isinstance(total, DeviceArray)
    assert driver.counts.downloads == before
    assert float(total) == 56
    assert driver.counts.downloads == before + 1
    with pytest.raises(driver.failures, match="misaligned"):
        array.view()[2:6].view(np.float32).sum()
