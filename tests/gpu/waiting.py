"""Waiting for what other threads do a moment later."""

import asyncio
from collections.abc import Callable

import pytest

__all__ = ["until"]


async def until(condition: Callable[[], bool]) -> None:
    """Wait until it is so; fail after five seconds."""
    for _ in range(500):
        if condition():
            return
        await asyncio.sleep(0.01)
    pytest.fail("what was waited for did not happen")
