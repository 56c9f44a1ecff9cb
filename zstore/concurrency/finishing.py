"""Requests that change something, and are not left half way."""

import asyncio
from collections.abc import Awaitable
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

    Notes
    -----
    Of a future, as those of obstore are, it makes no task, since `asyncio.run` cancels all
    tasks when it ends: a thread of obstore that answers when nobody waits any more, to a
    loop that is closed or while the interpreter ends, would abort the process.
    """
    pending = asyncio.ensure_future(request)
    ended: LastingFuture[None] = LastingFuture(loop=pending.get_loop())
    pending.add_done_callback(lambda _: ended.set_result(None))
    try:
        await ended
    except asyncio.CancelledError:
        if not pending.cancelled():
            pending.exception()  # seen: the caller learns of the cancellation instead
        raise
    return pending.result()
