"""Reading files: at once if the kernel has the bytes, else in a thread."""

import os
import stat
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np

from zstore.buffer.cpu import Buffer
from zstore.errors import BackendError
from zstore.ranges import ByteRequest, resolve
from zstore.stores.local.beneath import LOOK, Root, WouldWait

__all__ = ["OpenFile", "open_file", "read", "read_now", "size", "size_now"]

# A copy of this many bytes takes about as long as waking a thread (40 us).
_MAX_NBYTES_NOW = 256 * 2**10
# From here on memory that is not zeroed first pays.
_LARGE_NBYTES = 64 * 2**10

_NOWAIT = getattr(os, "RWF_NOWAIT", None)


def read_now(root: Root, key: str, request: ByteRequest | None) -> Buffer | None:
    """Return what `read` does, without waiting for the disk.

    Raises
    ------
    WouldWait
        If the path or the bytes are not in the caches of the kernel, if there are many,
        or if the system cannot tell.
    """
    if _NOWAIT is None:
        raise WouldWait
    fd = root.open_now(key)
    try:
        info = os.fstat(fd)
        if not stat.S_ISREG(info.st_mode):
            return None
        start, nbytes = 0, info.st_size
        if request is not None:
            start, stop = resolve(request, nbytes)
            nbytes = stop - start
        if nbytes > _MAX_NBYTES_NOW:
            raise WouldWait
        data = bytearray(nbytes)
        try:
            # Fewer bytes also mean that the rest is on the disk.
            if os.preadv(fd, [data], start, _NOWAIT) == nbytes:
                return Buffer.of(memoryview(data).toreadonly())
        except OSError as error:
            # Nothing in the cache, or a file system that cannot tell: try a thread.
            raise WouldWait from error
        raise WouldWait
    finally:
        os.close(fd)


def read(root: Root, key: str, request: ByteRequest | None) -> Buffer | None:
    """Return the bytes that `request` asks for, or None if there is no such file.

    One copy, from the kernel into a buffer of the right size.
    """
    with open_file(root, key, request) as file:
        return None if file is None else file.read()


@contextmanager
def open_file(
    root: Root, key: str, request: ByteRequest | None
) -> Generator["OpenFile | None"]:
    """Open a file to read the bytes that `request` asks for; None if it is no file."""
    fd = root.open(key)
    try:
        info = os.fstat(fd)
        if stat.S_ISREG(info.st_mode):
            yield OpenFile(key, fd, *resolve(request, info.st_size))
        else:
            yield None
    finally:
        os.close(fd)


@dataclass(frozen=True, slots=True)
class OpenFile:
    """The bytes from `start` to `stop` of a regular file that is open.

    Attributes
    ----------
    key
        Its key, for messages.
    fd
        Its descriptor.
    """

    key: str
    fd: int
    start: int
    stop: int
    _lock: threading.Lock = field(default_factory=threading.Lock, compare=False)

    @property
    def nbytes(self) -> int:
        """How many bytes are asked for."""
        return self.stop - self.start

    def read(self) -> Buffer:
        """Return the bytes.

        Raises
        ------
        BackendError
            If the file was cut off since it was opened.
        """
        data = _memory(self.nbytes)
        self.fill(data, 0)
        return Buffer.of(data.toreadonly())

    def fill(self, data: memoryview, at: int) -> None:
        """Fill memory with the bytes from `at` on; any number of threads may, at once.

        Raises
        ------
        BackendError
            If the file was cut off since it was opened.
        """
        done = 0
        while done < len(data):
            offset = self.start + at + done
            count = self._read_into(data[done:], offset)
            if count == 0:
                reason = f"the file ended at byte {offset} of {self.stop} while it was read"
                raise BackendError(self.key, reason)
            done += count

    def _read_into(self, data: memoryview, offset: int) -> int:
        if hasattr(os, "preadv"):
            return os.preadv(self.fd, [data], offset)
        # All threads share the place that a descriptor is at.
        with self._lock:
            os.lseek(self.fd, offset, os.SEEK_SET)
            part = os.read(self.fd, min(len(data), 2**20))
        data[: len(part)] = part
        return len(part)


def _memory(nbytes: int) -> memoryview:
    if nbytes < _LARGE_NBYTES:
        return memoryview(bytearray(nbytes))
    return np.empty(nbytes, dtype=np.uint8).data


def size_now(root: Root, key: str) -> int | None:
    """Return what `size` does, without waiting for the disk.

    Raises
    ------
    WouldWait
        If the path is not in the caches of the kernel, or the system cannot tell.
    """
    return _size(root.open_now(key, LOOK))


def size(root: Root, key: str) -> int | None:
    """Return the size of a file in bytes, or None if it is no regular file."""
    return _size(root.open(key, LOOK))


def _size(fd: int) -> int | None:
    try:
        info = os.fstat(fd)
        return info.st_size if stat.S_ISREG(info.st_mode) else None
    finally:
        os.close(fd)
