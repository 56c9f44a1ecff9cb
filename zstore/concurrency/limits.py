"""Many calls, a bounded number of them at once."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

__all__ = ["map_limited"]

T = TypeVar("T")
R = TypeVar("R")

# Calls after which other tasks have a turn.
_TURNS = 256


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
    `limit` tasks take the items in turn, so a million items make no million tasks. A
    further task starts only when the others wait: calls that never wait need just one.
    """
    todo = deque(enumerate(items))
    results: dict[int, R] = {}
    workers = min(limit, len(todo))

    async def work() -> None:
        try:
            while todo:
                index, item = todo.popleft()
                results[index] = await function(item)
                if index % _TURNS == _TURNS - 1:
                    # Others have a turn, even if no call of ours ever waits.
                    await asyncio.sleep(0)
        except BaseException:
            todo.clear()
            raise

    async def add_workers() -> None:
        # Each turn comes when the workers so far wait or have ended. A task, because the
        # group cancels it before it refuses further ones.
        nworkers = 1
        while todo and nworkers < workers:
            group.create_task(work())
            nworkers += 1
            await asyncio.sleep(0)

    if workers <= 1:
        await work()
        return [results[index] for index in range(len(results))]
    first: BaseException | None = None
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(work())
            group.create_task(add_workers())
    except BaseExceptionGroup as failures:
        first = failures.exceptions[0]
    if first is not None:
        # A caller of one method waits for one error, as without concurrency. Raised out
        # here, so that it keeps the cause that it has.
        raise first
    return [results[index] for index in range(len(results))]
