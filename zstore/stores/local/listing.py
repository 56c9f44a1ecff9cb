"""What a store of files lists, each step of it in a worker thread."""

import threading
import warnings
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator
from contextlib import aclosing
from typing import TypeVar

from zstore._compat import override
from zstore.concurrency import batches_in_thread
from zstore.entries import Entry, KeyPage
from zstore.errors import ZStoreWarning
from zstore.keys import RESERVED_SUFFIX, prefix_of
from zstore.stores.base import BaseStore
from zstore.stores.local.beneath import Root
from zstore.stores.local.changes import Changes, ChangeScanner
from zstore.stores.local.explaining import explained
from zstore.stores.local.levels import Levels
from zstore.stores.local.ordered import OrderedScanner, Stretch
from zstore.stores.local.scanning import Scanner

__all__ = ["LocalListing"]

T = TypeVar("T")


class LocalListing(BaseStore):
    """Lists the files below `_at`."""

    _lists_in_order = True

    # Made when the store is opened: until then nothing is known of the path.
    _at: Root
    _scanner: Scanner
    _ordered: OrderedScanner
    _changed: ChangeScanner

    def __init__(self, *, read_only: bool) -> None:
        super().__init__(read_only=read_only)
        self._warned: set[str] = set()
        self._lock = threading.Lock()

    def _begin_at(self, root: Root) -> None:
        levels = Levels(root, self._skipped)
        self._at = root
        self._scanner = Scanner(root, levels)
        self._ordered = OrderedScanner(root, levels)
        self._changed = ChangeScanner(root, levels)

    def _skipped(self, path: str, reason: str) -> None:
        # An unfinished write, of now or of a program that died, is no news.
        if path.endswith(RESERVED_SUFFIX):
            return
        with self._lock:
            if reason in self._warned:
                return
            self._warned.add(reason)
        hint = "; LocalStore(root, follow_symlinks=True) follows links" * ("link" in reason)
        msg = f"{path!r} is left out of listings, and others like it: {reason}{hint}"
        warnings.warn(msg, ZStoreWarning, stacklevel=2)

    @override
    def _list(self, prefix: str) -> AsyncGenerator[list[str], None]:
        return self._steps(prefix, self._scanner.keys, prefix)

    @override
    def _scan(self, prefix: str) -> AsyncGenerator[list[tuple[str, int]], None]:
        return self._steps(prefix, self._scanner.sizes, prefix)

    @override
    def _pages(
        self, prefix: str, after: str, until: str | None
    ) -> AsyncGenerator[KeyPage, None]:
        return self._steps(prefix, self._ordered.pages, prefix, after, until)

    @override
    async def _total(self, prefix: str) -> int:
        total = 0
        async with aclosing(self._steps(prefix, self._scanner.totals, prefix)) as totals:
            async for nbytes in totals:
                total += nbytes
        return total

    @override
    def _names(self, prefix: str) -> AsyncGenerator[list[str], None]:
        return self._steps(prefix, self._scanner.names, prefix)

    @override
    def _entries(
        self, prefix: str, limit: int | None, after: str
    ) -> AsyncGenerator[list[Entry], None]:
        return self._steps(prefix, self._scanner.entries, prefix, limit, after)

    async def scan_stretches(
        self, prefix: str = "", *, after: str = "", until: str | None = None
    ) -> AsyncGenerator[Stretch, None]:
        """Iterate as `scan_pages` does, and say which folders were opened on the way.

        What `changes` needs to know of a tree. A value of the name of the prefix itself is
        left out.

        Notes
        -----
        One listing pass: a page of some thousand keys at a time, in order, each with the
        folders that were opened since the last. With `after` or `until`, a folder that has
        keys on both sides is opened for each.
        """
        prefix = prefix_of(await self._ready_to_list(prefix))
        scan = self._ordered.stretches
        async with aclosing(self._steps(prefix, scan, prefix, after, until)) as stretches:
            async for stretch in stretches:
                yield stretch

    async def folder_times(
        self, prefix: str = ""
    ) -> AsyncGenerator[list[tuple[str, int]], None]:
        """Iterate over the folder of `prefix` and all below it, in lists, in no order.

        Each is (its prefix, its stamp): when it was changed last, as the file system says,
        in nanoseconds, taken before the folder was listed.
        """
        prefix = prefix_of(await self._ready_to_list(prefix))
        scan = self._scanner.folder_times
        async with aclosing(self._steps(prefix, scan, prefix)) as batches:
            async for batch in batches:
                yield batch

    async def changes(
        self, prefix: str = "", *, known: Iterable[tuple[str, int]], began_ns: int
    ) -> AsyncGenerator[Changes, None]:
        """Iterate over what became of the folders below `prefix` since they were listed.

        Parameters
        ----------
        prefix
            As for `scan`; a value of that name itself is left out.
        known
            (prefix, stamp) of each folder that was listed then, the one of `prefix` and all
            below it, in order of their prefixes; from `scan_stretches` or `folder_times`.
            Read once, in worker threads. A folder that is not known is listed.
        began_ns
            When that listing began, by the clock of the file system: nanoseconds since
            1970.

        Yields
        ------
        Changes
            Some thousand folders or files at a time, in order of the folders' prefixes.

        Raises
        ------
        SnapshotError
            If `known` is not in order, has a folder that is not below `prefix`, or one
            without the folder that it is in.
        InvalidKeyError
            If a prefix of `known` is none.

        Notes
        -----
        A folder whose stamp is the same, and was 2 seconds old when the listing began, is
        asked for its stamp only: a system call, about a tenth of listing nine files. Files
        that were overwritten in place since then, as `set_partial_values` does, are not
        noticed there.
        """
        prefix = prefix_of(await self._ready_to_list(prefix))
        steps = self._steps(prefix, self._changed.changes, prefix, known, began_ns)
        async with aclosing(steps) as batches:
            async for batch in batches:
                yield batch

    async def _steps(
        self, prefix: str, scan: Callable[..., Iterator[T]], *args: object
    ) -> AsyncGenerator[T, None]:
        with explained(prefix):
            async with aclosing(batches_in_thread(scan, *args)) as steps:
                async for step in steps:
                    yield step
