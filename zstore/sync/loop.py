"""An event loop in a thread of its own, for synchronous calls from anywhere."""

import asyncio
import atexit
import inspect
import os
import threading
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Generator
from concurrent.futures import Future, wait
from contextlib import suppress
from typing import Any, TypeVar

from zstore.errors import CallTimeoutError, InvalidTypeError, SyncError, UnsupportedError

__all__ = ["LoopThread", "iterate", "loop_thread", "run"]

T = TypeVar("T")

# How long a cancelled call, or the exit of the interpreter, waits for work to end. A
# write under way is let finish; a server that does not answer is not waited for.
_PATIENCE_SECONDS = 5.0

# Several items are fetched in one go for so long, so that the first are soon there.
_FETCH_SECONDS = 0.02


class LoopThread:
    """An event loop in a daemon thread.

    Unlike `asyncio.run` it works where another loop is running already, as in a cell of
    a notebook: the caller's thread waits, the coroutine runs in the other. `loop_thread`
    returns the one that all of `zstore.sync` shares.

    Raises
    ------
    UnsupportedError
        If no thread can be started: in a browser, or at the exit of the interpreter.
    """

    def __init__(self) -> None:
        self._pid = os.getpid()
        self._closing = self._leaving = False
        self._loop = asyncio.new_event_loop()
        # Kept here, since a loop holds its tasks by weak references only.
        self._tasks: set[asyncio.Task[Any]] = set()
        self._thread = threading.Thread(target=self._serve, name="zstore-sync", daemon=True)
        try:
            self._thread.start()
        except RuntimeError as error:
            self._loop.close()
            reason = "no thread can be started here; use `await` instead"
            raise UnsupportedError("zstore.sync", "synchronous calls", reason) from error

    @property
    def is_current(self) -> bool:
        """Whether the caller runs in this very thread."""
        return threading.current_thread() is self._thread

    @property
    def is_running(self) -> bool:
        """Whether calls can be made: not closed, and in the process that made it."""
        return not self._closing and self._pid == os.getpid()

    def run(self, coroutine: Coroutine[Any, Any, T], timeout: float | None = None) -> T:
        """Run `coroutine` to its end and return its result; see `zstore.sync.run`."""
        name = _name(coroutine)
        if self.is_current:
            coroutine.close()
            msg = (
                f"{name} was called synchronously on the event loop of zstore.sync, where "
                "it would wait for itself forever; use `await` and the asynchronous store "
                "in callbacks and coroutines that zstore runs"
            )
            raise SyncError(msg)
        outcome: Future[T] = Future()
        cancel = self._start(coroutine, outcome)
        ended = False
        try:
            ended = bool(wait([outcome], timeout).done)
        finally:
            if not ended:
                # Interrupted (Ctrl-C) or out of time. A write that is under way ends
                # before the caller goes on, so that it cannot land after a later one.
                cancel()
                wait([outcome], _PATIENCE_SECONDS)
        if not ended and timeout is not None and _was_cut_short(outcome):
            raise CallTimeoutError(name, timeout)
        return outcome.result()

    def let_run(self, coroutine: Coroutine[Any, Any, Any]) -> None:
        """Run `coroutine` without waiting for it, from any thread, this one included."""
        self._start(coroutine, Future())

    def close(self) -> None:
        """Cancel what is running, stop the loop and end its thread; once is enough."""
        if not self.is_running or self.is_current:
            return
        self._closing = True
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_PATIENCE_SECONDS)

    def leave(self) -> None:
        """Close at the exit of the interpreter, quietly."""
        self._leaving = True
        self.close()

    def _start(
        self, coroutine: Coroutine[Any, Any, T], outcome: Future[T]
    ) -> Callable[[], None]:
        """Start `coroutine`; return a function that cancels it, for any thread."""
        started: list[asyncio.Task[T]] = []

        def start() -> None:
            task = self._loop.create_task(coroutine)
            started.append(task)
            self._tasks.add(task)
            task.add_done_callback(finish)

        def finish(task: asyncio.Task[T]) -> None:
            self._tasks.discard(task)
            if task.cancelled() and self._leaving:
                # Only daemon threads still wait at the exit, and end with it; an error
                # there would do nothing but be printed.
                return
            if task.cancelled():
                outcome.cancel()
                outcome.set_running_or_notify_cancel()
            elif (error := task.exception()) is not None:
                outcome.set_exception(error)
            else:
                outcome.set_result(task.result())

        def stop() -> None:
            started[0].cancel()

        def cancel() -> None:
            # In order: what was queued before has started by then.
            self._loop.call_soon_threadsafe(stop)

        try:
            self._loop.call_soon_threadsafe(start)
        except RuntimeError as error:
            coroutine.close()
            msg = f"{_name(coroutine)} came after the loop of zstore.sync was closed"
            raise SyncError(msg) from error
        return cancel

    def _serve(self) -> None:
        while not self._closing:
            # asyncio lets these two through a task and out of the loop. The caller gets
            # them; the others need the loop.
            with suppress(SystemExit, KeyboardInterrupt):
                self._loop.run_forever()
        try:
            self._loop.run_until_complete(self._end_all())
        finally:
            self._loop.close()

    async def _end_all(self) -> None:
        tasks = asyncio.all_tasks(self._loop) - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=_PATIENCE_SECONDS / 2)
        await self._loop.shutdown_asyncgens()


