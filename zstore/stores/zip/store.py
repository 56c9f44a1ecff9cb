"""Values in a zip archive."""

import os
from pathlib import Path
from typing import Any, Self

from zstore._compat import override
from zstore.buffer import Buffer
from zstore.concurrency import run_to_the_end
from zstore.errors import InvalidTypeError, UnsupportedError
from zstore.keys import check_key
from zstore.store import Store
from zstore.stores.zip.appending import Options
from zstore.stores.zip.archive_store import ArchiveStore
from zstore.stores.zip.compression import MAX_RATIO, METHODS, STORED
from zstore.stores.zip.files import failures_of
from zstore.stores.zip.sources import BinaryFile, as_binary_file
from zstore.stores.zip.store_source import ArchiveInStore
from zstore.stores.zip.writer import Writer

__all__ = ["ZipStore"]

_MODES = ("r", "w", "a", "x")


class ZipStore(ArchiveStore):
    """Values in a zip archive.

    Parameters
    ----------
    path
        Of the archive; or an open binary file object, which is only read and not closed.
        For an archive in another store see `from_store`.
    mode
        ``"r"`` reads, ``"w"`` makes a new archive in place of any, ``"x"`` makes one where
        there is none, ``"a"`` changes one or makes it.
    read_only
        Whether calls that would change the store raise `ReadOnlyError`; by default if
        `mode` is ``"r"``. If True, nothing is made or replaced, whatever `mode` says.
    compression
        Of new values: ``zipfile.ZIP_STORED``, ``ZIP_DEFLATED``, ``ZIP_BZIP2`` or
        ``ZIP_LZMA``. Chunks are mostly compressed already, and of values that are stored
        as they are ranges can be read alone.
    allowZip64
        Whether an archive may have more than 4 GiB or 65,535 members. If False, `set`
        refuses what would need that, before it writes.
    max_ratio
        Compressed values above 1 MiB that claim more than so many times their bytes in the
        archive are refused. Nothing of deflate exceeds the default; raise it for runs of
        zeros in bzip2 or LZMA.
    verify
        Whether to check ranges of values that are stored as they are, for which these are
        read whole. Whole values, and all compressed ones, are always checked.

    Attributes
    ----------
    path
        As given, a `Path` if it was a text.
    compression, allowZip64
        As given.

    Raises
    ------
    InvalidTypeError
        If `path` is neither a path nor an open binary file object, or `mode` is none.
    UnsupportedError
        If `compression` is another, or a file object is to be written.

    Notes
    -----
    **Reading.** The directory is parsed once, when the store is opened; then each value is
    one positional read, of only the bytes asked for if it is stored as it is. Reads need
    no lock and go on in parallel. Short values that the system has in memory are read at
    once, all else in threads. A checksum that does not match is a `CorruptStoreError`.
    The archive is one of its moment of opening, also if another writer goes on.

    **Bad archives.** Names that are no keys (`zstore.keys`) are not offered, and named in
    `warnings`; of several members with one name the last counts. An archive that
    contradicts itself is refused when it is opened, a member that does when it is read.
    What is allocated follows what is there, not what is claimed.

    **Writing.** Values are appended; one set again leaves dead bytes, as does a deleted
    one, until `compact`. This store sees them at once, others after `commit`, `close` or
    leaving the ``with`` block. A new archive is written beside its place and takes it at
    the first commit; until then any old one is intact. An archive that is changed keeps
    its last committed directory until the next one is written, so that a writer that dies
    leaves a file that opens here (with a warning) as of the last commit.

    One store at a time can change an archive, from its first change (or from making it)
    until it is closed; another gets a `BackendError`, where the platform has file locks
    (POSIX). Mode ``"a"`` reads the archive anew at its first change. Between the threads
    and loops of a process `set_if_not_exists` is atomic. A twin from `with_read_only`
    sees what was committed. A copy from unpickling opens the archive to change it
    (``"a"``) if this store may be changed, and never empties it. A forked process can
    read, but not write.

    `last_modified` of entries is the time in the archive, which has no zone: it is taken
    for local time of this machine, in steps of 2 s.

    Source: seed ``zarr.storage.ZipStore``; PKWARE APPNOTE 6.3.10.
    """

    def __init__(  # noqa: PLR0913 -- those of the seed, and two more
        self,
        path: Path | str | BinaryFile | ArchiveInStore,
        *,
        mode: str = "r",
        read_only: bool | None = None,
        compression: int = STORED,
        allowZip64: bool = True,  # noqa: N803 -- the seed's name
        max_ratio: int = MAX_RATIO,
        verify: bool = False,
    ) -> None:
        if mode not in _MODES:
            msg = f"mode is one of {', '.join(_MODES)}, got {mode!r}"
            raise InvalidTypeError(msg)
        if mode == "r" and read_only is False:
            msg = "mode 'r' is for reading only; to change the archive use mode='a'"
            raise InvalidTypeError(msg)
        if isinstance(path, str | os.PathLike):
            path = Path(path)
        elif not isinstance(path, ArchiveInStore):
            path = as_binary_file(path)
        super().__init__(
            path,
            read_only=mode == "r" if read_only is None else read_only,
            max_ratio=max_ratio,
            verify=verify,
        )
        self.compression = compression
        self.allowZip64 = allowZip64
        if compression not in METHODS:
            raise UnsupportedError(self, f"compression method {compression!r}")
        if not isinstance(path, Path) and not self._read_only:
            where = "only an archive with a path of its own can be changed"
            raise UnsupportedError(self, f"mode {mode!r}", where)
        self._mode = "r" if self._read_only else mode

    @classmethod
    def from_store(
        cls,
        store: Store,
        key: str,
        *,
        close_store: bool = False,
        max_ratio: int = MAX_RATIO,
        verify: bool = False,
    ) -> Self:
        """Return a read-only store on an archive that is a value of another store.

        Parameters
        ----------
        store, key
            Where the archive is.
        close_store
            Whether closing this store closes `store`.
        max_ratio, verify
            As for the class.

        Notes
        -----
        Two requests to open, one more if the directory has more than 64 KiB; then one for
        each value or range, and for a range that starts beyond the first 16 KiB of a
        value one more the first time. The archive must not change meanwhile.
        """
        where = ArchiveInStore(store, check_key(key), close_store)
        return cls(where, max_ratio=max_ratio, verify=verify)

    @override
    def _arguments(self) -> dict[str, Any]:
        return {
            "path": self.path,
            # Made again, a store must never empty what the first one wrote.
            "mode": "r" if self._read_only else "a",
            "compression": self.compression,
            "allowZip64": self.allowZip64,
            "max_ratio": self._max_ratio,
            "verify": self._verify,
        }

    @override
    def with_read_only(self, read_only: bool = True) -> Self:
        arguments = self._arguments()
        arguments["mode"] = "r" if read_only else "a"
        return type(self)(**arguments, read_only=read_only)

    @override
    def __reduce__(self) -> tuple[object, ...]:
        if not isinstance(self.path, Path | ArchiveInStore):
            msg = f"{self} stands on an open file object, which cannot be pickled"
            raise InvalidTypeError(msg)
        return super().__reduce__()

    @override
    def __str__(self) -> str:
        return f"zip://{self.path}"

    @override
    def _make_writer(self, path: Path) -> Writer:
        options = Options(self.compression, self.allowZip64, self._max_ratio, self._verify)
        return Writer(path, self._mode, options)

    @override
    def _only_reads(self, path: Path) -> bool:
        # The lock of writers is taken at the first change: several stores may be open on
        # one archive to change it, in a notebook say, as long as only one does.
        if self._mode == "a":
            with failures_of(path):
                return path.exists() and path.stat().st_size > 0
        return self._mode == "r"

    async def commit(self) -> None:
        """Write the directory, so that other readers see all that was changed so far.

        Raises
        ------
        ReadOnlyError
            If the store is read-only.
        StoreExistsError
            If a new archive was to take a name that is taken by now.
        AccessDeniedError, BackendError
            If the file system fails; what was committed before stays.

        Notes
        -----
        One write of the whole directory, about 100 bytes a key, and two waits for the
        disk. The old directory becomes dead bytes.
        """
        await self._ready_to_write("commit", supported=True)
        await run_to_the_end(lambda: self._writer().commit())

    async def compact(self) -> int:
        """Write the archive anew without dead bytes, and commit it.

        Returns
        -------
        int
            `reclaimable_nbytes` before.

        Raises
        ------
        ReadOnlyError
            If the store is read-only.
        UnsupportedError
            If the archive has encrypted members.
        CorruptStoreError
            If a member is not where the directory says; the archive stays as it is.
        AccessDeniedError, BackendError
            If the file system fails; the archive stays as it is.

        Notes
        -----
        Reads and writes every live byte once, beside the archive, which it then replaces
        at once; nothing is compressed anew. Calls that change the store wait, reads go on.
        """
        await self._ready_to_write("compact", supported=True)
        return await run_to_the_end(lambda: self._writer().compact())

    @override
    async def _write(self, key: str, value: Buffer, *, overwrite: bool) -> bool:
        def append() -> bool:
            # In the thread: the bytes may have to come from a device.
            data = value.as_buffer_like()
            return self._writer().append(key, data, overwrite=overwrite)

        return await run_to_the_end(append)

    @override
    async def _remove(self, key: str) -> None:
        await run_to_the_end(lambda: self._writer().drop(key))

    @override
    async def _remove_prefix(self, prefix: str) -> None:
        await run_to_the_end(lambda: self._writer().drop_below(prefix))
