"""One scan of a store into a snapshot, from its beginning or from where one stopped."""

import asyncio
import os
import warnings
from collections.abc import Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Any

from zstore.concurrency import run_in_thread, run_to_the_end
from zstore.concurrency.finishing import to_the_end
from zstore.errors import InvalidTypeError, ZStoreError, ZStoreWarning
from zstore.inventory.engines import pa
from zstore.inventory.planning import KeyRange, Pace, Planner
from zstore.inventory.scanning.distributing import DistributedRun
from zstore.inventory.scanning.folders import StampedStore, folder_table
from zstore.inventory.scanning.found import Found, OpenPart
from zstore.inventory.scanning.impatient import impatient
from zstore.inventory.scanning.listing import ListingRun
from zstore.inventory.scanning.patience import Patience
from zstore.inventory.scanning.telling import OnProgress, Teller
from zstore.inventory.scanning.workforce import workforce
from zstore.inventory.snapshot.arrays import read_arrays
from zstore.inventory.snapshot.key_batches import batch_of, sorted_batches
from zstore.inventory.snapshot.manifest import Manifest
from zstore.inventory.snapshot.rollup import LiveTree
from zstore.inventory.snapshot.writing import SnapshotWriter
from zstore.keys import check_prefix, prefix_of
from zstore.opening.nearness import is_near, without_observers
from zstore.store import Store
from zstore.stores.failures import redact
from zstore.stores.local import LocalStore

__all__ = ["ScanOptions", "begin", "run_scan"]

# The keys of an earlier scan are cut into so many pieces for each request in flight, so
# that none is long when the others are done.
_PIECES_A_SLOT = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanOptions:
    """What a caller may choose; see `zstore.inventory.Inventory.scan`.

    Attributes
    ----------
    shared_place
        The place of the snapshot if workers can write to it; otherwise they send back
        what they find.
    """

    depth: int = 4
    on_progress: OnProgress | None = None
    max_concurrency: int | None = None
    client: Any = None
    shared_place: Store | None = None
    restart: bool = False


async def run_scan(
    store: Store, prefix: str, place: Store, options: ScanOptions
) -> Manifest:
    """List a store into the snapshot at `place`.

    Returns
    -------
    Manifest
        Complete, or with the holes that failures left; then a `ZStoreWarning` says so.

    Raises
    ------
    ZStoreError
        What the listing raised, if it failed before it gave anything; what the place of
        the snapshot raises.
    """
    writer = await begin(store, place, check_prefix(prefix), restart=options.restart)
    watched = options.on_progress is not None
    found = Found(writer, LiveTree(prefix, options.depth), watched=watched)
    await found.recall()
    most = _most_at_once(store, options.max_concurrency)
    points: Sequence[str] = ()
    if most > 1 or options.client is not None:
        points = await writer.cut_points(_PIECES_A_SLOT * most)
    scan = _Scan(store, prefix, writer, found, options, points)
    try:
        await scan.run()
    except BaseException:
        # What was found is kept, also if the caller gave up or the listener failed; the
        # failure that ended it is what the caller is told.
        with suppress(ZStoreError):
            await to_the_end(found.save(at_once=True))
        raise
    return await to_the_end(scan.finish())


