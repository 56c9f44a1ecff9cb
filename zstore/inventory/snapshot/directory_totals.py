"""Totals of every directory, from keys in their order."""

from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from zstore.inventory.engines import pa, pc
from zstore.inventory.snapshot.key_batches import NEVER, integers, letters_of
from zstore.inventory.snapshot.rollup import runs_as_columns

__all__ = ["DIRECTORIES", "DirectoryTotals"]

_TIME = pa.timestamp("us", tz="UTC")

DIRECTORIES: Any = pa.schema(
    [
        pa.field("path", pa.string(), nullable=False),
        pa.field("parent", pa.string()),
        pa.field("depth", pa.int32(), nullable=False),
        pa.field("own_nkeys", pa.int64(), nullable=False),
        pa.field("own_nbytes", pa.int64(), nullable=False),
        pa.field("nkeys", pa.int64(), nullable=False),
        pa.field("nbytes", pa.int64(), nullable=False),
        pa.field("newest", _TIME),
    ]
)
"""A row for each directory.

==============  ==================================================================
`path`          ``""`` for the root, which is always there
`parent`        the directory that it lies in; null for the root
`depth`         how many directories it lies in
`own_nkeys`,    the keys that lie in it, and in none below it
`own_nbytes`
`nkeys`,        all the keys below it
`nbytes`
`newest`        when the newest of all was written; null where no time is known
==============  ==================================================================
"""

_Integers: TypeAlias = npt.NDArray[np.int64]

_SLASH: Final = ord("/")
# Each path has a row of letters as long as the longest, which has up to 1,024.
_LETTERS_AT_ONCE: Final = 2**17
_NOTHING: Final = (0, 0, 0, 0, NEVER)


