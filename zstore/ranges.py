"""Which bytes of a value a request asks for; the only place that knows the arithmetic.

Source: RFC 9110 section 14 (byte ranges) and the seed ``zarr.storage``, whose contract
holds: a range that is empty or starts at or after the end of the value is an error.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import Any, TypeAlias, assert_never

from zstore.errors import InvalidByteRangeError

__all__ = [
    "ByteRequest",
    "OffsetByteRequest",
    "RangeByteRequest",
    "SuffixByteRequest",
    "as_byte_request",
    "check_part",
    "coalesce",
    "resolve",
]

# The largest offset that a file system or an HTTP library takes.
_LIMIT = 2**63


def _check(request: object, *names: str) -> None:
    for name in names:
        value = getattr(request, name)
        if isinstance(value, Integral) and not isinstance(value, int):
            # What NumPy's arithmetic gives; kept as an int, so that requests compare.
            value = int(value)
            object.__setattr__(request, name, value)
        if type(value) is not int or not 0 <= value < _LIMIT:
            msg = f"{request}: {name} must be an int from 0 to 2**63 - 1, got {value!r}"
            raise InvalidByteRangeError(msg)


@dataclass(frozen=True, slots=True)
class RangeByteRequest:
    """The bytes from `start` up to, not including, `end`.

    Raises
    ------
    InvalidByteRangeError
        If a field is negative or no int, or `end` lies before `start`.
    """

    start: int
    end: int

    def __post_init__(self) -> None:
        _check(self, "start", "end")
        if self.end < self.start:
            msg = f"{self}: the end lies before the start"
            raise InvalidByteRangeError(msg)


@dataclass(frozen=True, slots=True)
class OffsetByteRequest:
    """All bytes from `offset` to the end; in HTTP ``bytes=offset-``.

    Raises
    ------
    InvalidByteRangeError
        If `offset` is negative or no int.
    """

    offset: int

    def __post_init__(self) -> None:
        _check(self, "offset")


@dataclass(frozen=True, slots=True)
class SuffixByteRequest:
    """The last `suffix` bytes, or all if there are fewer; in HTTP ``bytes=-suffix``.

    Raises
    ------
    InvalidByteRangeError
        If `suffix` is negative or no int.
    """

    suffix: int

    def __post_init__(self) -> None:
        _check(self, "suffix")


ByteRequest: TypeAlias = RangeByteRequest | OffsetByteRequest | SuffixByteRequest
"""Which bytes of a value are asked for."""

_TYPES = (RangeByteRequest, OffsetByteRequest, SuffixByteRequest)


def as_byte_request(request: Any) -> ByteRequest | None:
    """Return `request` as one of ours; None stands for the whole value.

    Requests of other libraries (zarr's, for one) are taken by their fields.

    Raises
    ------
    InvalidByteRangeError
        If `request` is no byte request, or an impossible one.

    Examples
    --------
    >>> as_byte_request((0, 4))
    Traceback (most recent call last):
    zstore.errors.InvalidByteRangeError: Unexpected byte_range, got (0, 4).
    """
    if request is None or isinstance(request, _TYPES):
        return request
    if hasattr(request, "start") and hasattr(request, "end"):
        return RangeByteRequest(request.start, request.end)
    if hasattr(request, "offset"):
        return OffsetByteRequest(request.offset)
    if hasattr(request, "suffix"):
        return SuffixByteRequest(request.suffix)
    msg = f"Unexpected byte_range, got {request!r}."
    raise InvalidByteRangeError(msg)


def resolve(request: ByteRequest | None, size: int) -> tuple[int, int]:
    """Turn a request into (start, stop) within a value of `size` bytes.

    Returns
    -------
    tuple of int
        ``0 <= start < stop <= size``, except that no request of an empty value gives
        ``(0, 0)``.

    Raises
    ------
    InvalidByteRangeError
        If the request is empty, or starts at or after the end of the value.

    Examples
    --------
    >>> resolve(RangeByteRequest(8, 20), 10), resolve(SuffixByteRequest(3), 10)
    ((8, 10), (7, 10))
    """
    match request:
        case None:
            return 0, size
        case RangeByteRequest(first, end):
            start, stop = first, min(end, size)
        case OffsetByteRequest(offset):
            start, stop = offset, size
        case SuffixByteRequest(suffix):
            start, stop = max(0, size - suffix), size
        case _:
            assert_never(request)
    if start >= stop:
        msg = f"{request} asks for no byte of a value of {size} bytes"
        raise InvalidByteRangeError(msg)
    return start, stop


def coalesce(
    requests: Sequence[RangeByteRequest], *, max_gap_nbytes: int, max_nbytes: int
) -> list[tuple[RangeByteRequest, list[int]]]:
    """Merge ranges that lie close together, so that fewer requests fetch them.

    Parameters
    ----------
    requests
        In any order; they may overlap.
    max_gap_nbytes
        Bytes that may be fetched in vain between two ranges.
    max_nbytes
        No merged range is longer, unless one request alone is.

    Returns
    -------
    list of (RangeByteRequest, list of int)
        Each merged range with the positions in `requests` that it serves.

    Examples
    --------
    >>> near = [RangeByteRequest(4, 8), RangeByteRequest(0, 2), RangeByteRequest(90, 99)]
    >>> [served for _, served in coalesce(near, max_gap_nbytes=2, max_nbytes=50)]
    [[1, 0], [2]]
    """
    merged: list[tuple[RangeByteRequest, list[int]]] = []
    for index in sorted(range(len(requests)), key=lambda i: requests[i].start):
        request = requests[index]
        if merged:
            last, served = merged[-1]
            end = max(last.end, request.end)
            near = request.start - last.end <= max_gap_nbytes
            if near and end - last.start <= max_nbytes:
                served.append(index)
                merged[-1] = RangeByteRequest(last.start, end), served
                continue
        merged.append((request, [index]))
    return merged


def check_part(key: str, start: int, nbytes: int) -> None:
    """Refuse a partial write that would leave a hole in a value of `nbytes` bytes.

    Raises
    ------
    InvalidByteRangeError
        If `start` lies after the end; at the end it extends the value.
    """
    if start > nbytes:
        msg = f"cannot write at byte {start} of {key!r}, which has {nbytes} bytes"
        raise InvalidByteRangeError(msg)
