"""Calling zarr stores where zarr calls them: on zarr's own event loop.

Clients that a zarr store holds (s3fs, for one) belong to the loop on which they were
first used, and some calls of zarr's stores block it. Both are zarr's loop's business.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine
from typing import Any, TypeVar

from zarr.core.sync import _get_loop

from zstore.concurrency.finishing import to_the_end

__all__ = ["batches_on_zarr_loop", "finish_on_zarr_loop", "on_zarr_loop"]

T = TypeVar("T")

# Keys fetched per visit to the other loop.
_BATCH = 1000


def _submit(coroutine: Coroutine[Any, Any, T]) -> asyncio.Future[T]:
    loop = _get_loop()
    if loop is asyncio.get_running_loop():
        return loop.create_task(coroutine)
    return asyncio.wrap_future(asyncio.run_coroutine_threadsafe(coroutine, loop))


async def on_zarr_loop(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run `coroutine` on zarr's loop; cancelling the caller cancels it."""
    return await _submit(coroutine)


async def finish_on_zarr_loop(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run `coroutine` on zarr's loop; a cancelled caller waits until it has ended."""
    return await to_the_end(_submit(coroutine))


async def batches_on_zarr_loop(
    make: Callable[[str], AsyncIterator[T]], prefix: str
) -> AsyncGenerator[list[T], None]:
    """Iterate over ``make(prefix)`` in batches, every step of it on zarr's loop."""
    iterator = await on_zarr_loop(_call(make, prefix))
    try:
        while batch := await on_zarr_loop(_next_batch(iterator)):
            yield batch
    finally:
        # An iterator need not be a generator, and only those are closed.
        close = getattr(iterator, "aclose", None)
        if close is not None:
            await finish_on_zarr_loop(_close(close))


async def _call(make: Callable[[str], AsyncIterator[T]], prefix: str) -> AsyncIterator[T]:
    return make(prefix)


async def _next_batch(iterator: AsyncIterator[T]) -> list[T]:
    batch: list[T] = []
    async for item in iterator:
        batch.append(item)
        if len(batch) == _BATCH:
            break
    return batch


async def _close(close: Callable[[], Coroutine[Any, Any, None]]) -> None:
    await close()
