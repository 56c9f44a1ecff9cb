"""Writing and removing files, so that readers see the old value or the new one, whole.

Calls of `os` on plain strings: making a `Path` for each costs as much as some of them.
"""

import errno
import os
import stat
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from zstore.errors import (
    KeyConflictError,
    KeyNotFoundError,
    OutsideRootError,
    UnsupportedError,
)
from zstore.keys import RESERVED_SUFFIX
from zstore.ranges import check_part
from zstore.stores.hooks import Part
from zstore.stores.local.beneath import CREATE, LOOK, WRITE, Root
from zstore.stores.local.unnamed import create, fill

__all__ = ["check_parts", "remove", "remove_below", "write", "write_parts"]

# One to make the folder; more if others keep removing it with its last key.
_ATTEMPTS = 100


def _split(key: str) -> tuple[str, str]:
    parent, slash, name = key.rpartition("/")
    return parent + slash, name


def write(root: Root, key: str, data: memoryview, *, overwrite: bool) -> bool:
    """Store the bytes under `key`; return False if there is a value and it must stay.

    The bytes go to a new file, which then takes the name of the target in one atomic
    step: by a hard link where the name must be free, else by a rename.
    """
    prefix, _ = _split(key)
    for attempt in range(_ATTEMPTS):
        try:
            if attempt:
                root.make_folder(prefix)
            return _write(root, key, data, overwrite=overwrite)
        except FileNotFoundError:
            # The folder is not there yet, or went with its last other key.
            if attempt == _ATTEMPTS - 1:
                raise
        except NotADirectoryError as error:
            reason = f"a part of {prefix!r} is a value, so it cannot be a folder"
            raise KeyConflictError(key, reason) from error
    raise AssertionError(key)  # pragma: no cover -- the last attempt returns or raises


def _write(root: Root, key: str, data: memoryview, *, overwrite: bool) -> bool:
    mode = _mode(root.path_of(key))
    if mode is None:
        if create(root, *_split(key), data):
            return True
    elif stat.S_ISLNK(mode) and not root.follow_symlinks:
        raise OutsideRootError(key)
    elif stat.S_ISREG(mode) and not overwrite:
        # Opened, because the path that was just looked at may have passed through a link.
        os.close(root.open(key, LOOK))
        return False
    return _write_beside(root, key, data, overwrite=overwrite)


def _write_beside(root: Root, key: str, data: memoryview, *, overwrite: bool) -> bool:
    """Write a file of another name and give it that of the target.

    Nobody can guess the other name, so a path that is changed meanwhile to lead elsewhere
    does not find the file there.
    """
    name = f"{_split(key)[0]}{os.urandom(8).hex()}{RESERVED_SUFFIX}"
    partial, target = root.path_of(name), root.path_of(key)
    fd = root.open(name, CREATE)
    try:
        try:
            fill(fd, data)
        finally:
            os.close(fd)
        return _rename(key, partial, target) if overwrite else _link(key, partial, target)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(partial)
        raise


def _rename(key: str, partial: str, target: str) -> bool:
    try:
        os.replace(partial, target)
    except (IsADirectoryError, PermissionError, FileExistsError) as error:
        # Windows says "permission denied" for a folder in the way.
        if isinstance(error, PermissionError) and not _is_folder(target):
            raise
        _remove_empty_folder(key, target, error)
        os.replace(partial, target)
    return True


def _link(key: str, partial: str, target: str) -> bool:
    try:
        os.link(partial, target, follow_symlinks=False)
    except FileExistsError as error:
        if _is_folder(target):
            _remove_empty_folder(key, target, error)
            return _link(key, partial, target)
        written = False
    except OSError as error:
        if error.errno in {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS}:
            reason = "this file system has no hard links"
            raise UnsupportedError(target, "set_if_not_exists", reason) from error
        raise
    else:
        written = True
    os.unlink(partial)
    return written


def _mode(path: str) -> int | None:
    try:
        return os.lstat(path).st_mode
    except FileNotFoundError:
        return None


def _is_folder(path: str) -> bool:
    return stat.S_ISDIR(_mode(path) or 0)


def _remove_empty_folder(key: str, path: str, error: OSError) -> None:
    try:
        os.rmdir(path)
    except FileNotFoundError:
        return
    except OSError:
        reason = "there is a folder of that name, with keys below it"
        raise KeyConflictError(key, reason) from error


def check_parts(root: Root, key: str, parts: Sequence[Part]) -> None:
    """Raise what `write_parts` would, and write nothing."""
    fd = root.open(key, WRITE)
    try:
        _in_order(fd, key, parts)
    finally:
        os.close(fd)


def _in_order(fd: int, key: str, parts: Sequence[Part]) -> list[Part]:
    info = os.fstat(fd)
    if not stat.S_ISREG(info.st_mode):
        raise KeyNotFoundError(key)
    nbytes = info.st_size
    in_order = sorted(parts, key=lambda part: part[0])
    for start, data in in_order:
        check_part(key, start, nbytes)
        nbytes = max(nbytes, start + len(data))
    return in_order


def write_parts(root: Root, key: str, parts: Sequence[Part]) -> None:
    """Overwrite or extend a file in place, once all parts were checked."""
    fd = root.open(key, WRITE)
    try:
        for start, data in _in_order(fd, key, parts):
            os.lseek(fd, start, os.SEEK_SET)
            fill(fd, data)
    finally:
        os.close(fd)


def remove(root: Root, key: str) -> None:
    """Remove a file if it is one, and the folders above that it leaves empty."""
    prefix, name = _split(key)
    with root.folder(prefix) as folder:
        target = folder.name(name)
        mode = os.stat(target, dir_fd=folder.fd, follow_symlinks=False).st_mode
        if stat.S_ISLNK(mode) and not root.follow_symlinks:
            raise OutsideRootError(key)
        if not (stat.S_ISREG(mode) or stat.S_ISLNK(mode)):
            return
        os.unlink(target, dir_fd=folder.fd)
    _remove_empty_above(root, prefix)


def _remove_empty_above(root: Root, prefix: str) -> None:
    """Remove empty folders from `prefix` upwards, never the root.

    Otherwise a deleted key would leave a folder that refuses a value of its name.
    """
    # Ends at the first folder that is not empty, or gone.
    with suppress(OSError):
        while prefix:
            above, name = _split(prefix.rstrip("/"))
            with root.folder(above) as folder:
                os.rmdir(folder.name(name), dir_fd=folder.fd)
            prefix = above


def remove_below(root: Root, prefix: str) -> None:
    """Remove all files below a folder, and the folders that this leaves empty.

    Unfinished files are removed too; links and devices are not keys, and stay.
    """
    with root.folder(prefix) as top:
        folders = [top.path]
    for path in folders:
        # A folder may go while its files are removed by somebody else.
        with suppress(FileNotFoundError), os.scandir(path) as children:
            for child in children:
                if child.is_dir(follow_symlinks=False):
                    folders.append(child.path)
                elif child.is_file(follow_symlinks=False):
                    Path(child.path).unlink(missing_ok=True)
    for path in reversed(folders[1:]):
        with suppress(OSError):
            Path(path).rmdir()
    with suppress(OSError):
        if prefix:
            Path(folders[0]).rmdir()
            _remove_empty_above(root, _split(prefix.rstrip("/"))[0])
