"""The largest of what lies in two levels of a counted store, and what it most likely is."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from itertools import islice
from typing import Literal, TypeAlias

from zstore import Usage
from zstore.hierarchy import METADATA_NAMES

__all__ = ["KINDS", "Box", "By", "Kind", "Level", "Rest", "SizeTree"]

By: TypeAlias = Literal["bytes", "keys"]
Kind: TypeAlias = Literal["group", "array", "chunks", "metadata", "other"]
KINDS: tuple[Kind, ...] = ("group", "array", "chunks", "metadata", "other")

_ARRAY_NAMES = (".zarray",)
_GROUP_NAMES = (".zgroup", "zarr.json", "attributes.json")
# "c", "c.0.1", "0", "0.1": of Zarr v2, v3 and N5.
_CHUNK_NAME = re.compile(r"c|(?:c\.)?\d+(?:\.\d+)*", re.ASCII)
# So many names of a level tell what it is.
_LOOKED_AT = 16
# A folder that weighs so much of the one it lies in is shown in its place.
_ALL_OF_IT = 0.95


@dataclass(frozen=True, slots=True)
class Box:
    """One path of the two levels below what is shown.

    Attributes
    ----------
    path
        From the root.
    name
        Below what it lies in: one segment, or several where folders with nothing else of
        weight lie between.
    parent
        Which box of the answer it lies in; -1 for the upper of the two levels.
    kind
        By its name and its neighbours; nothing is read.
    nkeys, nbytes
        Keys below it, itself among them, and the sum of their sizes.
    opens
        Whether it is known what lies below it.
    """

    path: str
    name: str
    parent: int
    kind: Kind
    nkeys: int
    nbytes: int
    opens: bool


@dataclass(frozen=True, slots=True)
class Rest:
    """All that has no box of its own, in a box or (-1) in what is shown.

    Attributes
    ----------
    parent
        As of a `Box`.
    count
        How many names; 0 if it is only known that there are keys.
    nkeys, nbytes
        As of a `Box`.
    """

    parent: int
    count: int
    nkeys: int
    nbytes: int


@dataclass(frozen=True, slots=True)
class Level:
    """What is shown of a path: boxes by falling size, those of the upper level first."""

    path: str
    kind: Kind
    nkeys: int
    nbytes: int
    boxes: Sequence[Box]
    rests: Sequence[Rest]


class SizeTree:
    """The children of a `Usage` as a tree.

    Notes
    -----
    `take` costs what is new since the last, `level` what lies in the two levels. One
    thread at a time.
    """

    def __init__(self, usage: Usage | None = None) -> None:
        self.usage = Usage()
        self._below: dict[str, list[str]] = {}
        self._nindexed = 0
        self._arrays: dict[str, bool] = {}
        if usage is not None:
            self.take(usage)

    def take(self, usage: Usage) -> None:
        """Show a later total of the same listing."""
        self.usage = usage
        # `Store.usage` has them in the order in which they were seen, so new ones last.
        for path in islice(usage.children, self._nindexed, None):
            self._below.setdefault(path.rpartition("/")[0], []).append(path)
        self._nindexed = len(usage.children)
        # What is an array may be known only later.
        self._arrays.clear()

    def level(self, path: str = "", *, limit: int, by: By = "bytes") -> Level:
        """Return the largest boxes of the two levels below `path`.

        Parameters
        ----------
        path
            ``""`` is the root. A path that is not known has no boxes.
        limit
            How many boxes and rests there are at most. Half of them are kept for the
            upper level.
        by
            What is largest.
        """
        nkeys, nbytes = self._counted(path)
        boxes = [
            self._box(each, path, -1)
            for each in self._largest(path, max(1, limit // 2), by)
        ]
        # Each that is divided may need a rest, and so may the level itself.
        divided = sum(box.opens for box in boxes)
        folders = [self._divided(box.path, by) for box in boxes]
        boxes += self._lower(boxes, folders, limit - len(boxes) - divided - 1, by)
        kind = self._kind(path)
        rests = list(self._rests(path, boxes, folders))
        return Level(path, kind, nkeys, nbytes, boxes, rests)

    def _lower(self, upper: list[Box], folders: list[str], room: int, by: By) -> list[Box]:
        if room <= 0:
            return []
        found = [
            (weight, path, parent)
            for parent, folder in enumerate(folders)
            for weight, path in self._heaviest(folder, room, by)
        ]
        largest = nsmallest(room, found)
        return [self._box(path, upper[parent].path, parent) for _, path, parent in largest]

    def _divided(self, path: str, by: By) -> str:
        """Return the folder whose names divide a box: not one that is all of it."""
        while True:
            inside = self._below.get(path, ())
            if not inside or len(inside) > _LOOKED_AT:
                return path
            [largest] = self._largest(path, 1, by)
            part, whole = (self._counted(each)[by == "bytes"] for each in (largest, path))
            if largest not in self._below or part < _ALL_OF_IT * whole:
                return path
            path = largest

    def _rests(self, path: str, boxes: list[Box], folders: list[str]) -> Iterator[Rest]:
        inside: dict[int, list[Box]] = {}
        for box in boxes:
            inside.setdefault(box.parent, []).append(box)
        for parent, shown in sorted(inside.items()):
            where = path if parent < 0 else boxes[parent].path
            nkeys, nbytes = self._counted(where)
            rest = Rest(
                parent,
                self._ncandidates(where, where if parent < 0 else folders[parent])
                - len(shown),
                nkeys - sum(box.nkeys for box in shown),
                nbytes - sum(box.nbytes for box in shown),
            )
            if rest.nkeys > 0:
                yield rest

    def _ncandidates(self, path: str, folder: str) -> int:
        """Return how many names there are in `folder`, and beside it below `path`."""
        count = len(self._below[folder])
        while folder != path:
            folder = folder.rpartition("/")[0]
            count += len(self._below[folder]) - 1
        return count

    def _box(self, path: str, above: str, parent: int) -> Box:
        nkeys, nbytes = self.usage.children[path]
        name = path[len(above) + 1 :] if above else path
        return Box(path, name, parent, self._kind(path), nkeys, nbytes, path in self._below)

    def _counted(self, path: str) -> tuple[int, int]:
        if not path:
            return self.usage.nkeys, self.usage.nbytes
        return self.usage.children.get(path, (0, 0))

    def _largest(self, path: str, limit: int, by: By) -> list[str]:
        return [each for _, each in self._heaviest(path, limit, by)]

    def _heaviest(self, path: str, limit: int, by: By) -> list[tuple[int, str]]:
        """Return the largest paths of a folder, each behind its weight, negated."""
        children, column = self.usage.children, int(by == "bytes")
        # Without a key function, which would be called for each of 200,000 names.
        return nsmallest(
            limit, [(-children[each][column], each) for each in self._below.get(path, ())]
        )

    # What a path is

    def _kind(self, path: str) -> Kind:
        name = path.rpartition("/")[2]
        if name in METADATA_NAMES and path not in self._below:
            return "metadata"
        if self._is_array(path):
            return "array"
        if self._is_group(path):
            return "group"
        return "chunks" if self._is_in_array(path) else "other"

    def _has(self, path: str, names: Sequence[str]) -> bool:
        below = f"{path}/" if path else ""
        return any(below + name in self.usage.children for name in names)

    def _is_array(self, path: str) -> bool:
        known = self._arrays.get(path)
        if known is None:
            known = self._arrays[path] = self._looks_like_array(path)
        return known

    def _looks_like_array(self, path: str) -> bool:
        if self._has(path, _ARRAY_NAMES):
            return True
        # Of v3 and N5 the document has one name for groups and arrays.
        if not self._has(path, _GROUP_NAMES[1:]):
            return False
        return any(
            _CHUNK_NAME.fullmatch(below.rpartition("/")[2])
            and not self._has(below, (*_ARRAY_NAMES, *_GROUP_NAMES))
            for below in self._below[path][:_LOOKED_AT]
        )

    def _is_group(self, path: str) -> bool:
        """Tell whether it is marked as a group, or a folder that leads to a node."""
        while True:
            if self._has(path, _GROUP_NAMES):
                return True
            inside = self._below.get(path, ())[:_LOOKED_AT]
            if any(self._has(each, (*_ARRAY_NAMES, *_GROUP_NAMES)) for each in inside):
                return True
            folder = next((each for each in inside if each in self._below), None)
            if folder is None:
                return False
            path = folder

    def _is_in_array(self, path: str) -> bool:
        while path:
            path = path.rpartition("/")[0]
            if self._is_array(path):
                return True
        return False
