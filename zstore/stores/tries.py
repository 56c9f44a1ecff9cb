"""Requests of a remote backend: tried again where that helps, within one deadline."""

import asyncio
import random
import time
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
    """

    def __init__(self, number: int, *limits: asyncio.Timeout) -> None:
        self.number = number
        self._limits = limits

    @property
    def until(self) -> float | None:
        """When its time is over, by the clock of the loop; None if it never is."""
        ends = [when for limit in self._limits if (when := limit.when()) is not None]
        return min(ends, default=None)

    def allow(self, nbytes: int) -> None:
        """Give the try the time that a body of `nbytes` takes: a second for each MiB."""
        for limit in self._limits:
            when = limit.when()
            if when is not None:
                # One that is just over cannot be moved.
                with suppress(RuntimeError):
                    limit.reschedule(when + nbytes / _SLOWEST)


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
        began, last = time.monotonic(), None
        number = 1
        whole = asyncio.timeout(self.seconds)
        try:
            async with whole:
                for number in count(1):
                    try:
                        return await self._once(send, number, whole)
                    except Exception as error:
                        last = error
                        if number >= self.tries or not self._may_pass(error):
                            raise
                    await asyncio.sleep(self._pause(number))
        except Exception as error:
            after = f"after {_tries(number)} in {time.monotonic() - began:.1f} s"
            if whole.expired():
                said = f"; the last: {plain_text(last)}" if last else ""
                reason = f"no good answer within {self.seconds:g} s, {after}{said}"
                raise BackendTimeoutError(where, reason) from last or error
            if number > 1:
                error.add_note(after)
            raise
        raise AssertionError  # pragma: no cover -- the last try returns or raises

    async def _once(
        self, send: Callable[[Try], Awaitable[T]], number: int, whole: asyncio.Timeout
    ) -> T:
        seconds = None if self.seconds is None else self.seconds * _SHARE
        limit = asyncio.timeout(seconds)
        try:
            async with limit:
                return await send(Try(number, whole, limit))
        except TimeoutError as error:
            if limit.expired() and not error.args:
                msg = f"no answer within {seconds:g} s"
                raise TimeoutError(msg) from error
            raise

    def _pause(self, number: int) -> float:
        longest = (
            (self.seconds or DEADLINE_SECONDS) * _FIRST_PAUSE * _GROWTH ** (number - 1)
        )
        # Those that failed together must not come back together.
        return longest * random.uniform(0.5, 1)  # noqa: S311 -- no secret


def _tries(number: int) -> str:
    return "1 try" if number == 1 else f"{number} tries"
