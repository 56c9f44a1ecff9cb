"""Listing a store by ranges of keys, several at once, on this event loop."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Protocol

from zstore.entries import KeyPage
from zstore.errors import ZStoreError
from zstore.inventory.planning import Lease, Pace, Planner
from zstore.inventory.scanning.found import Found, OpenPart
from zstore.inventory.scanning.patience import Patience
from zstore.inventory.snapshot.key_batches import batch_of, check_order, ends_of, within

__all__ = ["ListingRun", "Paged"]


class Paged(Protocol):
    """What is listed in order: a store, or something in front of one."""

    def scan_pages(
        self, prefix: str = "", *, after: str = "", until: str | None = None
    ) -> AsyncGenerator[KeyPage, None]:
        """See `Store.scan_pages`."""
        ...


class ListingRun:
    """Lists what a planner has left to list.

    Parameters
    ----------
    store, prefix
        What is listed; the store lists in order.
    planner
        Which ranges are left.
    found
        Where the pages go.
    pace
        How many requests may be in flight.
    patience
        What is tried again.
    tell
        Called after every page; what it raises stops the run.
    """

    def __init__(  # noqa: PLR0913 -- what a run is made of
        self,
        store: Paged,
        prefix: str,
        planner: Planner,
        found: Found,
        *,
        pace: Pace,
        patience: Patience,
        tell: Callable[[], None],
    ) -> None:
        self._store = store
        self._prefix = prefix
        self._planner = planner
        self._found = found
        self._pace = pace
        self._patience = patience
        self._tell = tell
        self._changed = asyncio.Event()

    async def run(self) -> None:
        """List until nothing is left, or the backend is taken for down.

        A cancelled run keeps the pages that came. Those on their way are lost, also where
        it has to wait for them.
        """
        tasks: set[asyncio.Task[None]] = set()
        changed, saving = self._watch(), asyncio.create_task(self._found.save())
        try:
            while not self._patience.is_at_its_end:
                self._start(tasks)
                if not tasks:
                    break
                # The next ranges do not wait for the files of the last ones, unless the
                # place of the snapshot is slower than the listing.
                if saving.done() or self._found.nunsaved > self._pace.limit:
                    await saving
                    saving = asyncio.create_task(self._found.save())
                done, _ = await asyncio.wait(
                    {*tasks, changed}, return_when=asyncio.FIRST_COMPLETED
                )
                if changed in done:
                    changed = self._watch()
                for task in done & tasks:
                    tasks.remove(task)
                    task.result()
        finally:
            for task in (changed, saving, *tasks):
                task.cancel()
            await asyncio.gather(changed, saving, *tasks, return_exceptions=True)

    def _watch(self) -> asyncio.Task[None]:
        """Return a task that ends when a page has come, which may have made room."""

        async def wait() -> None:
            await self._changed.wait()
            self._changed.clear()

        return asyncio.create_task(wait())

    def _start(self, tasks: set[asyncio.Task[None]]) -> None:
        """Begin as many ranges as may be listed at once."""
        while len(tasks) < self._pace.limit:
            lease = self._planner.take(self._pace.limit - len(tasks))
            if lease is None:
                return
            tasks.add(asyncio.create_task(self._list(lease)))

    async def _list(self, lease: Lease) -> None:
        """List one range until its end, and keep what was found of it."""
        part, is_whole, begun = OpenPart(lease.after), False, lease.after
        pages = self._store.scan_pages(self._prefix, after=lease.after, until=lease.until)
        try:
            async with aclosing(pages):
                while await self._page(pages, lease, part, begun):
                    if part.is_due:
                        self._found.keep(part, lease.after)
                        part = OpenPart(lease.after)
            is_whole = True
        except ZStoreError as error:
            await self._failed(lease, error)
        except BaseException:
            self._planner.give_back(lease)
            raise
        finally:
            self._found.keep(part, lease.until if is_whole else lease.after)

    async def _page(
        self,
        pages: AsyncGenerator[KeyPage, None],
        lease: Lease,
        part: OpenPart,
        begun: str,
    ) -> bool:
        """Ask for a page and keep what belongs to the range; tell whether to go on."""
        started = time.monotonic()
        page = await anext(pages, None)
        self._patience.succeeded()
        # Nobody was asked whether there is another page after the last.
        self._found.nrequests += page is not None or lease.after == begun
        if page is None:
            self._planner.finish(lease)
            return False
        self._pace.answered(time.monotonic() - started)
        batch = batch_of(page)
        check_order(batch, lease.after, self._prefix)
        kept = within(batch, lease.after, lease.until)
        part.writer.add(kept)
        self._found.count(kept)
        more = self._planner.page(lease, *ends_of(batch), kept.num_rows)
        self._changed.set()
        self._tell()
        # Pages may come from memory, without anything that waits.
        await asyncio.sleep(0)
        return more

    async def _failed(self, lease: Lease, error: ZStoreError) -> None:
        """Leave the rest of a range to be tried again, after a pause."""
        self._found.nrequests += 1
        seconds = self._patience.failed(lease, error)
        if seconds is not None:
            self._pace.throttled()
            await self._patience.rest(lease, seconds)
