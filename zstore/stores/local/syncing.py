"""Having on the disk what was written, before a call returns.

A file is on the disk once it is synced itself, and its name once the folder that holds the
name is; so is the name of that folder in the folder above.

Source: fsync(2); fcntl(2) of macOS, F_FULLFSYNC.
"""

import errno
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from zstore.stores.local.beneath import READ, Root

try:
    import fcntl
except ImportError:  # pragma: no cover -- Windows
    fcntl = None  # type: ignore[assignment]

__all__ = ["Disk", "make_root", "sync", "sync_folder"]

_FOLDER = READ | getattr(os, "O_DIRECTORY", 0)
_CAN_SYNC_FOLDERS = sys.platform != "win32"
# On macOS `fsync` leaves the bytes in the memory of the disk.
_FULL: int | None = getattr(fcntl, "F_FULLFSYNC", None)
_NO_SUCH_CALL = {errno.EINVAL, errno.ENOTSUP, errno.ENOTTY}
# Prefixes that a store remembers; what is forgotten is synced once more.
_MAX_KNOWN = 10_000


def sync(fd: int) -> None:
    """Wait until a file or folder is on the disk.

    Raises
    ------
    OSError
        If the disk failed. What was written since the last success may be lost.
    """
    if fcntl is not None and _FULL is not None:
        try:
            fcntl.fcntl(fd, _FULL)
        except OSError as error:
            if error.errno not in _NO_SUCH_CALL:
                raise
        else:
            return
    os.fsync(fd)


class Disk:
    """Where a store writes; every method blocks.

    Parameters
    ----------
    root
        The folder of the store.
    durable
        Whether what is written is synced; else no method but `forget` does anything.
    """

    def __init__(self, root: Root, *, durable: bool) -> None:
        self.root = root
        self._durable = durable
        # Prefixes of the folders whose names are on the disk, up to the root. Folders that
        # others made are not synced by making them, so each is synced once.
        self._known: set[str] = set()

    def sync_file(self, fd: int) -> None:
        """Wait until the bytes of an open file are on the disk.

        Raises
        ------
        OSError
            If the disk failed.
        """
        if not self._durable:
            return
        if _FULL is None and hasattr(os, "fdatasync"):
            # Without the times of the file; its size is synced.
            os.fdatasync(fd)
        else:
            sync(fd)

    def sync_names(self, prefix: str) -> None:
        """Wait until the disk has what is in a folder, and what is not, by name.

        A folder that went took its names with it; then the one that it was in is synced,
        or the next above that is there.

        Raises
        ------
        OSError
            If the disk failed.
        """
        if not self._durable or not _CAN_SYNC_FOLDERS:
            return
        unknown: list[str] = []
        for folder in _upwards(prefix):
            if self._sync_folder(folder):
                if folder in self._known:
                    break
                unknown.append(folder)
            else:
                self._known.discard(folder)
        if len(self._known) > _MAX_KNOWN:
            self._known.clear()
        # Only now: above a folder that is known nobody looks any further.
        self._known.update(unknown)

    def _sync_folder(self, prefix: str) -> bool:
        """Sync one folder; False if there is none."""
        try:
            fd = self.root.open(prefix, _FOLDER)
        except (FileNotFoundError, NotADirectoryError):
            return False
        try:
            sync(fd)
        finally:
            os.close(fd)
        return True

    def forget(self, prefix: str) -> None:
        """Take a folder, and those above it, for new: they went, or are made again."""
        self._known.difference_update(_upwards(prefix))


def sync_folder(path: Path) -> None:
    """Wait until the disk has the names in a folder; does nothing on Windows.

    Raises
    ------
    OSError
        If the folder cannot be read, or the disk failed.
    """
    if not _CAN_SYNC_FOLDERS:
        return
    fd = os.open(path, _FOLDER)
    try:
        sync(fd)
    finally:
        os.close(fd)


def make_root(path: Path, *, durable: bool) -> None:
    """Make the folder of a store and those above it, unless they exist.

    Parameters
    ----------
    path
        Of the folder.
    durable
        Whether to wait until the disk has the names of those that were made.

    Raises
    ------
    OSError
        If it cannot be made, a file is in the way, or the disk failed.
    """
    missing = [p for p in (path, *path.parents) if not p.exists()] if durable else []
    path.mkdir(parents=True, exist_ok=True)
    for made in missing:
        sync_folder(made.parent)


def _upwards(prefix: str) -> Iterator[str]:
    """Iterate over a prefix and those above it; the last is the empty one, the root."""
    while prefix:
        yield prefix
        prefix = prefix[: prefix.rstrip("/").rfind("/") + 1]
    yield ""
