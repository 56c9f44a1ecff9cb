import struct
from zlib import crc32

import pytest

from tests.stores.zip.archives import (
    by_hand,
    by_python,
    directory_of,
    member,
    patched,
)
from zstore.errors import CorruptStoreError
from zstore.stores.zip.directory import TAIL_NBYTES, read_directory
from zstore.stores.zip.records import CENTRAL, END, central_header
from zstore.stores.zip.sources import carry_out_here

TWO = by_python({"a": b"1", "b/c": b"22"})


def requests_of(data: bytes) -> list[tuple[int, int]]:
    asked: list[tuple[int, int]] = []

    def read(offset: int, nbytes: int) -> bytes:
        asked.append((offset, nbytes))
        return data[offset : offset + nbytes]

    carry_out_here(read_directory(len(data), search_nbytes=len(data)), read)
    return asked


def test_a_small_directory_comes_with_one_request():
    assert requests_of(TWO) == [(0, len(TWO))]
    far = by_python({"a": bytes(2 * TAIL_NBYTES)})
    assert requests_of(far) == [(len(far) - TAIL_NBYTES, TAIL_NBYTES)]


def test_of_a_long_directory_only_what_is_missing_is_fetched():
    data = by_python({f"{i:0100}": b"" for i in range(1000)})
    first, second = requests_of(data)
    assert first == (len(data) - TAIL_NBYTES, TAIL_NBYTES)
    assert second[0] + second[1] == first[0]
    assert len(directory_of(data).members) == 1000


def test_a_directory_that_ends_before_the_tail_is_read_apart():
    data = by_python({f"{i:0100}": b"" for i in range(10)})
    records = len(data) - END.size
    long = data[:records] + b"".join(
        [data[records : records + 20], struct.pack("<H", 65535), bytes(65535)]
    )
    assert len(directory_of(long).members) == 10
    assert directory_of(long).comment == bytes(65535)


UNSAFE = [
    b"../x",
    b"/x",
    b"C:\\x",
    b"a//b",
    b"",
    b"./a",
    b"a\x00b",
    b"a/../b",
    b"..",
    b"\\x",
]


@pytest.mark.parametrize("name", UNSAFE)
def test_a_name_that_is_no_key_is_left_out_and_said(name: bytes):
    directory = directory_of(by_hand((member(name), b"value"), (member(b"good"), b"value")))
    assert list(directory.members) == ["good"]
    (warning,) = directory.warnings
    assert warning.startswith("1 names are no keys and are left out, ")


def test_folders_are_no_keys_and_nothing_is_said():
    folder = member(b"a/", b"")
    directory = directory_of(by_hand((folder, b""), (member(b"a/b"), b"value")))
    assert list(directory.members) == ["a/b"]
    assert directory.warnings == ()


@pytest.mark.parametrize(("name", "value"), [(b"a/", b"value"), (b"../", b""), (b"/", b"")])
def test_odd_folders_are_said(name: bytes, value: bytes):
    assert len(directory_of(by_hand((member(name, value), value))).warnings) == 1


def test_the_number_of_names_left_out_does_not_make_the_warnings_longer():
    data = by_hand(*[(member(b"../%d" % i), b"value") for i in range(100)])
    (warning,) = directory_of(data).warnings
    assert warning == "100 names are no keys and are left out, '../0' for one"


@pytest.mark.parametrize(
    ("one", "key"),
    [
        (member("né".encode(), flags=0x800), "né"),
        (member("né".encode("cp437")), "né"),
        (member("né".encode()), "né"),
        (member("né".encode(), made_by=19 << 8), "né"),
        (member("né".encode(), made_by=20), "n├⌐"),
        (
            member(
                b"n?",
                extra=struct.pack("<2HBL", 0x7075, 8, 1, crc32(b"n?")) + "né".encode(),
            ),
            "n?",
        ),
        (
            member(
                b"n\x82",
                extra=b"\x99\x99\x01\x00x"
                + struct.pack("<2HBL", 0x7075, 8, 1, crc32(b"n\x82"))
                + "nö".encode(),
            ),
            "nö",
        ),
        (
            member(b"n\x82", extra=struct.pack("<2HBL", 0x7075, 8, 1, 5) + "nö".encode()),
            "né",
        ),
    ],
)
def test_names_are_read_in_the_encoding_that_they_claim(one, key):
    assert list(directory_of(by_hand((one, b"value"))).members) == [key]


def test_a_name_that_is_not_in_the_encoding_that_it_claims_is_left_out():
    directory = directory_of(by_hand((member(b"\xff\xfe", flags=0x800), b"value")))
    assert directory.members == {}
    assert "xff" in directory.warnings[0]


