import io
import zipfile

import pytest

from tests.stores.zip.archives import (
    by_hand,
    by_python,
    directory_of,
    member,
    patched,
)
from zstore.errors import CorruptStoreError
from zstore.stores.zip.records import END, END64, LOCATOR

TWO = by_python({"a": b"1", "b/c": b"22"})


@pytest.mark.parametrize("comment", [b"", b"made by hand", b"PK\x05\x06", bytes(65535)])
def test_a_comment_stands_at_the_end(comment: bytes):
    data = by_hand((member(b"a"), b"value"), comment=comment)
    directory = directory_of(data)
    assert directory.comment == comment
    assert directory.stop == len(data)
    assert list(directory.members) == ["a"]


def test_an_archive_may_be_empty():
    assert directory_of(by_python({})).members == {}


@pytest.mark.parametrize("prefix", [b"#!/bin/sh\n", bytes(100_000)])
def test_bytes_before_the_archive_move_all_offsets(prefix: bytes):
    directory = directory_of(prefix + TWO)
    assert directory.bias == len(prefix)
    assert directory.members["a"].offset == len(prefix)


def test_two_archives_one_after_the_other_are_refused():
    with pytest.raises(CorruptStoreError, match="no end record"):
        directory_of(TWO[:-1] + b"x" + TWO)


def test_two_end_records_that_claim_the_last_byte_are_refused():
    inner = by_hand((member(b"inner"), b"value"))
    outer = by_hand((member(b"outer"), b"value"), comment=inner)
    with pytest.raises(CorruptStoreError, match="2 end records"):
        directory_of(outer)


def test_zip64_records_are_read():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for i in range(65_537):
            archive.writestr(str(i), b"")
    directory = directory_of(file.getvalue())
    assert len(directory.members) == 65_537


def test_zip64_sizes_are_read_wherever_they_are_forced():
    file = io.BytesIO()
    with (
        zipfile.ZipFile(file, "w") as archive,
        archive.open("a", "w", force_zip64=True) as value,
    ):
        value.write(b"12345")
    found = directory_of(file.getvalue()).members["a"]
    assert (found.nbytes, found.packed_nbytes) == (5, 5)


def zip64(count: int = 1, **changes: int) -> bytes:
    """Return an archive of one member with zip64 records; some fields changed."""
    plain = by_hand((member(b"a"), b"value"))
    at = len(plain) - END.size
    nbytes, offset = END.unpack_from(plain, at)[5:7]
    fields = {"size": 44, "disk": 0, "count": count, "nbytes": nbytes, "offset": offset}
    fields |= {"locator": at, "classic_count": 0xFFFF, "locator_disk": 0} | changes
    record = END64.pack(
        b"PK\x06\x06",
        fields["size"],
        45,
        45,
        fields["disk"],
        0,
        fields["count"],
        fields["count"],
        fields["nbytes"],
        fields["offset"],
    )
    locator = LOCATOR.pack(b"PK\x06\x07", fields["locator_disk"], fields["locator"], 1)
    classic = fields["classic_count"]
    end = END.pack(b"PK\x05\x06", 0, 0, classic, classic, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    return plain[:at] + record + locator + end


@pytest.mark.parametrize("locator", [None, 10**15])
def test_a_zip64_record_is_found_just_before_its_locator(locator):
    data = zip64() if locator is None else zip64(locator=locator)
    assert list(directory_of(data).members) == ["a"]
    assert directory_of(b"prefix" + data).members["a"].offset == 6


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"size": 45}, "points to no zip64 end record"),
        ({"locator_disk": 1}, "points to no zip64 end record"),
        ({"disk": 1}, "points to no zip64 end record"),
        ({"classic_count": 2}, "says 2 where its zip64 record says 1"),
        ({"count": 2}, "cannot be"),
        ({"offset": 2**40}, "cannot be"),
        ({"nbytes": 2**63}, "cannot be"),
    ],
)
def test_zip64_records_that_contradict_are_refused(changes, message):
    with pytest.raises(CorruptStoreError, match=message):
        directory_of(zip64(**changes))


