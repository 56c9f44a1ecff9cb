"""A store that is watched, and what a page was told of its calls."""

import asyncio
from collections.abc import Callable
from typing import Any

from tests.widgets.front import Front
from zstore import (
    LoggingStore,
    MemoryStore,
    Store,
)

__all__ = ["keys", "until", "values", "watched"]


def watched(store: Store | None = None) -> LoggingStore[Store]:
    """Return a store whose calls are recorded and not printed."""
    return LoggingStore(store or MemoryStore(), log_level="WARNING")


async def until(condition: Callable[[], object]) -> None:
    """Wait until something is so; ten seconds at most."""
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 -- the answers come in another thread
            await asyncio.sleep(0.005)


def values(front: Front, number: int) -> list[dict[str, Any]]:
    """Return the parts that answer a request so far."""
    return [message["value"] for message, _ in front.parts_of(number)]


def keys(front: Front, number: int) -> list[str]:
    """Return what the calls were about that a page was told of."""
    return [key for value in values(front, number) for key in value.get("keys", [])]
