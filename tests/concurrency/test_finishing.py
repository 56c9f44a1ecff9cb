"""Requests that change something come to their end."""

import asyncio

import pytest

from zstore.concurrency.finishing import to_the_end


async def test_the_result_or_the_failure_comes_back():
    msg = "as the test wants"

    async def work(fails: bool) -> str:
        await asyncio.sleep(0)
        if fails:
            raise OSError(msg)
        return "done"

    assert await to_the_end(work(fails=False)) == "done"
    with pytest.raises(OSError, match="wants"):
        await to_the_end(work(fails=True))


@pytest.mark.parametrize("fails", [False, True])
async def test_a_cancelled_caller_waits_for_the_end(fails: bool):
    go, ended = asyncio.Event(), []

    async def work() -> None:
        await go.wait()
        ended.append(1)
        if fails:
            raise OSError

    task = asyncio.create_task(to_the_end(work()))
    for _ in range(2):
        await asyncio.sleep(0)
        task.cancel()
    await asyncio.sleep(0)
    assert not task.done()
    go.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended


async def test_of_a_future_it_makes_no_task():
    answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    before = asyncio.all_tasks()
    task = asyncio.create_task(to_the_end(answer))
    await asyncio.sleep(0)
    assert asyncio.all_tasks() - before == {task}
    task.cancel()
    await asyncio.sleep(0)
    assert not answer.cancelled()
    answer.set_result("done")
    with pytest.raises(asyncio.CancelledError):
        await task