def _name(coroutine: Coroutine[Any, Any, Any]) -> str:
    return f"{getattr(coroutine, '__qualname__', coroutine)}()"


def _was_cut_short(outcome: Future[Any]) -> bool:
    return outcome.cancelled() or not outcome.done()


# By process: the thread of a parent does not exist in a forked child. A dict needs no
# lock, which another thread could hold at the moment of the fork. The parent's entry
# stays, because closing its loop would change what both processes wait for.
_threads: dict[int, LoopThread] = {}


def loop_thread() -> LoopThread:
    """Return the loop thread of this process, started at the first call."""
    pid = os.getpid()
    thread = _threads.get(pid)
    if thread is None:
        mine = LoopThread()
        thread = _threads.setdefault(pid, mine)
        if thread is mine:
            atexit.register(mine.leave)
        else:  # another thread was faster
            mine.close()
    return thread


def run(coroutine: Coroutine[Any, Any, T], timeout: float | None = None) -> T:
    """Run a coroutine to its end and return its result, also where a loop is running.

    Parameters
    ----------
    coroutine
        Such as ``store.get("zarr.json")``. It runs on the loop of `zstore.sync`.
    timeout
        In seconds; as long as it takes by default.

    Raises
    ------
    CallTimeoutError
        If it took longer; it was cancelled. A write that was under way was let finish.
    SyncError
        If called on the loop of `zstore.sync` itself, by a callback or a coroutine.
    InvalidTypeError
        If `coroutine` is none.
    UnsupportedError
        If this platform has no threads.
    Exception
        Whatever the coroutine raises.

    Notes
    -----
    Costs two switches of threads, 0.1 to 0.3 ms. Ctrl-C cancels the coroutine.
    """
    is_one: bool = inspect.iscoroutine(coroutine)
    if not is_one:
        msg = f"run() takes a coroutine, got {type(coroutine).__name__}: {coroutine!r}"
        raise InvalidTypeError(msg)
    try:
        thread = loop_thread()
    except BaseException:
        coroutine.close()
        raise
    return thread.run(coroutine, timeout)


def iterate(
    async_iterator: AsyncIterator[T], *, at_once: int = 1
) -> Generator[T, None, None]:
    """Iterate over an asynchronous iterator, also where a loop is running.

    Parameters
    ----------
    async_iterator
        Such as ``store.list()``.
    at_once
        How many items to fetch ahead, at most, in each switch of threads: more for items
        as small as a key, one for batches.

    Yields
    ------
    object
        The items, in order. Left early, by ``break`` or an error, it closes
        `async_iterator`, which stops the listing.

    Raises
    ------
    Exception
        As `run`, and whatever the iterator raises.
    """
    more = True
    try:
        while more:
            items, more = run(_fetch(async_iterator, at_once))
            yield from items
    finally:
        if more:
            _close_soon(async_iterator)


async def _fetch(iterator: AsyncIterator[T], at_once: int) -> tuple[list[T], bool]:
    """Return the next items, and whether there may be more."""
    items: list[T] = []
    deadline = 0.0
    async for item in iterator:
        items.append(item)
        now = time.monotonic()
        # From the first item on: how long it takes until then is not for us to say.
        deadline = deadline or now + _FETCH_SECONDS
        if len(items) >= at_once or now >= deadline:
            return items, True
    return items, False


def _close_soon(iterator: AsyncIterator[Any]) -> None:
    """Close `iterator`; wait for it, but where that is not possible."""
    close = getattr(iterator, "aclose", None)
    thread = _threads.get(os.getpid())
    if close is None or thread is None or not thread.is_running:
        return
    if thread.is_current:
        # The garbage collector may come to an abandoned generator in any thread.
        thread.let_run(_awaited(close))
    else:
        thread.run(_awaited(close))


async def _awaited(function: Callable[[], Any]) -> None:
    await function()
