"""Waiting for what others do a moment later: another task, thread or process."""

import asyncio
import time
from collections.abc import Callable

import pytest

__all__ = ["LONG", "until", "wait_until"]

LONG = 60
"""Seconds after which what is waited for will not happen, on the slowest machine."""


async def until(condition: Callable[[], object]) -> None:
    """Wait until it is so; fail after a minute."""
    async with asyncio.timeout(LONG):
        while not condition():  # noqa: ASYNC110 -- it may come from another thread
            await asyncio.sleep(0.005)


def wait_until(condition: Callable[[], object]) -> None:
    """Wait as `until` does, in a thread without an event loop of its own."""
    end = time.monotonic() + LONG
    while not condition():
        if time.monotonic() > end:
            pytest.fail("what was waited for did not happen")
        time.sleep(0.01)
