"""Finished calls reach their loop, which is not kept alive for them."""

import asyncio
import gc
import os
import threading
from pathlib import Path
from weakref import ref

import pytest

from zstore.concurrency import run_in_thread
from zstore.concurrency.inbox import Inbox


@pytest.fixture(params=["eventfd", "no eventfd", "no readers"])
def inbox_kind(request: pytest.FixtureRequest, monkeypatch) -> str:
    """The system's ways to wake a loop."""
    if request.param == "no eventfd":
        monkeypatch.delattr("os.eventfd", raising=False)
    if request.param == "no readers":

        def refuse(*_: object) -> None:
            raise NotImplementedError

        monkeypatch.setattr("asyncio.SelectorEventLoop.add_reader", refuse)
    return str(request.param)


@pytest.mark.usefixtures("inbox_kind")
async def test_outcomes_of_other_threads_arrive():
    loop = asyncio.get_running_loop()
    inbox = Inbox(loop)
    futures = [loop.create_future() for _ in range(100)]

    def work(mine: list[asyncio.Future[int]]) -> None:
        for number, future in enumerate(mine):
            inbox.put([future, number, ValueError("odd") if number % 2 else None])

    threads = [threading.Thread(target=work, args=(futures[n::4],)) for n in range(4)]
    for thread in threads:
        thread.start()
    outcomes = await asyncio.gather(*futures, return_exceptions=True)
    for thread in threads:
        thread.join()
    expected = [n // 4 for n in range(100)]
    assert [o for o in outcomes if not isinstance(o, ValueError)] == [
        n for n in expected if n % 2 == 0
    ]
    assert sum(isinstance(o, ValueError) for o in outcomes) == 48


@pytest.mark.usefixtures("inbox_kind")
async def test_one_who_went_away_is_passed_over():
    loop = asyncio.get_running_loop()
    inbox = Inbox(loop)
    gone, here = loop.create_future(), loop.create_future()
    gone.cancel()
    inbox.put([gone, 1, None])
    inbox.put([here, 2, None])
    assert await here == 2


@pytest.mark.usefixtures("inbox_kind")
def test_a_loop_that_is_gone_is_no_error():
    loop = asyncio.new_event_loop()
    inbox = Inbox(loop)
    future = loop.create_future()
    loop.close()
    inbox.put([future, 1, None])
    del future, loop
    gc.collect()


def test_loops_and_their_descriptors_are_let_go():
    loops = []

    async def work() -> None:
        loops.append(ref(asyncio.get_running_loop()))
        assert await run_in_thread(os.getpid) == os.getpid()

    asyncio.run(work())
    gc.collect()
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(20):
        asyncio.run(work())
    gc.collect()
    assert len(list(Path("/proc/self/fd").iterdir())) <= before
    assert [loop() for loop in loops] == [None] * 21