class _Scan:
    def __init__(
        self,
        store: Store,
        prefix: str,
        writer: SnapshotWriter,
        found: Found,
        options: ScanOptions,
        cut_points: Sequence[str],
    ) -> None:
        self.found = found
        self._store = store
        self._prefix = prefix
        self._writer = writer
        self._client = options.client
        self._most = _most_at_once(store, options.max_concurrency)
        self._shared = options.shared_place
        self._depth = options.depth
        self._planner = Planner(
            writer.pending, cut_points=cut_points, steals=self._client is None
        )
        # What a refresh needs to know; of a scan that was interrupted it is not known.
        self._stamped = None
        in_one_go = self._client is None and writer.pending == (KeyRange(),)
        if isinstance(store, LocalStore) and prefix == prefix_of(prefix) and in_one_go:
            self._stamped = StampedStore(store)
        self._patience = Patience(self._planner)
        expected = None if writer.previous is None else writer.previous.nkeys
        self._teller = Teller(
            found, self._planner, self._patience, expected, options.on_progress
        )

    async def run(self) -> None:
        """List what is pending.

        Raises
        ------
        ZStoreError
            If nothing was found, since the listing failed.
        """
        if not self._store.lists_in_order:
            await self._in_one_go()
        elif self._client is None:
            await self._here()
        else:
            await self._elsewhere()
        if self._patience.is_at_its_end:
            self._patience.give_up_the_rest()
        if self._patience.holes and self._patience.last and not self.found.nkeys:
            raise self._patience.last

    async def _here(self) -> None:
        run = ListingRun(
            self._stamped or impatient(self._store),
            self._prefix,
            self._planner,
            self.found,
            pace=Pace(self._most),
            patience=self._patience,
            tell=self._teller.tell,
        )
        await run.run()

    async def _elsewhere(self) -> None:
        run = DistributedRun(
            self._store,
            self._prefix,
            self._shared,
            self._planner,
            self.found,
            patience=self._patience,
            tell=self._teller.tell,
            depth=self._depth,
        )
        async with workforce(self._client) as workers:
            await run.run(workers)

    async def _in_one_go(self) -> None:
        """List a store that gives keys in any order, so that nothing can be left out."""
        batches: list[Any] = []
        is_whole = False
        try:
            async with aclosing(self._store.scan_pages(self._prefix)) as pages:
                async for page in pages:
                    batch = batch_of(page)
                    batches.append(batch)
                    self.found.nrequests += 1
                    self.found.count(batch)
                    self._teller.tell()
                    await asyncio.sleep(0)
            is_whole = True
        finally:
            part = await run_to_the_end(_part_of, batches)
            self.found.keep(part, None, is_whole=is_whole)

    async def finish(self) -> Manifest:
        """Write what there is to write, and tell how it ended."""
        found, holes = self.found, self._patience.holes
        await found.save(at_once=True)
        arrays = await read_arrays(self._store, found.documents)
        folders = folder_table(self._stamped.stamps.items()) if self._stamped else None
        manifest = await self._writer.finish(
            holes=holes, nrequests=found.nrequests, arrays=arrays, folders=folders
        )
        if holes:
            first = holes[0]
            msg = (
                f"the scan of {manifest.store} is not complete: {len(holes)} ranges of "
                f"keys could not be listed, the first after {first.range.after!r}: "
                f"{first.reason}; scan again to go on"
            )
            warnings.warn(msg, ZStoreWarning, stacklevel=2)
        self._teller.tell_the_end(complete=manifest.complete)
        return manifest


def _part_of(batches: Sequence[Any]) -> OpenPart:
    """Return a part of keys that came in any order."""
    part = OpenPart("")
    for batch in sorted_batches(batches):
        part.writer.add(batch)
    return part


async def begin(
    store: Store, place: Store, prefix: str, *, restart: bool
) -> SnapshotWriter:
    """Return the writer of a snapshot of what `prefix` selects of a store.

    Raises
    ------
    InvalidTypeError
        If the snapshot would lie in the store.
    SnapshotError, CorruptStoreError, AccessDeniedError, BackendError
        As `SnapshotWriter.begin` does.
    """
    # Arrow imports pandas, where it is, at its first list: that takes half a second.
    await run_in_thread(pa.array, [0])
    await run_in_thread(_check_apart, store, place)
    name = redact(str(without_observers(store)))
    return await SnapshotWriter.begin(place, store=name, prefix=prefix, restart=restart)


def _most_at_once(store: Store, wanted: int | None) -> int:
    if wanted is not None:
        if type(wanted) is not int or wanted < 1:
            msg = f"max_concurrency must be a positive int or None, got {wanted!r}"
            raise InvalidTypeError(msg)
        return wanted
    # A listing of what is near waits for nothing, so it gains nothing from another; one
    # processor is worth some 30 listings of a server.
    return 1 if is_near(store) else 32 * (os.cpu_count() or 1)


def _check_apart(store: Store, place: Store) -> None:
    """Refuse to put the snapshot into what is scanned: it would count itself."""
    inner, where = without_observers(store), without_observers(place)
    if isinstance(inner, LocalStore) and isinstance(where, LocalStore):
        inside = where.root.resolve().is_relative_to(inner.root.resolve())
    else:
        inside = inner is where
    if inside:
        msg = f"the snapshot {place} lies in the store that is scanned, {store}"
        raise InvalidTypeError(msg)