class DirectoryTotals:
    """Exact totals of every directory, from all keys in their order.

    All keys below ``"a/"`` follow each other, although ``"a-"`` comes before them and
    after ``"a"``; so a directory is done when the first key outside of it comes.

    Notes
    -----
    Memory: the totals of the directories that the last key lies in, and some megabytes
    while keys are counted. Some 1 us a directory; there is no Python object for one.
    """

    def __init__(self) -> None:
        # The directory of the last key, and the totals so far of those that it lies in,
        # from the root on, and its own: own_nkeys, own_nbytes, nkeys, nbytes, newest.
        self._last = ""
        self._open = np.array([_NOTHING], np.int64)

    def add(self, batch: Any) -> Any:
        """Count keys that come after all that were counted before.

        Parameters
        ----------
        batch
            Of `zstore.inventory.snapshot.key_batches.SCHEMA`.

        Returns
        -------
        pyarrow.Table
            The directories that are done, as `DIRECTORIES`, in no order.
        """
        paths, sums = runs_as_columns(batch)
        done = [DIRECTORIES.empty_table()]
        if not len(paths):
            return done[0]
        longest = pc.max(pc.binary_length(paths)).as_py()
        nruns = max(1, _LETTERS_AT_ONCE // (longest + 1))
        for first in range(0, len(paths), nruns):
            some = slice(first, first + nruns)
            done.append(self._count(paths[some], sums[some]))
        return pa.concat_tables(done)

    def finish(self) -> Any:
        """Return the directories that are left, the root among them; no key follows."""
        paths = _Paths(self._last, pa.array([], pa.string()))
        levels = np.arange(len(self._open))
        return paths.table(np.zeros_like(levels), levels, self._open)

    def _count(self, runs: Any, sums: _Integers) -> Any:
        # Row 0 is the last directory that was counted, with what it has so far.
        paths = _Paths(self._last, runs)
        done: list[tuple[_Integers, _Integers, _Integers]] = []
        still_open: list[_Integers] = []
        for level in range(int(paths.depths.max()) + 1):
            starts = np.flatnonzero(paths.shared < level)
            totals = _per_group(self._of_level(level, paths.depths, sums), starts)
            # Where no directory is so deep, there is nothing to tell.
            is_one = paths.depths[starts] >= level
            if is_one[-1]:
                still_open.append(totals[-1])
                is_one[-1] = False
            rows = starts[is_one]
            done.append((rows, np.full_like(rows, level), totals[is_one]))
        self._last, self._open = runs[len(runs) - 1].as_py(), np.stack(still_open)
        rows, levels, totals = (
            np.concatenate(column) for column in zip(*done, strict=True)
        )
        return paths.table(rows, levels, totals)

    def _of_level(self, level: int, depths: _Integers, sums: _Integers) -> _Integers:
        """Return what each row adds to the directory of one level that it lies in."""
        adds = np.empty((len(depths), 5), np.int64)
        adds[0] = self._open[level] if level < len(self._open) else _NOTHING
        adds[1:, :2] = np.where((depths[1:] == level)[:, None], sums[:, :2], 0)
        adds[1:, 2:] = sums
        return adds


def _per_group(adds: _Integers, starts: _Integers) -> _Integers:
    found = np.add.reduceat(adds, starts)
    found[:, 4] = np.maximum.reduceat(adds[:, 4], starts)
    return found


class _Paths:
    """Paths of directories, a row of letters each, and how they lie in each other.

    Attributes
    ----------
    depths
        How many directories each row lies in.
    shared
        How many levels below the root each row has in common with the one before; -1 in
        the first one, where even the root begins.
    """

    def __init__(self, first: str, others: Any) -> None:
        paths = pa.concat_arrays([pa.array([first], pa.string()), others])
        lengths = integers(pc.binary_length(paths))
        columns = np.arange(int(lengths.max()) + 1)
        self._text = np.zeros((len(paths), len(columns)), np.uint8)
        self._text[columns < lengths[:, None]] = letters_of(paths)
        # A directory ends before a slash, and at the end of the path: of "a/b", there are
        # "a" and "a/b". A slash at the start is a letter.
        ends = self._text == _SLASH
        ends[np.arange(len(paths)), lengths] = True
        ends[:, 0] = False
        self.depths = ends.sum(axis=1)
        self._stops = np.nonzero(ends)[1]
        differs = self._text[1:] != self._text[:-1]
        alike = np.where(differs.any(axis=1), differs.argmax(axis=1), len(columns))
        common = ends[1:] & ends[:-1] & (columns <= alike[:, None])
        self.shared = np.concatenate(([-1], common.sum(axis=1)))

    def table(self, rows: _Integers, levels: _Integers, totals: _Integers) -> Any:
        """Return directories as `DIRECTORIES`.

        Parameters
        ----------
        rows, levels
            The row of letters that each directory is taken from, and its depth.
        totals
            Its own_nkeys, own_nbytes, nkeys, nbytes, newest.
        """
        parents = self._texts(rows, levels - 1)
        newest = pa.array(totals[:, 4], mask=totals[:, 4] == NEVER)
        columns = [
            self._texts(rows, levels),
            pc.if_else(pa.array(levels > 0), parents, pa.scalar(None, pa.string())),
            pa.array(levels, pa.int32()),
            *(pa.array(column) for column in totals.T[:4]),
            newest.cast(_TIME),
        ]
        return pa.Table.from_arrays(columns, schema=DIRECTORIES)

    def _texts(self, rows: _Integers, levels: _Integers) -> Any:
        firsts = np.cumsum(self.depths) - self.depths
        stops = np.zeros_like(rows)
        below = levels > 0
        stops[below] = self._stops[firsts[rows[below]] + levels[below] - 1]
        letters = self._text[rows][np.arange(self._text.shape[1]) < stops[:, None]]
        offsets = np.zeros(len(rows) + 1, np.int32)
        np.cumsum(stops, out=offsets[1:])
        return pa.StringArray.from_buffers(
            len(rows), pa.py_buffer(offsets), pa.py_buffer(letters)
        )
