import asyncio
import threading
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

import pytest

from zstore._compat import override
from zstore.interop.zarr_loop import (
    batches_on_zarr_loop,
    finish_on_zarr_loop,
    on_zarr_loop,
)


async def thread_name() -> str:
    return threading.current_thread().name


async def test_coroutines_run_on_the_thread_of_zarr():
    assert await on_zarr_loop(thread_name()) == "zarr_io"
    assert await finish_on_zarr_loop(thread_name()) == "zarr_io"


async def test_a_cancelled_read_is_cancelled_there():
    outcome: list[str] = []
    started = threading.Event()

    async def read() -> None:
        started.set()
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            outcome.append("cancelled")
            raise

    task = asyncio.create_task(on_zarr_loop(read()))
    while not started.is_set():  # noqa: ASYNC110 -- set from another thread
        await asyncio.sleep(0.001)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await on_zarr_loop(thread_name())
    assert outcome == ["cancelled"]


async def test_the_error_of_a_write_that_was_cancelled_is_not_lost_in_a_log():
    started, release = threading.Event(), threading.Event()

    async def write() -> None:
        started.set()
        while not release.is_set():  # noqa: ASYNC110 -- set from another thread
            await asyncio.sleep(0.001)
        raise OSError

    task = asyncio.create_task(finish_on_zarr_loop(write()))
    while not started.is_set():  # noqa: ASYNC110 -- set from another thread
        await asyncio.sleep(0.001)
    task.cancel()
    release.set()
    with pytest.raises(asyncio.CancelledError):
        await task


class Countdown(AsyncIterator[int]):
    """An iterator that is no generator, so it cannot be closed."""

    def __init__(self, start: str) -> None:
        self.left = int(start)

    @override
    async def __anext__(self) -> int:
        if not self.left:
            raise StopAsyncIteration
        self.left -= 1
        return self.left


async def test_any_iterator_comes_in_batches():
    batches = [batch async for batch in batches_on_zarr_loop(Countdown, "1001")]
    assert [len(batch) for batch in batches] == [1000, 1]


async def test_a_generator_that_is_left_early_is_closed_there():
    closed: list[str] = []

    async def numbers(_: str) -> AsyncGenerator[int, None]:
        try:
            for number in range(5000):
                yield number
        finally:
            closed.append(await thread_name())

    async with aclosing(batches_on_zarr_loop(numbers, "")) as batches:
        async for batch in batches:
            assert len(batch) == 1000
            break
    assert closed == ["zarr_io"]
