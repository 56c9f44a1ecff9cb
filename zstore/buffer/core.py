"""What a buffer is: a flat run of bytes, on the host or on a device."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from zstore._compat import override
from zstore.errors import InvalidTypeError

__all__ = ["Buffer", "BufferPrototype", "NDBuffer"]

BytesArray = npt.NDArray[np.uint8]


class Buffer(ABC):
    """A contiguous run of bytes.

    Slicing gives a view and copies nothing. Only `copy`, `to_bytes`, `combine`, `+` and,
    across devices, `from_buffer` and `as_numpy_array` move bytes. A buffer that a store
    hands out is read-only: it may be the stored value itself.
    """

    __slots__ = ("__weakref__",)

    @classmethod
    @abstractmethod
    def from_array_like(cls, array_like: Any) -> Self:
        """Wrap an array of shape (nbytes,) and item size 1, contiguous; no copy.

        Raises
        ------
        InvalidTypeError
            If the array has another shape, item size or layout.
        """

    @classmethod
    @abstractmethod
    def from_bytes(cls, bytes_like: Any) -> Self:
        """Wrap any object with the buffer protocol; no copy on the host."""

    @classmethod
    @abstractmethod
    def from_buffer(cls, buffer: "Buffer") -> Self:
        """Return `buffer` as this kind; a copy only if the kinds of memory differ."""

    @classmethod
    def create_zero_length(cls) -> Self:
        """Return a buffer of no bytes."""
        return cls.from_bytes(b"")

    @property
    @abstractmethod
    def readonly(self) -> bool:
        """Whether assigning to a slice is refused."""

    @abstractmethod
    def toreadonly(self) -> Self:
        """Return a view of the same bytes that cannot be assigned to."""

    @property
    def nbytes(self) -> int:
        """Number of bytes."""
        return len(self)

    @abstractmethod
    def as_array_like(self) -> Any:
        """Return the array, shape (nbytes,), dtype uint8, on its device; no copy."""

    @abstractmethod
    def as_numpy_array(self) -> BytesArray:
        """Return a NumPy array, shape (nbytes,), dtype uint8; copies from a device."""

    def as_buffer_like(self) -> memoryview:
        """Return an object with the buffer protocol; copies from a device."""
        return memoryview(self.as_numpy_array().data)

    def to_bytes(self) -> bytes:
        """Return the bytes; always a copy unless the buffer wraps a whole `bytes`."""
        return self.as_numpy_array().tobytes()

    @abstractmethod
    def copy(self) -> Self:
        """Return a private, writable buffer with the same bytes."""

    @abstractmethod
    def combine(self, others: Iterable["Buffer"]) -> Self:
        """Return a new buffer: this one, followed by `others`."""

    @abstractmethod
    def __len__(self) -> int:
        """Return the number of bytes."""

    @abstractmethod
    def __getitem__(self, key: slice) -> Self:
        """Return a view of a contiguous slice.

        Raises
        ------
        InvalidTypeError
            If `key` is no slice.
        ValueError
            If the step of the slice is not 1.
        """

    @abstractmethod
    def __setitem__(self, key: slice, value: Any) -> None:
        """Overwrite a contiguous slice with as many bytes.

        Raises
        ------
        ValueError
            If the buffer is read-only, or the lengths differ.
        """

    def __add__(self, other: "Buffer") -> Self:
        """Return a new buffer with the bytes of both."""
        return self.combine([other])

    @override
    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Buffer):
            return NotImplemented
        if len(self) != len(other):
            return False
        return bool(np.array_equal(self.as_numpy_array(), other.as_numpy_array()))

    # Buffers compare by content, and the content may change.
    __hash__ = None  # type: ignore[assignment]

    @staticmethod
    def _contiguous(key: slice) -> slice:
        """Return `key` if it is a slice of step 1."""
        if not isinstance(key, slice):
            msg = f"Item key has incorrect type (expected slice, got {type(key).__name__})"
            raise InvalidTypeError(msg)
        if key.step not in (None, 1):
            msg = f"Slice must be contiguous (step 1), got {key}"
            raise ValueError(msg)
        return key


class NDBuffer:
    """An array of any shape, as codecs pass it on; see the subclasses for the memory.

    zstore itself moves flat bytes only. The class completes `BufferPrototype`, so that
    code written for the seed API can ask a prototype for both.
    """

    __slots__ = ("_array",)

    def __init__(self, array: Any) -> None:
        self._array = array

    @classmethod
    def from_ndarray_like(cls, array: Any) -> Self:
        """Wrap an array of any shape and dtype; no copy."""
        return cls(array)

    def as_ndarray_like(self) -> Any:
        """Return the array on its device; no copy."""
        return self._array

    def as_numpy_array(self) -> npt.NDArray[Any]:
        """Return a NumPy array; copies from a device."""
        return np.asarray(self._array)

    @property
    def shape(self) -> tuple[int, ...]:
        """Length of each dimension."""
        return tuple(self._array.shape)

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of one element."""
        kind: np.dtype[Any] = self._array.dtype
        return kind

    def __len__(self) -> int:
        return len(self._array)

    def __getitem__(self, key: Any) -> Self:
        return type(self)(self._array[key])

    def __setitem__(self, key: Any, value: Any) -> None:
        self._array[key] = value.as_ndarray_like() if isinstance(value, NDBuffer) else value

    @override
    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.shape} {self.dtype}>"


class BufferPrototype(NamedTuple):
    """Which classes a store makes its results of.

    Attributes
    ----------
    buffer
        For values as they are stored. A store calls `from_bytes` and `from_buffer`.
    nd_buffer
        For decoded arrays. No store uses it.
    """

    buffer: type[Buffer]
    nd_buffer: type[NDBuffer]
