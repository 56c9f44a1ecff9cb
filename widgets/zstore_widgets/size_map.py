"""How large every part of a store is."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from zstore import StoreLike, Usage
from zstore._compat import override
from zstore.display import sentence
from zstore.errors import InvalidTypeError
from zstore.opening.nearness import is_near
from zstore.sync import run
from zstore.sync.loop import loop_thread
from zstore_widgets.root import Root
from zstore_widgets.sizes.requests import SizeRequests
from zstore_widgets.sizes.scan import SizeScan
from zstore_widgets.sizes.snapshot import SizeSnapshot
from zstore_widgets.sizes.snapshot_scan import SnapshotScan
from zstore_widgets.sizes.still import size_caption, size_html, size_text
from zstore_widgets.unattended import Bundle
from zstore_widgets.view import View, front_end

__all__ = ["SizeMap"]

_DEEPEST = 32
_BRIEF_SECONDS = 0.5
# A snapshot of a million keys takes about a second.
_LOAD_SECONDS = 5.0


class SizeMap(View):
    """A treemap and a table of what takes how much room, largest first.

    It fills in while the store is counted, and can be stopped, gone on with and entered
    at any time. A store in this computer is counted when the map is shown; any other when
    its reader says so, since each 1,000 keys are a request.

    Parameters
    ----------
    store_like
        What `zstore.open_store` takes.
    path
        The prefix that is shown.
    height
        In pixels.
    depth
        How many levels below `path` are told apart, 1 to 32. What lies deeper is counted
        in the level above.
    storage_options
        For the file system behind a URL.
    snapshot
        Where the sizes are kept, or shall be: what `zstore.inventory.Inventory.open` takes,
        as a path outside of the store. What is known is shown at once, with the moment that
        it is of, and without a request to the store; a scan brings it up to date. Without
        it a count ends with the view.

    Raises
    ------
    InvalidTypeError
        If `depth` is not one of these.
    MissingDependencyError
        If there is a `snapshot`, and the extra ``inventory`` is not installed.

    Notes
    -----
    One `Store.usage`, or one `zstore.inventory.Inventory.scan` of the whole store if there
    is a snapshot of it, and else of `path`. Memory: some 300 bytes for each key and folder
    down to `depth`, of 500,000 of them at most; further keys are counted in the folders
    that are known.
    """

    _esm, _css = front_end("size_map")

    def __init__(
        self,
        store_like: StoreLike,
        path: str = "",
        *,
        height: int = 480,
        depth: int = 8,
        storage_options: Mapping[str, Any] | None = None,
        snapshot: StoreLike | None = None,
    ) -> None:
        if type(depth) is not int or not 1 <= depth <= _DEEPEST:
            msg = f"depth must be an int from 1 to {_DEEPEST}, got {depth!r}"
            raise InvalidTypeError(msg)
        self._root = Root(store_like, path, storage_options=storage_options)
        if snapshot is None:
            self._scan = SizeScan(self._root, depth, on_end=self._scan_ended)
        else:
            whole = Root(store_like, storage_options=storage_options)
            known = SizeSnapshot(snapshot, path)
            self._scan = SnapshotScan(whole, known, depth, on_end=self._scan_ended)
        requests = SizeRequests(self._root, self._scan)
        super().__init__(self._root.title, [requests], height=height)

    @property
    def usage(self) -> Usage:
        """What was counted so far: paths down to `depth`, each with keys and bytes."""
        return self._scan.usage

    async def scan(self) -> Usage:
        """Count the store to its end, without a browser too, and return its `usage`.

        Goes on where a count was stopped; a snapshot that is finished is made anew. Whoever
        stops it in the view ends it here too; then `Usage.complete` is False.

        Raises
        ------
        ZStoreError
            What `Store.usage` raises. What was counted until then stays in `usage`.
        """
        if loop_thread().is_current:
            return await self._counted()
        try:
            return await asyncio.to_thread(run, self._counted())
        except asyncio.CancelledError:
            loop_thread().let_run(self._pause())
            raise

    @override
    def text(self) -> str:
        return size_text(self.title, self.usage, self._caption())

    @override
    def html(self) -> str:
        return size_html(self.title, self.usage, self._caption())

    @override
    def close(self) -> None:
        if "_scan" not in vars(self):
            return  # refused when it was made
        super().close()
        # A widget may be collected at the exit, when there is no loop any more.
        if self._scan.state != "new" and loop_thread().is_running:
            loop_thread().let_run(self._scan.close())

    @override
    def _look(self) -> Bundle:
        # Where no browser asks for it, as in nbconvert, there would be nothing to see.
        if self._scan.state == "new" and not loop_thread().is_current:
            # What goes wrong is said when the page asks.
            with suppress(Exception):
                run(self._count_briefly())
        return super()._look()

    async def _counted(self) -> Usage:
        await self._scan.load()
        with self._scan.watched():
            self._scan.start()
            await self._scan.end()
        if self._scan.problem is not None:
            raise self._scan.problem
        return self.usage

    async def _count_briefly(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(_LOAD_SECONDS):
                await self._scan.load()
            async with asyncio.timeout(_BRIEF_SECONDS):
                if self._scan.state != "new" or not is_near(await self._root.store()):
                    return
                with self._scan.watched():
                    self._scan.start()
                    await self._scan.end()

    async def _pause(self) -> None:
        self._scan.pause()

    def _caption(self) -> str:
        problem = self._scan.problem
        shown = None if problem is None else sentence(problem)
        return size_caption(self.usage, self._scan.state, shown, self._scan.as_of)

    def _scan_ended(self) -> None:
        loop_thread().let_run(self._keep_still())

    async def _keep_still(self) -> None:
        self.still = await asyncio.to_thread(self.text)
