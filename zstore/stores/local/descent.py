"""The way down a tree, each folder opened relative to the one above.

A name that is looked up in an open folder cannot lead through a link that somebody puts in
the place of a folder above, and the kernel need not resolve the path of each file.

Source: openat(2), O_NOFOLLOW and O_DIRECTORY.
"""

import errno
import os
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

from zstore.stores.local.beneath import READ, Root

__all__ = ["Descent", "Step", "stamp_of"]

# Otherwise a tree of a thousand levels would need a thousand descriptors.
_MAX_OPEN = 32

_HAS_DESCRIPTORS = os.open in os.supports_dir_fd and os.scandir in os.supports_fd
_FOLDER = READ | getattr(os, "O_DIRECTORY", 0)
_NO_LINK = _FOLDER | getattr(os, "O_NOFOLLOW", 0)

# A folder went meanwhile, or there is something else of its name now.
_GONE = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP}


@dataclass(slots=True)
class Step:
    """A folder on the way.

    Attributes
    ----------
    prefix
        Of the keys below it: empty, or ending in ``/``.
    fd
        Its descriptor; None where names cannot be relative to one, and while others need
        the descriptors more.
    base
        What stands before a name in a call of `os` with ``dir_fd=fd``.
    identity
        Device and number, if links are followed.
    stamp
        When it was changed last, if the walk wants to know; see `stamp_of`.
    """

    prefix: str
    fd: int | None
    base: str
    identity: tuple[int, int] | None = None
    stamp: int = 0

    @property
    def place(self) -> int | str:
        """What to pass to a call of `os` to mean the folder."""
        return self.base if self.fd is None else self.fd


class Descent:
    """The folders from the top of a walk to where it is.

    A context manager: at its end no descriptor is left open. For one thread at a time;
    every method blocks.

    Parameters
    ----------
    root
        The folder that the walk stays in.
    stamped
        Whether to note `Step.stamp` of each folder when it is entered: before it is listed.
    """

    def __init__(self, root: Root, *, stamped: bool = False) -> None:
        self._root = root
        self._asks = stamped or root.follow_symlinks
        self._way: list[Step] = []
        # Those before it have no descriptor now.
        self._first_open = 0
        self._identities: set[tuple[int, int]] = set()
        self._flags = _FOLDER if root.follow_symlinks else _NO_LINK

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        while self._way:
            self.leave()

    def start(self, prefix: str) -> Step | None:
        """Open the top of the walk; return None if there is no such folder.

        Raises
        ------
        OSError
            If it cannot be opened; ELOOP if a part of its path is a link and links are not
            followed.
        """
        with suppress(FileNotFoundError, NotADirectoryError):
            if _HAS_DESCRIPTORS:
                return self._come_to(prefix, self._root.open(prefix, _FOLDER))
            with self._root.folder(prefix):
                return self._come_to(prefix, None)
        return None

    def enter(self, name: str) -> Step | None:
        """Open a folder in the one where the walk is, and go there.

        Returns
        -------
        Step or None
            None, and the walk stays where it is, if the folder went meanwhile, if there is
            a link instead that is not followed, or if it is one of those above: links can
            lead in a circle.

        Raises
        ------
        OSError
            If the folder cannot be opened, as for want of permission.
        """
        step = self._way[-1]
        if step.fd is None and self.here() is None:
            return None
        fd: int | None = None
        if _HAS_DESCRIPTORS:
            try:
                fd = os.open(name, self._flags, dir_fd=step.fd)
            except OSError as error:
                if error.errno in _GONE:
                    return None
                raise
        return self._come_to(f"{step.prefix}{name}/", fd)

    def here(self) -> Step | None:
        """Return the folder where the walk is, open; None if it went meanwhile."""
        step = self._way[-1]
        if step.fd is None and _HAS_DESCRIPTORS:
            try:
                step.fd = self._root.open(step.prefix, _FOLDER)
            except OSError as error:
                if error.errno in _GONE:
                    return None
                raise
            self._first_open = len(self._way) - 1
        return step

    def leave(self) -> None:
        """Go back to the folder above."""
        step = self._way.pop()
        if step.identity is not None:
            self._identities.discard(step.identity)
        if step.fd is not None:
            self._close(step)
        self._first_open = min(self._first_open, len(self._way))

    def _come_to(self, prefix: str, fd: int | None) -> Step | None:
        step = Step(prefix, fd, "" if fd is not None else self._root.path_of(prefix))
        # On the way before anything can fail, so that the descriptor is closed at the end.
        self._way.append(step)
        if len(self._way) - self._first_open > _MAX_OPEN:
            self._close(self._way[self._first_open])
            self._first_open += 1
        if self._asks and not self._note(step):
            self.leave()
            return None
        return step

    def _note(self, step: Step) -> bool:
        """Note what is asked of it; tell whether it is there, and none of those above."""
        try:
            status = os.stat(step.place)
        except FileNotFoundError:
            return False
        step.stamp = stamp_of(status)
        if self._root.follow_symlinks:
            identity = status.st_dev, status.st_ino
            if identity in self._identities:
                return False
            step.identity = identity
            self._identities.add(identity)
        return True

    @staticmethod
    def _close(step: Step) -> None:
        if step.fd is not None:
            fd, step.fd = step.fd, None
            os.close(fd)


def stamp_of(status: os.stat_result) -> int:
    """Return when a folder was changed last, as its file system says: nanoseconds.

    Notes
    -----
    Not the time of modification where there is a better one: programs that copy or unpack
    a tree set that back to what it was elsewhere, and a folder that they filled would look
    unchanged.
    """
    return status.st_mtime_ns if os.name == "nt" else status.st_ctime_ns
