"""Many calls, and never more at once than allowed."""

import asyncio
from collections.abc import Iterator

import pytest

from tests.waiting import until
from zstore.concurrency import map_limited


@pytest.mark.parametrize("limit", [1, 2, 7, 1000])
async def test_results_are_in_order_and_no_more_run_at_once(limit: int):
    running = most = 0
    full = asyncio.Event()

    async def work(item: int) -> int:
        nonlocal running, most
        running += 1
        most = max(most, running)
        if running == min(limit, 40):
            full.set()
        await full.wait()
        # One more at a time would show now.
        for _ in range(item % 3 + 3):
            await asyncio.sleep(0)
        running -= 1
        return item * 2

    assert await map_limited(work, iter(range(40)), limit=limit) == list(range(0, 80, 2))
    assert most == min(limit, 40)


async def test_nothing_to_do_gives_nothing():
    async def work(item: int) -> int:
        raise AssertionError(item)

    assert await map_limited(work, [], limit=4) == []


async def test_a_million_items_make_few_tasks():
    tasks: set[object] = set()

    async def work(_: int) -> None:
        tasks.add(asyncio.current_task())
        await asyncio.sleep(0)

    await map_limited(work, range(2000), limit=5)
    assert len(tasks) == 5


async def test_calls_that_never_wait_need_no_task():
    tasks: set[object] = set()

    async def work(item: int) -> int:
        tasks.add(asyncio.current_task())
        return item

    assert await map_limited(work, range(100), limit=5) == list(range(100))
    assert tasks == {asyncio.current_task()}


@pytest.mark.parametrize("limit", [1, 4])
async def test_the_first_failure_is_raised_with_its_own_cause(limit: int):
    cause = KeyError("cause")

    async def work(item: int) -> None:
        await asyncio.sleep(0)
        if item == 3:
            message = "three"
            raise ValueError(message) from cause
        await asyncio.sleep(0.001)

    with pytest.raises(ValueError, match="three") as info:
        await map_limited(work, range(10), limit=limit)
    assert info.value.__cause__ is cause


async def test_a_failure_cancels_what_is_under_way_and_starts_no_more():
    started: list[int] = []
    cancelled: list[int] = []

    async def work(item: int) -> None:
        started.append(item)
        if item == 0:
            await until(lambda: len(started) == 4)
            message = "zero"
            raise OSError(message)
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.append(item)
            raise

    with pytest.raises(OSError, match="zero"):
        await map_limited(work, range(100), limit=4)
    assert started == [0, 1, 2, 3]
    assert sorted(cancelled) == [1, 2, 3]


async def test_a_caller_that_is_cancelled_leaves_nothing_running():
    started: list[int] = []
    cancelled: list[int] = []

    async def work(item: int) -> None:
        started.append(item)
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.append(item)
            raise

    task = asyncio.create_task(map_limited(work, range(10), limit=3))
    await until(lambda: len(started) == 3)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert sorted(cancelled) == [0, 1, 2]


@pytest.mark.parametrize("ticks", range(12))
async def test_a_caller_may_be_cancelled_while_tasks_are_being_started(ticks: int):
    troubles: list[object] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: troubles.append(context))
    ended = 0

    async def work(_: int) -> None:
        nonlocal ended
        try:
            await asyncio.sleep(60)
        finally:
            ended += 1

    started = 0

    async def counted(item: int) -> None:
        nonlocal started
        started += 1
        await work(item)

    task = asyncio.create_task(map_limited(counted, range(40), limit=30))
    for _ in range(ticks):
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.sleep(0.01)
    assert troubles == []
    assert started == ended


@pytest.mark.parametrize("ticks", range(6))
async def test_a_call_may_fail_while_tasks_are_being_started(ticks: int):
    troubles: list[object] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: troubles.append(context))

    async def work(item: int) -> None:
        for _ in range(ticks):
            await asyncio.sleep(0)
        if item == 0:
            message = "zero"
            raise LookupError(message)
        await asyncio.sleep(60)

    with pytest.raises(LookupError, match="zero"):
        await map_limited(work, range(40), limit=30)
    await asyncio.sleep(0.01)
    assert troubles == []


async def test_calls_that_never_wait_let_others_have_a_turn():
    calls = [0]

    async def other() -> None:
        while True:
            calls.append(0)
            await asyncio.sleep(0)

    async def work(_: int) -> None:
        calls[-1] += 1

    task = asyncio.create_task(other())
    await asyncio.sleep(0)
    await map_limited(work, range(5000), limit=8)
    task.cancel()
    assert sum(calls) == 5000
    # However many workers there are, they rest together.
    assert max(calls) <= 256


async def test_an_error_of_the_items_is_raised_before_any_call():
    def items() -> Iterator[int]:
        yield 1
        raise LookupError

    async def work(item: int) -> None:
        raise AssertionError(item)

    with pytest.raises(LookupError):
        await map_limited(work, items(), limit=2)