def test_of_several_members_with_one_name_the_last_counts():
    first, last = member(b"a", b"first"), member(b"a", b"the last")
    data = by_hand((first, b"first"), (member(b"b"), b"value"), (last, b"the last"))
    directory = directory_of(data)
    assert list(directory.members) == ["b", "a"]
    assert directory.members["a"].nbytes == 8


@pytest.mark.parametrize(
    "changes",
    [
        {"packed_nbytes": 10**6},
        {"packed_nbytes": 0xFFFFFFFF, "nbytes": 0xFFFFFFFF},
        {"offset": 10**6},
        {"packed_nbytes": 2**62, "nbytes": 2**62},
        {"packed_nbytes": 2**64 - 1, "nbytes": 2**64 - 1},
    ],
)
def test_a_member_outside_the_file_is_refused(changes):
    data = by_hand((member(b"a", **changes), b"value"))
    with pytest.raises(CorruptStoreError, match="ends at"):
        directory_of(data)


def test_members_that_overlap_are_refused():
    data = by_hand((member(b"a", packed_nbytes=6), b"value"), (member(b"b"), b"value"))
    with pytest.raises(CorruptStoreError, match="another one or the directory starts"):
        directory_of(data)


def test_two_members_at_one_place_are_refused():
    first = by_hand((member(b"a"), b"value"))
    entry = central_header(member(b"a"))
    data = first[: len(first) - END.size - len(entry)] + 2 * entry
    end = END.pack(b"PK\x05\x06", 0, 0, 2, 2, 2 * len(entry), len(data) - 2 * len(entry), 0)
    with pytest.raises(CorruptStoreError, match="another one"):
        directory_of(data + end)


@pytest.mark.parametrize(
    ("at", "value"), [(28, 5000), (30, 5000), (32, 5000), (0, 0x12345678)]
)
def test_an_entry_that_is_no_entry_is_refused(at: int, value: int):
    start = TWO.index(b"PK\x01\x02")
    form = "<L" if at == 0 else "<H"
    with pytest.raises(CorruptStoreError, match="starts no entry"):
        directory_of(patched(TWO, start + at, form, value))


def test_a_directory_that_ends_within_an_entry_is_refused():
    entry = central_header(member(b"a"))
    data = by_hand((member(b"a"), b"value"))
    cut = data[: -END.size] + bytes(CENTRAL.size - 1)
    end = END.pack(
        b"PK\x05\x06",
        0,
        0,
        1,
        1,
        len(entry) + CENTRAL.size - 1,
        len(cut) - len(entry) - 45,
        0,
    )
    with pytest.raises(CorruptStoreError, match="ends within an entry"):
        directory_of(cut + end)


def test_a_signature_of_the_directory_is_skipped():
    data = by_hand((member(b"a"), b"value"))
    at = len(data) - END.size
    nbytes = END.unpack_from(data, at)[5]
    signed = data[:at] + b"PK\x05\x05\x00\x00" + data[at:]
    assert list(directory_of(patched(signed, at + 6 + 12, "<L", nbytes + 6)).members) == [
        "a"
    ]


def test_a_zip64_field_that_is_too_short_is_refused():
    extra = struct.pack("<2HL", 1, 4, 7)
    entry = central_header(member(b"a"))
    wide = bytearray(entry)
    struct.pack_into("<2L", wide, 20, 0xFFFFFFFF, 0xFFFFFFFF)
    struct.pack_into("<H", wide, 30, len(extra))
    data = by_hand((member(b"a"), b"value"))
    start = data[: -END.size - len(entry)]
    directory = bytes(wide) + extra
    end = END.pack(b"PK\x05\x06", 0, 0, 1, 1, len(directory), len(start), 0)
    with pytest.raises(CorruptStoreError, match="a zip64 field has 4 bytes for 2 sizes"):
        directory_of(start + directory + end)


def test_a_directory_of_more_than_a_gibibyte_is_not_read():
    size = 2**31
    end = END.pack(b"PK\x05\x06", 0, 0, 9, 9, 2**30 + 1, size - 2**30 - 1 - END.size, 0)

    def read(offset: int, nbytes: int) -> bytes:
        assert offset == size - nbytes
        assert nbytes <= TAIL_NBYTES
        return end.rjust(nbytes, b"\0")

    with pytest.raises(CorruptStoreError, match="more than 1073741824"):
        carry_out_here(read_directory(size, search_nbytes=0), read)
