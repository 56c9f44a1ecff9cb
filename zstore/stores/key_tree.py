"""An index of keys by level, so that a listing costs what it answers.

A dict of a million keys has to be read whole to find the ten names of one level. Here
each level knows its own names; the sorted order of a level is made when a page of it is
asked for, and kept until a name comes or goes.
"""

import asyncio
from bisect import bisect_right
from collections.abc import AsyncGenerator, Iterable, Iterator
from contextlib import AbstractContextManager
from typing import Any

from zstore.entries import Entry

__all__ = ["KeyTree", "batches_in_turns", "entry_of"]

# Keys in one step of an iteration, so that a step is short.
_BATCH = 4096


class _Level:
    """The names directly below one prefix."""

    __slots__ = ("cursors", "keys", "prefixes")

    def __init__(self) -> None:
        # A dict, not a set: it keeps the order in which keys were written.
        self.keys: dict[str, None] = {}
        self.prefixes: dict[str, _Level] = {}
        self.cursors: list[str] | None = None

    def in_order(self) -> list[str]:
        """Return all names as `Entry.cursor`, sorted; the list is not changed later."""
        if self.cursors is None:
            self.cursors = sorted([*self.keys, *(f"{name}/" for name in self.prefixes)])
        return self.cursors


class KeyTree:
    """A set of keys that lists any level, and any subtree, without reading the others.

    Not safe for several threads: the owner holds a lock.
    """

    def __init__(self, keys: Iterable[str] = ()) -> None:
        self._root = _Level()
        self._nkeys = 0
        for key in keys:
            self.add(key)

    def __len__(self) -> int:
        return self._nkeys

    def add(self, key: str) -> None:
        """Add a key; O(segments)."""
        *parents, name = key.split("/")
        level = self._root
        for segment in parents:
            below = level.prefixes.get(segment)
            if below is None:
                below = level.prefixes[segment] = _Level()
                level.cursors = None
            level = below
        if name not in level.keys:
            level.keys[name] = None
            level.cursors = None
            self._nkeys += 1

    def discard(self, key: str) -> None:
        """Remove a key if it is there, and the levels that it leaves empty."""
        *parents, name = key.split("/")
        path = [self._root]
        for segment in parents:
            below = path[-1].prefixes.get(segment)
            if below is None:
                return
            path.append(below)
        if name not in path[-1].keys:
            return
        del path[-1].keys[name]
        path[-1].cursors = None
        self._nkeys -= 1
        for segment, level, below in zip(
            reversed(parents), reversed(path[:-1]), reversed(path[1:]), strict=True
        ):
            if below.keys or below.prefixes:
                break
            del level.prefixes[segment]
            level.cursors = None

    def _level(self, prefix: str) -> _Level | None:
        level: _Level | None = self._root
        for segment in prefix.split("/")[:-1]:
            level = level.prefixes.get(segment) if level is not None else None
        return level

    def names(self, prefix: str) -> list[str]:
        """Return the names of a level, each once."""
        level = self._level(prefix)
        if level is None:
            return []
        if not level.prefixes:
            return list(level.keys)
        return list(dict.fromkeys([*level.keys, *level.prefixes]))

    def cursors(self, prefix: str, limit: int | None, after: str) -> list[str]:
        """Return a page of a level as `Entry.cursor`, in order; see `entry_of`."""
        level = self._level(prefix)
        if level is None:
            return []
        cursors = level.in_order()
        first = bisect_right(cursors, after)
        return cursors[first:] if limit is None else cursors[first : first + limit]

    def in_order(self, prefix: str, after: str, until: str | None) -> Iterator[list[str]]:
        """Iterate over the keys below `prefix` in order, in lists of bounded length.

        Only those after `after`, and none after `until`.
        """
        level = self._level(prefix)
        pending = [] if level is None else [(prefix, level, iter(level.in_order()))]
        batch: list[str] = []
        while pending:
            path, level, cursors = pending[-1]
            for cursor in cursors:
                key = path + cursor
                if until is not None and key > until:
                    # All that follows comes later still.
                    pending.clear()
                    break
                if not cursor.endswith("/"):
                    if key > after and cursor in level.keys:
                        batch.append(key)
                        if len(batch) >= _BATCH:
                            yield batch
                            batch = []
                elif key > after or after.startswith(key):
                    below = level.prefixes.get(cursor[:-1])
                    if below is not None:
                        pending.append((key, below, iter(below.in_order())))
                        break
            else:
                pending.pop()
        if batch:
            yield batch

    def below(self, prefix: str) -> Iterator[list[str]]:
        """Iterate over the keys below `prefix`, in lists of bounded length."""
        level = self._level(prefix)
        pending = [] if level is None else [(prefix, level)]
        while pending:
            path, level = pending.pop()
            names = list(level.keys)
            for first in range(0, len(names), _BATCH):
                yield [path + name for name in names[first : first + _BATCH]]
            pending += [(f"{path}{name}/", below) for name, below in level.prefixes.items()]


async def batches_in_turns(
    batches: Iterator[list[str]], lock: AbstractContextManager[Any]
) -> AsyncGenerator[list[str], None]:
    """Iterate over the batches of a tree, each taken under the lock of its owner."""
    while True:
        with lock:
            batch = next(batches, None)
        if batch is None:
            return
        yield batch
        # A listing of many keys must not keep the event loop to itself.
        await asyncio.sleep(0)


def entry_of(cursor: str, nbytes: int | None) -> Entry:
    """Return the entry of a cursor."""
    name = cursor.removesuffix("/")
    return Entry(name, "prefix") if name != cursor else Entry(name, "key", nbytes)
