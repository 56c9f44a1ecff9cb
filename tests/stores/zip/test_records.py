import io
import time
import zipfile
from datetime import datetime

import pytest

from tests.stores.zip.archives import by_hand, directory_of, member
from zstore.stores.zip.directory import read_directory
from zstore.stores.zip.records import (
    END,
    LOCAL,
    Member,
    central_header,
    dos_time,
    end_records,
    footprint,
    from_dos_time,
    local_header,
)
from zstore.stores.zip.sources import carry_out_here


def test_headers_are_what_zipfile_reads():
    data = by_hand((member(b"a/b"), b"value"), (member(b"c", b""), b""), comment=b"note")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.comment == b"note"
        assert {name: archive.read(name) for name in archive.namelist()} == {
            "a/b": b"value",
            "c": b"",
        }
        assert archive.testzip() is None


def test_sizes_that_need_zip64_are_in_an_extra_field():
    large = Member(2**33, 2**34, 2**35, 8, 1, 0, 0, 0, b"x", b"\x55\x54\x00\x00")
    header = local_header(large)
    assert LOCAL.unpack_from(header)[7:9] == (0xFFFFFFFF, 0xFFFFFFFF)
    assert len(header) == LOCAL.size + 1 + 20
    entry = central_header(large)
    records = end_records(1, len(entry), 2**36)
    # Only the directory lies in the window that is parsed; its offsets are those of a
    # file of 64 GiB.
    base = 2**36
    file = entry + records

    def read(offset: int, nbytes: int) -> bytes:
        return (
            file.rjust(nbytes, b"\0")[-nbytes:] if offset < base else file[offset - base :]
        )

    found = carry_out_here(read_directory(base + len(file), search_nbytes=0), read)
    assert found.members == {"x": large}


@pytest.mark.parametrize("count", [0xFFFF, 0x10000])
def test_more_than_65535_entries_need_zip64_records(count: int):
    assert (len(end_records(count, 0, 0)) > END.size) == (count > 0xFFFF)


def test_a_footprint_is_the_header_and_the_bytes():
    small = member(b"name", b"12345")
    assert footprint(small) == len(local_header(small)) + 5
    large = small._replace(packed_nbytes=2**33, nbytes=2**33)
    assert footprint(large) == len(local_header(large)) + 2**33


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ((2024, 2, 29, 23, 59, 59), datetime(2024, 2, 29, 23, 59, 58)),  # noqa: DTZ001
        ((1970, 1, 1, 0, 0, 0), datetime(1980, 1, 1)),  # noqa: DTZ001
        ((2200, 12, 31, 1, 2, 61), datetime(2107, 12, 31, 1, 2, 58)),  # noqa: DTZ001
    ],
)
def test_times_are_kept_to_two_seconds_from_1980_to_2107(when, expected):
    assert from_dos_time(dos_time(time.struct_time((*when, 0, 0, -1)))) == expected


def test_no_time_is_none():
    assert from_dos_time(0) is None


def test_the_order_of_a_directory_is_that_of_the_archive():
    data = by_hand(*[(member(name), b"value") for name in (b"b", b"a", b"c")])
    assert list(directory_of(data).members) == ["b", "a", "c"]
