"""Requests that change something, and are not left half way."""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from typing import TypeVar

from zstore._compat import override

__all__ = ["LastingFuture", "to_the_end"]

T = TypeVar("T")


class LastingFuture(asyncio.Future[T]):
    """A future that cannot be cancelled.

    A task that is cancelled while it waits for one goes on waiting, and raises
    `CancelledError` when the future is done.
    """

    @override
    def cancel(self, msg: object = None) -> bool:
        return False


async def to_the_end(request: Awaitable[T]) -> T:
    """Await a request; a cancelled caller waits until it has ended.

    A request that was sent cannot be called back: if nobody waited for it, a cancelled
    write could land after a later one. See `zstore.concurrency.run_to_the_end`.
    """
    task = asyncio.ensure_future(_await(request))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        while not task.done():
            # Cancelled once more while waiting: the request still has to end first.
            with suppress(asyncio.CancelledError):
                await asyncio.wait([task])
        if not task.cancelled():
            task.exception()  # seen: the caller learns of the cancellation instead
        raise


async def _await(request: Awaitable[T]) -> T:
    # What obstore returns can be awaited, and is no coroutine.
    return await request
