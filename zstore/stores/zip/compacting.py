"""Writing the end of an archive, and an archive anew without its dead bytes."""

import os
from collections.abc import Collection

from zstore.errors import UnsupportedError
from zstore.stores.local.syncing import sync
from zstore.stores.zip.archive import Archive
from zstore.stores.zip.directory import Directory
from zstore.stores.zip.records import Member, central_header, end_records, local_header
from zstore.stores.zip.sources import FileSource

__all__ = ["copy_members", "directory_bytes", "finish"]

_ENCRYPTED, _SIZES_FOLLOW = 0x1, 0x8


def directory_bytes(
    members: Collection[Member], offset: int, comment: bytes
) -> tuple[bytes, bytes]:
    """Return a directory that starts at `offset`, and the records of the end."""
    entries = b"".join(map(central_header, members))
    return entries, end_records(len(members), len(entries), offset, comment)


def finish(file: FileSource, offset: int, entries: bytes, ends: bytes) -> None:
    """Write a directory and the records of the end, and wait until they are on the disk.

    The records come last: what they stand for is on the disk by then.
    """
    file.write_here(offset, entries)
    sync(file.descriptor)
    file.write_here(offset + len(entries), ends)
    os.ftruncate(file.descriptor, offset + len(entries) + len(ends))
    sync(file.descriptor)


def copy_members(archive: Archive, file: FileSource) -> Directory:
    """Write a whole archive with the members of another, as they are; decompress none.

    Raises
    ------
    UnsupportedError
        If a member is encrypted: what its local header says more would be lost.
    """
    moved: dict[str, Member] = {}
    at = 0
    for key, member in list(archive.members.items()):
        if member.flags & _ENCRYPTED:
            raise UnsupportedError(repr(key), "compact", "the member is encrypted")
        copy = member._replace(offset=at, flags=member.flags & ~_SIZES_FOLLOW)
        moved[key] = copy
        header = local_header(copy)
        file.write_here(at, header)
        at += len(header)
        for piece in archive.raw_here(key, member):
            file.write_here(at, piece)
            at += len(piece)
    entries, ends = directory_bytes(moved.values(), at, archive.comment)
    finish(file, at, entries, ends)
    bounds = [*(member.offset for member in moved.values()), at]
    stop = at + len(entries) + len(ends)
    return Directory(moved, bounds, stop, comment=archive.comment)
