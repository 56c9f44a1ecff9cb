"""Forty archives that lie, and what a reader may say of each."""

import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.stores.zip.archives import by_hand, member, patched
from zstore.stores.zip.compression import pack
from zstore.stores.zip.records import (
    END,
    LOCATOR,
    LOCATOR_MARK,
    Data,
    Member,
    central_header,
    end_records,
)

__all__ = ["SAMPLES", "Sample"]

_TEXT = b"some bytes that are no zip archive at all " * 20
_LARGE = bytes(2**20)
# More than a reader may take, and no more: compressing them takes a second.
_MANY_ZEROS = 3 * 2**25


@dataclass(frozen=True, slots=True)
class Sample:
    """An archive.

    Attributes
    ----------
    make
        Returns its bytes.
    truth
        Its values by key; None for one that nobody can tell. An error is right for all.
    is_slow
        Whether it takes a second to make.
    """

    make: Callable[[], bytes]
    truth: Mapping[str, bytes | None]
    is_slow: bool = False


def _stored(name: bytes, value: bytes = _TEXT, **fields: object) -> tuple[Member, bytes]:
    return member(name, value, **fields), value


def _packed(name: bytes, value: bytes = _TEXT, **fields: object) -> tuple[Member, bytes]:
    compressor = zlib.compressobj(wbits=-15)
    packed = compressor.compress(value) + compressor.flush()
    return member(name, value, method=8, packed_nbytes=len(packed), **fields), packed


_GOOD = _stored(b"good")


def _named(name: bytes, value: bytes = _TEXT, **fields: object) -> Sample:
    """Return an archive with a name that is no key beside a good one."""
    return Sample(lambda: by_hand(_stored(name, value, **fields), _GOOD), {"good": _TEXT})


def _lie(
    one: Callable[[], tuple[Member, bytes]],
    value: bytes | None = None,
    *,
    is_slow: bool = False,
) -> Sample:
    """Return an archive with a member that is not what it claims, and a good one."""
    return Sample(lambda: by_hand(one(), _GOOD), {"a": value, "good": _TEXT}, is_slow)


def _changed(at: int, form: str, value: int, truth: bytes | None = _TEXT) -> Sample:
    """Return an archive whose first local header differs from its directory."""
    two = by_hand(_stored(b"a"), _GOOD)
    return Sample(lambda: patched(two, at, form, value), {"a": truth, "good": _TEXT})


def _without_ends(*members: tuple[Member, bytes]) -> tuple[bytes, bytes, int]:
    """Return the members, their directory, and how many there are."""
    data = by_hand(*members)
    nbytes, start = END.unpack_from(data, len(data) - END.size)[5:7]
    return data[:start], data[start : start + nbytes], len(members)


def _ending(nentries: int | None = None, nbytes: int = 0, offset: int = 0) -> bytes:
    """Return an archive of two members whose end record is wrong by so much."""
    files, entries, count = _without_ends(_stored(b"a"), _GOOD)
    count = count if nentries is None else nentries
    ends = end_records(count, len(entries) + nbytes, len(files) + offset)
    return files + entries + ends


def _one_place(*, same: bool) -> bytes:
    """Return an archive in which many members are the same bytes, or overlap."""
    one, packed = _packed(b"a", _LARGE)
    files, _, _ = _without_ends((one, packed))
    names = [b"a", *(b"%d" % i for i in range(200))]
    claims = packed if same else packed + bytes(50)
    entries = b"".join(
        central_header(one._replace(name=name, packed_nbytes=len(claims))) for name in names
    )
    return files + entries + end_records(len(names), len(entries), len(files))


def _inflating(method: int) -> tuple[Member, bytes]:
    """Return a member that claims ten bytes and holds very many."""
    flags = 0
    if method == zipfile.ZIP_DEFLATED:
        compressor = zlib.compressobj(9, wbits=-15)
        zeros = bytes(2**24)
        block = compressor.compress(zeros) + compressor.flush(zlib.Z_FULL_FLUSH)
        packed: Data = block * 64 + b"\x03\x00"
    else:
        packed, flags = pack(method, bytes(_MANY_ZEROS))
    fields = {"packed_nbytes": len(packed), "crc": zlib.crc32(bytes(10))}
    return member(b"a", bytes(10), method=method, flags=flags, **fields), bytes(packed)


