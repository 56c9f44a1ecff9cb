"""Listing folders in one pass, in batches."""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from heapq import nsmallest
from typing import TypeVar

from zstore.entries import Entry
from zstore.keys import is_key
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
        return self._walk(prefix, lambda key, _: key)

    def sizes(self, prefix: str) -> Iterator[list[tuple[str, int]]]:
        """Iterate over (key, nbytes) below `prefix`."""
        follow = self._follow
        return self._walk(
            prefix, lambda key, child: (key, child.stat(follow_symlinks=follow).st_size)
        )

    def names(self, prefix: str) -> Iterator[list[str]]:
        """Iterate over the names of one level."""
        for files, folders in self._level(self._root.path_of(prefix), prefix):
            yield [child.name for child in files] + [child.name for child in folders]

    def entries(self, prefix: str, limit: int | None, after: str) -> Iterator[list[Entry]]:
        """Iterate over the entries of one level; in order if asked for a page."""
        batches = self._level(self._root.path_of(prefix), prefix)
        if limit is None and not after:
            for files, folders in batches:
                yield [*map(_folder_entry, folders), *self._file_entries(files)]
            return
        level: dict[str, _Child] = {}
        for files, folders in batches:
            level.update({child.name: child for child in files if child.name > after})
            level.update(
                {f"{child.name}/": child for child in folders if f"{child.name}/" > after}
            )
        # Only what is on the page is asked for its size.
        for cursor in nsmallest(limit or len(level), level):
            child = level[cursor]
            yield (
                [_folder_entry(child)]
                if cursor.endswith("/")
                else list(self._file_entries([child]))
            )

    def _file_entries(self, files: list[_Child]) -> Iterator[Entry]:
        for child in files:
            try:
                info = child.stat(follow_symlinks=self._follow)
            except FileNotFoundError:
                continue
            modified = datetime.fromtimestamp(info.st_mtime, tz=UTC)
            yield Entry(child.name, "key", info.st_size, modified)

    def _walk(self, prefix: str, item: Callable[[str, _Child], T]) -> Iterator[list[T]]:
        pending = [(prefix, self._root.path_of(prefix), _Chain(self._follow))]
        batch: list[T] = []
        while pending:
            prefix, path, chain = pending.pop()
            entered = chain.enter(path)
            if entered is None:
                continue
            for files, folders in self._level(path, prefix):
                for child in files:
                    try:
                        batch.append(item(prefix + child.name, child))
                    except FileNotFoundError:
                        continue
                pending += [(f"{prefix}{c.name}/", c.path, entered) for c in folders]
                if len(batch) >= _BATCH:
                    yield batch
                    batch = []
        if batch:
            yield batch

    def _level(self, path: str, prefix: str) -> Iterator[tuple[list[_Child], list[_Child]]]:
        """Iterate over the files and the folders of one folder, in batches."""
        try:
            children = os.scandir(path.rstrip("/"))
        except (FileNotFoundError, NotADirectoryError):
            return
        follow = self._follow
        with children:
            files: list[_Child] = []
            folders: list[_Child] = []
            for child in children:
                if child.is_file(follow_symlinks=follow):
                    files.append(child)
                elif child.is_dir(follow_symlinks=follow):
                    folders.append(child)
                elif child.is_symlink():
                    self._skipped(child.path, "it is a symbolic link")
                if len(files) >= _BATCH:
                    yield self._valid(prefix, files), []
                    files = []
            yield self._valid(prefix, files), self._valid(prefix, folders)

    def _valid(self, prefix: str, children: list[_Child]) -> list[_Child]:
        """Return the children whose name can be a part of a key."""
        # One look at all the names together: almost always every one is good.
        if is_key(prefix + "/".join([child.name for child in children])):
            return children
        good = [child for child in children if is_key(prefix + child.name)]
        for child in children:
            if child not in good:
                self._skipped(child.path, "its name is no key")
        return good


def _folder_entry(child: _Child) -> Entry:
    return Entry(child.name, "prefix")


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
