"""What worker threads have finished for an event loop, delivered together."""

import asyncio
import os
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from weakref import ref

__all__ = ["Inbox"]


class Inbox:
    """Finished calls of one event loop; wakes it once for all that finished meanwhile.

    Parameters
    ----------
    loop
        The running loop. It is not kept alive.
    """

    __slots__ = ("__weakref__", "_bell", "_finished", "_loop", "_rung")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = ref(loop)
        self._finished: deque[list[Any]]
        self._finished = deque()
        self._rung = False
        self._bell = _hang_bell(loop, self._answer)

    def __del__(self) -> None:
        if self._bell is not None:
            os.close(self._bell)

    def put(self, outcome: list[Any]) -> None:
        """Take the outcome of a call; called in a worker thread.

        Parameters
        ----------
        outcome
            The future, the result, and the error or None. Emptied when it is delivered.
        """
        self._finished.append(outcome)
        if self._rung:
            return
        self._rung = True
        if self._bell is not None:
            os.eventfd_write(self._bell, 1)
        elif (loop := self._loop()) is not None:
            # The loop may be closed by now: then nobody waits for the outcome.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(self._deliver)

    def _answer(self) -> None:
        if self._bell is not None:
            os.eventfd_read(self._bell)
        self._deliver()

    def _deliver(self) -> None:
        # Before emptying: an outcome that arrives from here on rings again.
        self._rung = False
        while self._finished:
            outcome = self._finished.popleft()
            future, result, error = outcome
            outcome.clear()
            if future.done():
                continue
            if error is None:
                future.set_result(result)
            else:
                future.set_exception(error)


def _hang_bell(loop: asyncio.AbstractEventLoop, answer: Callable[[], None]) -> int | None:
    """Return a descriptor that wakes the loop when it is written; None if there is none.

    asyncio's own way of waking a loop costs 10 us more: a socket, read twice.
    """
    if not hasattr(os, "eventfd"):
        return None
    bell = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
    try:
        loop.add_reader(bell, answer)
    except NotImplementedError:
        os.close(bell)
        return None
    return bell
