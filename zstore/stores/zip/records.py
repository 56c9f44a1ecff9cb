"""The records of a zip archive: to bytes, and the numbers in them.

Source: PKWARE APPNOTE 6.3.10, sections 4.3.7 (local header), 4.3.12 (central header),
4.3.14 to 4.3.16 (end records) and 4.5.3 (zip64 extra field).
"""

import time
from collections.abc import Generator
from datetime import datetime
from struct import Struct
from typing import NamedTuple, TypeAlias, TypeVar

__all__ = [
    "CENTRAL",
    "CENTRAL_MARK",
    "END",
    "END64",
    "END64_MARK",
    "END_MARK",
    "LOCAL",
    "LOCAL_MARK",
    "LOCATOR",
    "LOCATOR_MARK",
    "MADE_BY",
    "SATURATED_16",
    "SATURATED_32",
    "UTF8_NAME",
    "Data",
    "Member",
    "Steps",
    "central_header",
    "dos_time",
    "end_records",
    "footprint",
    "from_dos_time",
    "local_header",
]

T = TypeVar("T")

Data: TypeAlias = bytes | bytearray | memoryview
"""A run of bytes."""

Steps: TypeAlias = Generator[tuple[int, int], Data, T]
"""A calculation that asks for (offset, nbytes) of the archive and ends with a result.

So the format is read by one code, whether the bytes come from a file or over a network.
"""

LOCAL = Struct("<4s5H3L2H")
CENTRAL = Struct("<4s6H3L5H2L")
END = Struct("<4s4H2LH")
END64 = Struct("<4sQ2H2L4Q")
LOCATOR = Struct("<4sLQL")
_ZIP64_SIZES = Struct("<2H2Q")

LOCAL_MARK, CENTRAL_MARK = b"PK\x03\x04", b"PK\x01\x02"
END_MARK, END64_MARK, LOCATOR_MARK = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"

# A field of a classic record that says "see the zip64 record".
SATURATED_16, SATURATED_32 = 0xFFFF, 0xFFFFFFFF

UTF8_NAME = 0x800

# Made on Unix, by version 6.3 of the specification; needed to read: by method, or zip64.
MADE_BY = 3 << 8 | 63
_NEEDED = {12: 46, 14: 63}
_NEEDED_ZIP64 = 45


class Member(NamedTuple):
    """One value of an archive, as the central directory has it.

    Attributes
    ----------
    offset
        Where its local header starts, from the first byte of the file.
    packed_nbytes, nbytes
        Size in the archive and size of the value.
    method, crc, flags, dos_time, attributes
        As in the central header; `dos_time` is ``date << 16 | time``.
    name
        As it is in the archive, whatever the encoding.
    extra
        Extra fields of the central header without that of zip64.
    made_by
        As in the central header: the system, which `attributes` and unmarked names are
        of, in the high byte (3 is Unix).
    """

    offset: int
    packed_nbytes: int
    nbytes: int
    method: int
    crc: int
    flags: int
    dos_time: int
    attributes: int
    name: bytes
    extra: bytes = b""
    made_by: int = MADE_BY


def local_header(member: Member) -> bytes:
    """Return the local header of a member, sizes and checksum included."""
    packed, nbytes, extra = member.packed_nbytes, member.nbytes, b""
    if max(packed, nbytes) >= SATURATED_32:
        extra = _ZIP64_SIZES.pack(1, 16, nbytes, packed)
        packed = nbytes = SATURATED_32
    fixed = LOCAL.pack(
        LOCAL_MARK,
        _needed(member, bool(extra)),
        member.flags,
        member.method,
        member.dos_time & SATURATED_16,
        member.dos_time >> 16,
        member.crc,
        packed,
        nbytes,
        len(member.name),
        len(extra),
    )
    return fixed + member.name + extra


def central_header(member: Member) -> bytes:
    """Return the entry of a member in the central directory."""
    sizes = [member.nbytes, member.packed_nbytes, member.offset]
    large = [size for size in sizes if size >= SATURATED_32]
    extra = member.extra
    if large:
        extra = Struct(f"<2H{len(large)}Q").pack(1, 8 * len(large), *large) + extra
    nbytes, packed, offset = (min(size, SATURATED_32) for size in sizes)
    fixed = CENTRAL.pack(
        CENTRAL_MARK,
        member.made_by,
        _needed(member, bool(large)),
        member.flags,
        member.method,
        member.dos_time & SATURATED_16,
        member.dos_time >> 16,
        member.crc,
        packed,
        nbytes,
        len(member.name),
        len(extra),
        0,
        0,
        0,
        member.attributes,
        offset,
    )
    return fixed + member.name + extra


def _needed(member: Member, zip64: bool) -> int:
    return max(_NEEDED.get(member.method, 20), _NEEDED_ZIP64 if zip64 else 0)


def end_records(nentries: int, nbytes: int, offset: int, comment: bytes = b"") -> bytes:
    """Return what follows a directory of `nbytes` at `offset`: the records of the end."""
    zip64 = b""
    if nentries > SATURATED_16 or max(nbytes, offset) >= SATURATED_32:
        counts = (nentries, nentries, nbytes, offset)
        zip64 = END64.pack(
            END64_MARK, END64.size - 12, MADE_BY, _NEEDED_ZIP64, 0, 0, *counts
        ) + LOCATOR.pack(LOCATOR_MARK, 0, offset + nbytes, 1)
    count = min(nentries, SATURATED_16)
    sizes = min(nbytes, SATURATED_32), min(offset, SATURATED_32)
    return zip64 + END.pack(END_MARK, 0, 0, count, count, *sizes, len(comment)) + comment


def footprint(member: Member) -> int:
    """Return the bytes that a member takes before the directory, its header included."""
    is_wide = max(member.nbytes, member.packed_nbytes) >= SATURATED_32
    header = LOCAL.size + len(member.name) + (_ZIP64_SIZES.size if is_wide else 0)
    return header + member.packed_nbytes


def dos_time(when: time.struct_time) -> int:
    """Return a local time as ``date << 16 | time``; from 1980, in steps of 2 s.

    Examples
    --------
    >>> from_dos_time(dos_time(time.struct_time((2024, 2, 29, 23, 59, 58, 0, 0, -1))))
    datetime.datetime(2024, 2, 29, 23, 59, 58)
    """
    year = min(max(when.tm_year, 1980), 2107) - 1980
    date = year << 9 | when.tm_mon << 5 | when.tm_mday
    return date << 16 | when.tm_hour << 11 | when.tm_min << 5 | min(when.tm_sec, 59) >> 1


def from_dos_time(value: int) -> datetime | None:
    """Return the time that was written, without a zone; None if it is no time."""
    date, clock = value >> 16, value & SATURATED_16
    day = (date >> 9) + 1980, date >> 5 & 15, date & 31
    try:
        return datetime(  # noqa: DTZ001 -- the format has no time zone
            *day, clock >> 11, clock >> 5 & 63, (clock & 31) << 1
        )
    except ValueError:
        return None
