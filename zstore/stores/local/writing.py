"""Writing and removing files, so that readers see the old value or the new one, whole.

Calls of `os` on plain strings: making a `Path` for each costs as much as some of them.
"""

import errno
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from zstore.errors import (
    KeyConflictError,
    KeyNotFoundError,
    OutsideRootError,
    UnsupportedError,
)
from zstore.ranges import check_part
from zstore.stores.hooks import Part
from zstore.stores.local.beneath import CREATE, LOOK, WRITE, Root
from zstore.stores.local.explaining import MISSING
from zstore.stores.local.syncing import Disk
from zstore.stores.local.unfinished import empty_folder, new_name
from zstore.stores.local.unnamed import create, fill

__all__ = ["check_parts", "remove", "remove_below", "write", "write_parts"]

# One to make the folder; more if others keep removing it with its last key.
_ATTEMPTS = 100


def _split(key: str) -> tuple[str, str]:
    parent, slash, name = key.rpartition("/")
    return parent + slash, name


def write(disk: Disk, key: str, data: memoryview, *, overwrite: bool) -> bool:
    """Store the bytes under `key`; return False if there is a value and it must stay.

    The bytes go to a new file, which then takes the name of the target in one atomic
    step: by a hard link where the name must be free, else by a rename. Where writes are
    durable the bytes are on the disk before, and the name is afterwards.
    """
    prefix, _ = _split(key)
    for attempt in range(_ATTEMPTS):
        try:
            if attempt:
                disk.forget(prefix)
                disk.root.make_folder(prefix)
            written = _write(disk, key, data, overwrite=overwrite)
        except FileNotFoundError:
            # The folder is not there yet, or went with its last other key.
            if attempt == _ATTEMPTS - 1:
                raise
        except NotADirectoryError as error:
            reason = f"a part of {prefix!r} is a value, so it cannot be a folder"
            raise KeyConflictError(key, reason) from error
        else:
            if written:
                disk.sync_names(prefix)
            return written
    raise AssertionError(key)  # pragma: no cover -- the last attempt returns or raises


def _write(disk: Disk, key: str, data: memoryview, *, overwrite: bool) -> bool:
    root = disk.root
    mode = _mode(root.path_of(key))
    if mode is None:
        if create(disk, *_split(key), data):
            return True
    elif stat.S_ISLNK(mode) and not root.follow_symlinks:
        raise OutsideRootError(key)
    elif stat.S_ISREG(mode) and not overwrite:
        # Opened, because the path that was just looked at may have passed through a link.
        os.close(root.open(key, LOOK))
        return False
    return _write_beside(disk, key, data, overwrite=overwrite)


def _write_beside(disk: Disk, key: str, data: memoryview, *, overwrite: bool) -> bool:
    """Write a file of another name and give it that of the target."""
    root, name = disk.root, new_name(_split(key)[0])
    partial = root.path_of(name)
    fd = root.open(name, CREATE)
    try:
        try:
            fill(fd, data)
            disk.sync_file(fd)
        finally:
            os.close(fd)
        return (_rename if overwrite else _link)(root, key, partial)
    except BaseException:
        with suppress(OSError):
            os.unlink(partial)
        raise


def _rename(root: Root, key: str, partial: str) -> bool:
    target = root.path_of(key)
    try:
        os.replace(partial, target)
    except (IsADirectoryError, PermissionError, FileExistsError) as error:
        # Windows says "permission denied" for a folder in the way.
        if isinstance(error, PermissionError) and not _is_folder(target):
            raise
        _remove_empty_folder(root, key, error)
        os.replace(partial, target)
    return True


def _link(root: Root, key: str, partial: str) -> bool:
    target = root.path_of(key)
    try:
        os.link(partial, target, follow_symlinks=False)
    except FileExistsError as error:
        if _is_folder(target):
            _remove_empty_folder(root, key, error)
            return _link(root, key, partial)
        written = False
    except OSError as error:
        if error.errno in {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS}:
            reason = "this file system has no hard links"
            raise UnsupportedError(target, "set_if_not_exists", reason) from error
        raise
    else:
        written = True
    with suppress(OSError):
        # Which value there is was decided above, whatever becomes of the other name.
        os.unlink(partial)
    return written


def _mode(path: str) -> int | None:
    try:
        return os.lstat(path).st_mode
    except FileNotFoundError:
        return None


def _is_folder(path: str) -> bool:
    return stat.S_ISDIR(_mode(path) or 0)


def _remove_empty_folder(root: Root, key: str, error: OSError) -> None:
    try:
        try:
            os.rmdir(root.path_of(key))
        except OSError:
            if not empty_folder(root, f"{key}/"):
                raise
            os.rmdir(root.path_of(key))
    except FileNotFoundError:
        return
    except OSError:
        reason = "there is a folder of that name, with keys below it"
        raise KeyConflictError(key, reason) from error


def check_parts(disk: Disk, key: str, parts: Sequence[Part]) -> None:
    """Raise what `write_parts` would, and write nothing."""
    fd = disk.root.open(key, WRITE)
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


def write_parts(disk: Disk, key: str, parts: Sequence[Part]) -> None:
    """Overwrite or extend a file in place, once all parts were checked."""
    fd = disk.root.open(key, WRITE)
    try:
        for start, data in _in_order(fd, key, parts):
            os.lseek(fd, start, os.SEEK_SET)
            fill(fd, data)
        disk.sync_file(fd)
    finally:
        os.close(fd)
    # Whoever gave the file its name may not have waited for the disk.
    disk.sync_names(_split(key)[0])


def remove(disk: Disk, key: str) -> None:
    """Remove a file if it is one, and the folders above that it leaves empty."""
    prefix = _split(key)[0]
    with suppress(*MISSING):
        if _remove(disk.root, key):
            _remove_empty_above(disk.root, prefix)
    # Also where there was nothing: an earlier call may have removed it and failed to sync.
    disk.sync_names(prefix)


def _remove(root: Root, key: str) -> bool:
    prefix, name = _split(key)
    with root.folder(prefix) as folder:
        target = folder.name(name)
        mode = os.stat(target, dir_fd=folder.fd, follow_symlinks=False).st_mode
        if stat.S_ISLNK(mode) and not root.follow_symlinks:
            raise OutsideRootError(key)
        if not (stat.S_ISREG(mode) or stat.S_ISLNK(mode)):
            return False
        os.unlink(target, dir_fd=folder.fd)
    return True


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


def remove_below(disk: Disk, prefix: str) -> None:
    """Remove all files below a folder, and the folders that this leaves empty.

    Unfinished files are removed too; links and devices are not keys, and stay.
    """
    with suppress(*MISSING):
        for left in _remove_below(disk.root, prefix):
            disk.sync_names(left)
    disk.sync_names(prefix)


def _remove_below(root: Root, prefix: str) -> Iterator[str]:
    """Remove what can be removed; yield the prefixes of the folders that stay."""
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
        try:
            Path(path).rmdir()
        except OSError:
            yield f"{path[len(root.path_of('')) :]}/"
    with suppress(OSError):
        if prefix:
            Path(folders[0]).rmdir()
            _remove_empty_above(root, _split(prefix.rstrip("/"))[0])
