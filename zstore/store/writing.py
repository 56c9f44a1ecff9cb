"""Writing values and parts of values, and deleting them."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from zstore.buffer import Buffer

__all__ = ["BytesLike", "Value", "Writing"]

BytesLike: TypeAlias = bytes | bytearray | memoryview
"""Host memory with the buffer protocol."""

Value: TypeAlias = Buffer | BytesLike | npt.NDArray[np.generic]
"""What can be stored: a buffer of any kind of memory, or contiguous host memory."""


class Writing(ABC):
    """Writing values and parts of values, and deleting them.

    Every call raises `ReadOnlyError` on a read-only store, and `UnsupportedError` on a
    store that cannot do it.
    """

    @abstractmethod
    async def set(self, key: str, value: Value) -> None:
        """Store a value under `key`, in place of any other.

        Parameters
        ----------
        key
            Relative to the root of the store.
        value
            Shape (nbytes,), or contiguous memory. The caller may change its memory as
            soon as the call has returned; the store does not see it.

        Raises
        ------
        InvalidKeyError
            If `key` is no key.
        InvalidTypeError
            If `value` is no buffer.
        KeyConflictError
            On a file system: if there are keys below `key`, or a part of `key` is one.
        AccessDeniedError, BackendError
            If the backend refuses or fails; the old value is still there.

        Notes
        -----
        One request. Atomic: readers see the old value or the new one, whole. A call that
        is cancelled has either happened or never will.
        """

    @abstractmethod
    async def set_if_not_exists(self, key: str, value: Value) -> bool:
        """Store a value under `key` unless there is one.

        Returns
        -------
        bool
            Whether this call stored its value.

        Raises
        ------
        InvalidKeyError, InvalidTypeError, KeyConflictError, AccessDeniedError, BackendError
            As in `set`.
        UnsupportedError
            If the backend has no atomic step for it.

        Notes
        -----
        One request. Of several callers, in any number of threads and processes, exactly
        one stores its value; a backend that can promise less says so in its class.
        """

    @abstractmethod
    async def set_many(
        self,
        items: Mapping[str, Value] | Iterable[tuple[str, Value]],
        *,
        max_concurrency: int | None = None,
    ) -> None:
        """Store several values.

        Parameters
        ----------
        items
            A mapping, or pairs of key and value.
        max_concurrency
            How many requests at once; the store chooses by default.

        Raises
        ------
        InvalidKeyError, InvalidTypeError, KeyConflictError, AccessDeniedError, BackendError
            The first failure, as in `set`. Values stored before it stay.

        Notes
        -----
        One request a key; each value is stored atomically, the batch is not.
        """

    @abstractmethod
    async def set_partial_values(
        self, key_start_values: Iterable[tuple[str, int, BytesLike]]
    ) -> None:
        """Overwrite or extend parts of existing values.

        Parameters
        ----------
        key_start_values
            Key, first byte to write, and the bytes. A key may come again, with ranges
            that do not overlap. A part may end after the value, which then grows.

        Raises
        ------
        KeyNotFoundError
            If there is no value under one of the keys.
        InvalidByteRangeError
            If a part starts after the end of the value, or parts overlap.
        UnsupportedError
            If `supports_partial_writes` is False.

        Notes
        -----
        Everything is checked before the first byte is written. All parts of one key are
        written together; see the class for whether readers can see some of them.
        """

    @abstractmethod
    async def delete(self, key: str) -> None:
        """Delete the value under `key`; a missing one is no error.

        Raises
        ------
        InvalidKeyError
            If `key` is no key: so `delete("")` removes nothing.
        AccessDeniedError, BackendError
            If the backend refuses or fails.

        Notes
        -----
        One request. It removes at most one value, never what lies below `key`: that is
        what `delete_dir` is for. (The seed's LocalStore removes folders here.)
        """

    @abstractmethod
    async def delete_dir(self, prefix: str) -> None:
        """Delete all keys that `prefix` selects; none is no error.

        Parameters
        ----------
        prefix
            Whole segments: ``"ab"`` deletes ``ab`` and all below ``ab/``, not ``abc``.
            ``""`` deletes all keys; the root stays.

        Raises
        ------
        InvalidKeyError
            If `prefix` is no prefix: ``"/"`` is none.
        AccessDeniedError, BackendError
            If the backend refuses or fails; some keys may be gone.

        Notes
        -----
        One listing, and one request a key or batch of keys.
        """

    @abstractmethod
    async def clear(self) -> None:
        """Delete all keys; the root stays. The same as ``delete_dir("")``."""
