"""Archives that Python's zipfile and these tests write by hand."""

import io
import os
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any

from zstore import ZipStore
from zstore._compat import override
from zstore.buffer import Buffer
from zstore.ranges import ByteRequest
from zstore.stores.memory import MemoryStore
from zstore.stores.zip.directory import Directory, read_directory
from zstore.stores.zip.records import (
    Member,
    Steps,
    central_header,
    end_records,
    local_header,
)
from zstore.stores.zip.sources import carry_out_here

__all__ = [
    "CountingStore",
    "by_hand",
    "by_python",
    "directory_of",
    "member",
    "patched",
    "write",
]


def by_python(values: dict[str, bytes], **options: Any) -> bytes:
    """Return an archive by Python's zipfile."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", **options) as archive:
        for key, value in values.items():
            archive.writestr(key, value)
    return file.getvalue()


def member(name: bytes, value: bytes = b"value", **fields: Any) -> Member:
    """Return a stored member, with some fields as given."""
    true = Member(0, len(value), len(value), 0, zlib.crc32(value), 0, 0x21 << 16, 0, name)
    return true._replace(**fields)


def by_hand(
    *members: tuple[Member, bytes], comment: bytes = b"", nentries: int = -1
) -> bytes:
    """Return an archive of members with their bytes, whatever the members claim.

    An offset that is 0 is replaced by the true one.
    """
    file = bytearray()
    placed: list[Member] = []
    for one, value in members:
        placed.append(one._replace(offset=one.offset or len(file)))
        file += local_header(one) + value
    entries = b"".join(map(central_header, placed))
    count = len(placed) if nentries < 0 else nentries
    ends = end_records(count, len(entries), len(file), comment)
    return bytes(file) + entries + ends


def parse(steps: Steps[Directory], data: bytes) -> Directory:
    """Run a calculation on an archive in memory."""
    return carry_out_here(steps, lambda offset, nbytes: data[offset : offset + nbytes])


def directory_of(data: bytes, search_nbytes: int = 2**40) -> Directory:
    """Parse the directory of an archive in memory."""
    return parse(read_directory(len(data), search_nbytes=search_nbytes), data)


def patched(data: bytes, at: int, form: str, value: int) -> bytes:
    """Return `data` with one number replaced."""
    new = bytearray(data)
    struct.pack_into(form, new, at, value)
    return bytes(new)


def write(path: Path, data: bytes) -> Path:
    """Write a file; tests that run on an event loop must not do it there."""
    path.write_bytes(data)
    return path


class CountingStore(MemoryStore):
    """Counts the requests that reach it."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.requests: list[str] = []

    @override
    async def _read(self, key: str, request: ByteRequest | None) -> Buffer | None:
        self.requests.append(f"get {request}")
        return await super()._read(key, request)

    @override
    async def _size(self, key: str) -> int | None:
        self.requests.append("getsize")
        return await super()._size(key)


def contents(path: Path) -> dict[str, bytes]:
    """Return what Python's zipfile finds, each name once."""
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        assert len(names) == len(set(names))
        assert archive.testzip() is None
        return {name: archive.read(name) for name in names}


async def contents_of(store: ZipStore) -> dict[str, bytes]:
    return {key: await store.get_bytes(key) async for key in store.list()}


async def reread(path: Path) -> dict[str, bytes]:
    async with ZipStore(path) as store:
        return await contents_of(store)


def old(tmp_path: Path) -> Path:
    return write(tmp_path / "a.zip", by_python({"old": b"value"}))


def fail(number: int):
    def call(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    return call


def files_in(folder: Path) -> list[str]:
    """Return the names in a folder."""
    return sorted(path.name for path in folder.iterdir())
