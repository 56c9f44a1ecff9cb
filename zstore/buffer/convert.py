"""Turning what a caller gives into a buffer, and a buffer into what a caller asks for."""

from typing import Any

import zstore.buffer.cpu as cpu
from zstore.buffer.core import Buffer, BufferPrototype
from zstore.errors import InvalidTypeError

__all__ = ["as_buffer", "as_prototype", "default_buffer_prototype"]


def default_buffer_prototype() -> BufferPrototype:
    """Return the prototype that calls without one use: host memory."""
    return cpu.buffer_prototype


def as_buffer(value: Any, *, caller: str = "set") -> Buffer:
    """Return `value` as a buffer; no copy.

    Takes a `Buffer`, anything with the buffer protocol (bytes, bytearray, memoryview, a
    NumPy array of any dtype if contiguous) and the buffers of other libraries, which
    have `as_array_like` (zarr's).

    Raises
    ------
    InvalidTypeError
        If `value` is none of these.
    """
    if isinstance(value, Buffer):
        return value
    try:
        if hasattr(value, "as_array_like"):
            return _from_array(value.as_array_like())
        return cpu.Buffer.from_bytes(value)
    except (TypeError, ValueError) as error:
        msg = (
            f"{caller}(): `value` must be a Buffer instance. "
            f"Got an instance of {type(value)} instead."
        )
        raise InvalidTypeError(msg) from error


def _from_array(array: Any) -> Buffer:
    if hasattr(array, "__cuda_array_interface__"):
        from zstore.buffer import gpu  # noqa: PLC0415 -- only a device array needs it

        return gpu.Buffer.from_array_like(array)
    return cpu.Buffer.from_array_like(array)


def as_prototype(buffer: Buffer, prototype: BufferPrototype | None) -> Buffer:
    """Return `buffer` as the kind that `prototype` asks for; host memory if None.

    A copy is made only if the bytes have to move between host and device.
    """
    kind = cpu.Buffer if prototype is None else prototype.buffer
    return buffer if type(buffer) is kind else kind.from_buffer(buffer)
