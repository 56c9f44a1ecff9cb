"""Many calls, a bounded number of them at once."""

import asyncio
import types
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Generator, Iterable
from typing import Any, Generic, TypeVar

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
    The caller's task and up to ``limit - 1`` others take the items in turn, so a million
    items make no million tasks. A further task starts only when all before it wait: calls
    that never wait need none.
    """
    calls = _Calls(function, items)
    workers = min(limit, len(calls.todo))

    async def add_workers() -> None:
        # Each turn comes when the workers so far wait or have ended. A task, because the
        # group cancels it before it refuses further ones.
        nworkers = 1
        while calls.todo and nworkers < workers:
            group.create_task(calls.work())
            nworkers += 1
            await asyncio.sleep(0)

    if workers <= 1:
        await calls.work()
        return calls.in_order()
    first: BaseException | None = None
    try:
        async with asyncio.TaskGroup() as group:
            await _watched(calls.work(), lambda: group.create_task(add_workers()))
    except BaseExceptionGroup as failures:
        first = failures.exceptions[0]
    if first is not None:
        # A caller of one method waits for one error, as without concurrency. Raised out
        # here, so that it keeps the cause that it has.
        raise first
    return calls.in_order()


@types.coroutine
def _watched(
    work: Coroutine[Any, Any, None], on_wait: Callable[[], object]
) -> Generator[Any, Any, None]:
    """Await `work` in this task, and call `on_wait` when it waits for the first time."""
    try:
        waited = work.send(None)
        on_wait()
        while True:
            try:
                sent = yield waited
            except BaseException as error:  # noqa: BLE001 -- passed on
                waited = work.throw(error)
            else:
                waited = work.send(sent)
    except StopIteration:
        return


class _Calls(Generic[T, R]):
    """The calls that are left, for any number of workers."""

    def __init__(self, function: Callable[[T], Awaitable[R]], items: Iterable[T]) -> None:
        self.todo = deque(enumerate(items))
        self._function = function
        self._results: dict[int, R] = {}
        self._resting = False

    async def work(self) -> None:
        """Make calls until none is left."""
        todo, results, function = self.todo, self._results, self._function
        try:
            while todo:
                if self._resting:
                    # All workers rest together, or together they would keep the loop.
                    await asyncio.sleep(0)
                    continue
                index, item = todo.popleft()
                results[index] = await function(item)
                if index % _TURNS == _TURNS - 1:
                    # Others have a turn, even if no call of ours ever waits.
                    self._resting = True
                    await asyncio.sleep(0)
                    self._resting = False
        except BaseException:
            todo.clear()
            raise

    def in_order(self) -> list[R]:
        """Return the results, once there is nothing left to do."""
        return [self._results[index] for index in range(len(self._results))]
