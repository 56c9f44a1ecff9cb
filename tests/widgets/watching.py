"""A store that is watched, and what a page was told of its calls."""

from typing import Any

from tests.widgets.front import Front
from zstore import (
    LoggingStore,
    MemoryStore,
    Store,
)

__all__ = ["keys", "values", "watched"]


def watched(store: Store | None = None) -> LoggingStore[Store]:
    """Return a store whose calls are recorded and not printed."""
    return LoggingStore(store or MemoryStore(), log_level="WARNING")


def values(front: Front, number: int) -> list[dict[str, Any]]:
    """Return the parts that answer a request so far."""
    return [message["value"] for message, _ in front.parts_of(number)]


def keys(front: Front, number: int) -> list[str]:
    """Return what the calls were about that a page was told of."""
    return [key for value in values(front, number) for key in value.get("keys", [])]
