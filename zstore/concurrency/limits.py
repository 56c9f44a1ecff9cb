"""Many calls, a bounded number of them at once."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

__all__ = ["map_limited"]

T = TypeVar("T")
R = TypeVar("R")


async def map_limited(
    function: Callable[[T], Awaitable[R]], items: Iterable[T], *, limit: int
) -> list[R]:
    """Call `function` on every item, at most `limit` at once.

    Returns
    -------
    list
        The results, in the order of `items`.

    Raises
    ------
    Exception
        The first failure, after the calls under way were cancelled.

    Notes
    -----
    `limit` tasks take the items in turn, so a million items make no million tasks.
    """
    pending = list(items)
    results: dict[int, R] = {}
    turns = iter(range(len(pending)))

    async def work() -> None:
        for index in turns:
            results[index] = await function(pending[index])

    workers = min(limit, len(pending))
    if workers <= 1:
        await work()
        return [results[index] for index in range(len(pending))]
    first: BaseException | None = None
    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(workers):
                group.create_task(work())
    except BaseExceptionGroup as failures:
        first = failures.exceptions[0]
    if first is not None:
        # A caller of one method waits for one error, as without concurrency. Raised out
        # here, so that it keeps the cause that it has.
        raise first
    return [results[index] for index in range(len(pending))]
