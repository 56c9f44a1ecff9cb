"""Making a member of a value."""

import time
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

from zstore.errors import UnsupportedError
from zstore.stores.zip.compression import pack
from zstore.stores.zip.records import (
    SATURATED_16,
    SATURATED_32,
    UTF8_NAME,
    Data,
    Member,
    dos_time,
)

__all__ = ["Options", "check_limits", "new_member"]

# A regular file that its owner may write and everyone read.
_ATTRIBUTES = 0o100644 << 16


@dataclass(frozen=True, slots=True)
class Options:
    """How members are written and read; see `ZipStore`."""

    compression: int
    allow_zip64: bool
    max_ratio: int
    verify: bool


def new_member(key: str, value: Data, method: int) -> tuple[Member, Data]:
    """Return a member, for any offset, and its bytes in the archive."""
    packed, flags = pack(method, value)
    member = Member(
        offset=0,
        packed_nbytes=len(packed),
        nbytes=len(value),
        method=method,
        crc=crc32(value),
        flags=flags | (0 if key.isascii() else UTF8_NAME),
        dos_time=dos_time(time.localtime()),
        attributes=_ATTRIBUTES,
        name=key.encode(),
    )
    return member, packed


def check_limits(path: Path, member: Member, nmembers: int, *, allow_zip64: bool) -> None:
    """Refuse what the format cannot hold.

    Raises
    ------
    UnsupportedError
        If the name is longer than 65,535 bytes, or zip64 is needed and not allowed.
    """
    name, stop = member.name, member.offset + member.packed_nbytes
    if len(name) > SATURATED_16:
        why = f"the name {name[:20]!r}... has {len(name)} bytes"
        raise UnsupportedError(path, "set", why)
    is_large = max(stop, member.nbytes) >= SATURATED_32 or nmembers > SATURATED_16
    if is_large and not allow_zip64:
        why = f"with {name!r} it would need zip64, and allowZip64 is False"
        raise UnsupportedError(path, "set", why)
