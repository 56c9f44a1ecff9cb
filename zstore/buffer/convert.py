"""Turning what a caller gives into a buffer, and a buffer into what a caller asks for."""

from typing import Any

from zstore.buffer.core import Buffer, BufferPrototype
from zstore.buffer.cpu import Buffer as HostBuffer
from zstore.buffer.cpu import buffer_prototype as host_prototype
from zstore.buffer.gpu import Buffer as DeviceBuffer
from zstore.errors import InvalidTypeError

__all__ = ["as_buffer", "as_prototype", "default_buffer_prototype"]


def default_buffer_prototype() -> BufferPrototype:
    """Return the prototype that calls without one use: host memory."""
    return host_prototype


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
        return HostBuffer.from_bytes(value)
    except (TypeError, ValueError) as error:
        msg = (
            f"{caller}(): `value` must be a Buffer instance. "
            f"Got an instance of {type(value)} instead."
        )
        raise InvalidTypeError(msg) from error


def _from_array(array: Any) -> Buffer:
    if hasattr(array, "__cuda_array_interface__"):
        return DeviceBuffer.from_array_like(array)
    return HostBuffer.from_array_like(array)


def as_prototype(buffer: Buffer, prototype: BufferPrototype | None) -> Buffer:
    """Return `buffer` as the kind that `prototype` asks for; host memory if None.

    A copy is made only if the bytes have to move between host and device.
    """
    kind = HostBuffer if prototype is None else prototype.buffer
    return buffer if type(buffer) is kind else kind.from_buffer(buffer)
