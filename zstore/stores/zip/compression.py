"""The compression methods of zip archives, with a limit on what comes out.

Source: APPNOTE 4.4.5 (methods), 5.8 (LZMA); RFC 1951 (deflate).
"""

import bz2
import lzma
import zlib
from collections.abc import Callable

from zstore.errors import CorruptStoreError
from zstore.stores.zip.records import Data, Member

__all__ = [
    "BZIP2",
    "DEFLATED",
    "LZMA",
    "MAX_RATIO",
    "METHODS",
    "STORED",
    "check",
    "pack",
    "unpack",
]

STORED, DEFLATED, BZIP2, LZMA = 0, 8, 12, 14
METHODS = (STORED, DEFLATED, BZIP2, LZMA)

MAX_RATIO = 1032
"""The most that deflate can do: 258 bytes from 2 bits. A run of zeros reaches it."""

# Below this no ratio is suspicious.
_SMALL_NBYTES = 2**20
# For the dictionary that a stream claims to need; the largest preset needs half of it.
_LZMA_MEMORY_NBYTES = 2**27
_ENCRYPTED = 0x1 | 0x40
_LZMA_END_MARK = 0x2
_LZMA_HEADER = b"\x09\x14\x05\x00"
_UNKNOWN_SIZE = b"\xff" * 8


def check(key: str, member: Member, max_ratio: int) -> None:
    """Refuse a member that cannot be read, or that claims what cannot be.

    Raises
    ------
    CorruptStoreError
        If it is encrypted, of an unknown method, or claims more than `max_ratio` times
        its bytes in the archive.
    """
    if member.flags & _ENCRYPTED:
        msg = f"the value of {key!r} is encrypted"
        raise CorruptStoreError(msg)
    if member.method not in METHODS:
        msg = f"the value of {key!r} is compressed by an unknown method, {member.method}"
        raise CorruptStoreError(msg)
    packed, nbytes = member.packed_nbytes, member.nbytes
    if member.method == STORED and packed != nbytes:
        msg = f"{key!r} is stored as it is, in {packed} bytes, but claims {nbytes}"
        raise CorruptStoreError(msg)
    if nbytes > _SMALL_NBYTES and nbytes > max_ratio * packed:
        msg = (
            f"{key!r} claims {nbytes} bytes from {packed}: more than the {max_ratio} times "
            "that are let through (max_ratio)"
        )
        raise CorruptStoreError(msg)


def unpack(key: str, member: Member, packed: Data) -> Data:
    """Return the value of a member, checked; `packed` itself if it is stored as it is.

    Raises
    ------
    CorruptStoreError
        If the bytes are not what the directory says: size, checksum or compression.
    """
    value = packed
    if member.method != STORED:
        try:
            value = _decompress(member, bytes(packed))
        except (zlib.error, OSError, ValueError, EOFError, lzma.LZMAError) as error:
            msg = f"the value of {key!r} cannot be decompressed: {error}"
            raise CorruptStoreError(msg) from error
    if len(value) != member.nbytes:
        more = "more than " if len(value) > member.nbytes else f"{len(value)} and not "
        msg = f"the value of {key!r} has {more}the {member.nbytes} bytes it claims"
        raise CorruptStoreError(msg)
    crc = zlib.crc32(value)
    if crc != member.crc:
        msg = f"the value of {key!r} has the checksum {crc:08x}, not {member.crc:08x}"
        raise CorruptStoreError(msg)
    return value


def _decompress(member: Member, packed: bytes) -> bytes:
    # One byte more than claimed is enough to know that the claim is false.
    limit = member.nbytes + 1
    if member.method == DEFLATED:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, limit)
    if member.method == BZIP2:
        return bz2.BZ2Decompressor().decompress(packed, limit)
    if packed[2:4] != _LZMA_HEADER[2:]:
        msg = f"its LZMA header is {packed[:4]!r}"
        raise ValueError(msg)
    size = member.nbytes.to_bytes(8, "little")
    if member.flags & _LZMA_END_MARK:
        size = _UNKNOWN_SIZE
    decompressor = lzma.LZMADecompressor(lzma.FORMAT_ALONE, memlimit=_LZMA_MEMORY_NBYTES)
    return decompressor.decompress(packed[4:9] + size + packed[9:], limit)


def pack(method: int, value: Data) -> tuple[Data, int]:
    """Return the bytes of a value in the archive, and the flags that go with them."""
    return value if method == STORED else _PACKERS[method](value), _FLAGS.get(method, 0)


def _deflate(value: Data) -> bytes:
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return compressor.compress(value) + compressor.flush()


def _lzma(value: Data) -> bytes:
    alone = lzma.compress(value, lzma.FORMAT_ALONE)
    return _LZMA_HEADER + alone[:5] + alone[13:]


_PACKERS: dict[int, Callable[[Data], bytes]] = {
    DEFLATED: _deflate,
    BZIP2: bz2.compress,
    LZMA: _lzma,
}
_FLAGS = {LZMA: _LZMA_END_MARK}
