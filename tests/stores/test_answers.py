"""Whether an answer holds the bytes that were asked for."""

import pytest

from zstore.errors import BackendError, InvalidByteRangeError
from zstore.ranges import (
    ByteRequest,
    OffsetByteRequest,
    RangeByteRequest,
    SuffixByteRequest,
)
from zstore.stores.answers import checked, range_header, refuse_empty
from zstore.stores.failures import LastingError, may_pass, translate


@pytest.mark.parametrize(
    ("request_", "data", "header"),
    [
        (RangeByteRequest(2, 5), b"234", "bytes 2-4/10"),
        (RangeByteRequest(8, 20), b"89", "bytes 8-9/10"),
        (OffsetByteRequest(8), b"89", "bytes 8-9/10"),
        (SuffixByteRequest(2), b"89", "bytes 8-9/10"),
        (RangeByteRequest(2, 5), b"234", "bytes 2-4/*"),
        (OffsetByteRequest(0), b"0123", None),
        (SuffixByteRequest(9), b"0123", None),
        (RangeByteRequest(0, 9), b"0123", None),
    ],
)
def test_what_was_asked_for_is_taken(
    request_: ByteRequest, data: bytes, header: str | None
):
    assert checked("k", request_, data, header) == data


@pytest.mark.parametrize(
    ("request_", "data", "header"),
    [
        (RangeByteRequest(2, 5), b"23", "bytes 2-4/10"),
        (RangeByteRequest(2, 5), b"0123", "bytes 0-3/10"),
        (RangeByteRequest(2, 5), b"23", "bytes 2-3/10"),
        (OffsetByteRequest(8), b"8", "bytes 8-8/10"),
        (SuffixByteRequest(3), b"89", "bytes 8-9/10"),
        (RangeByteRequest(2, 5), b"234", "items 2-4/10"),
        (RangeByteRequest(2, 5), b"234", ""),
    ],
)
def test_anything_else_is_an_error(request_: ByteRequest, data: bytes, header: str | None):
    with pytest.raises(BackendError):
        checked("k", request_, data, header)


def test_a_server_that_ignores_ranges_will_not_change():
    with pytest.raises(LastingError, match="ranges are ignored") as caught:
        checked("k", RangeByteRequest(2, 20), b"0123456789", None)
    assert not may_pass(caught.value)
    assert isinstance(translate("k", caught.value, "store"), BackendError)


def test_a_whole_value_can_show_that_the_range_is_behind_it():
    with pytest.raises(InvalidByteRangeError):
        checked("k", OffsetByteRequest(4), b"0123", None)


def test_headers():
    assert range_header(RangeByteRequest(2, 5)) == "bytes=2-4"
    assert range_header(OffsetByteRequest(2)) == "bytes=2-"
    assert range_header(SuffixByteRequest(2)) == "bytes=-2"


def test_requests_of_no_bytes_are_refused():
    for empty in (RangeByteRequest(0, 0), SuffixByteRequest(0)):
        with pytest.raises(InvalidByteRangeError):
            refuse_empty(empty)
    for some in (None, RangeByteRequest(0, 1), OffsetByteRequest(0), SuffixByteRequest(1)):
        refuse_empty(some)
