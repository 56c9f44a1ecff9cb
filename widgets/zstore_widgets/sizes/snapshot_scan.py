"""A count that is kept in a snapshot: known at once, stopped by ending it, gone on with."""

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from zstore import Usage
from zstore._compat import override
from zstore.errors import BackendError, CorruptStoreError
from zstore.keys import prefix_of
from zstore_widgets.root import Root
from zstore_widgets.sizes.scan import SizeScan
from zstore_widgets.sizes.snapshot import Known, SizeSnapshot, part_of

if TYPE_CHECKING:
    from zstore.inventory import Inventory, ScanProgress

__all__ = ["SnapshotScan"]


class SnapshotScan(SizeScan):
    """Shows what a snapshot knows, and scans into it while somebody watches.

    A pause ends the scan, which keeps what it has found; to go on is another scan of the
    same snapshot. What is known stays until a scan has passed it, or has come to its end.
    A damaged snapshot is a failure, which only a scan that begins anew goes on from.

    Parameters
    ----------
    root
        The whole store, of which the view may show a part.
    snapshot
        What is known, and which part is shown.
    depth
        How many levels are told apart below that part.
    on_end
        Called when it stands still.
    """

    def __init__(
        self,
        root: Root,
        snapshot: SizeSnapshot,
        depth: int,
        on_end: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(root, depth, on_end)
        self._snapshot = snapshot
        self._progress: ScanProgress | None = None
        self._is_loaded = False
        self._is_damaged = False
        # Of one file there is one writer: a scan begins when the one before has ended.
        self._before: asyncio.Task[None] | None = None
        # Which listing is under way.
        self._counting = 0

    @override
    async def load(self) -> None:
        """Show what the snapshot knows, if there is one; a damaged one is a `problem`.

        Raises
        ------
        ZStoreError
            As `SizeSnapshot.load` does, but if it is damaged; the next call tries again.
        """
        if not self._waits_for_snapshot:
            return
        try:
            known = await self._snapshot.usage(self._depth)
        except CorruptStoreError as error:
            if self._waits_for_snapshot:
                self._is_damaged, self.problem = True, error
                self._end("failed")
            return
        if not self._waits_for_snapshot:
            return  # somebody else was faster
        if self._is_damaged:
            # Somebody has mended it.
            self._is_damaged, self.problem, self.state = False, None, "new"
        self._is_loaded = True
        if known is not None:
            # Of itself nothing is asked of the store.
            self._stopped_by_reader = True
            self._show(known)
            self._end("complete" if self.usage.complete else "stopped")

    @override
    def start(self, *, restart: bool = False) -> None:
        """Scan, or go on with a scan; with `restart` forget what one has found."""
        if self.state == "scanning" and not restart:
            return
        if restart:
            self._is_damaged = False
        self._leave()
        if restart and self.as_of is None:
            self.usage = Usage()
        self._seconds, self._ncounted, self._progress = 0.0, 0, None
        self._nruns += 1
        self._counting = self._nruns
        self._go_on()
        task = asyncio.create_task(self._scan(self._before, restart=restart))
        self._task = self._before = task

    @override
    def pause(self, *, by_reader: bool = True) -> None:
        """End the scan; what was found is in the snapshot."""
        if self.state == "scanning":
            self._leave()
            self._stopped_by_reader = by_reader
            self._end("stopped")

    @override
    async def close(self) -> None:
        await super().close()
        if self._before is not None:
            # It keeps what it has found, and that takes a moment.
            await asyncio.wait([self._before])
        self._snapshot.close()

    @override
    def status(self) -> Mapping[str, object]:
        progress = self._progress if self.state == "scanning" else None
        return {
            **super().status(),
            "kept": True,
            "damaged": self._is_damaged and self.state == "failed",
            "rate": 0.0 if progress is None else progress.keys_per_second,
            "fraction": None if progress is None else progress.fraction,
            "left": None if progress is None else progress.seconds_left,
        }

    @property
    def _waits_for_snapshot(self) -> bool:
        if self._is_loaded:
            return False
        return self.state == "new" or (self._is_damaged and self.state == "failed")

    async def _scan(self, before: asyncio.Task[None] | None, *, restart: bool) -> None:
        me = asyncio.current_task()
        try:
            if before is not None:
                await asyncio.wait([before])
            inventory = await self._scanned(me, restart=restart)
            if me is self._task:
                await self._finish(inventory)
            else:
                inventory.close()
        except Exception as error:  # noqa: BLE001 -- kept, and raised to who watches
            if me is self._task:
                self.problem = error
                self._end("failed")

    async def _scanned(self, me: object, *, restart: bool) -> "Inventory":
        known = await self._known(restart=restart)
        path = self._snapshot.path
        # Written as it was, or it would be a snapshot of something else.
        prefix = path if known is None else known.prefix
        inside = path[len(prefix_of(prefix)) :]
        # Deep enough for what is shown.
        depth = self._depth + (inside.count("/") + 1 if inside else 0)

        def tell(progress: "ScanProgress") -> None:
            if me is self._task:
                self._progress = progress
                self._take(part_of(progress.tree.usage(), inside))

        return await self._snapshot.inventory_class.scan(
            await self._root.store(),
            prefix,
            snapshot=self._snapshot.where,
            depth=depth,
            on_progress=tell,
            restart=restart,
        )

    async def _known(self, *, restart: bool) -> "Inventory | None":
        try:
            return await self._snapshot.load()
        except CorruptStoreError:
            if not restart:
                raise
            # It is about to be replaced.
            return None

    @override
    def _take(self, total: Usage) -> None:
        self._ncounted = total.nkeys
        # What is kept tells keys apart, too: of the same number it says more.
        if total.nkeys > self.usage.nkeys:
            self.usage, self.listing, self.as_of = total, self._counting, None
        self._tell()

    def _show(self, known: Known) -> None:
        self.usage, self.as_of = known
        self._nruns += 1
        self.listing = self._nruns

    async def _finish(self, inventory: "Inventory") -> None:
        """Show a scan that has come to its end."""
        known = await self._snapshot.take(inventory, self._depth)
        self._show(known)
        if inventory.holes:
            self.problem = BackendError(inventory.store, inventory.holes[0].reason)
            self._end("failed")
        else:
            self._end("complete" if self.usage.complete else "stopped")
