"""Listing in the order of keys, from any key to any other."""

from bisect import bisect_left, bisect_right
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, field

from zstore.entries import KeyPage
from zstore.stores.local.beneath import Root
from zstore.stores.local.descent import Descent, Step
from zstore.stores.local.levels import BATCH, Levels

__all__ = ["OrderedScanner", "Stretch"]


@dataclass(slots=True)
class Stretch:
    """What an ordered walk met since the last one.

    Attributes
    ----------
    page
        The keys, in order; it may have none.
    folders
        (prefix, stamp) of the folders that were opened, in order.
    """

    page: KeyPage = field(default_factory=lambda: KeyPage([], [], []))
    folders: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])

    def is_full(self) -> bool:
        """Tell whether there is enough in it."""
        return len(self.page.keys) >= BATCH or len(self.folders) >= BATCH


class _Sorted:
    """The names in one folder that are wanted, in order, and how far the walk is.

    `folders` as they stand in keys, the last first: "a-" < "a/" < "a0".
    """

    __slots__ = ("_at", "_names", "folders")

    def __init__(
        self,
        prefix: str,
        names: list[str],
        folders: list[str],
        after: str,
        until: str | None,
    ) -> None:
        self._names = sorted(names)
        self.folders = sorted([f"{name}/" for name in folders])
        self._at = 0
        # Elsewhere all of the folder is wanted, or it would not have been opened.
        if after.startswith(prefix):
            self._start_after(after[len(prefix) :])
        if until is not None and until.startswith(prefix):
            self._end_at(until[len(prefix) :])
        self.folders.reverse()

    def _start_after(self, after: str) -> None:
        self._at = bisect_right(self._names, after)
        first = bisect_right(self.folders, after)
        # The folder of `after` sorts before it, and has what follows it.
        if first and after.startswith(self.folders[first - 1]):
            first -= 1
        del self.folders[:first]

    def _end_at(self, until: str) -> None:
        del self._names[bisect_right(self._names, until) :]
        del self.folders[bisect_left(self.folders, until) :]

    def names_before(self, folder: str | None) -> Iterator[list[str]]:
        """Iterate over the names of files, in parts, up to a folder or to the end."""
        names = self._names
        end = len(names) if folder is None else bisect_left(names, folder, self._at)
        while self._at < end:
            first, self._at = self._at, min(self._at + BATCH, end)
            yield names[first : self._at]


class OrderedScanner:
    """Lists what lies below a root in order; every method blocks.

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

    def pages(self, prefix: str, after: str, until: str | None) -> Iterator[KeyPage]:
        """Iterate over the keys below `prefix` in order, with sizes and times.

        Only those after `after`, and none after `until`. Folders that have none of these
        are not opened. In memory are the names of the folders on the way.
        """
        with closing(self._walk(Descent(self._root), prefix, after, until)) as stretches:
            for stretch in stretches:
                yield stretch.page

    def stretches(self, prefix: str, after: str, until: str | None) -> Iterator[Stretch]:
        """Iterate as `pages` does, and note the folders on the way."""
        return self._walk(Descent(self._root, stamped=True), prefix, after, until)

    def _walk(
        self, descent: Descent, prefix: str, after: str, until: str | None
    ) -> Generator[Stretch]:
        if _is_outside(prefix, after, until):
            return
        found = Stretch()
        frames: list[_Sorted] = []
        with descent:
            step = descent.start(prefix)
            while step is not None or frames:
                if step is not None:
                    found.folders.append((step.prefix, step.stamp))
                    frames.append(self._sorted(step, after, until))
                frame = frames[-1]
                folder = frame.folders.pop() if frame.folders else None
                for names in frame.names_before(folder):
                    # Only here, because it may have to be opened again.
                    self._add(found, descent.here(), names)
                    if found.is_full():
                        yield found
                        found = Stretch()
                if folder is not None:
                    step = descent.enter(folder[:-1])
                else:
                    frames.pop()
                    descent.leave()
                    step = None
        yield found

    def _sorted(self, step: Step, after: str, until: str | None) -> _Sorted:
        names: list[str] = []
        folders: list[str] = []
        for level in self._levels.parts(step):
            names += level.names
            folders += level.folders
        return _Sorted(step.prefix, names, folders, after, until)

    def _add(self, found: Stretch, step: Step | None, names: list[str]) -> None:
        if step is None:
            return
        labels, infos = self._levels.look(step, names, names)
        prefix, page = step.prefix, found.page
        page.keys.extend([prefix + name for name in labels])
        page.nbytes.extend([info.st_size for info in infos])
        page.modified.extend([info.st_mtime_ns // 1000 for info in infos])


def _is_outside(prefix: str, after: str, until: str | None) -> bool:
    """Tell whether no key below `prefix` can be between the two."""
    if after > prefix and not after.startswith(prefix):
        return True
    return until is not None and until <= prefix
