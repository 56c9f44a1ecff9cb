"""Reading one folder: the files and folders in it whose names can be part of a key."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from zstore.keys import keys_below
from zstore.stores.local.beneath import Root
from zstore.stores.local.descent import Step

__all__ = ["BATCH", "Level", "Levels"]

BATCH = 4096
"""Names in one batch: about as many as a worker lists while the loop takes the last."""

_Child = os.DirEntry[str]


@dataclass(slots=True)
class Level:
    """Some of what is in one folder.

    Attributes
    ----------
    names
        Of the files.
    keys
        Of the files, in the same order.
    folders
        Names of the folders.
    """

    names: list[str]
    keys: list[str]
    folders: list[str]


class Levels:
    """Reads folders; every method blocks.

    Parameters
    ----------
    root
        Where they are.
    skipped
        Called with a path and the reason for each thing that is left out: names that are
        no keys, and links unless they are followed.
    """

    def __init__(self, root: Root, skipped: Callable[[str, str], None]) -> None:
        self._root = root
        self._skipped = skipped
        self._follow = root.follow_symlinks

    def parts(self, step: Step) -> Iterator[Level]:
        """Iterate over one folder, in parts; the folders in it come with the last."""
        try:
            children = os.scandir(step.place)
        except (FileNotFoundError, NotADirectoryError):
            return
        follow = self._follow
        others: list[_Child] = []
        with children:
            while True:
                part = list(islice(children, BATCH))
                names = [c.name for c in part if c.is_file(follow_symlinks=follow)]
                if len(names) < len(part):
                    known = set(names)
                    others += [child for child in part if child.name not in known]
                if len(part) < BATCH:
                    break
                yield self._checked(step, names, [])
        folders = self._folders(step, others) if others else []
        yield self._checked(step, names, folders)

    def _folders(self, step: Step, others: list[_Child]) -> list[str]:
        names: list[str] = []
        for child in others:
            if child.is_dir(follow_symlinks=self._follow):
                names.append(child.name)
            elif child.is_symlink():
                self._skip(step, child.name, "it is a symbolic link")
        return names

    def _checked(self, step: Step, names: list[str], folders: list[str]) -> Level:
        """Leave out the names that can be no part of a key."""
        keys = keys_below(step.prefix, names)
        below = keys_below(step.prefix, folders) if folders else folders
        if len(keys) == len(names) and len(below) == len(folders):
            return Level(names, keys, folders)
        good = {*keys, *below}
        for name in [*names, *folders]:
            if step.prefix + name not in good:
                self._skip(step, name, "its name is no key")
        return Level(
            [name for name in names if step.prefix + name in good],
            keys,
            [name for name in folders if step.prefix + name in good],
        )

    def _skip(self, step: Step, name: str, reason: str) -> None:
        self._skipped(self._root.path_of(step.prefix) + name, reason)

    def sizes(self, step: Step, level: Level) -> list[tuple[str, int]]:
        """Return (key, nbytes) of the files, without those that went meanwhile."""
        found, infos = self.look(step, level.names, level.keys)
        return list(zip(found, [info.st_size for info in infos], strict=True))

    def look(
        self, step: Step, names: list[str], labels: Sequence[str]
    ) -> tuple[Sequence[str], list[os.stat_result]]:
        """Ask for the sizes of files and so on.

        Parameters
        ----------
        step
            The folder that they are in.
        names
            Of the files.
        labels
            What they are called in the answer.

        Returns
        -------
        labels, infos
            Without those of files that went meanwhile.
        """
        stat, fd, base, follow = os.stat, step.fd, step.base, self._follow
        try:
            return labels, [
                stat(base + name, dir_fd=fd, follow_symlinks=follow) for name in names
            ]
        except FileNotFoundError:
            pass
        # One went meanwhile: look at each alone.
        found: list[str] = []
        infos: list[os.stat_result] = []
        for name, label in zip(names, labels, strict=True):
            info = self.info(step, name)
            if info is not None:
                found.append(label)
                infos.append(info)
        return found, infos

    def info(self, step: Step, name: str) -> os.stat_result | None:
        """Return what is known of one file or folder; None if it went meanwhile."""
        try:
            return os.stat(step.base + name, dir_fd=step.fd, follow_symlinks=self._follow)
        except FileNotFoundError:
            return None
