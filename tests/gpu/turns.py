"""A simulated device that is as slow as an event loop: each copy waits for its turns."""

import asyncio
import threading
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from tests.gpu.simulated_stream import Stream
from tests.waiting import LONG

__all__ = ["Turns", "in_turns_with"]


class Turns:
    """Counts the turns that the tasks of an event loop have.

    Attributes
    ----------
    waits
        How often a thread waited for the next turns, and had them.
    """

    def __init__(self) -> None:
        self.waits = 0
        self._count = 0
        self._is_over = False
        self._thread = threading.get_ident()

    async def count(self) -> None:
        try:
            while True:
                self._count += 1
                await asyncio.sleep(0.001)
        finally:
            self._is_over = True

    def wait(self) -> None:
        """Wait for two turns from now on; fails where they cannot come."""
        assert threading.get_ident() != self._thread, "the event loop waits for the device"
        wanted, end = self._count + 2, time.monotonic() + LONG
        while self._count < wanted and not self._is_over:
            assert time.monotonic() < end, "the event loop is kept by something else"
            time.sleep(0.001)
        self.waits += 1


@asynccontextmanager
async def in_turns_with(stream: Stream) -> AsyncGenerator[Turns, None]:
    """Let no copy of `stream` begin before the running loop had a turn.

    What keeps the loop until the copy has been made, keeps it for ever: that fails,
    however fast or slow this machine is.
    """
    turns = Turns()
    counting = asyncio.create_task(turns.count())
    await asyncio.sleep(0)
    usual, stream.pass_time = stream.pass_time, turns.wait  # type: ignore[method-assign]
    try:
        yield turns
    finally:
        stream.pass_time = usual  # type: ignore[method-assign]
        counting.cancel()
