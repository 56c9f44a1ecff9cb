"""Blocking work in worker threads, with few wake-ups of the event loop.

`asyncio.to_thread` wakes the loop once per call and copies the context; for a call that
takes 5 us that is most of the time. Here finished calls gather in an inbox of the loop,
which is woken once for all that finished meanwhile.
"""

import asyncio
import os
import threading
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterator
from queue import SimpleQueue
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from zstore._compat import override
from zstore.concurrency.inbox import Inbox

__all__ = ["batches_in_thread", "run_in_thread", "run_to_the_end"]

T = TypeVar("T")

# More than cores: the threads wait for disks, not for the processor.
_MAX_THREADS = 16


class _LastingFuture(asyncio.Future[T]):
    """A future that cannot be cancelled.

    A task that is cancelled while it waits for one goes on waiting, and raises
    `CancelledError` when the future is done.
    """

    @override
    def cancel(self, msg: object = None) -> bool:
        return False


class _Pool:
    """Worker threads of one process, started as they are needed."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self._jobs: SimpleQueue[tuple[Inbox, asyncio.Future[Any], Any, Any]]
        self._jobs = SimpleQueue()
        self._inboxes: WeakKeyDictionary[asyncio.AbstractEventLoop, Inbox]
        self._inboxes = WeakKeyDictionary()
        # One item for each thread that waits; a deque counts without a lock.
        self._idle: deque[None] = deque()
        self._threads = 0
        self._lock = threading.Lock()

    def submit(
        self,
        function: Callable[..., T],
        args: tuple[Any, ...],
        kind: type[asyncio.Future[T]],
    ) -> asyncio.Future[T]:
        loop = asyncio.get_running_loop()
        inbox = self._inboxes.get(loop)
        if inbox is None:
            with self._lock:
                inbox = self._inboxes.setdefault(loop, Inbox(loop))
        future = kind(loop=loop)
        try:
            self._idle.pop()
        except IndexError:
            if self._threads < _MAX_THREADS:
                self._start_thread()
        self._jobs.put((inbox, future, function, args))
        return future

    def _start_thread(self) -> None:
        with self._lock:
            self._threads += 1
            name = f"zstore-{self._threads}"
        threading.Thread(target=self._work, name=name, daemon=True).start()

    def _work(self) -> None:
        while True:
            inbox, future, function, args = self._jobs.get()
            try:
                result, failure = function(*args), None
            except BaseException as error:  # noqa: BLE001 -- raised where it is awaited
                result, failure = None, error
            self._idle.append(None)
            inbox.put(future, result, failure)
            # Let go of the value before waiting: it may be large.
            del inbox, future, function, args, result, failure


_pool: _Pool | None = None


def _submit(
    function: Callable[..., T],
    args: tuple[Any, ...],
    kind: type[asyncio.Future[T]] = asyncio.Future,
) -> asyncio.Future[T]:
    global _pool  # noqa: PLW0603 -- one pool a process; made at first use, not at import
    pool = _pool
    # The threads of a parent process do not exist in a forked child.
    if pool is None or pool.pid != os.getpid():
        pool = _pool = _Pool()
    return pool.submit(function, args, kind)


async def run_in_thread(function: Callable[..., T], *args: Any) -> T:
    """Call `function` in a worker thread and return its result.

    If the caller is cancelled the call goes on, and its result is dropped: use
    `run_to_the_end` for calls that change something.
    """
    return await _submit(function, args)


async def run_to_the_end(function: Callable[..., T], *args: Any) -> T:
    """Call `function` in a worker thread; a cancelled caller waits until it has ended.

    So a cancelled write has happened or never will: it cannot land after a later one.
    """
    return await _submit(function, args, _LastingFuture)


_END: Any = object()


async def batches_in_thread(
    make: Callable[..., Iterator[T]], *args: Any
) -> AsyncGenerator[T, None]:
    """Iterate over ``make(*args)``, every step of it in a worker thread.

    A cancelled caller waits until the step under way has ended: a generator cannot be
    closed while it runs.
    """
    iterator = await run_in_thread(make, *args)
    try:
        step: Callable[..., T] = next
        while (batch := await run_to_the_end(step, iterator, _END)) is not _END:
            yield batch
    finally:
        close = getattr(iterator, "close", None)
        if close is not None:
            await run_to_the_end(close)
