"""Synchronous twins of `zstore.open_store` and `zstore.copy`."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping
from contextlib import closing, suppress
from functools import partial
from typing import Any

from zstore.copying import CopyProgress, CopyReport, IfExists
from zstore.copying import copy as start_copy
from zstore.opening import StoreLike
from zstore.opening import open_store as start_opening
from zstore.path import AccessMode
from zstore.sync.loop import iterate, run
from zstore.sync.store import SyncStore

__all__ = ["copy", "open_store"]


def open_store(
    store_like: StoreLike,
    *,
    mode: AccessMode | None = None,
    storage_options: Mapping[str, Any] | None = None,
    path: str = "",
) -> SyncStore:
    """Open a store for use without `await`; see `zstore.open_store`.

    Raises
    ------
    SyncError
        If called on the loop of `zstore.sync` itself; for the rest see there.
    """
    opened = start_opening(
        store_like, mode=mode, storage_options=storage_options, path=path
    )
    return SyncStore(run(opened))


def copy(  # noqa: PLR0913 -- the twin of `zstore.copy`
    source: StoreLike,
    destination: StoreLike,
    prefix: str = "",
    *,
    if_exists: IfExists = "error",
    dry_run: bool = False,
    max_concurrency: int = 16,
    max_nbytes_in_flight: int = 256 * 2**20,
    on_progress: Callable[[CopyProgress], object] | None = None,
) -> CopyReport:
    """Copy values from one store to another and wait for it; see `zstore.copy`.

    Notes
    -----
    `on_progress` is called in the caller's thread, so it may print, move a progress bar
    or use synchronous stores. Ctrl-C stops the copy.
    """
    start = partial(
        start_copy,
        source,
        destination,
        prefix,
        if_exists=if_exists,
        dry_run=dry_run,
        max_concurrency=max_concurrency,
        max_nbytes_in_flight=max_nbytes_in_flight,
    )
    if on_progress is None:
        return run(start())
    with closing(iterate(_steps(start))) as steps:
        for step in steps:
            if isinstance(step, CopyReport):
                return step
            on_progress(step)
    raise AssertionError  # pragma: no cover -- the last step is the report


async def _steps(
    start: Callable[..., Coroutine[Any, Any, CopyReport]],
) -> AsyncGenerator[CopyProgress | CopyReport, None]:
    """Iterate over the progress of a copy, and its report at the end."""
    told: asyncio.Queue[CopyProgress | None] = asyncio.Queue()
    task = asyncio.create_task(start(on_progress=told.put_nowait))
    task.add_done_callback(lambda _: told.put_nowait(None))
    try:
        while (progress := await told.get()) is not None:
            yield progress
        yield await task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.wait([task])
