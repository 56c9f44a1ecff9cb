"""A count of a store that can be paused, gone on with, and watched."""

import asyncio
from collections.abc import Callable, Generator, Mapping
from contextlib import aclosing, contextmanager
from datetime import datetime
from typing import Literal, TypeAlias

from zstore import Usage
from zstore.display import sentence
from zstore_widgets.root import Root

__all__ = ["MAX_PATHS", "SizeScan", "State"]

State: TypeAlias = Literal["new", "scanning", "stopped", "complete", "failed"]

MAX_PATHS = 500_000
"""Paths that are told apart; some 200 MB. Further keys are counted in those above."""


class SizeScan:
    """Takes the totals of `Store.usage` one by one, while somebody watches.

    `SnapshotScan` does the same with what is kept.

    All of it runs on the loop of `zstore.sync`.

    Parameters
    ----------
    root
        What is counted.
    depth
        How many levels are told apart.
    on_end
        Called when it stands still.

    Attributes
    ----------
    usage
        What is known; may be read from any thread.
    state
        ``"stopped"`` holds the listing where it is, ``"failed"`` has ended it.
    problem
        Why it failed.
    version
        Grows with every change.
    listing
        Which run of the listing `usage` is from.
    as_of
        The moment that `usage` is of, if it was kept; None if it was counted just now.
    """

    def __init__(
        self, root: Root, depth: int, on_end: Callable[[], None] = lambda: None
    ) -> None:
        self.usage = Usage()
        self.state: State = "new"
        self.problem: Exception | None = None
        self.version = 0
        self.listing = 0
        self.as_of: datetime | None = None
        self._root = root
        self._depth = depth
        self._on_end = on_end
        self._task: asyncio.Task[None] | None = None
        # Cancelled and perhaps not ended; a loop holds its tasks by weak references only.
        self._left: set[asyncio.Task[None]] = set()
        self._may_run = asyncio.Event()
        self._changed = asyncio.Event()
        self._nwatchers = 0
        self._stopped_by_reader = False
        self._seconds = 0.0
        self._since: float | None = None
        self._ncounted = 0
        self._nruns = 0

    async def load(self) -> None:
        """Learn what is known before anything is counted: here, nothing."""

    def start(self, *, restart: bool = False) -> None:
        """Begin, or go on; with `restart` forget what is known and begin anew."""
        if restart:
            self.usage = Usage()
        if self.state == "stopped" and not restart:
            self._go_on()
        elif self.state in {"new", "failed"} or restart:
            # After a failure what is known stays until the new count has passed it.
            self._leave()
            self._nruns += 1
            self._seconds, self._ncounted, self._may_run = 0.0, 0, asyncio.Event()
            self._go_on()
            self._task = asyncio.create_task(self._run(self._may_run))

    def pause(self, *, by_reader: bool = True) -> None:
        """Hold the listing after the answer that is under way."""
        if self.state == "scanning":
            self._may_run.clear()
            self._stopped_by_reader = by_reader
            self._end("stopped")

    async def close(self) -> None:
        """End the listing; what is known stays."""
        if self.state == "scanning":
            self._end("stopped")
        self._leave()

    @contextmanager
    def watched(self) -> Generator[None, None, None]:
        """Let it run: without anybody who watches, it pauses."""
        self._nwatchers += 1
        try:
            yield
        finally:
            self._nwatchers -= 1
            if not self._nwatchers:
                self.pause(by_reader=False)

    async def change(self, version: int) -> None:
        """Wait until there is something newer than `version`."""
        while self.version == version:
            await self._changed.wait()

    async def end(self, seconds: float | None = None) -> None:
        """Wait until it stands still, so many seconds at most."""
        try:
            async with asyncio.timeout(seconds):
                while self.state == "scanning":
                    await self._changed.wait()
        except TimeoutError:
            return

    @property
    def starts_by_itself(self) -> bool:
        """Whether nobody stopped it, so that a view that is shown again goes on."""
        return self.state == "scanning" or (
            self.state == "stopped" and not self._stopped_by_reader
        )

    def status(self) -> Mapping[str, object]:
        """Return how far it is, as JSON."""
        seconds = self._elapsed()
        return {
            "state": self.state,
            "version": self.version,
            "nkeys": self.usage.nkeys,
            "nbytes": self.usage.nbytes,
            "counted": self._ncounted,
            "seconds": seconds,
            "rate": self._ncounted / seconds if seconds else 0,
            "full": len(self.usage.children) >= MAX_PATHS,
            "whole": self.usage.complete,
            "as_of": None if self.as_of is None else 1000 * self.as_of.timestamp(),
            "kept": False,
            "damaged": False,
            "fraction": None,
            "left": None,
            "problem": None if self.problem is None else sentence(self.problem),
        }

    async def _run(self, may_run: asyncio.Event) -> None:
        try:
            store = await self._root.store()
            totals = store.usage(depth=self._depth, max_children=MAX_PATHS)
            async with aclosing(totals):
                async for total in totals:
                    self._take(total)
                    # A store in memory waits for nothing, and others want to run.
                    await asyncio.sleep(0)
                    await may_run.wait()
        except Exception as error:  # noqa: BLE001 -- kept, and raised to who watches
            self.problem = error
            self._end("failed")

    def _take(self, total: Usage) -> None:
        self._ncounted = total.nkeys
        if total.complete or total.nkeys >= self.usage.nkeys:
            self.usage, self.listing = total, self._nruns
        if total.complete:
            self._end("complete")
        else:
            self._tell()

    def _go_on(self) -> None:
        self.state, self.problem = "scanning", None
        self._since = asyncio.get_running_loop().time()
        self._may_run.set()

    def _end(self, state: State) -> None:
        self._seconds, self._since = self._elapsed(), None
        self.state = state
        self._tell()
        self._on_end()

    def _leave(self) -> None:
        if self._task is not None:
            # Not waited for: a server that hangs does not end because it is asked to.
            self._left.add(self._task)
            self._task.add_done_callback(self._left.discard)
            self._task.cancel()
            self._task = None

    def _elapsed(self) -> float:
        if self._since is None:
            return self._seconds
        return self._seconds + asyncio.get_running_loop().time() - self._since

    def _tell(self) -> None:
        self.version += 1
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()
