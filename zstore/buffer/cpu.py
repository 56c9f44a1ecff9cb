"""Buffers in host memory."""

import io
from collections.abc import Iterable
from typing import Any, Self

import numpy as np

from zstore._compat import override
from zstore.buffer.core import Buffer as AnyBuffer
from zstore.buffer.core import BufferPrototype, BytesArray
from zstore.buffer.core import NDBuffer as AnyNDBuffer
from zstore.errors import InvalidTypeError

__all__ = ["Buffer", "NDBuffer", "buffer_prototype"]

# Copied in less than a millisecond.
_AT_ONCE_NBYTES = 2**20


class Buffer(AnyBuffer):
    """A run of bytes in host memory.

    Parameters
    ----------
    data
        Any object with the buffer protocol whose memory is contiguous. It is not
        copied: the buffer sees later changes, and is read-only if `data` is.
    """

    __slots__ = ("_view",)

    def __init__(self, data: Any) -> None:
        view = data if type(data) is memoryview else memoryview(data)
        if view.ndim != 1 or view.itemsize != 1 or not view.contiguous:
            msg = (
                "a buffer wraps contiguous bytes of shape (nbytes,), got shape "
                f"{view.shape}, item size {view.itemsize}, contiguous {view.contiguous}"
            )
            raise InvalidTypeError(msg)
        self._view: memoryview = view if view.format == "B" else view.cast("B")

    @classmethod
    def of(cls, view: memoryview) -> Self:
        """Wrap a view that is known to be contiguous bytes; for stores, on every read."""
        buffer = cls.__new__(cls)
        buffer._view = view  # noqa: SLF001 -- of this very class
        return buffer

    @classmethod
    @override
    def from_array_like(cls, array_like: Any) -> Self:
        try:
            return cls(np.asarray(array_like))
        except (TypeError, ValueError) as error:
            msg = f"a host buffer cannot wrap {type(array_like).__name__}: {error}"
            raise InvalidTypeError(msg) from error

    @classmethod
    @override
    def from_bytes(cls, bytes_like: Any) -> Self:
        view = memoryview(bytes_like)
        if view.ndim == 1 and view.itemsize == 1:
            return cls(view)
        # A view of shape (0, 3) cannot be cast.
        return cls(view.cast("B") if view.nbytes else b"")

    @classmethod
    @override
    def from_buffer(cls, buffer: AnyBuffer) -> Self:
        if type(buffer) is cls:
            return buffer
        return cls(buffer.as_numpy_array())

    @property
    @override
    def readonly(self) -> bool:
        return self._view.readonly

    @override
    def toreadonly(self) -> Self:
        return self if self._view.readonly else self.of(self._view.toreadonly())

    @override
    def as_array_like(self) -> BytesArray:
        return np.frombuffer(self._view, dtype=np.uint8)

    @override
    def as_numpy_array(self) -> BytesArray:
        return np.frombuffer(self._view, dtype=np.uint8)

    @override
    def as_buffer_like(self) -> memoryview:
        return self._view

    @override
    def to_bytes(self) -> bytes:
        owner = self._view.obj
        if type(owner) is bytes and len(owner) == len(self._view):
            return owner
        if len(self._view) <= _AT_ONCE_NBYTES:
            return self._view.tobytes()
        # In pieces: a single copy would keep all threads waiting until it is done.
        pieces = io.BytesIO()
        for start in range(0, len(self._view), _AT_ONCE_NBYTES):
            pieces.write(self._view[start : start + _AT_ONCE_NBYTES])
        return pieces.getvalue()

    @override
    def copy(self) -> Self:
        return type(self)(bytearray(self._view))

    def owned(self) -> Self:
        """Return a read-only buffer that nobody else can change.

        No copy if the bytes already are a Python `bytes`, which nobody can.
        """
        if type(self._view.obj) is bytes:
            return self
        return type(self)(self._view.tobytes())

    @override
    def combine(self, others: Iterable[AnyBuffer]) -> Self:
        parts = [self._view, *(other.as_buffer_like() for other in others)]
        return type(self)(b"".join(parts))

    @override
    def __len__(self) -> int:
        return len(self._view)

    @override
    def __getitem__(self, key: slice) -> Self:
        return self.of(self._view[self._contiguous(key)])

    @override
    def __setitem__(self, key: slice, value: Any) -> None:
        part = self._view[self._contiguous(key)]
        if part.readonly:
            msg = "this buffer is read-only; copy() gives one that can be changed"
            raise ValueError(msg)
        data = value.as_buffer_like() if isinstance(value, AnyBuffer) else value
        part[:] = memoryview(data).cast("B")

    @override
    def __eq__(self, other: object) -> bool:
        if isinstance(other, Buffer):
            return self._view == other._view
        return super().__eq__(other)

    __hash__ = None

    @override
    def __reduce__(self) -> tuple[type[Self], tuple[bytes]]:
        return type(self), (self.to_bytes(),)

    @override
    def __repr__(self) -> str:
        return f"<cpu.Buffer {len(self)} bytes{' (read-only)' if self.readonly else ''}>"


class NDBuffer(AnyNDBuffer):
    """An array of any shape in host memory."""

    __slots__ = ()

    @classmethod
    def create(cls, *, shape: Iterable[int], dtype: Any, fill_value: Any = None) -> Self:
        """Return a new array; zeros unless `fill_value` is given."""
        return cls(np.full(tuple(shape), 0 if fill_value is None else fill_value, dtype))

    @classmethod
    def from_numpy_array(cls, array_like: Any) -> Self:
        """Wrap a NumPy array; no copy."""
        return cls(np.asarray(array_like))


buffer_prototype = BufferPrototype(buffer=Buffer, nd_buffer=NDBuffer)
"""Buffers in host memory."""
