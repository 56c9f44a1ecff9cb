"""Making a call that may fail in any way, or never end."""

import asyncio
import signal
from collections.abc import Awaitable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

__all__ = ["LIMIT_S", "Outcome", "run", "tried"]

T = TypeVar("T")

LIMIT_S = 10.0
"""A call that takes longer hangs."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a call ended.

    Attributes
    ----------
    answer
        What it returned.
    error
        Name of the class that it raised; empty if it returned.
    hung
        Whether it did not end.
    """

    answer: Any = None
    error: str = ""
    hung: bool = False


async def tried(call: Awaitable[Any]) -> Outcome:
    """Wait for a call, but not for ever."""
    # For calls that block the loop; the others end by the timeout below.
    signal.signal(signal.SIGALRM, _interrupt)
    signal.setitimer(signal.ITIMER_REAL, 2 * LIMIT_S)
    task = asyncio.ensure_future(call)
    try:
        await asyncio.wait([task], timeout=LIMIT_S)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    if not task.done():
        return Outcome(hung=True)
    error = task.exception()
    if error is None:
        return Outcome(task.result())
    return Outcome(error=type(error).__name__, hung=isinstance(error, _Interrupted))


class _Interrupted(BaseException):
    """The call blocked the event loop."""


def _interrupt(*_: object) -> None:
    raise _Interrupted


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine as `asyncio.run` does, but leave threads behind that hang."""
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(main)
    finally:
        asyncio.set_event_loop(None)
