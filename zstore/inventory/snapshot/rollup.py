"""Sums of a listing by prefix: of a batch, and of all that was listed so far."""

from collections.abc import Iterable
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from zstore.entries import Usage
from zstore.errors import InvalidTypeError
from zstore.inventory.engines import pa, pc
from zstore.inventory.snapshot.key_batches import NEVER, integers, letters_of
from zstore.keys import prefix_of

__all__ = ["LiveTree", "Run", "directories_of", "runs_as_columns", "runs_of"]

Run: TypeAlias = tuple[str, int, int, int | None]
"""Neighbouring keys of one directory.

Its path, ``""`` for the root; how many keys; the sum of their sizes; when the newest was
written, in microseconds since 1970, None where no time is known.
"""

_Folders: TypeAlias = dict[str, tuple[int, int]]

_SLASH = ord("/")


def runs_of(batch: Any) -> list[Run]:
    """Return the runs of keys that lie in one directory.

    Parameters
    ----------
    batch
        Of `zstore.inventory.snapshot.key_batches.SCHEMA`, sorted.

    Returns
    -------
    list
        In the order of the keys. A directory has several runs where others lie between
        its keys: ``"a/-"``, ``"a/b/x"``, ``"a/c"``.

    Notes
    -----
    The directory of a key is all before its last ``/``, whatever is there: the key
    ``"a//b"`` lies in ``"a/"``, and the key ``"a/"`` in ``"a"``. Some 0.2 us a key; there
    is no Python object for one.
    """
    directories, sums = runs_as_columns(batch)
    nkeys, nbytes, newest = sums.T.tolist()
    times = [None if time == NEVER else time for time in newest]
    return list(zip(directories.to_pylist(), nkeys, nbytes, times, strict=True))


def runs_as_columns(batch: Any) -> tuple[Any, npt.NDArray[np.int64]]:
    """Return the runs of keys that lie in one directory; see `runs_of`.

    Returns
    -------
    tuple
        The directories, as an Arrow array, and an array of the shape (runs, 3): how many
        keys, the sum of their sizes, and when the newest was written, or `NEVER`.
    """
    if not batch.num_rows:
        return pa.array([], pa.string()), np.empty((0, 3), np.int64)
    runs = pc.run_end_encode(directories_of(batch.column(0)))
    ends = integers(runs.run_ends)
    starts = np.concatenate(([0], ends[:-1]))
    sums = np.empty((len(ends), 3), np.int64)
    sums[:, 0] = ends - starts
    sums[:, 1] = np.add.reduceat(integers(batch.column(1)), starts)
    sums[:, 2] = _newest(batch.column(2), starts)
    return runs.values, sums


def directories_of(keys: Any) -> Any:
    """Return the directory of each key, as an Arrow array; see `runs_of`."""
    nkeys = len(keys)
    letters = letters_of(keys)
    if not len(letters):
        return pa.array([""] * nkeys, pa.string())
    ends = np.cumsum(integers(pc.binary_length(keys)))
    starts = np.concatenate(([0], ends[:-1]))
    slashes = np.flatnonzero(letters == _SLASH)
    # The last slash before the end of each key; it may be one of the key before.
    last = np.concatenate(([-1], slashes))[np.searchsorted(slashes, ends)]
    lengths = np.maximum(last - starts, 0)
    kept = np.empty(2 * nkeys, np.int64)
    kept[::2], kept[1::2] = lengths, ends - starts - lengths
    is_directory = np.repeat(np.tile([True, False], nkeys), kept)
    offsets = np.zeros(nkeys + 1, np.int32)
    np.cumsum(lengths, out=offsets[1:])
    return pa.StringArray.from_buffers(
        nkeys, pa.py_buffer(offsets), pa.py_buffer(letters[is_directory])
    )


