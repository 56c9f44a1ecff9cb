"""Some of the bytes of a buffer, and some of its values, in host memory."""

from typing import Any

import numpy.typing as npt

from zstore.buffer import Buffer, gpu
from zstore.errors import InvalidByteRangeError, InvalidTypeError
from zstore.gpu.engines import open_engine
from zstore.inspection.lenses import lens_of

__all__ = ["MAX_PEEK_NBYTES", "peek", "values"]

MAX_PEEK_NBYTES = 4096
"""The most that `peek` returns."""


def values(
    buffer: Buffer, dtype: str, start: int = 0, count: int = 1024
) -> npt.NDArray[Any]:
    """Return some of the values of a buffer, in host memory.

    Parameters
    ----------
    buffer
        Of any kind; from a device only these values are copied.
    dtype
        One of `LENSES`, with ``">"`` before it for big-endian bytes.
    start, count
        The first value and how many, in values; fewer at the end.

    Raises
    ------
    InvalidTypeError
        If `dtype` is none of these.
    """
    lens = lens_of(dtype)
    whole = len(buffer) // lens.itemsize
    first, last = min(start, whole), min(start + count, whole)
    part = buffer[first * lens.itemsize : last * lens.itemsize]
    seen: npt.NDArray[Any] = part.as_numpy_array().view(lens)
    return seen


async def peek(buffer: Buffer, offset: int = 0, n: int = 256) -> bytes:
    """Return a few bytes of a buffer.

    Parameters
    ----------
    buffer
        Of any kind.
    offset, n
        The first byte, and how many, at most `MAX_PEEK_NBYTES`; fewer at the end.

    Raises
    ------
    InvalidTypeError
        If `offset` or `n` is no integer.
    InvalidByteRangeError
        If `offset` is negative, or `n` negative or too large.
    GpuUnavailable
        If the buffer lies on a device that fails.

    Notes
    -----
    Copies these bytes and no others.
    """
    for name, number in (("offset", offset), ("n", n)):
        if not isinstance(number, int) or isinstance(number, bool):
            msg = f"{name} is a number of bytes, got {number!r}"
            raise InvalidTypeError(msg)
    if offset < 0 or not 0 <= n <= MAX_PEEK_NBYTES:
        msg = (
            f"peek returns 0 to {MAX_PEEK_NBYTES} bytes from byte 0 or later, "
            f"got n = {n} and offset = {offset}"
        )
        raise InvalidByteRangeError(msg)
    part = buffer[min(offset, len(buffer)) : min(offset + n, len(buffer))]
    if not isinstance(part, gpu.Buffer) or not len(part):
        return part.as_numpy_array().tobytes() if len(part) else b""
    engine = await open_engine(part.device_id)
    (host,) = await engine.download([part])
    return host.tobytes()
