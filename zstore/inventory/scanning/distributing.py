"""Listing a store by slices that other processes or machines list."""

import asyncio
from collections.abc import Callable

from zstore.concurrency.finishing import to_the_end
from zstore.errors import ZStoreError
from zstore.inventory.planning import Lease, Planner
from zstore.inventory.scanning.found import Found
from zstore.inventory.scanning.patience import Patience
from zstore.inventory.scanning.slices import Slice, SliceResult, packed
from zstore.inventory.scanning.workforce import Workforce, WorkforceGoneError
from zstore.inventory.snapshot.parts import new_name
from zstore.store import Store

__all__ = ["DistributedRun"]

# Pages of the longest slice: seconds of work, so that the scheduler is not in the way and
# a worker that dies takes little with it.
_MOST_NPAGES = 64
# So often it is looked who is there, also when nothing comes back.
_LOOK_SECONDS = 1.0


class DistributedRun:
    """Lists what a planner has left to list, by slices.

    Parameters
    ----------
    store, prefix
        What is listed; the store lists in order.
    place
        Where workers put parts of the snapshot, those that find there what this process
        has put; the others send them back, and all of them if it is None.
    planner
        Which ranges are left; it cuts none that is being listed.
    found, patience, tell
        As for `zstore.inventory.scanning.listing.ListingRun`.
    depth
        Of the tree of totals.

    Raises
    ------
    UnsupportedError
        If the store, or the place, cannot be pickled.
    """

    def __init__(  # noqa: PLR0913 -- what a run is made of
        self,
        store: Store,
        prefix: str,
        place: Store | None,
        planner: Planner,
        found: Found,
        *,
        patience: Patience,
        tell: Callable[[], None],
        depth: int,
    ) -> None:
        self._store = packed(store)
        self._place = place
        self._packed_place = None if place is None else packed(place)
        # A file that belongs to a snapshot, and is deleted with those that nobody names.
        self._mark = new_name("keys")
        self._prefix = prefix
        self._planner = planner
        self._found = found
        self._patience = patience
        self._tell = tell
        self._depth = depth

    async def run(self, workers: Workforce) -> None:
        """List until nothing is left, or the backend is taken for down.

        A cancelled run waits for no worker: what those find later is not used.

        Raises
        ------
        WorkforceGoneError
            If nobody is left who could list.
        AccessDeniedError, BackendError
            If the place of the snapshot refuses or fails.
        """
        if self._place is not None:
            await self._place.set(self._mark, b"")
        tasks: set[asyncio.Task[None]] = set()
        try:
            while not self._patience.is_at_its_end:
                await workers.refresh()
                self._start(tasks, workers)
                if not tasks:
                    break
                done, tasks = await asyncio.wait(
                    tasks, timeout=_LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED
                )
                await asyncio.gather(*done)
                await self._found.save()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _start(self, tasks: set[asyncio.Task[None]], workers: Workforce) -> None:
        """Hand out as many slices as are worth having at once."""
        while (idle := workers.nslots - len(tasks)) > 0:
            lease = self._planner.take(idle)
            if lease is None:
                return
            npages = self._planner.budget(lease, workers.nslots, _MOST_NPAGES)
            tasks.add(asyncio.create_task(self._list(workers, lease, npages)))

    async def _list(self, workers: Workforce, lease: Lease, npages: int) -> None:
        task = Slice(
            store=self._store,
            place=self._packed_place,
            mark=self._mark,
            prefix=self._prefix,
            range=lease.range,
            max_npages=npages,
            depth=self._depth,
        )
        try:
            result = await workers.list(task)
        except WorkforceGoneError:
            raise
        except ZStoreError as error:
            await self._failed(lease, error)
        except BaseException:
            self._planner.give_back(lease)
            raise
        else:
            await to_the_end(self._take(lease, result))

    async def _take(self, lease: Lease, result: SliceResult) -> None:
        self._patience.succeeded()
        await self._found.adopt(result)
        more = True
        for first, last, nkeys in result.ends:
            more = self._planner.page(lease, first, last, nkeys)
        if more and result.is_whole:
            self._planner.finish(lease)
        elif more:
            self._planner.give_back(lease)
        self._tell()

    async def _failed(self, lease: Lease, error: ZStoreError) -> None:
        """Leave a range to be tried again, after a pause."""
        self._found.nrequests += 1
        seconds = self._patience.failed(lease, error)
        if seconds is not None:
            await self._patience.rest(lease, seconds)
