"""Pinned blocks are used again when their copy is over, and never before (simulation)."""

import math
import threading

import pytest

from tests.gpu.simulation import SimulatedDriver
from tests.waiting import LONG
from zstore.gpu.ring import Block, Ring


@pytest.fixture
def driver() -> SimulatedDriver:
    driver = SimulatedDriver()
    driver.stream.delay = math.inf  # a copy is over when somebody waits for it
    return driver


def test_blocks_are_pinned_when_first_needed_in_the_simulation(driver: SimulatedDriver):
    ring = Ring(driver, 1024, 3)
    assert (ring.nbytes, driver.pinned_nbytes) == (0, 0)

    block = ring.acquire()
    assert block.host.nbytes == 1024
    assert (ring.nbytes, driver.pinned_nbytes) == (1024, 1024)


def test_an_idle_block_is_used_before_another_is_pinned_in_the_simulation(
    driver: SimulatedDriver,
):
    ring = Ring(driver, 1024, 3)
    block = ring.acquire()
    ring.release(block)

    assert ring.acquire() is block
    assert ring.nbytes == 1024


def test_never_more_are_pinned_than_was_said_in_the_simulation(driver: SimulatedDriver):
    ring = Ring(driver, 64, 2)
    for _ in range(10):
        block = ring.acquire()
        driver.upload(driver.allocate(driver.pool(), 64), 0, block.host)
        ring.release(block, driver.record())

    assert driver.pinned_nbytes == ring.nbytes == 128


def test_a_block_comes_back_after_its_event_in_the_simulation(driver: SimulatedDriver):
    ring = Ring(driver, 64, 1)
    arrays = [driver.allocate(driver.pool(), 64) for _ in range(5)]
    for number, array in enumerate(arrays):
        block = ring.acquire()
        block.host[:] = number
        driver.upload(array, 0, block.host)
        ring.release(block, driver.record())
    driver.record().synchronize()

    assert [set(array.get()) for array in arrays] == [{n} for n in range(5)]


def test_what_does_not_wait_gets_no_block_in_use_in_the_simulation(
    driver: SimulatedDriver,
):
    ring = Ring(driver, 64, 1)
    assert ring.try_acquire() is None  # pinning takes long, so that is no answer at once

    ring.fill()
    block = ring.try_acquire()
    assert block is not None
    assert ring.try_acquire() is None

    driver.upload(driver.allocate(driver.pool(), 64), 0, block.host)
    event = driver.record()
    ring.release(block, event)
    assert ring.try_acquire() is None

    event.synchronize()
    assert ring.try_acquire() is block
    assert block.event is None


def test_whoever_finds_all_blocks_in_use_waits_for_one_in_the_simulation(
    driver: SimulatedDriver,
):
    ring = Ring(driver, 64, 1)
    block = ring.acquire()
    got: list[Block] = []
    waiting = threading.Thread(target=lambda: got.append(ring.acquire()), daemon=True)
    waiting.start()
    waiting.join(0.05)
    assert not got

    ring.release(block)
    waiting.join(LONG)
    assert got == [block]


def test_many_threads_share_a_ring_in_the_simulation(driver: SimulatedDriver):
    driver.stream.delay = 0
    ring = Ring(driver, 256, 3)
    pool = driver.pool()
    wrong: list[int] = []

    def copy(seed: int) -> None:
        for number in range(20):
            value = (seed * 20 + number) % 251
            array = driver.allocate(pool, 256)
            block = ring.acquire()
            block.host[:] = value
            driver.upload(array, 0, block.host)
            event = driver.record()
            ring.release(block, event)
            event.synchronize()
            if set(array.get()) != {value}:
                wrong.append(value)

    threads = [
        threading.Thread(target=copy, args=(seed,), daemon=True) for seed in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert not any(thread.is_alive() for thread in threads)
    assert not wrong
    assert ring.nbytes <= 3 * 256


def test_an_error_of_the_device_reaches_whoever_needs_a_block_in_the_simulation(
    driver: SimulatedDriver,
):
    ring = Ring(driver, 64, 1)
    block = ring.acquire()
    driver.upload(driver.allocate(driver.pool(), 8), 4, block.host)
    ring.release(block, driver.record())

    with pytest.raises(driver.failures):
        ring.acquire()
