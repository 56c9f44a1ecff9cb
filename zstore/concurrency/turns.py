"""Work on the event loop that is short for each item, for very many items."""

import asyncio
from collections.abc import Callable, Sequence
from typing import TypeVar

__all__ = ["TURN", "in_turns"]

T = TypeVar("T")
R = TypeVar("R")

TURN = 1024
"""Items of about a microsecond each, after which other tasks have a turn."""


async def in_turns(function: Callable[[T], R], items: Sequence[T]) -> list[R]:
    """Call `function` on every item, with turns for other tasks if they are many.

    Parameters
    ----------
    function
        What takes a moment for an item.
    items
        Not changed meanwhile: of a mapping that others have, a copy.

    Returns
    -------
    list
        The results, in the order of `items`.
    """
    results: list[R] = []
    for first in range(0, len(items), TURN):
        if first:
            await asyncio.sleep(0)
        results += map(function, items[first : first + TURN])
    return results
