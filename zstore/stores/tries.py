"""Requests of a remote backend: tried again where that helps, within one deadline."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from itertools import count
from typing import TypeVar

from zstore.errors import BackendTimeoutError
from zstore.stores.failures import may_pass, plain_text

__all__ = ["DEADLINE_SECONDS", "TRIES", "WRITER", "Patience", "Try"]

T = TypeVar("T")

DEADLINE_SECONDS = 30.0
"""How long a request may take, all its tries and the pauses between them included."""

TRIES = 5
"""How often a request is sent at most."""

WRITER = "zstorewriter"
"""The metadata that tells who created a value, if the answer to a try was lost.

Letters only, for any proxy.
"""

# One try may take this share of it, so that a server that says nothing is asked again.
_SHARE = 1 / 3
# Pauses: this share of the time at first, then so many times as long as the one before.
_FIRST_PAUSE, _GROWTH = 1 / 300, 3.0
# Bytes a second. What is slower than this is taken for dead.
_SLOWEST = 2**20


class Try:
    """One try of a request.

    Attributes
    ----------
    number
        From 1 on.
    limit
        What ends it.
    end
        When the time for all tries is over, by the clock of the loop; None if it never is.
    """

    def __init__(self, number: int, limit: asyncio.Timeout, end: float | None) -> None:
        self.number = number
        self.limit = limit
        self.end = end

    @property
    def until(self) -> float | None:
        """When its time is over, by the clock of the loop; None if it never is."""
        return self.limit.when()

    @property
    def is_last(self) -> bool:
        """Whether there is no time for another when this one is over."""
        return self.end is not None and self.until == self.end

    def allow(self, nbytes: int) -> None:
        """Give the try the time that a body of `nbytes` takes: a second for each MiB."""
        # Moving a timer would cost a small value more than all the rest of this module.
        more = nbytes // _SLOWEST
        if more and self.end is not None and self.until is not None:
            # One that is just over cannot be moved.
            with suppress(RuntimeError):
                self.limit.reschedule(self.until + more)
                self.end += more


class Patience:
    """How long a request may take, and how often it is tried.

    Parameters
    ----------
    seconds
        For all of it: connecting, waiting, tries and pauses. Large bodies get a second
        more for each MiB. None: as long as it takes.
    tries
        How often it is sent at most; None: `TRIES`.
    may_pass
        Tells of a failure whether the same request may succeed a little later.
    """

    def __init__(
        self,
        seconds: float | None = DEADLINE_SECONDS,
        tries: int | None = None,
        may_pass: Callable[[Exception], bool] = may_pass,
    ) -> None:
        self.seconds = seconds
        self.tries = TRIES if tries is None else tries
        self._may_pass = may_pass

    async def ask(self, where: str, send: Callable[[Try], Awaitable[T]]) -> T:
        """Send a request until it succeeds, the tries are used up, or the time is over.

        Parameters
        ----------
        where
            The key or prefix that is asked for.
        send
            Sends it once, and reads all of the answer.

        Raises
        ------
        BackendTimeoutError
            If the time was over first; from the last failure, if there was one.
        Exception
            What the last try raised, with a note of how many there were.
        """
        clock = asyncio.get_running_loop().time
        began = clock()
        end = None if self.seconds is None else began + self.seconds
        last: Exception | None = None
        for number in count(1):
            attempt = self._try(number, clock(), end)
            try:
                return await _sent(send, attempt, clock())
            except Exception as error:
                end = attempt.end
                after = f"after {_tries(number)} in {clock() - began:.1f} s"
                if attempt.is_last and attempt.limit.expired():
                    raise self._too_late(where, after, last) from last or error
                if number >= self.tries or not self._may_pass(error):
                    if number > 1:
                        error.add_note(after)
                    raise
                last = error
            pause = self._pause(number)
            if end is not None and clock() + pause >= end:
                raise self._too_late(where, after, last) from last
            await asyncio.sleep(pause)
        raise AssertionError  # pragma: no cover -- the last try returns or raises

    def _try(self, number: int, now: float, end: float | None) -> Try:
        if self.seconds is None or end is None:
            return Try(number, asyncio.timeout(None), None)
        until = min(now + self.seconds * _SHARE, end)
        return Try(number, asyncio.timeout_at(until), end)

    def _too_late(
        self, where: str, after: str, last: Exception | None
    ) -> BackendTimeoutError:
        said = f"; the last: {plain_text(last)}" if last else ""
        reason = f"no good answer within {self.seconds:g} s, {after}{said}"
        return BackendTimeoutError(where, reason)

    def _pause(self, number: int) -> float:
        longest = (
            (self.seconds or DEADLINE_SECONDS) * _FIRST_PAUSE * _GROWTH ** (number - 1)
        )
        # Those that failed together must not come back together.
        return longest * random.uniform(0.5, 1)  # noqa: S311 -- no secret


async def _sent(send: Callable[[Try], Awaitable[T]], attempt: Try, began: float) -> T:
    """Send a request once; what it raises if its time is over says so."""
    try:
        async with attempt.limit:
            return await send(attempt)
    except TimeoutError as error:
        until = attempt.until
        if until is not None and attempt.limit.expired() and not error.args:
            msg = f"no answer within {until - began:.3g} s"
            raise TimeoutError(msg) from error
        raise


def _tries(number: int) -> str:
    return "1 try" if number == 1 else f"{number} tries"
