"""Buffers in the memory of a CUDA device, by CuPy.

Importing this module imports no CuPy and touches no driver; making a buffer does.
"""

import importlib
from collections.abc import Iterable
from functools import cache
from typing import Any, Self

import numpy as np

from zstore._compat import override
from zstore.buffer.core import Buffer as AnyBuffer
from zstore.buffer.core import BufferPrototype, BytesArray
from zstore.buffer.core import NDBuffer as AnyNDBuffer
from zstore.errors import InvalidTypeError, MissingDependencyError

__all__ = ["Buffer", "GpuUnavailableError", "NDBuffer", "buffer_prototype", "device_arrays"]


class GpuUnavailableError(MissingDependencyError, RuntimeError):
    """There is no CuPy, or CuPy finds no CUDA device that works.

    Attributes
    ----------
    reason
        What is missing, as a sentence.
    """

    def __init__(self, reason: str) -> None:
        super().__init__("cupy", extra="gpu13")
        self.reason = reason
        self.msg = (
            f"{reason}; a GPU buffer needs a CUDA device and CuPy: "
            "pip install 'zstore[gpu13]' (CUDA 13) or 'zstore[gpu12]' (CUDA 12)"
        )
        self.args = (self.msg,)


@cache
def device_arrays() -> Any:
    """Return the module `cupy`, once it is known that a device works.

    Raises
    ------
    GpuUnavailableError
        If CuPy is not installed, fails to import, or finds no device.
    """
    try:
        cupy = importlib.import_module("cupy")
    except ImportError as error:
        reason = f"cupy is not installed ({error})"
        raise GpuUnavailableError(reason) from error
    except Exception as error:
        # A broken CuPy raises whatever its loader raised; the user must see which.
        reason = f"cupy failed to import: {type(error).__name__}: {error}"
        raise GpuUnavailableError(reason) from error
    try:
        count = cupy.cuda.runtime.getDeviceCount()
    except Exception as error:
        reason = f"cupy {cupy.__version__} found no CUDA device: {error}"
        raise GpuUnavailableError(reason) from error
    if not count:
        reason = f"cupy {cupy.__version__} found no CUDA device"
        raise GpuUnavailableError(reason)
    return cupy


class Buffer(AnyBuffer):
    """A run of bytes in device memory.

    Parameters
    ----------
    array
        A device array of shape (nbytes,) and item size 1, contiguous: CuPy's, or any
        with ``__cuda_array_interface__``. It is not copied. Host memory is refused;
        `from_bytes` and `from_buffer` upload it.

    Raises
    ------
    GpuUnavailableError
        If there is no device.
    InvalidTypeError
        If the array lies on the host, or has another shape, item size or layout.
    """

    __slots__ = ("_array", "_readonly")

    def __init__(self, array: Any, *, readonly: bool = False) -> None:
        cupy = device_arrays()
        if not isinstance(array, cupy.ndarray):
            if not hasattr(array, "__cuda_array_interface__"):
                kind = type(array).__name__
                msg = f"a device buffer cannot wrap {kind}, which is on the host"
                raise InvalidTypeError(msg)
            array = cupy.asarray(array)
        if array.ndim != 1 or array.itemsize != 1 or not array.flags.c_contiguous:
            msg = (
                "a device buffer wraps contiguous bytes of shape (nbytes,), got shape "
                f"{array.shape}, dtype {array.dtype}, strides {array.strides}"
            )
            raise InvalidTypeError(msg)
        self._array = array.view(np.uint8)
        self._readonly = readonly

    @classmethod
    @override
    def from_array_like(cls, array_like: Any) -> Self:
        return cls(array_like)

    @classmethod
    @override
    def from_bytes(cls, bytes_like: Any) -> Self:
        host = np.frombuffer(bytes_like, dtype=np.uint8)
        return cls(device_arrays().array(host))

    @classmethod
    @override
    def from_buffer(cls, buffer: AnyBuffer) -> Self:
        if type(buffer) is cls:
            return buffer
        array = buffer.as_array_like()
        if hasattr(array, "__cuda_array_interface__"):
            return cls(array)
        return cls.from_bytes(buffer.as_buffer_like())

    @property
    @override
    def readonly(self) -> bool:
        """Whether assigning to a slice is refused.

        CuPy has no read-only arrays: what `as_array_like` returns can be changed, and
        with it a stored value. Use `copy()` for memory of your own.
        """
        return self._readonly

    @override
    def toreadonly(self) -> Self:
        return self if self._readonly else type(self)(self._array, readonly=True)

    @override
    def as_array_like(self) -> Any:
        return self._array

    @override
    def as_numpy_array(self) -> BytesArray:
        host: BytesArray = device_arrays().asnumpy(self._array)
        return host

    @override
    def copy(self) -> Self:
        return type(self)(self._array.copy())

    @override
    def combine(self, others: Iterable[AnyBuffer]) -> Self:
        parts = [type(self).from_buffer(other).as_array_like() for other in others]
        return type(self)(device_arrays().concatenate([self._array, *parts]))

    @override
    def __len__(self) -> int:
        return int(self._array.size)

    @override
    def __getitem__(self, key: slice) -> Self:
        return type(self)(self._array[self._contiguous(key)], readonly=self._readonly)

    @override
    def __setitem__(self, key: slice, value: Any) -> None:
        key = self._contiguous(key)
        if self._readonly:
            msg = "this buffer is read-only; copy() gives one that can be changed"
            raise ValueError(msg)
        part = value if isinstance(value, AnyBuffer) else type(self).from_bytes(value)
        self._array[key] = type(self).from_buffer(part).as_array_like()

    @override
    def __eq__(self, other: object) -> bool:
        if isinstance(other, Buffer):
            same = device_arrays().array_equal(self._array, other.as_array_like())
            return len(self) == len(other) and bool(same)
        return super().__eq__(other)

    __hash__ = None

    @override
    def __reduce__(self) -> tuple[object, ...]:
        return type(self).from_bytes, (self.to_bytes(),)

    @override
    def __repr__(self) -> str:
        where = f"cuda:{self._array.device.id} at {self._array.data.ptr:#x}"
        return f"<gpu.Buffer {len(self)} bytes on {where}>"


class NDBuffer(AnyNDBuffer):
    """An array of any shape in device memory."""

    __slots__ = ()

    @classmethod
    def create(cls, *, shape: Iterable[int], dtype: Any, fill_value: Any = None) -> Self:
        """Return a new array; zeros unless `fill_value` is given."""
        value = 0 if fill_value is None else fill_value
        return cls(device_arrays().full(tuple(shape), value, dtype))

    @classmethod
    def from_numpy_array(cls, array_like: Any) -> Self:
        """Copy a NumPy array to the device."""
        return cls(device_arrays().asarray(array_like))

    @override
    def as_numpy_array(self) -> np.ndarray[Any, np.dtype[Any]]:
        host: np.ndarray[Any, np.dtype[Any]] = device_arrays().asnumpy(self._array)
        return host


buffer_prototype = BufferPrototype(buffer=Buffer, nd_buffer=NDBuffer)
"""Buffers in device memory; naming it needs no device, using it does."""