def _wide_dictionary() -> tuple[Member, bytes]:
    """Return a member whose LZMA header asks for a dictionary of 4 GiB."""
    data, flags = pack(zipfile.ZIP_LZMA, _TEXT)
    packed = bytearray(data)
    struct.pack_into("<L", packed, 5, 0xFFFFFFFF)
    fields = {"method": zipfile.ZIP_LZMA, "packed_nbytes": len(packed), "flags": flags}
    return member(b"a", _TEXT, **fields), bytes(packed)


def _flipped(one: tuple[Member, bytes]) -> tuple[Member, bytes]:
    """Return a member with one bit of its bytes turned."""
    value = bytearray(one[1])
    value[len(value) // 2] ^= 4
    return one[0], bytes(value)


def _with_archive_in_comment() -> bytes:
    inner = by_hand(_stored(b"a", b"of the inner one"))
    return by_hand(_stored(b"a", b"of the outer one"), comment=inner)


def _lost_locator() -> bytes:
    files, entries, count = _without_ends(_stored(b"a"), _GOOD)
    locator = LOCATOR.pack(LOCATOR_MARK, 0, 5, 1)
    return files + entries + locator + end_records(count, len(entries), len(files))


def _twice() -> bytes:
    return by_hand(_stored(b"a", b"the first"), _GOOD, _stored(b"a", b"the last"))


_TWO = {"a": _TEXT, "good": _TEXT}
_NONE: dict[str, bytes | None] = {"a": None, "good": None}

SAMPLES: dict[str, Sample] = {
    "a name that leads up": _named(b"../x"),
    "an absolute name": _named(b"/x"),
    "a name with a drive": _named(b"C:\\x"),
    "a name with an empty segment": _named(b"a//b"),
    "an empty name": _named(b""),
    "a name that begins with a dot": _named(b"./a"),
    "a name that leads up and down": _named(b"a/../b"),
    "a name with a backslash": _named(b"\\x"),
    "a name with a zero": _named(b"a\0b"),
    "a name that is no UTF-8": _named(b"\xff\xfe", flags=0x800),
    "a folder": _named(b"d/", b""),
    "a folder with a value": _named(b"d/"),
    "a name twice": Sample(_twice, {"a": b"the last", "good": _TEXT}),
    "members at one place": Sample(lambda: _one_place(same=True), {"a": _LARGE}),
    "members that overlap": Sample(lambda: _one_place(same=False), {"a": _LARGE}),
    "a value that reaches into the next": _changed(28, "<H", 40, None),
    "another name in the header": _changed(30, "<B", ord("z"), None),
    "another method in the header": _changed(8, "<H", 8),
    "another size in the header": _changed(22, "<L", 4),
    "a wrong checksum": _lie(lambda: _stored(b"a", crc=1)),
    "a wrong checksum, deflated": _lie(lambda: _packed(b"a", crc=1)),
    "a turned bit": _lie(lambda: _flipped(_stored(b"a"))),
    "a turned bit, deflated": _lie(lambda: _flipped(_packed(b"a"))),
    "ten bytes that inflate": _lie(lambda: _inflating(zipfile.ZIP_DEFLATED)),
    "ten bytes that inflate, bzip2": _lie(
        lambda: _inflating(zipfile.ZIP_BZIP2), is_slow=True
    ),
    "ten bytes that inflate, LZMA": _lie(
        lambda: _inflating(zipfile.ZIP_LZMA), is_slow=True
    ),
    "a dictionary of 4 GiB": _lie(_wide_dictionary, _TEXT),
    "4 GiB from a few bytes": _lie(lambda: _packed(b"a", nbytes=2**32 - 2)),
    "4 EiB from a few bytes": _lie(lambda: _packed(b"a", nbytes=2**62)),
    "a longer value than is there": _lie(lambda: _stored(b"a", nbytes=2**31)),
    "a shorter value than is there": _lie(lambda: _packed(b"a", nbytes=9)),
    "an encrypted value": _lie(lambda: _stored(b"a", flags=1)),
    "an unknown method": _lie(lambda: _stored(b"a", method=99)),
    "fewer entries than there are": Sample(lambda: _ending(1), _TWO),
    "more entries than there are": Sample(lambda: _ending(9), _TWO),
    "a directory of 2 GiB": Sample(lambda: _ending(nbytes=2**31), _NONE),
    "a directory elsewhere": Sample(lambda: _ending(offset=-20), _TWO),
    "a zip64 locator to nowhere": Sample(_lost_locator, _TWO),
    "an archive in the comment": Sample(_with_archive_in_comment, {"a": None}),
    "an archive that is cut short": Sample(lambda: _ending()[:-30], _NONE),
}
"""By what is wrong."""
