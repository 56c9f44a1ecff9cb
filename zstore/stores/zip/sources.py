"""Where the bytes of an archive come from: a file, or an open file object."""

import os
import threading
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, Protocol, TypeAlias, TypeVar, cast

from zstore.errors import BackendError, CorruptStoreError, InvalidTypeError
from zstore.stores.zip.records import Data, Steps

__all__ = [
    "BinaryFile",
    "ByteSource",
    "FileObjectSource",
    "FileSource",
    "LocalSource",
    "as_binary_file",
    "carry_out",
    "carry_out_here",
]

T = TypeVar("T")

# A flag of Linux: read only what is in memory, never wait for the disk.
_NOWAIT: int | None = getattr(os, "RWF_NOWAIT", None)
# One system call moves no more than 2 GiB.
_MAX_CALL_NBYTES = 2**30


class BinaryFile(Protocol):
    """What a file object needs to hold an archive."""

    def read(self, nbytes: int, /) -> bytes:
        """Return at most `nbytes` bytes from where the file is."""
        ...

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Go to a place, and return it."""
        ...

    def tell(self) -> int:
        """Return where the file is."""
        ...


class ByteSource(Protocol):
    """Bytes at offsets; what reading an archive needs."""

    size: int

    async def read(self, offset: int, nbytes: int) -> Data:
        """Return exactly `nbytes` bytes."""
        ...


async def carry_out(steps: Steps[T], read: Callable[[int, int], Awaitable[Data]]) -> T:
    """Run a calculation that asks for bytes, and await them."""
    try:
        wanted = next(steps)
        while True:
            wanted = steps.send(await read(*wanted))
    except StopIteration as done:
        return cast("T", done.value)


def carry_out_here(steps: Steps[T], read: Callable[[int, int], Data]) -> T:
    """Run a calculation that asks for bytes, and wait for them."""
    try:
        wanted = next(steps)
        while True:
            wanted = steps.send(read(*wanted))
    except StopIteration as done:
        return cast("T", done.value)


class FileSource:
    """A file of this machine, read and written at offsets.

    It is closed when the last one lets go of it: a read in another thread must never
    meet a descriptor that by then belongs to another file.
    """

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.size = os.fstat(descriptor).st_size
        self._can_read_now = _NOWAIT is not None
        # Only where the platform has no positional reads.
        self._lock = threading.Lock()

    def __del__(self, close: Callable[[int], None] = os.close) -> None:
        close(self.descriptor)

    def read_now(self, offset: int, nbytes: int) -> Data | None:
        """Return bytes that are in memory; None if they may have to be waited for."""
        if not self._can_read_now or _NOWAIT is None:
            return None
        data = bytearray(nbytes)
        try:
            count = os.preadv(self.descriptor, [data], offset, _NOWAIT)
        except BlockingIOError:
            return None
        except OSError:
            # The file system does not know the flag; a real failure comes up again.
            self._can_read_now = False
            return None
        return memoryview(data).toreadonly() if count == nbytes else None

    def read_here(self, offset: int, nbytes: int) -> Data:
        """Return exactly `nbytes` bytes; waits for the disk.

        Raises
        ------
        CorruptStoreError
            If the file ends before.
        """
        if nbytes <= _MAX_CALL_NBYTES:
            data = self._read_some(offset, nbytes)
            if len(data) == nbytes:
                return data
        parts: list[bytes] = []
        missing = nbytes
        while missing:
            at = offset + nbytes - missing
            part = self._read_some(at, min(missing, _MAX_CALL_NBYTES))
            if not part:
                msg = f"the archive ends at byte {at}, within what it says it has"
                raise CorruptStoreError(msg)
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)

    def _read_some(self, offset: int, nbytes: int) -> bytes:
        if hasattr(os, "pread"):
            return os.pread(self.descriptor, nbytes, offset)
        with self._lock:
            os.lseek(self.descriptor, offset, os.SEEK_SET)
            return os.read(self.descriptor, nbytes)

    def write_here(self, offset: int, data: Data) -> None:
        """Write all of `data`; waits for the system, not for the disk."""
        view = memoryview(data)
        while view:
            count = self._write_some(offset, view[:_MAX_CALL_NBYTES])
            offset += count
            view = view[count:]

    def _write_some(self, offset: int, data: Data) -> int:
        if hasattr(os, "pwrite"):
            return os.pwrite(self.descriptor, data, offset)
        with self._lock:
            os.lseek(self.descriptor, offset, os.SEEK_SET)
            return os.write(self.descriptor, data)


class FileObjectSource:
    """An open binary file object, read in turn: it has only one position."""

    def __init__(self, file: BinaryFile) -> None:
        self._file = file
        self._lock = threading.Lock()
        try:
            self.size = file.seek(0, os.SEEK_END)
        except ValueError as error:
            raise BackendError(repr(file), error) from error

    def read_here(self, offset: int, nbytes: int) -> Data:
        """Return exactly `nbytes` bytes.

        Raises
        ------
        CorruptStoreError
            If the file ends before.
        """
        with self._lock:
            try:
                parts = list(self._read_parts(offset, nbytes))
            except ValueError as error:
                # What Python says of a closed file.
                raise BackendError(repr(self._file), error) from error
        if sum(map(len, parts)) < nbytes:
            msg = f"the file ends before byte {offset + nbytes}"
            raise CorruptStoreError(msg)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _read_parts(self, offset: int, nbytes: int) -> Iterator[bytes]:
        self._file.seek(offset)
        while nbytes:
            part = self._file.read(nbytes)
            if not part:
                return
            yield part
            nbytes -= len(part)


LocalSource: TypeAlias = FileSource | FileObjectSource
"""What is read by calls that block, so in threads."""


def as_binary_file(value: Any) -> BinaryFile:
    """Return `value` if it is an open binary file object.

    Raises
    ------
    InvalidTypeError
        If it is not.
    """
    is_file = all(hasattr(value, name) for name in ("read", "seek", "tell"))
    if is_file and not hasattr(value, "encoding"):
        return cast("BinaryFile", value)
    msg = (
        "expected a path or an open binary file object supporting read/seek/tell, "
        f"got {value!r}"
    )
    raise InvalidTypeError(msg)
