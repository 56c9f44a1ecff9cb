"""Blocking work runs in threads, ends if it changes something, and survives a fork."""

import asyncio
import contextlib
import gc
import os
import subprocess
import sys
import threading
import weakref
from collections.abc import Iterator
from contextvars import ContextVar

import pytest

from tests.waiting import LONG, until
from zstore.concurrency import batches_in_thread, run_in_thread, run_to_the_end
from zstore.concurrency.threads import _MAX_THREADS

RUNNERS = [run_in_thread, run_to_the_end]


@pytest.mark.parametrize("run", RUNNERS)
async def test_work_runs_in_another_thread_and_gives_its_result(run):
    def work(one: int, two: int) -> tuple[int, str]:
        return one + two, threading.current_thread().name

    total, name = await run(work, 1, 2)
    assert total == 3
    assert name.startswith("zstore-")


@pytest.mark.parametrize("run", RUNNERS)
async def test_an_error_is_raised_where_it_is_awaited(run):
    def work() -> None:
        message = "broken"
        raise LookupError(message)

    with pytest.raises(LookupError, match="broken"):
        await run(work)
    assert await run(len, "still working") == 13


@pytest.mark.parametrize("run", RUNNERS)
async def test_many_calls_run_at_once_in_few_threads(run):
    names: set[str] = set()
    gate = threading.Barrier(4, timeout=LONG)

    def work(item: int) -> int:
        names.add(threading.current_thread().name)
        if item < 4:
            gate.wait()
        return item

    results = await asyncio.gather(*(run(work, item) for item in range(500)))
    assert results == list(range(500))
    assert 4 <= len(names) <= _MAX_THREADS


class Gated:
    """Work for a thread, which ends when it is let go on; it may fail."""

    def __init__(self, error: Exception | None = None) -> None:
        self.started, self.go_on, self.done = (threading.Event() for _ in range(3))
        self.error = error

    def __call__(self) -> None:
        self.started.set()
        assert self.go_on.wait(LONG)
        self.done.set()
        if self.error is not None:
            raise self.error


async def test_a_cancelled_read_is_left_behind():
    work = Gated()
    task = asyncio.create_task(run_in_thread(work))
    await until(work.started.is_set)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not work.done.is_set()
    work.go_on.set()
    await until(work.done.is_set)
    assert await run_in_thread(len, "abc") == 3


@pytest.mark.parametrize("cancels", [1, 3])
async def test_a_cancelled_write_ends_before_its_caller_does(cancels: int):
    work = Gated()
    task = asyncio.create_task(run_to_the_end(work))
    for _ in range(cancels):
        await until(work.started.is_set)
        task.cancel()
        await asyncio.sleep(0)
    await asyncio.sleep(0.02)
    assert not task.done()
    work.go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert work.done.is_set()


async def test_a_cancelled_write_that_fails_is_cancelled_quietly():
    work = Gated(OSError())
    task = asyncio.create_task(run_to_the_end(work))
    await until(work.started.is_set)
    task.cancel()
    work.go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    del task
    gc.collect()


async def test_a_timeout_waits_for_the_write():
    work = Gated()

    async def call() -> None:
        async with clock:
            await run_to_the_end(work)

    clock = asyncio.timeout(0.01)
    task = asyncio.create_task(call())
    await until(clock.expired)
    assert not task.done()
    work.go_on.set()
    with pytest.raises(TimeoutError):
        await task
    assert work.done.is_set()


def test_threads_serve_one_loop_after_another():
    for _ in range(3):
        assert asyncio.run(run_in_thread(len, "abc")) == 3


def test_threads_serve_several_loops_at_once():
    async def many() -> list[int]:
        return await asyncio.gather(*(run_in_thread(pow, n, 2) for n in range(50)))

    results: list[list[int]] = []
    threads = [
        threading.Thread(target=lambda: results.append(asyncio.run(many())))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [[n * n for n in range(50)]] * 8


def test_a_loop_that_closed_meanwhile_is_no_error():
    work = Gated()

    async def leave() -> None:
        task = asyncio.ensure_future(run_in_thread(work))
        await until(work.started.is_set)
        task.cancel()

    asyncio.run(leave())
    work.go_on.set()
    assert work.done.wait(LONG)
    assert asyncio.run(run_in_thread(len, "abc")) == 3


async def test_a_result_is_not_kept():
    class Large:
        pass

    result = await run_in_thread(Large)
    gone = weakref.ref(result)
    del result

    def is_gone() -> bool:
        gc.collect()
        return gone() is None

    # The thread lets go before it waits for more work.
    await until(is_gone)


async def test_batches_come_in_order_and_each_from_a_thread():
    def batches(count: int) -> Iterator[tuple[int, int]]:
        for i in range(count):
            yield i, threading.get_ident()

    got = [batch async for batch in batches_in_thread(batches, 5)]
    assert [i for i, _ in got] == list(range(5))
    assert threading.get_ident() not in {ident for _, ident in got}


async def test_an_iterator_that_has_no_close_will_do():
    assert [b async for b in batches_in_thread(iter, [1, 2])] == [1, 2]


async def test_a_failing_step_is_raised_and_the_iterator_closed():
    closed = threading.Event()

    def batches() -> Iterator[int]:
        try:
            yield 1
            message = "broken"
            raise OSError(message)
        finally:
            closed.set()

    async def read() -> list[int]:
        return [batch async for batch in batches_in_thread(batches)]

    with pytest.raises(OSError, match="broken"):
        await read()
    assert closed.is_set()


async def test_leaving_early_closes_the_iterator():
    closed = threading.Event()

    def batches() -> Iterator[int]:
        try:
            yield from range(1000)
        finally:
            closed.set()

    async with contextlib.aclosing(batches_in_thread(batches)) as items:
        async for _ in items:
            break
    assert closed.is_set()


async def test_cancelling_during_a_step_waits_for_it_and_closes_the_iterator():
    closed = threading.Event()
    step = Gated()

    def batches() -> Iterator[int]:
        try:
            step()
            yield 1
        finally:
            closed.set()

    async def read() -> None:
        async for _ in batches_in_thread(batches):
            pass

    task = asyncio.create_task(read())
    await until(step.started.is_set)
    task.cancel()
    await asyncio.sleep(0.02)
    assert not task.done()
    step.go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert closed.is_set()


FORK = """
import asyncio, os, sys, warnings
from zstore.concurrency import run_in_thread
warnings.simplefilter("ignore", DeprecationWarning)  # of forking beside threads
assert asyncio.run(run_in_thread(len, "abc")) == 3
child = os.fork()
if child == 0:
    ok = asyncio.run(asyncio.wait_for(run_in_thread(len, "abcd"), 60)) == 4
    os._exit(0 if ok else 1)
_, status = os.waitpid(child, 0)
assert asyncio.run(run_in_thread(len, "abc")) == 3
sys.exit(os.waitstatus_to_exitcode(status))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_forked_child_has_threads_of_its_own():
    subprocess.run([sys.executable, "-c", FORK], check=True, timeout=100)


async def test_a_variable_of_the_context_is_not_carried_over():
    """Which is what makes the call cheap; nothing in the library reads one."""
    variable = ContextVar("variable", default="outside")
    variable.set("inside")
    assert await run_in_thread(variable.get) == "outside"


async def test_what_a_call_returned_does_not_die_in_the_thread():
    died: list[str] = []

    class Value:
        def __del__(self) -> None:
            died.append(threading.current_thread().name)

    for _ in range(300):
        await run_in_thread(Value)
    here = threading.current_thread().name
    await until(lambda: len(died) == 300)
    assert set(died) == {here}