def _newest(modified: Any, starts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    if modified.null_count == len(modified):
        return np.full(len(starts), NEVER)
    times = integers(modified.cast(pa.int64()).fill_null(NEVER))
    return np.maximum.reduceat(times, starts)


class LiveTree:
    """Totals of the paths below a prefix, while it is listed in any order.

    Can be pickled: a worker sends its own to be merged.

    Parameters
    ----------
    prefix
        What is listed, as in `zstore.store.Store.usage`.
    depth
        How many levels of paths are told apart.
    max_children
        How many folders are told apart at most. Keys of further ones are counted in the
        folders above them, and in the totals.
    max_leaves
        How many keys are told apart at most, where they are asked for. They have a bound
        of their own: the keys of one flat array would leave no room for folders.

    Attributes
    ----------
    depth
        As it was given.
    nkeys, nbytes
        Of all keys.
    folders
        (nkeys, nbytes) of each path below the prefix, after those that it lies in.
    leaves
        The size of each key that is told apart.
    cut
        Paths of which not every folder is told apart. They get no further ones, so each
        that there is was counted from its first key.

    Raises
    ------
    InvalidTypeError
        If `depth` or `max_children` is no positive int.

    Notes
    -----
    Memory: some 300 bytes and the path for each folder and key that is told apart.
    """

    def __init__(
        self,
        prefix: str = "",
        depth: int = 4,
        max_children: int = 500_000,
        *,
        max_leaves: int = 10_000,
    ) -> None:
        for name, number in (("depth", depth), ("max_children", max_children)):
            if type(number) is not int or number < 1:
                msg = f"{name} must be a positive int, got {number!r}"
                raise InvalidTypeError(msg)
        self._below = prefix_of(prefix)
        self.depth = depth
        self._max_children = max_children
        self._max_leaves = max_leaves
        self.nkeys = self.nbytes = 0
        self.folders: _Folders = {}
        self.leaves: dict[str, int] = {}
        self.cut: set[str] = set()

    def add(self, runs: Iterable[Run], batch: Any = None) -> None:
        """Count some keys.

        Parameters
        ----------
        runs
            Of these keys.
        batch
            The keys themselves: then those above `depth` have entries of their own, as
            folders have, and the tree is that of `zstore.store.Store.usage`.

        Notes
        -----
        About 1 us a run; with `batch` also 0.5 us for each key above `depth`.
        """
        levels: list[_Folders] = [{} for _ in range(self.depth + 1)]
        row = 0
        for directory, nkeys, nbytes, _ in runs:
            self.nkeys += nkeys
            self.nbytes += nbytes
            # The key of the very name of the prefix is below nothing.
            if not self._below or f"{directory}/".startswith(self._below):
                path = directory[len(self._below) :]
                names = path.split("/", self.depth) if path else []
                if len(names) > self.depth:
                    path = path[: -len(names.pop()) - 1]
                if batch is not None and len(names) < self.depth:
                    self._add_leaves(batch.slice(row, nkeys))
                _add(levels[len(names)], path, nkeys, nbytes)
            row += nkeys
        self._add_levels(levels)

    def merge(self, other: "LiveTree") -> None:
        """Count what another tree has counted; it is not changed.

        Notes
        -----
        About 0.5 us for each path of `other`. If one of the two could not tell all folders
        of a path apart, those that only one has are let go: their totals are not known.
        """
        kept = _known_to(self.cut, self.folders, other.folders)
        if other.cut:
            self.folders = _known_to(other.cut, other.folders, self.folders)
        for path, (nkeys, nbytes) in kept.items():
            self._add_child(path, nkeys, nbytes)
        self.cut |= other.cut
        for path, nbytes in other.leaves.items():
            self._add_leaf(path, nbytes)
        self.nkeys += other.nkeys
        self.nbytes += other.nbytes

    def usage(self, *, complete: bool = False) -> Usage:
        """Return a copy of what was counted.

        Parameters
        ----------
        complete
            Whether that is all there is.

        Notes
        -----
        About 0.03 us for each path, and 0.3 us for each key.
        """
        children = self.folders.copy()
        for path, size in self.leaves.items():
            nkeys, nbytes = children.get(path, (0, 0))
            children[path] = (nkeys + 1, nbytes + size)
        return Usage(self.nkeys, self.nbytes, children, complete=complete)

    def _add_levels(self, levels: list[_Folders]) -> None:
        """Add folders, by their depth, and to those that they lie in."""
        for level in range(self.depth, 1, -1):
            for path, (nkeys, nbytes) in levels[level].items():
                _add(levels[level - 1], path.rpartition("/")[0], nkeys, nbytes)
        for folders in levels[1:]:
            for path, (nkeys, nbytes) in folders.items():
                self._add_child(path, nkeys, nbytes)

    def _add_child(self, path: str, nkeys: int, nbytes: int) -> None:
        """Add to one folder, after those that it lies in."""
        known = self.folders.get(path)
        if known is not None:
            self.folders[path] = (known[0] + nkeys, known[1] + nbytes)
            return
        parent = path.rpartition("/")[0]
        if parent and parent not in self.folders:
            return
        if parent in self.cut or len(self.folders) >= self._max_children:
            self.cut.add(parent)
        else:
            self.folders[path] = (nkeys, nbytes)

    def _add_leaves(self, batch: Any) -> None:
        room = self._max_leaves - len(self.leaves)
        if room > 0:
            keys, sizes = batch.column(0)[:room], batch.column(1)[:room]
            start = len(self._below)
            for key, nbytes in zip(keys.to_pylist(), sizes.to_pylist(), strict=True):
                self.leaves[key[start:]] = nbytes

    def _add_leaf(self, path: str, nbytes: int) -> None:
        if len(self.leaves) < self._max_leaves:
            self.leaves[path] = nbytes


def _add(folders: _Folders, path: str, nkeys: int, nbytes: int) -> None:
    known = folders.get(path)
    if known is not None:
        nkeys, nbytes = known[0] + nkeys, known[1] + nbytes
    folders[path] = (nkeys, nbytes)


def _known_to(cut: set[str], known: _Folders, folders: _Folders) -> _Folders:
    """Return the folders but those that a cut tree may have lost, and what is below."""
    if not cut:
        return folders
    kept: _Folders = {}
    for path, totals in folders.items():
        parent = path.rpartition("/")[0]
        if (path in known or parent not in cut) and (not parent or parent in kept):
            kept[path] = totals
    return kept
