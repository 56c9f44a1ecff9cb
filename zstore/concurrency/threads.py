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
from concurrent.futures import Future as Outcome
from queue import SimpleQueue
from typing import Any, Protocol, TypeVar
from weakref import WeakKeyDictionary

from zstore.concurrency.finishing import LastingFuture
from zstore.concurrency.inbox import Inbox

__all__ = ["Workers", "batches_in_thread", "run_in_thread", "run_to_the_end"]

T = TypeVar("T")

# More than cores: the threads wait for disks, not for the processor.
_MAX_THREADS = 16


class _Mailbox(Protocol):
    """Where a thread puts what a call returned or raised; see `Inbox.put`."""

    def put(self, outcome: list[Any], /) -> None: ...


class _Direct:
    """Delivers to a future that a thread waits for, not an event loop."""

    @staticmethod
    def put(outcome: list[Any]) -> None:
        future: Outcome[Any]
        future, result, error = outcome
        outcome.clear()
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)


class Workers:
    """Worker threads, started as they are needed.

    Parameters
    ----------
    name
        Of the threads.
    max_threads
        How many there are at most; what comes meanwhile waits, in its order.
    """

    def __init__(self, name: str, max_threads: int) -> None:
        self.pid = os.getpid()
        self._name, self._max_threads = name, max_threads
        self._jobs: SimpleQueue[tuple[_Mailbox, Any, Any, Any]]
        self._jobs = SimpleQueue()
        self._inboxes: WeakKeyDictionary[asyncio.AbstractEventLoop, Inbox]
        self._inboxes = WeakKeyDictionary()
        # One item for each thread that waits; a deque counts without a lock.
        self._idle: deque[None] = deque()
        self._threads = 0
        self._lock = threading.Lock()

    async def run(self, function: Callable[..., T], *args: Any) -> T:
        """Do as `run_in_thread` does, in a thread of these."""
        return await self.submit(function, args, asyncio.Future)

    async def run_to_the_end(self, function: Callable[..., T], *args: Any) -> T:
        """Do as the function `run_to_the_end` does, in a thread of these."""
        return await self.submit(function, args, LastingFuture)

    def begin(self, function: Callable[..., T], *args: Any) -> Outcome[T]:
        """Have `function` called; for threads, which may wait for the outcome."""
        future: Outcome[T] = Outcome()
        self._put(_Direct, future, function, args)
        return future

    def submit(
        self,
        function: Callable[..., T],
        args: tuple[Any, ...],
        kind: type[asyncio.Future[T]],
    ) -> asyncio.Future[T]:
        """Have `function` called; return a future of the running loop."""
        loop = asyncio.get_running_loop()
        inbox = self._inboxes.get(loop)
        if inbox is None:
            with self._lock:
                inbox = self._inboxes.setdefault(loop, Inbox(loop))
        future = kind(loop=loop)
        self._put(inbox, future, function, args)
        return future

    def _put(self, mailbox: _Mailbox, future: Any, function: Any, args: Any) -> None:
        try:
            self._idle.pop()
        except IndexError:
            self._start_thread()
        self._jobs.put((mailbox, future, function, args))

    def _start_thread(self) -> None:
        if self._threads == self._max_threads:
            return
        with self._lock:
            if self._threads == self._max_threads:
                return
            self._threads += 1
            name = f"{self._name}-{self._threads}"
        threading.Thread(target=self._work, name=name, daemon=True).start()

    def _work(self) -> None:
        while True:
            mailbox, future, function, args = self._jobs.get()
            try:
                outcome = [future, function(*args), None]
            except BaseException as error:  # noqa: BLE001 -- raised where it is awaited
                outcome = [future, None, error]
            self._idle.append(None)
            # From here on only the outcome holds the value, which must not die in this
            # thread: at the end of the program that aborts it, if C++ is in the value.
            del future, function, args
            mailbox.put(outcome)
            del mailbox, outcome


_pool: Workers | None = None


def _submit(
    function: Callable[..., T],
    args: tuple[Any, ...],
    kind: type[asyncio.Future[T]] = asyncio.Future,
) -> asyncio.Future[T]:
    global _pool  # noqa: PLW0603 -- one pool a process; made at first use, not at import
    pool = _pool
    # The threads of a parent process do not exist in a forked child.
    if pool is None or pool.pid != os.getpid():
        pool = _pool = Workers("zstore", _MAX_THREADS)
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
    return await _submit(function, args, LastingFuture)


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
