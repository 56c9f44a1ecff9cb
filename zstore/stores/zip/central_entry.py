"""One entry of a central directory: its numbers, and the name that it means.

Source: APPNOTE 4.3.12 (central header), 4.5.3 (zip64), 4.6.9 (Unicode path), D (names).
"""

from struct import Struct
from struct import error as StructError  # noqa: N812 -- a class, named as classes are
from zlib import crc32

from zstore.errors import CorruptStoreError
from zstore.stores.zip.records import (
    CENTRAL,
    CENTRAL_MARK,
    SATURATED_32,
    UTF8_NAME,
    Member,
)

__all__ = ["name_of", "parse_entry"]

# Systems whose file names are UTF-8: Unix, and Darwin.
_UNIX = (3, 19)
_FIELD = Struct("<2H")
_ZIP64_FIELD, _UNICODE_PATH = 0x0001, 0x7075


def parse_entry(data: bytes, at: int, bias: int) -> tuple[Member, int]:
    """Return the entry at byte `at` of the directory, and its size there."""
    try:
        fields = CENTRAL.unpack_from(data, at)
    except StructError as error:
        msg = f"the directory ends within an entry, at byte {at} of {len(data)}"
        raise CorruptStoreError(msg) from error
    mark, made_by, _, flags, method, clock, date, crc, packed, nbytes = fields[:10]
    nname, nextra, ncomment, _, _, attributes, offset = fields[10:]
    stop = at + CENTRAL.size + nname + nextra + ncomment
    if mark != CENTRAL_MARK or stop > len(data):
        msg = f"byte {at} of the directory starts no entry: {mark!r}, ends at {stop}"
        raise CorruptStoreError(msg)
    at += CENTRAL.size
    name, extra = data[at : at + nname], data[at + nname : at + nname + nextra]
    if extra:
        sizes = [nbytes, packed, offset]
        if SATURATED_32 in sizes:
            nbytes, packed, offset = _wide(sizes, _extra_field(extra, _ZIP64_FIELD) or b"")
        extra = _without_zip64(extra)
    member = Member(
        offset + bias,
        packed,
        nbytes,
        method,
        crc,
        flags,
        date << 16 | clock,
        attributes,
        name,
        extra,
        made_by,
    )
    return member, stop - at + CENTRAL.size


def _wide(sizes: list[int], field: bytes) -> list[int]:
    """Replace the saturated ones of `sizes` by those of a zip64 extra field."""
    nlarge = sizes.count(SATURATED_32)
    if len(field) < 8 * nlarge:
        if not field:
            return sizes  # such a size without zip64 is itself
        msg = f"a zip64 field has {len(field)} bytes for {nlarge} sizes"
        raise CorruptStoreError(msg)
    wide = iter(Struct(f"<{nlarge}Q").unpack_from(field))
    return [next(wide) if size == SATURATED_32 else size for size in sizes]


def _extra_field(extra: bytes, kind: int) -> bytes | None:
    """Return the first extra field of a kind, without its header."""
    at = 0
    while at + _FIELD.size <= len(extra):
        found, nbytes = _FIELD.unpack_from(extra, at)
        at += _FIELD.size
        if found == kind:
            return extra[at : at + nbytes]
        at += nbytes
    return None


def _without_zip64(extra: bytes) -> bytes:
    """Drop the zip64 field: it is written anew where it is needed."""
    kept: list[bytes] = []
    at = 0
    while at + _FIELD.size <= len(extra):
        kind, nbytes = _FIELD.unpack_from(extra, at)
        stop = at + _FIELD.size + nbytes
        if kind != _ZIP64_FIELD:
            kept.append(extra[at:stop])
        at = stop
    return b"".join(kept)


def name_of(member: Member) -> str | None:
    """Return the name of a member; None if it is not in the encoding that it claims."""
    raw = member.name
    if raw.isascii():
        return raw.decode("ascii")
    if not member.flags & UTF8_NAME:
        field = _extra_field(member.extra, _UNICODE_PATH) or b""
        # The field names the text that it stands for, so that a renamed member loses it.
        if field[:1] == b"\x01" and field[1:5] == crc32(raw).to_bytes(4, "little"):
            raw = field[5:]
        elif member.made_by >> 8 not in _UNIX or not _is_utf8(raw):
            # Tools of Unix write names as the system has them, and do not say so.
            return raw.decode("cp437")
    return raw.decode("utf-8") if _is_utf8(raw) else None


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
