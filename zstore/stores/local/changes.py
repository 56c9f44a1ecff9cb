"""What changed in a tree since it was listed, without listing what did not.

A folder says when a name in it came, went or was replaced. So a writer that gives a new
file its name at once, as ours and zarr's do, leaves a trace in the folder, and a folder
without a trace need not be listed. A program that overwrites a file in place leaves none.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from zstore.errors import SnapshotError
from zstore.keys import check_prefix
from zstore.stores.local.beneath import Root
from zstore.stores.local.descent import Descent, Step, stamp_of
from zstore.stores.local.levels import BATCH, Levels

__all__ = ["ChangeScanner", "Changes", "Relisted"]

# A folder that was changed shortly before it was listed may have been changed once more,
# after that, within one tick of the file system's clock: then its stamp says nothing. So a
# stamp counts only if it was old already when the listing began, as in the index of git.
# 2 s are the tick of FAT, the longest; of others it is 10 ms or less.
_TICK_NS = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Relisted:
    """A folder that is new, or was changed, as it is now.

    Attributes
    ----------
    prefix
        Of the keys below it: empty, or ending in ``/``.
    stamp
        When it was changed last, in nanoseconds; taken before it was listed.
    names, nbytes, modified
        Its files, in order of their names: sizes, and when each was written in microseconds
        since 1970.
    folders
        The names of the folders in it, in order.
    """

    prefix: str
    stamp: int
    names: list[str]
    nbytes: list[int]
    modified: list[int]
    folders: list[str]


@dataclass(slots=True)
class Changes:
    """Some of what became of the folders of a tree; each is in one of the lists, once.

    Attributes
    ----------
    unchanged
        Prefixes of known folders that hold the same files as when they were listed.
    relisted
        Folders that are new or changed.
    gone
        Prefixes of known folders that are not there any more.
    """

    unchanged: list[str] = field(default_factory=list[str])
    relisted: list[Relisted] = field(default_factory=list[Relisted])
    gone: list[str] = field(default_factory=list[str])


class ChangeScanner:
    """Compares a tree with what was known of it; every method blocks.

    Parameters
    ----------
    root
        Where to look.
    levels
        Reads the folders.
    """

    def __init__(self, root: Root, levels: Levels) -> None:
        self._root = root
        self._levels = levels

    def changes(
        self, prefix: str, known: Iterable[tuple[str, int]], began_ns: int
    ) -> Iterator[Changes]:
        """Iterate over what became of the folder of `prefix` and of all below it.

        The parameters are those of `zstore.stores.local.LocalStore.changes`.
        """
        with Descent(self._root, stamped=True) as descent:
            walk = _Walk(descent, self._levels, _Known(prefix, known), began_ns - _TICK_NS)
            walk.start(prefix)
            while walk.is_under_way():
                walk.advance()
                if walk.is_full():
                    yield walk.take()
            yield walk.take()


class _Known:
    """The known folders, in order, with a look at the next one."""

    def __init__(self, top: str, folders: Iterable[tuple[str, int]]) -> None:
        self._top = top
        self._folders = iter(folders)
        # None after the last.
        self.prefix: str | None = None
        self.stamp = 0
        self.advance()

    def advance(self) -> None:
        """Go on to the next."""
        last = self.prefix
        self.prefix, self.stamp = next(self._folders, (None, 0))
        prefix = self.prefix
        if prefix is None:
            return
        if not prefix.startswith(self._top) or (prefix and prefix[-1] != "/"):
            msg = f"{prefix!r} is no folder below {self._top!r}"
            raise SnapshotError(msg)
        if last is not None and prefix <= last:
            msg = f"the known folders are not in order: {prefix!r} comes after {last!r}"
            raise SnapshotError(msg)

    def take(self) -> tuple[str, int]:
        """Return the next folder, of which the caller knows that it is there, and go on."""
        assert self.prefix is not None  # noqa: S101 -- the caller looked
        taken = self.prefix, self.stamp
        self.advance()
        return taken

    def is_below(self, prefix: str, before: str | None = None) -> bool:
        """Tell whether the next folder lies below one, and comes before another."""
        known = self.prefix
        if known is None or not known.startswith(prefix):
            return False
        return before is None or known < before

    def name_in(self, prefix: str) -> str:
        """Return the name that the next folder has in the one above."""
        assert self.prefix is not None  # noqa: S101 -- the caller looked
        name = self.prefix[len(prefix) : -1]
        # Names come from a file that anybody may have written, and lead to system calls.
        if not name.isalnum():
            check_prefix(self.prefix)
        if "/" in name:
            msg = f"{self.prefix!r} is known, but not the folder that it is in"
            raise SnapshotError(msg)
        return name


@dataclass(slots=True)
class _Frame:
    """A folder on the way; `found` are those in it if it was listed, the last first."""

    step: Step
    found: list[str] | None


class _Walk:
    """The walk through the tree and the known folders at once, both in order."""

    def __init__(
        self, descent: Descent, levels: Levels, known: _Known, newest_old: int
    ) -> None:
        self._descent = descent
        self._levels = levels
        self._known = known
        self._newest_old = newest_old
        self._frames: list[_Frame] = []
        self._changes = Changes()
        # Files and folders, so that what is taken at once stays small.
        self._nfound = 0

    def is_under_way(self) -> bool:
        return bool(self._frames)

    def is_full(self) -> bool:
        return self._nfound >= BATCH

    def take(self) -> Changes:
        """Return what was found since the last time."""
        changes, self._changes, self._nfound = self._changes, Changes(), 0
        return changes

    def start(self, prefix: str) -> None:
        """Look at the top."""
        self._nfound += 1
        step = self._descent.start(prefix)
        if step is None:
            self._lose(prefix)
            return
        stamp = self._stamp_of_known(prefix)
        if stamp is not None and self._is_same(stamp, step.stamp):
            self._changes.unchanged.append(prefix)
            self._frames.append(_Frame(step, None))
        else:
            self._list(step)

    def advance(self) -> None:
        """Look at one more folder, or leave the last."""
        frame, known = self._frames[-1], self._known
        prefix = frame.step.prefix
        if frame.found is None:
            if known.is_below(prefix):
                name = known.name_in(prefix)
                self._visit(name, *known.take())
                return
        else:
            upto = frame.found[-1] if frame.found else None
            while known.is_below(prefix, upto):
                self._lose_next()
            if upto is not None:
                frame.found.pop()
                self._visit(upto[len(prefix) : -1], upto, self._stamp_of_known(upto))
                return
        self._frames.pop()
        self._descent.leave()

    def _visit(self, name: str, prefix: str, stamp: int | None) -> None:
        """Look at one folder in the one where the walk is; `stamp` if it is known."""
        self._nfound += 1
        if stamp is not None:
            here = self._descent.here()
            info = None if here is None else self._levels.info(here, name)
            if info is not None and self._is_same(stamp, stamp_of(info)):
                self._keep(name, prefix)
                return
        step = self._descent.enter(name)
        if step is not None:
            self._list(step)
        elif stamp is not None:
            self._changes.gone.append(prefix)
            self._lose(prefix)

    def _keep(self, name: str, prefix: str) -> None:
        """Go on with the known folders below one that is the same, if there are any."""
        if self._known.is_below(prefix):
            step = self._descent.enter(name)
            if step is None:
                self._changes.gone.append(prefix)
                self._lose(prefix)
                return
            self._frames.append(_Frame(step, None))
        self._changes.unchanged.append(prefix)

    def _is_same(self, known: int, now: int) -> bool:
        return known == now and now < self._newest_old

    def _stamp_of_known(self, prefix: str) -> int | None:
        """Return the stamp of the next known folder if it is this one, and go on."""
        if self._known.prefix != prefix:
            return None
        return self._known.take()[1]

    def _lose(self, prefix: str) -> None:
        while self._known.is_below(prefix):
            self._lose_next()

    def _lose_next(self) -> None:
        self._changes.gone.append(self._known.take()[0])
        self._nfound += 1

    def _list(self, step: Step) -> None:
        names: list[str] = []
        folders: list[str] = []
        for level in self._levels.parts(step):
            names += level.names
            folders += level.folders
        names.sort()
        labels, infos = self._levels.look(step, names, names)
        relisted = Relisted(
            step.prefix,
            step.stamp,
            list(labels),
            [info.st_size for info in infos],
            [info.st_mtime_ns // 1000 for info in infos],
            sorted(folders),
        )
        self._changes.relisted.append(relisted)
        self._nfound += len(infos)
        # As they stand in keys: "a-" < "a/" < "a0".
        found = sorted([f"{step.prefix}{name}/" for name in folders], reverse=True)
        self._frames.append(_Frame(step, found))