def test_a_count_of_65536_more_is_taken_where_there_is_no_zip64():
    rows = [(member(b"%d" % i, b""), b"") for i in range(65_537)]
    data = by_hand(*rows)
    end = data[-END.size :]
    without = data[: -END.size - END64.size - LOCATOR.size] + end
    without = patched(
        patched(without, len(without) - 14, "<H", 1), len(without) - 12, "<H", 1
    )
    assert len(directory_of(without).members) == 65_537


@pytest.mark.parametrize("count", [0, 2])
def test_a_wrong_count_is_refused(count: int):
    data = by_hand((member(b"a"), b"value"), (member(b"b"), b"value"), nentries=count)
    wrong = by_hand((member(b"a"), b"value"), nentries=0)
    if count == 2:
        assert len(directory_of(data).members) == 2
    with pytest.raises(CorruptStoreError, match="1 entries, its end record says 0"):
        directory_of(wrong)


def test_an_archive_in_parts_is_refused():
    with pytest.raises(CorruptStoreError, match="one of several parts"):
        directory_of(patched(TWO, len(TWO) - 18, "<H", 3))


@pytest.mark.parametrize("nbytes", [0, 1, 21, 22, 1000, 10**6])
def test_what_is_no_archive_is_refused(nbytes: int):
    with pytest.raises(CorruptStoreError, match="no zip archive, or is cut short"):
        directory_of(b"x" * nbytes)


def test_an_archive_cut_short_is_refused_wherever_it_is_cut():
    for nbytes in range(len(TWO)):
        with pytest.raises(CorruptStoreError):
            directory_of(TWO[:nbytes])


def test_no_byte_of_a_directory_can_be_changed_so_that_reading_it_fails_otherwise():
    start = TWO.index(b"PK\x01\x02")
    for at in range(start, len(TWO)):
        for value in (0, 1, 0x7F, 0xFF):
            changed = TWO[:at] + bytes([value]) + TWO[at + 1 :]
            try:
                directory_of(changed)
            except CorruptStoreError:
                continue


class TestRecovery:
    @pytest.mark.parametrize("nbytes", [1, 10, 70_000, 3 * 2**20])
    def test_what_a_dead_writer_left_after_the_archive_is_ignored(self, nbytes: int):
        directory = directory_of(TWO + bytes(nbytes))
        assert list(directory.members) == ["a", "b/c"]
        assert directory.stop == len(TWO)
        (warning,) = directory.warnings
        assert f"the last {nbytes} bytes are not committed" in warning

    def test_an_end_record_at_the_border_of_two_blocks_is_found(self):
        for nbytes in range(2**20 - 30, 2**20 + 30):
            assert len(directory_of(TWO + bytes(nbytes)).members) == 2

    def test_an_archive_within_a_value_is_not_taken_for_the_archive(self):
        inner = by_python({"inner": b"1"})
        for tail in (inner, inner + b"\0", inner + bytes(100)):
            assert list(directory_of(TWO + b"PK\x03\x04" + tail).members) == ["a", "b/c"]

    def test_an_archive_within_a_value_of_an_archive_cut_short_is_not_offered(self):
        outer = by_python({"a.zip": by_python({"inner": b"1"}), "b": bytes(100)})
        with pytest.raises(CorruptStoreError):
            directory_of(outer[:-150])

    def test_the_search_ends_after_as_many_bytes_as_it_may_take(self):
        lost = TWO + bytes(2**20)
        assert len(directory_of(lost, 2**20 + len(TWO)).members) == 2
        with pytest.raises(CorruptStoreError):
            directory_of(lost, 2**20)

    def test_a_file_made_of_marks_ends_soon(self):
        with pytest.raises(CorruptStoreError, match="no end record"):
            directory_of(b"PK\x05\x06" * 2**18 + b"x")

    def test_records_that_each_claim_a_directory_are_tried_a_few_times(self):
        one = END.pack(b"PK\x05\x06", 0, 0, 1, 1, 60, 0, 0)
        data = b"PK\x03\x04".ljust(60, b"\0")
        for _ in range(200):
            data += END.pack(b"PK\x05\x06", 0, 0, 1, 1, 60, len(data) - 60, 0)
        assert len(one) == END.size
        with pytest.raises(CorruptStoreError, match="no end record"):
            directory_of(data + b"x")
