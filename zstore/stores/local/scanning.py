"""Listing folders in one pass, in batches."""

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from datetime import UTC, datetime
from heapq import nsmallest
from typing import TypeVar

from zstore.entries import Entry
from zstore.stores.local.beneath import Root
from zstore.stores.local.descent import Descent, Step
from zstore.stores.local.levels import BATCH, Level, Levels

__all__ = ["Scanner"]

T = TypeVar("T")


class Scanner:
    """Lists what lies below a root; every method blocks.

    Parameters
    ----------
    root
        Where to list.
    levels
        Reads the folders.
    """

    def __init__(self, root: Root, levels: Levels) -> None:
        self._root = root
        self._levels = levels

    def keys(self, prefix: str) -> Iterator[list[str]]:
        """Iterate over the keys below `prefix`."""
        return self._walk(prefix, lambda _, level: level.keys)

    def sizes(self, prefix: str) -> Iterator[list[tuple[str, int]]]:
        """Iterate over (key, nbytes) below `prefix`."""
        return self._walk(prefix, self._levels.sizes)

    def totals(self, prefix: str) -> Iterator[int]:
        """Iterate over the bytes of all values below `prefix`, some at a time."""
        total = nfiles = 0
        with closing(self._parts(prefix)) as parts:
            for step, level in parts:
                _, infos = self._levels.look(step, level.names, level.names)
                total += sum([info.st_size for info in infos])
                nfiles += len(infos)
                if nfiles >= BATCH:
                    yield total
                    total = nfiles = 0
        yield total

    def folder_times(self, prefix: str) -> Iterator[list[tuple[str, int]]]:
        """Iterate over (prefix, stamp) of the folder of `prefix` and of all below it."""
        batch: list[tuple[str, int]] = []
        seen: Step | None = None
        with closing(self._parts(prefix, stamped=True)) as parts:
            for step, _ in parts:
                if step is not seen:
                    seen = step
                    batch.append((step.prefix, step.stamp))
                if len(batch) >= BATCH:
                    yield batch
                    batch = []
        yield batch

    def names(self, prefix: str) -> Iterator[list[str]]:
        """Iterate over the names of one level."""
        with Descent(self._root) as descent:
            top = descent.start(prefix)
            for level in self._levels.parts(top) if top is not None else ():
                yield level.names + level.folders

    def entries(self, prefix: str, limit: int | None, after: str) -> Iterator[list[Entry]]:
        """Iterate over the entries of one level; in order if asked for a page."""
        with Descent(self._root) as descent:
            top = descent.start(prefix)
            if top is None:
                return
            levels = self._levels.parts(top)
            if limit is None and not after:
                for level in levels:
                    folders = [Entry(name, "prefix") for name in level.folders]
                    yield folders + self._file_entries(top, level.names)
                return
            page = [
                cursor
                for level in levels
                for cursor in (*level.names, *[f"{name}/" for name in level.folders])
                if cursor > after
            ]
            page = sorted(page) if limit is None else nsmallest(limit, page)
            # Only what is on the page is asked for its size.
            files = [cursor for cursor in page if not cursor.endswith("/")]
            found = {entry.cursor: entry for entry in self._file_entries(top, files)}
            found |= {c: Entry(c[:-1], "prefix") for c in page if c.endswith("/")}
            yield [found[cursor] for cursor in page if cursor in found]

    def _file_entries(self, step: Step, names: list[str]) -> list[Entry]:
        found, infos = self._levels.look(step, names, names)
        return [
            Entry(name, "key", info.st_size, datetime.fromtimestamp(info.st_mtime, tz=UTC))
            for name, info in zip(found, infos, strict=True)
        ]

    def _walk(
        self, prefix: str, items: Callable[[Step, Level], list[T]]
    ) -> Iterator[list[T]]:
        batch: list[T] = []
        with closing(self._parts(prefix)) as parts:
            for step, level in parts:
                batch += items(step, level)
                if len(batch) >= BATCH:
                    yield batch
                    batch = []
        if batch:
            yield batch

    def _parts(
        self, prefix: str, *, stamped: bool = False
    ) -> Generator[tuple[Step, Level]]:
        """Iterate over the folder of `prefix` and all below it, in parts."""
        with Descent(self._root, stamped=stamped) as descent:
            step = descent.start(prefix)
            # For each folder on the way, the folders in it that are still to come.
            pending: list[list[str]] = []
            while step is not None or pending:
                if step is not None:
                    folders: list[str] = []
                    for level in self._levels.parts(step):
                        yield step, level
                        folders += level.folders
                    pending.append(folders)
                if pending[-1]:
                    step = descent.enter(pending[-1].pop())
                else:
                    pending.pop()
                    descent.leave()
                    step = None
