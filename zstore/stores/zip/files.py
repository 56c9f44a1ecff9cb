"""Opening files: for reading, or locked so that one writer at a time has them."""

import os
import stat
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from zstore.errors import (
    BackendError,
    CorruptStoreError,
    StoreNotFoundError,
    ZStoreError,
)
from zstore.stores.failures import from_os_error
from zstore.stores.zip.sources import FileSource

try:
    import fcntl
except ImportError:  # pragma: no cover -- Windows, where nothing guards against two writers
    fcntl = None  # type: ignore[assignment]

__all__ = ["failures_of", "open_for_reading", "open_locked", "unlock"]

_BINARY: int = getattr(os, "O_BINARY", 0)
_NO_FOLLOW: int = getattr(os, "O_NOFOLLOW", 0)
# Whoever replaces the file does it once; more often is no accident.
_MAX_TRIES = 16


@contextmanager
def failures_of(where: object) -> Generator[None]:
    """Turn failures into errors of the tree that say of which archive they are."""
    try:
        yield
    except CorruptStoreError as error:
        msg = f"{where}: {error}"
        raise CorruptStoreError(msg) from error
    except ZStoreError:
        raise
    except OSError as error:
        raise from_os_error(str(where), error) from error


def open_for_reading(path: Path) -> FileSource:
    """Open the archive at `path`.

    Raises
    ------
    StoreNotFoundError
        If there is nothing.
    AccessDeniedError, BackendError
        If it cannot be read, or is no regular file: opening a pipe would wait for ever.
    """
    with failures_of(path):
        try:
            if stat.S_ISREG(path.stat().st_mode):
                return FileSource(os.open(path, os.O_RDONLY | _BINARY))
        except (FileNotFoundError, NotADirectoryError) as error:
            raise StoreNotFoundError(path) from error
        raise BackendError(str(path), "it is no regular file")


def open_locked(path: Path, *, create: bool, write: bool = True) -> FileSource:
    """Open a file and lock it against other writers.

    Parameters
    ----------
    path
        A path without symbolic links.
    create
        Whether to make the file if it is missing.
    write
        Whether to open it for writing.

    Raises
    ------
    StoreNotFoundError
        If the file, or with `create` its folder, is missing.
    BackendError
        If another writer has it, in this process or another.
    """
    flags = (os.O_RDWR if write else os.O_RDONLY) | (os.O_CREAT if create else 0)
    with failures_of(path):
        for _ in range(_MAX_TRIES):
            try:
                source = FileSource(os.open(path, flags | _BINARY | _NO_FOLLOW, 0o666))
            except (FileNotFoundError, NotADirectoryError) as error:
                raise StoreNotFoundError(path.parent if create else path) from error
            _lock(source, path)
            if _is_at(source, path):
                source.size = os.fstat(source.descriptor).st_size
                return source
        raise BackendError(str(path), "it is being replaced again and again")


def _lock(source: FileSource, path: Path) -> None:
    if fcntl is None:  # pragma: no cover -- Windows
        return
    try:
        fcntl.flock(source.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        reason = "another writer has the archive open; there can be one at a time"
        raise BackendError(str(path), reason) from error
    except OSError:  # pragma: no cover -- a network file system without locks
        return


def unlock(source: FileSource) -> None:
    """Let other writers have the file, even where a forked process still has it open."""
    if fcntl is not None:
        with suppress(OSError):
            fcntl.flock(source.descriptor, fcntl.LOCK_UN)


def _is_at(source: FileSource, path: Path) -> bool:
    """Tell whether the file was not replaced or removed before it was locked."""
    try:
        return os.path.samestat(os.fstat(source.descriptor), path.stat())
    except FileNotFoundError:
        return False
