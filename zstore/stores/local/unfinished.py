"""Files that have another name until they are complete, and what is left of dead writers.

No key looks like such a name, and none is ever used again: what is left takes room, and
nothing else. It is removed only after an hour, since its writer may be alive.
"""

import os
import stat
import time
from collections.abc import Iterator
from contextlib import suppress

from zstore.keys import RESERVED_SUFFIX
from zstore.stores.local.beneath import Root
from zstore.stores.local.levels import Levels
from zstore.stores.local.scanning import Scanner

__all__ = ["LEFT_AFTER", "empty_folder", "new_name", "remove_unfinished"]

LEFT_AFTER = 3600.0
"""Seconds since the last write after which nobody is taken to write a file any more."""


def new_name(prefix: str) -> str:
    """Return a name in the folder of `prefix` that is no key and that nobody can guess.

    A path that is changed meanwhile to lead elsewhere does not find the file there.
    """
    return f"{prefix}{os.urandom(8).hex()}{RESERVED_SUFFIX}"


def remove_unfinished(root: Root, prefix: str, older_than: float) -> Iterator[int]:
    """Remove what was left below a prefix, a step at a time.

    Parameters
    ----------
    root
        Of the store.
    prefix
        Empty, or ending in ``/``.
    older_than
        Seconds since the last write to the file.

    Yields
    ------
    int
        How many files were removed since the last.
    """
    left: list[str] = []

    def note(path: str, _: str) -> None:
        if path.endswith(RESERVED_SUFFIX):
            left.append(path[len(root.path_of("")) :])

    for _ in Scanner(root, Levels(root, note)).keys(prefix):
        yield sum(_remove_if_old(root, name, older_than) for name in left)
        left.clear()
    yield sum(_remove_if_old(root, name, older_than) for name in left)


def _remove_if_old(root: Root, path: str, older_than: float) -> bool:
    prefix, slash, name = path.rpartition("/")
    # It may be finished by now, or gone with its folder.
    with suppress(FileNotFoundError), root.folder(prefix + slash) as folder:
        leaf = folder.name(name)
        info = os.stat(leaf, dir_fd=folder.fd, follow_symlinks=False)
        if stat.S_ISREG(info.st_mode) and time.time() - info.st_mtime > older_than:
            os.unlink(leaf, dir_fd=folder.fd)
            return True
    return False


def empty_folder(root: Root, prefix: str) -> bool:
    """Remove what was left in a folder; tell whether that was all there was in it."""
    with os.scandir(root.path_of(prefix)) as children:
        for child in children:
            old = child.name.endswith(RESERVED_SUFFIX) and _remove_if_old(
                root, prefix + child.name, LEFT_AFTER
            )
            if not old:
                return False
    return True
