"""Buffers in the memory of a CUDA device.

Importing this module imports no CuPy and touches no driver; making a buffer does.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from zstore._compat import override
from zstore.buffer.core import Buffer as AnyBuffer
from zstore.buffer.core import BufferPrototype, BytesArray
from zstore.buffer.core import NDBuffer as AnyNDBuffer
from zstore.buffer.device_arrays import DLPACK_CUDA, as_cupy, lies_on_device
from zstore.errors import InvalidTypeError
from zstore.gpu.engines import open_engine_now
from zstore.gpu.span import Event, Span
from zstore.gpu.status import require

if TYPE_CHECKING:
    from zstore.gpu.engine import Engine

__all__ = ["Buffer", "NDBuffer", "buffer_prototype"]

# Pools round what they give out to so many bytes.
_ROUNDING_NBYTES = 512


class Buffer(AnyBuffer):
    """A run of bytes in device memory: a place in an array, and when it is filled.

    Parameters
    ----------
    array
        A device array of shape (nbytes,) and item size 1, contiguous: CuPy's, or any with
        ``__cuda_array_interface__`` or DLPack on CUDA (PyTorch, Numba, JAX). It is not
        copied. Host memory is refused; `from_bytes` and `from_buffer` upload it.
    readonly
        Whether assigning to a slice is refused.

    Attributes
    ----------
    base, offset
        The array that it lies in, shape (base nbytes,), and where it starts, in bytes.
    ready
        The copy that fills it, while that may be under way; None once it has ended.

    Raises
    ------
    GpuUnavailable
        If there is no device.
    InvalidTypeError
        If the array lies on the host, or has another shape, item size or layout.

    Notes
    -----
    Slicing makes a Python object: no copy, no call of the device. `as_array_like` makes
    the CuPy array, and lets the caller's current stream wait for the bytes. Whoever reads
    them on another stream that does not wait for the default one calls `record_stream`
    before the buffer is dropped.
    """

    __slots__ = ("_array", "_nbytes", "_readonly", "base", "offset", "ready")

    base: Any
    offset: int
    ready: Event | None

    def __init__(self, array: Any, *, readonly: bool = False) -> None:
        array = as_cupy(array)
        if array.ndim != 1 or array.itemsize != 1 or not array.flags.c_contiguous:
            msg = (
                "a device buffer wraps contiguous bytes of shape (nbytes,), got shape "
                f"{array.shape}, dtype {array.dtype}, strides {array.strides}"
            )
            raise InvalidTypeError(msg)
        self._place(Span(array.view(np.uint8), 0, int(array.size), None), readonly)

    def _place(self, span: Span, readonly: bool) -> None:
        self.base, self.offset, self._nbytes, self.ready = span
        self._readonly = readonly
        self._array: Any = None

    @classmethod
    def of(cls, span: Span, *, readonly: bool = False) -> Self:
        """Wrap a place in device memory; no copy, no call of the device."""
        buffer = cls.__new__(cls)
        buffer._place(span, readonly)  # noqa: SLF001 -- of this very class
        return buffer

    @classmethod
    @override
    def from_array_like(cls, array_like: Any) -> Self:
        return cls(array_like)

    @classmethod
    @override
    def from_bytes(cls, bytes_like: Any) -> Self:
        if lies_on_device(bytes_like):
            array = as_cupy(bytes_like)
            if not array.flags.c_contiguous:
                strides = array.strides
                msg = f"a device buffer wraps contiguous memory, got strides {strides}"
                raise InvalidTypeError(msg)
            return cls(array.reshape(-1).view(np.uint8))
        view = memoryview(bytes_like)
        view = view.cast("B") if view.nbytes else memoryview(b"")
        return cls.of(open_engine_now().upload_now([view])[0])

    @classmethod
    @override
    def from_buffer(cls, buffer: AnyBuffer) -> Self:
        if type(buffer) is cls:
            return buffer
        if isinstance(buffer, Buffer):
            return cls.of(buffer.span(), readonly=buffer.readonly)
        array = buffer.as_array_like()
        if lies_on_device(array):
            return cls(array)
        return cls.from_bytes(buffer.as_buffer_like())

    @property
    @override
    def nbytes(self) -> int:
        return self._nbytes

    @property
    @override
    def readonly(self) -> bool:
        """Whether assigning to a slice is refused.

        CuPy has no read-only arrays: what `as_array_like` returns can be changed, and
        with it a stored value. Use `copy()` for memory of your own.
        """
        return self._readonly

    @property
    def device_id(self) -> int:
        """Number of the device."""
        return int(self.base.data.device_id)

    @property
    def ptr(self) -> int:
        """Address of the first byte on the device."""
        return int(self.base.data.ptr) + self.offset

    @property
    def base_ptr(self) -> int:
        """Address of the piece of memory that the bytes lie in."""
        return int(self.base.data.mem.ptr)

    @property
    def base_nbytes(self) -> int:
        """Length of that piece, which pools round up to 512 bytes."""
        return int(self.base.data.mem.size)

    @property
    def is_view(self) -> bool:
        """Whether it is a part of a larger piece of memory, which it keeps alive."""
        return self.base_nbytes - self._nbytes >= _ROUNDING_NBYTES

    @property
    def pending(self) -> bool:
        """Whether the copy that fills it is under way; one call of the driver."""
        if self.ready is not None and self.ready.done:
            self.ready = None
        return self.ready is not None

    def span(self) -> Span:
        """Return the place that `of` makes a buffer of."""
        return Span(self.base, self.offset, self._nbytes, self.ready)

    @override
    def toreadonly(self) -> Self:
        return self if self._readonly else self.of(self.span(), readonly=True)

    @override
    def as_array_like(self) -> Any:
        # Another thread may find meanwhile that it has ended.
        ready = self.ready if self.pending else None
        if ready is not None:
            self._engine().driver.lead_caller(ready)
        if self._array is None:
            self._array = self.base[self.offset : self.offset + self._nbytes]
        return self._array

    @override
    def as_numpy_array(self) -> BytesArray:
        return self._engine().download_now([self])[0]

    def record_stream(self, stream: Any) -> None:
        """Keep the memory from being used again before what `stream` was given so far.

        Parameters
        ----------
        stream
            A CuPy stream on which the bytes were read, and that does not wait for the
            default stream. Call this after the last use was queued, and before the buffer
            and all arrays on it are dropped.
        """
        self._engine().driver.follow_caller(stream)

    @override
    def copy(self) -> Self:
        return self.of(self._engine().duplicate_now([self])[0])

    @override
    def combine(self, others: Iterable[AnyBuffer]) -> Self:
        parts = [self, *(type(self).from_buffer(other) for other in others)]
        return self.of(self._engine().join_now(parts))

    @override
    def __len__(self) -> int:
        return self._nbytes

    @override
    def __getitem__(self, key: slice) -> Self:
        start, stop, _ = self._contiguous(key).indices(self._nbytes)
        nbytes = max(0, stop - start)
        span = Span(self.base, self.offset + start, nbytes, self.ready)
        return self.of(span, readonly=self._readonly)

    @override
    def __setitem__(self, key: slice, value: Any) -> None:
        target = self[key]
        if self._readonly:
            msg = "this buffer is read-only; copy() gives one that can be changed"
            raise ValueError(msg)
        part = value if isinstance(value, AnyBuffer) else type(self).from_bytes(value)
        if len(part) != len(target):
            msg = f"{len(part)} bytes do not fill a slice of {len(target)}"
            raise ValueError(msg)
        part = type(self).from_buffer(part)
        target.as_array_like()[:] = part.as_array_like()
        # The part may be ours alone: its memory is used again after that copy.
        self._engine().driver.follow_caller()

    @override
    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Buffer) or other.device_id != self.device_id:
            return super().__eq__(other)
        if self._nbytes != other._nbytes:
            return False
        if self.base is other.base and self.offset == other.offset:
            return True
        return bool((self.as_array_like() == other.as_array_like()).all())

    __hash__ = None

    @property
    def __cuda_array_interface__(self) -> dict[str, Any]:
        return dict(self.as_array_like().__cuda_array_interface__)

    def __dlpack__(self, **kwargs: Any) -> Any:
        return self.as_array_like().__dlpack__(**kwargs)

    def __dlpack_device__(self) -> tuple[int, int]:
        return DLPACK_CUDA, self.device_id

    @override
    def __reduce__(self) -> tuple[object, ...]:
        return type(self).from_bytes, (self.to_bytes(),)

    @override
    def __repr__(self) -> str:
        whose = f" (view of {self.base_nbytes:,} bytes)" if self.is_view else ""
        where = f"cuda:{self.device_id} at {self.ptr:#x}{whose}"
        return f"<gpu.Buffer {self._nbytes:,} bytes on {where}>"

    def _engine(self) -> "Engine":
        return open_engine_now(self.device_id)


class NDBuffer(AnyNDBuffer):
    """An array of any shape in device memory."""

    __slots__ = ()

    @classmethod
    def create(cls, *, shape: Iterable[int], dtype: Any, fill_value: Any = None) -> Self:
        """Return a new array; zeros unless `fill_value` is given."""
        value = 0 if fill_value is None else fill_value
        return cls(require().full(tuple(shape), value, dtype))

    @classmethod
    def from_numpy_array(cls, array_like: Any) -> Self:
        """Copy a NumPy array to the device."""
        return cls(require().asarray(array_like))

    @override
    def as_numpy_array(self) -> np.ndarray[Any, np.dtype[Any]]:
        host: np.ndarray[Any, np.dtype[Any]] = require().asnumpy(self._array)
        return host


buffer_prototype = BufferPrototype(buffer=Buffer, nd_buffer=NDBuffer)
"""Buffers in device memory; naming it needs no device, using it does."""
