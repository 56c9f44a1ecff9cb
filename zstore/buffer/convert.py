"""Turning what a caller gives into a buffer, and a buffer into what a caller asks for."""

from typing import Any

from zstore.buffer.core import Buffer, BufferPrototype
from zstore.buffer.cpu import Buffer as HostBuffer
from zstore.buffer.cpu import buffer_prototype as host_prototype
from zstore.buffer.device_arrays import lies_on_device
from zstore.buffer.gpu import Buffer as DeviceBuffer
from zstore.errors import InvalidTypeError

__all__ = ["as_buffer", "default_buffer_prototype"]


def default_buffer_prototype() -> BufferPrototype:
    """Return the prototype that calls without one use: host memory."""
    return host_prototype


def as_buffer(value: Any, *, caller: str = "set") -> Buffer:
    """Return `value` as a buffer; no copy.

    Takes a `Buffer`, anything with the buffer protocol (bytes, bytearray, memoryview, a
    NumPy array of any dtype if contiguous), contiguous arrays in CUDA memory (CuPy,
    PyTorch, Numba) and the buffers of other libraries, which have `as_array_like` (zarr's).

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
        if lies_on_device(value):
            return DeviceBuffer.from_bytes(value)
        return HostBuffer.from_bytes(value)
    except (TypeError, ValueError) as error:
        msg = (
            f"{caller}(): `value` must be a Buffer instance. "
            f"Got an instance of {type(value)} instead."
        )
        raise InvalidTypeError(msg) from error


def _from_array(array: Any) -> Buffer:
    if lies_on_device(array):
        return DeviceBuffer.from_array_like(array)
    return HostBuffer.from_array_like(array)
