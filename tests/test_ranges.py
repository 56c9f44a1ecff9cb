"""The arithmetic of byte ranges, against that of Python's slices."""

import pickle
from dataclasses import FrozenInstanceError, fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zstore.errors import InvalidByteRangeError
from zstore.ranges import (
    ByteRequest,
    OffsetByteRequest,
    RangeByteRequest,
    SuffixByteRequest,
    as_byte_request,
    check_part,
    coalesce,
    resolve,
)

SIZES = st.integers(0, 60)
RANGES = st.tuples(SIZES, SIZES).map(lambda ends: RangeByteRequest(min(ends), max(ends)))
REQUESTS: st.SearchStrategy[ByteRequest] = st.one_of(
    RANGES, SIZES.map(OffsetByteRequest), SIZES.map(SuffixByteRequest)
)


def cut(value: bytes, request: ByteRequest) -> bytes:
    match request:
        case RangeByteRequest(start, end):
            return value[start:end]
        case OffsetByteRequest(offset):
            return value[offset:]
        case SuffixByteRequest(suffix):
            return value[-suffix:] if suffix else b""


@given(SIZES, REQUESTS)
def test_a_request_gives_what_a_slice_gives_or_is_refused(size: int, request_: ByteRequest):
    value = bytes(range(size))
    expected = cut(value, request_)
    if expected:
        start, stop = resolve(request_, size)
        assert 0 <= start < stop <= size
        assert value[start:stop] == expected
    else:
        with pytest.raises(InvalidByteRangeError) as info:
            resolve(request_, size)
        assert str(request_) in str(info.value)
        assert f"{size} bytes" in str(info.value)


@pytest.mark.parametrize("size", [0, 1, 10])
def test_no_request_gives_everything(size: int):
    assert resolve(None, size) == (0, size)


@pytest.mark.parametrize("bad", [-1, 2**63, 1.0, "1", None, True, np.float64(1)])
def test_a_field_is_a_plain_number(bad):
    for make in (
        OffsetByteRequest,
        SuffixByteRequest,
        lambda field: RangeByteRequest(field, 2**63 - 1),
        lambda field: RangeByteRequest(0, field),
    ):
        with pytest.raises(InvalidByteRangeError, match="must be an int from 0"):
            make(bad)


def test_a_range_that_ends_before_it_starts_is_refused_when_made():
    with pytest.raises(ValueError, match="the end lies before the start"):
        RangeByteRequest(5, 3)
    assert RangeByteRequest(5, 5) == RangeByteRequest(5, 5)


@pytest.mark.parametrize(
    "made", [RangeByteRequest(1, 2), OffsetByteRequest(1), SuffixByteRequest(1)]
)
def test_requests_are_values(made: ByteRequest):
    assert pickle.loads(pickle.dumps(made)) == made  # noqa: S301 -- made here
    assert len({made, made}) == 1
    assert as_byte_request(made) is made
    with pytest.raises(FrozenInstanceError):
        setattr(made, fields(made)[0].name, 5)
    assert len({RangeByteRequest(1, 2), OffsetByteRequest(1), SuffixByteRequest(1)}) == 3


class Foreign:
    def __init__(self, **fields: object):
        self.__dict__.update(fields)


def test_requests_of_others_are_taken_by_their_fields():
    assert as_byte_request(None) is None
    assert as_byte_request(Foreign(start=1, end=4)) == RangeByteRequest(1, 4)
    assert as_byte_request(Foreign(offset=3)) == OffsetByteRequest(3)
    assert as_byte_request(Foreign(suffix=3)) == SuffixByteRequest(3)
    with pytest.raises(InvalidByteRangeError):
        as_byte_request(Foreign(start=4, end=1))


@pytest.mark.parametrize("wrong", [(0, 4), "bytes=0-4", 4, slice(0, 4), Foreign(start=1)])
def test_anything_else_is_no_request(wrong):
    with pytest.raises(InvalidByteRangeError, match="Unexpected byte_range, got"):
        as_byte_request(wrong)


@given(st.lists(RANGES, max_size=12), SIZES, st.integers(1, 80))
def test_merged_ranges_serve_every_request_once(
    requests: list[RangeByteRequest], gap: int, most: int
):
    merged = coalesce(requests, max_gap_nbytes=gap, max_nbytes=most)

    assert sorted(i for _, served in merged for i in served) == list(range(len(requests)))
    for whole, served in merged:
        mine = [requests[i] for i in served]
        assert whole.start == min(r.start for r in mine)
        assert whole.end == max(r.end for r in mine)
        assert len(mine) == 1 or whole.end - whole.start <= most
        covered = mine[0].end
        for request in mine[1:]:
            assert request.start - covered <= gap
            covered = max(covered, request.end)


def test_ranges_that_lie_apart_stay_apart():
    apart = [RangeByteRequest(0, 2), RangeByteRequest(5, 7)]
    assert len(coalesce(apart, max_gap_nbytes=2, max_nbytes=100)) == 2
    assert len(coalesce(apart, max_gap_nbytes=3, max_nbytes=100)) == 1
    assert len(coalesce(apart, max_gap_nbytes=3, max_nbytes=6)) == 2
    assert coalesce([], max_gap_nbytes=0, max_nbytes=1) == []


def test_a_part_may_start_at_the_end_and_not_after_it():
    check_part("k", 0, 0)
    check_part("k", 4, 4)
    with pytest.raises(InvalidByteRangeError, match="byte 5 of 'k', which has 4 bytes"):
        check_part("k", 5, 4)


def test_an_integer_of_numpy_is_kept_as_an_int():
    request = RangeByteRequest(np.int64(1), np.uint8(4))  # type: ignore[arg-type]
    assert request == RangeByteRequest(1, 4)
    assert type(request.start) is int
    with pytest.raises(InvalidByteRangeError):
        OffsetByteRequest(np.int64(-1))  # type: ignore[arg-type]
