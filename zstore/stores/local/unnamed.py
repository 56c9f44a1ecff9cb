"""New files that have no name until they are complete.

Where the system can (Linux, most file systems), a key that is new costs one change of its
folder instead of two, and a writer that dies leaves nothing behind.

Source: open(2), O_TMPFILE.
"""

import os
from contextlib import suppress

from zstore.stores.local.syncing import Disk

__all__ = ["create", "fill"]

_NEW = os.O_WRONLY | os.O_CLOEXEC | os.O_TMPFILE if hasattr(os, "O_TMPFILE") else 0


def fill(fd: int, data: memoryview) -> None:
    """Write all of `data`."""
    while data:
        data = data[os.write(fd, data) :]


def create(disk: Disk, prefix: str, name: str, data: memoryview) -> bool | None:
    """Make a file in the folder of `prefix`, unless there is something of that name.

    Returns
    -------
    bool or None
        Whether the file was made; None if the system cannot do it in this way.

    Raises
    ------
    OSError
        If the folder cannot be opened, or the disk is full: nothing is left then.
    """
    root = disk.root
    if not _NEW or not root.has_unnamed_files:
        return None
    with root.folder(prefix) as folder:
        if folder.fd is None:
            return None
        try:
            fd = os.open(".", _NEW, 0o666, dir_fd=folder.fd)
        except OSError:
            # Not on this file system; a real failure comes up again in the other way.
            root.has_unnamed_files = False
            return None
        try:
            fill(fd, data)
            disk.sync_file(fd)
            # If a close fails, as on network disks it can, the file must have no name yet.
            os.close(os.dup(fd))
            # Relative to an open folder, so that nothing can be put in the way meanwhile.
            # That the source is given relative to a descriptor too, although its path is
            # absolute, makes Python use the call that follows the link.
            source = f"/proc/self/fd/{fd}"
            with suppress(FileNotFoundError):
                os.link(
                    source, name, src_dir_fd=fd, dst_dir_fd=folder.fd, follow_symlinks=True
                )
                return True
        except FileExistsError:
            return False
        finally:
            with suppress(OSError):
                os.close(fd)
    # There is no /proc, or the folder went: the other way finds out which.
    return None
