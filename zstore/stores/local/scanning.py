"""Listing folders in one pass, in batches."""

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from heapq import nsmallest
from itertools import islice
from typing import TypeVar

from zstore.entries import Entry
from zstore.keys import keys_below
from zstore.stores.local.beneath import Root

__all__ = ["Scanner"]

T = TypeVar("T")

# Names in one batch: about as many as a worker lists while the loop takes the last ones.
_BATCH = 4096

_Child = os.DirEntry[str]


class Scanner:
    """Lists what lies below a root; every method blocks.

    Parameters
    ----------
    root
        Where to list.
    skipped
        Called with a path and the reason for each thing that is left out: names that are
        no keys, and links unless they are followed.
    """

    def __init__(self, root: Root, skipped: Callable[[str, str], None]) -> None:
        self._root = root
        self._skipped = skipped
        self._follow = root.follow_symlinks

    def keys(self, prefix: str) -> Iterator[list[str]]:
        """Iterate over the keys below `prefix`."""
        return self._walk(prefix, lambda level: level.keys)

    def sizes(self, prefix: str) -> Iterator[list[tuple[str, int]]]:
        """Iterate over (key, nbytes) below `prefix`."""
        return self._walk(prefix, self._sized)

    def _sized(self, level: "_Level") -> list[tuple[str, int]]:
        follow = self._follow
        try:
            sizes = [child.stat(follow_symlinks=follow).st_size for child in level.files]
        except FileNotFoundError:
            # One went meanwhile: look at each alone.
            return [
                (key, info.st_size)
                for key, child in zip(level.keys, level.files, strict=True)
                if (info := self._info(child)) is not None
            ]
        return list(zip(level.keys, sizes, strict=True))

    def names(self, prefix: str) -> Iterator[list[str]]:
        """Iterate over the names of one level."""
        for level in self._level(self._top(prefix), prefix):
            yield [child.name for child in (*level.files, *level.folders)]

    def entries(self, prefix: str, limit: int | None, after: str) -> Iterator[list[Entry]]:
        """Iterate over the entries of one level; in order if asked for a page."""
        levels = self._level(self._top(prefix), prefix)
        if limit is None and not after:
            for level in levels:
                folders = [Entry(child.name, "prefix") for child in level.folders]
                yield folders + self._file_entries(level.files)
            return
        found: dict[str, _Child] = {}
        for level in levels:
            found.update({child.name: child for child in level.files})
            found.update({f"{child.name}/": child for child in level.folders})
        page = [cursor for cursor in found if cursor > after]
        entries: list[Entry] = []
        for cursor in sorted(page) if limit is None else nsmallest(limit, page):
            # Only what is on the page is asked for its size.
            if cursor.endswith("/"):
                entries.append(Entry(cursor[:-1], "prefix"))
            else:
                entries += self._file_entries([found[cursor]])
        yield entries

    def _info(self, child: _Child) -> os.stat_result | None:
        try:
            return child.stat(follow_symlinks=self._follow)
        except FileNotFoundError:
            return None

    def _file_entries(self, files: list[_Child]) -> list[Entry]:
        return [
            Entry(
                child.name,
                "key",
                info.st_size,
                datetime.fromtimestamp(info.st_mtime, tz=UTC),
            )
            for child in files
            if (info := self._info(child)) is not None
        ]

    def _walk(self, prefix: str, items: Callable[["_Level"], list[T]]) -> Iterator[list[T]]:
        pending = [(prefix, self._top(prefix), _Chain(self._follow))]
        batch: list[T] = []
        while pending:
            prefix, path, chain = pending.pop()
            entered = chain.enter(path)
            if entered is None:
                continue
            for level in self._level(path, prefix):
                batch += items(level)
                pending += [(f"{prefix}{c.name}/", c.path, entered) for c in level.folders]
                if len(batch) >= _BATCH:
                    yield batch
                    batch = []
        if batch:
            yield batch

    def _top(self, prefix: str) -> str:
        """Return the path of the folder of `prefix`, which no link leads to."""
        with suppress(FileNotFoundError, NotADirectoryError), self._root.folder(prefix):
            pass
        return self._root.path_of(prefix)

    def _level(self, path: str, prefix: str) -> Iterator["_Level"]:
        """Iterate over one folder, in parts."""
        try:
            children = os.scandir(path.rstrip("/"))
        except (FileNotFoundError, NotADirectoryError):
            return
        follow = self._follow
        files: list[_Child] = []
        others: list[_Child] = []
        with children:
            while part := list(islice(children, _BATCH)):
                if files:
                    yield self._checked(prefix, files, [])
                files = [child for child in part if child.is_file(follow_symlinks=follow)]
                if len(files) < len(part):
                    known = set(files)
                    others += [child for child in part if child not in known]
        folders = [child for child in others if child.is_dir(follow_symlinks=follow)]
        for child in others:
            if child.is_symlink() and child not in folders:
                self._skipped(child.path, "it is a symbolic link")
        yield self._checked(prefix, files, folders)

    def _checked(self, prefix: str, files: list[_Child], folders: list[_Child]) -> "_Level":
        """Leave out the children whose name can be no part of a key."""
        keys = keys_below(prefix, [child.name for child in files])
        below = keys_below(prefix, [child.name for child in folders])
        if len(keys) == len(files) and len(below) == len(folders):
            return _Level(keys, files, folders)
        good = {*keys, *below}
        for child in [*files, *folders]:
            if prefix + child.name not in good:
                self._skipped(child.path, "its name is no key")
        return _Level(
            keys,
            [child for child in files if prefix + child.name in good],
            [child for child in folders if prefix + child.name in good],
        )


@dataclass(slots=True)
class _Level:
    """Some of the children of one folder; `keys` are those of `files`."""

    keys: list[str]
    files: list[_Child]
    folders: list[_Child]


class _Chain:
    """The real folders above, so that links in a circle come to an end."""

    def __init__(self, follow: bool, above: frozenset[str] = frozenset()) -> None:
        self._follow = follow
        self._above = above

    def enter(self, path: str) -> "_Chain | None":
        """Return the chain with `path`, or None if it is above already."""
        if not self._follow:
            return self
        real = os.path.realpath(path)
        return None if real in self._above else _Chain(self._follow, self._above | {real})
