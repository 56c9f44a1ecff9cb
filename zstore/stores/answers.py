"""Whether the answer to a range request holds the bytes that were asked for."""

import re

from zstore.errors import BackendError, InvalidByteRangeError
from zstore.ranges import (
    ByteRequest,
    OffsetByteRequest,
    RangeByteRequest,
    SuffixByteRequest,
    resolve,
)
from zstore.stores.failures import LastingError

__all__ = ["checked", "range_header", "refuse_empty"]

_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")


def refuse_empty(request: ByteRequest | None) -> None:
    """Refuse a request of no bytes before anything is sent.

    A server takes ``bytes=5-4`` for no range at all, and sends the whole value.

    Raises
    ------
    InvalidByteRangeError
        If the request asks for zero bytes, of whatever value.
    """
    match request:
        case RangeByteRequest(start, end) if start == end:
            pass
        case SuffixByteRequest(0):
            pass
        case _:
            return
    msg = f"{request} asks for no byte"
    raise InvalidByteRangeError(msg)


def range_header(request: ByteRequest) -> str:
    """Return the value of the header ``Range``; RFC 9110 section 14.1.2.

    Examples
    --------
    >>> range_header(RangeByteRequest(0, 10)), range_header(SuffixByteRequest(4))
    ('bytes=0-9', 'bytes=-4')
    """
    match request:
        case RangeByteRequest(start, end):
            return f"bytes={start}-{end - 1}"
        case OffsetByteRequest(offset):
            return f"bytes={offset}-"
        case SuffixByteRequest(suffix):
            return f"bytes=-{suffix}"


def checked(
    key: str, request: ByteRequest, data: bytes, content_range: str | None
) -> bytes:
    """Return the body of an answer if it is what `request` asks for.

    Parameters
    ----------
    content_range
        The header of that name; None if the server sent the whole value.

    Raises
    ------
    InvalidByteRangeError
        If the value turns out to have none of the bytes.
    LastingError
        If the server ignored the range.
    BackendError
        If it sent other bytes than it was asked for, or fewer than it says.
    """
    if content_range is None:
        if resolve(request, len(data)) != (0, len(data)):
            reason = (
                f"asked for {request}, it sent all {len(data)} bytes: ranges are ignored"
            )
            raise LastingError(reason)
        return data
    sent = _CONTENT_RANGE.fullmatch(content_range.strip())
    if sent is None:
        raise BackendError(key, f"asked for {request}, it sent {content_range!r}")
    start, stop = int(sent[1]), int(sent[2]) + 1
    size = stop if sent[3] == "*" else int(sent[3])
    fits = (start, stop) == resolve(request, size) and len(data) == stop - start
    if not fits:
        reason = f"asked for {request}, it sent {len(data)} bytes as {content_range!r}"
        raise BackendError(key, reason)
    return data
