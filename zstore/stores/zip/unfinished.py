"""A file that is written under a name of its own, and takes its place when finished."""

import os
import weakref
from contextlib import suppress
from pathlib import Path

from zstore.errors import StoreExistsError
from zstore.keys import RESERVED_SUFFIX
from zstore.stores.zip.files import open_locked, unlock

__all__ = ["Unfinished"]


class Unfinished:
    """An empty file beside `path`, locked; it goes when the program ends before it is done.

    Parameters
    ----------
    path
        The name that the file shall take, without symbolic links.
    kind
        Told apart in the name of the file; the name is always the same, so that what a
        killed writer left is used again.

    Raises
    ------
    StoreNotFoundError
        If the folder is missing.
    BackendError
        If another writer makes the same file.
    """

    def __init__(self, path: Path, kind: str = "") -> None:
        self._path = path
        self._temporary = path.with_name(f"{path.name}{kind}{RESERVED_SUFFIX}")
        self.file = open_locked(self._temporary, create=True)
        self._remove = weakref.finalize(self, _remove, self._temporary, os.getpid())
        os.ftruncate(self.file.descriptor, 0)
        with suppress(OSError):
            os.fchmod(self.file.descriptor, path.stat().st_mode & 0o777)

    def publish(self, *, exclusive: bool) -> None:
        """Give the file its name, at once; the disk has it once the folder is synced.

        Raises
        ------
        StoreExistsError
            If `exclusive` and the name is taken.
        """
        if exclusive:
            self._link()
        else:
            self._temporary.replace(self._path)
            self._remove.detach()

    def _link(self) -> None:
        try:
            os.link(self._temporary, self._path)
        except FileExistsError as error:
            raise StoreExistsError(self._path) from error
        except OSError as error:
            # No hard links here; then there is a moment between looking and renaming.
            if self._path.exists():
                raise StoreExistsError(self._path) from error
            self._temporary.replace(self._path)
            self._remove.detach()
        else:
            self._remove()

    def discard(self) -> None:
        """Remove the file."""
        self._remove()
        unlock(self.file)


def _remove(temporary: Path, process: int) -> None:
    # A forked process ends too, and the file is not its own.
    if os.getpid() == process:
        with suppress(OSError):
            temporary.unlink()
