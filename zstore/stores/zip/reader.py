"""Opening an archive for reading only."""

from pathlib import Path

from zstore.stores.zip.archive import Archive
from zstore.stores.zip.directory import Directory, read_directory
from zstore.stores.zip.files import failures_of, open_for_reading
from zstore.stores.zip.sources import (
    BinaryFile,
    ByteSource,
    FileObjectSource,
    LocalSource,
    carry_out,
    carry_out_here,
)
from zstore.stores.zip.store_source import ArchiveInStore, StoreSource

__all__ = ["Reader"]

# Looking for a lost end record costs requests; in a local file it is looked for everywhere.
_REMOTE_SEARCH_NBYTES = 2**24


class Reader:
    """An archive that is only read.

    Parameters
    ----------
    source, directory
        Of the archive.
    max_ratio, verify
        See `Archive`.
    """

    def __init__(
        self,
        source: LocalSource | ByteSource,
        directory: Directory,
        *,
        max_ratio: int,
        verify: bool,
    ) -> None:
        self.archive = Archive(source, directory, max_ratio=max_ratio, verify=verify)
        dead = source.size - directory.tail_nbytes - self.archive.live_nbytes
        self.reclaimable_nbytes = max(0, dead - directory.bias)

    @classmethod
    def open_here(
        cls, path: Path | BinaryFile, *, max_ratio: int, verify: bool
    ) -> "Reader":
        """Open a file or a file object; blocks.

        Raises
        ------
        StoreNotFoundError
            If there is nothing at the path.
        CorruptStoreError
            If it is no zip archive, or contradicts itself.
        """
        with failures_of(path):
            source: LocalSource = (
                open_for_reading(path) if isinstance(path, Path) else FileObjectSource(path)
            )
            steps = read_directory(source.size, search_nbytes=source.size)
            directory = carry_out_here(steps, source.read_here)
        return cls(source, directory, max_ratio=max_ratio, verify=verify)

    @classmethod
    async def open(cls, where: ArchiveInStore, *, max_ratio: int, verify: bool) -> "Reader":
        """Open an archive in another store; see `open_here` for the errors."""
        source = StoreSource(where)
        await source.open()
        steps = read_directory(source.size, search_nbytes=_REMOTE_SEARCH_NBYTES)
        with failures_of(where):
            directory = await carry_out(steps, source.read)
        source.forget_tail()
        return cls(source, directory, max_ratio=max_ratio, verify=verify)

    def close(self) -> None:
        """Let go of nothing: a file is closed when its last reader is done."""
