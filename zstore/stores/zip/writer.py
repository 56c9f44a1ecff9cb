"""The one writer of an archive: it appends members, and commits a directory.

An archive that has a name is only ever appended to. Its last committed directory stays
where it is until the next one is complete after it, so a reader finds one or the other
whenever the writer dies. A new archive gets its name when it is first committed.
"""

import os
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from zstore.errors import (
    BackendError,
    StoreClosedError,
    StoreExistsError,
    UnsupportedError,
)
from zstore.stores.local.syncing import sync_folder
from zstore.stores.zip.appending import Options, check_limits, new_member
from zstore.stores.zip.archive import Archive
from zstore.stores.zip.compacting import copy_members, directory_bytes, finish
from zstore.stores.zip.directory import Directory, read_directory
from zstore.stores.zip.files import failures_of, open_locked, unlock
from zstore.stores.zip.records import SATURATED_32, Data, local_header
from zstore.stores.zip.sources import FileSource, carry_out_here
from zstore.stores.zip.unfinished import Unfinished

__all__ = ["Writer"]

# A file must not end where a value does: if that is an archive, it would be taken for all.
_GUARD = b"\0"
# Short values are written by one call.
_JOIN_NBYTES = 2**16


class Writer:
    """Appends to one archive; every method blocks, and may be called in any thread.

    Parameters
    ----------
    path
        Of the archive.
    mode
        ``"w"``, ``"a"`` or ``"x"``; see `ZipStore`.
    options
        How members are written and read.
    """

    def __init__(self, path: Path, mode: str, options: Options) -> None:
        self.path = Path(os.path.realpath(path))
        self._options = options
        self._lock = threading.Lock()
        self._process = os.getpid()
        self._closed = False
        # Files that are locked for as long as the archive is open, or until it has a name.
        self._old: FileSource | None = None
        self._unfinished: Unfinished | None = None
        with failures_of(self.path):
            exists = self.path.exists()
        if exists and mode == "x":
            raise StoreExistsError(self.path)
        self._exclusive = not exists
        # Whether the archive has a name that the disk may not have.
        self._is_new_name = False
        if exists and mode == "a":
            self._file = open_locked(self.path, create=False)
            self._resume()
        else:
            self._start()

    def _start(self) -> None:
        """Begin a new archive, under a name of its own."""
        if not self._exclusive:
            # Whoever appends to the archive that this one replaces would lose all.
            self._old = open_locked(self.path, create=False, write=False)
        try:
            self._unfinished = Unfinished(self.path)
        except BaseException:
            self._release_old()
            raise
        self._file = self._unfinished.file
        self._adopt(Directory({}, [0], 0))
        self._dirty = True

    def _resume(self) -> None:
        """Continue an archive where it ends."""
        size = self._file.size
        try:
            # Nothing is lost by making an archive of an empty file.
            directory = self._read_directory(size) if size else Directory({}, [0], 0)
        except BaseException:
            # Not later: what holds the error would hold the lock.
            unlock(self._file)
            raise
        self._adopt(directory)
        # What a dead writer left after the archive is dead, but not removed.
        self._end = self._committed_end = size
        self._dirty = not size

    def _read_directory(self, size: int) -> Directory:
        with failures_of(self.path):
            steps = read_directory(size, search_nbytes=size)
            directory = carry_out_here(steps, self._file.read_here)
        if directory.bias:
            why = f"{directory.bias} bytes stand before the archive"
            raise UnsupportedError(self.path, "appending", why)
        return directory

    def _adopt(self, directory: Directory) -> None:
        """Go on with what is in the file now."""
        options = self._options
        self.archive = Archive(
            self._file, directory, max_ratio=options.max_ratio, verify=options.verify
        )
        self._end = self._committed_end = directory.stop
        self._tail_nbytes = directory.tail_nbytes
        self._dirty = False

    @contextmanager
    def _turn(self, operation: str) -> Generator[None]:
        """Wait for other threads, and turn failures into errors of the tree."""
        with self._lock:
            if self._closed:
                raise StoreClosedError(self.path)
            if os.getpid() != self._process:
                reason = f"{operation} in a forked process; the archive has one writer"
                raise BackendError(str(self.path), reason)
            with failures_of(self.path):
                yield

    def append(self, key: str, value: Data, *, overwrite: bool) -> bool:
        """Write a member and index it; False if it is there and may not be replaced."""
        # Before the turn: several threads compress at once.
        member, packed = new_member(key, value, self._options.compression)
        with self._turn("set"):
            members = self.archive.members
            if not overwrite and key in members:
                return False
            member = member._replace(offset=self._end)
            nmembers = len(members) + (key not in members)
            allow = self._options.allow_zip64
            check_limits(self.path, member, nmembers, allow_zip64=allow)
            header = local_header(member)
            self._write_member(header, packed)
            self._touch()
            start = self._end + len(header)
            self._end = start + len(packed)
            self.archive.put(key, member, start)
        return True

    def _write_member(self, header: bytes, packed: Data) -> None:
        start = self._end + len(header)
        try:
            if len(packed) <= _JOIN_NBYTES:
                self._file.write_here(self._end, b"".join([header, packed, _GUARD]))
            else:
                self._file.write_here(start + len(packed), _GUARD)
                self._file.write_here(self._end, header)
                self._file.write_here(start, packed)
        except OSError:
            self._cut(self._end)
            raise

    def _touch(self) -> None:
        """Note a change: the directory that was committed is dead from now on."""
        self._dirty, self._tail_nbytes = True, 0

    def _cut(self, nbytes: int) -> None:
        """Remove what a failed call wrote; what was committed ends before."""
        with suppress(OSError):
            os.ftruncate(self._file.descriptor, nbytes)

    def drop(self, key: str) -> None:
        """Remove a key from the index."""
        with self._turn("delete"):
            if self.archive.drop(key):
                self._touch()

    def drop_below(self, prefix: str) -> None:
        """Remove all keys below a prefix from the index."""
        with self._turn("delete"):
            archive = self.archive
            with archive.lock:
                keys = [key for batch in archive.index().below(prefix) for key in batch]
            for key in keys:
                archive.drop(key)
            if keys:
                self._touch()

    def commit(self) -> None:
        """Write the directory, and give a new archive its name."""
        with self._turn("commit"):
            self._commit()

    def _commit(self) -> None:
        if self._dirty:
            self._write_directory()
        self._keep_name()

    def _keep_name(self) -> None:
        """Wait until the disk has the name of a new archive; again, if it failed before."""
        if self._is_new_name:
            sync_folder(self.path.parent)
            self._is_new_name = False

    def _write_directory(self) -> None:
        archive = self.archive
        members = archive.members.values()
        entries, ends = directory_bytes(members, self._end, archive.comment)
        stop = self._end + len(entries) + len(ends)
        if not self._options.allow_zip64 and stop >= SATURATED_32:
            why = "its directory would need zip64, and allowZip64 is False"
            raise UnsupportedError(self.path, "commit", why)
        try:
            finish(self._file, self._end, entries, ends)
        except OSError:
            self._cut(self._end)
            raise
        if self._unfinished is not None:
            self._unfinished.publish(exclusive=self._exclusive)
            self._unfinished, self._exclusive = None, False
            self._is_new_name = True
            self._release_old()
        self._end = self._committed_end = stop
        self._tail_nbytes = len(entries) + len(ends)
        self._dirty = False

    def _release_old(self) -> None:
        if self._old is not None:
            unlock(self._old)
            self._old = None

    @property
    def reclaimable_nbytes(self) -> int:
        """Bytes that `compact` would win."""
        dead = self._end - self._tail_nbytes - self.archive.live_nbytes
        return max(0, dead)

    def compact(self) -> int:
        """Write the archive anew without dead bytes; return how many there were."""
        with self._turn("compact"):
            dead = self.reclaimable_nbytes
            compacted = Unfinished(self.path, ".compact")
            try:
                directory = copy_members(self.archive, compacted.file)
                compacted.publish(exclusive=self._exclusive)
            except BaseException:
                compacted.discard()
                raise
            self._let_go()
            self._exclusive = False
            # Who still reads the old file keeps it open.
            self._file = compacted.file
            self._adopt(directory)
            self._is_new_name = True
            self._keep_name()
        return dead

    def _let_go(self) -> None:
        """Let other writers have the files, and remove one that was not finished."""
        if self._unfinished is not None:
            self._unfinished.discard()
            self._unfinished = None
        self._release_old()
        unlock(self._file)

    def close(self) -> None:
        """Commit, and let go of the archive."""
        with self._lock, failures_of(self.path):
            # The archive of a forked process is that of its parent.
            if self._closed or os.getpid() != self._process:
                return
            self._closed = True
            try:
                self._commit()
            except BaseException:
                self._cut(self._committed_end)
                raise
            finally:
                self._let_go()
