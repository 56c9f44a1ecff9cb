"""Reading values and parts of values."""

import json
from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any, TypeAlias, final

from zstore.buffer import Buffer, BufferPrototype
from zstore.concurrency import run_in_thread
from zstore.errors import CorruptStoreError, KeyNotFoundError
from zstore.ranges import ByteRequest

__all__ = ["Buffers", "MaybeBuffers", "Reading"]

# Copied in less than a millisecond.
_LARGE_NBYTES = 4 * 2**20

# Named here, because in a class with a method `list` the builtin has no name.
Buffers: TypeAlias = list[Buffer]
"""Parts of one value."""

MaybeBuffers: TypeAlias = list[Buffer | None]
"""Values, with None for each missing key."""


class Reading(ABC):
    """Reading values and parts of values."""

    @abstractmethod
    async def get(
        self,
        key: str,
        prototype: BufferPrototype | None = None,
        byte_range: ByteRequest | None = None,
    ) -> Buffer | None:
        """Return a value, or part of it.

        Parameters
        ----------
        key
            Relative to the root of the store.
        prototype
            Where the bytes shall lie; host memory by default.
        byte_range
            Which bytes; all by default. If the value ends before the range does, what
            there is. A suffix longer than the value gives all of it.

        Returns
        -------
        Buffer or None
            Shape (nbytes,), read-only; None if nothing is stored under `key`.

        Raises
        ------
        InvalidKeyError
            If `key` is no key.
        InvalidByteRangeError
            If `byte_range` is no byte request, is empty, or starts at or after the end
            of the value.
        AccessDeniedError, BackendError
            If the backend refuses or fails; that never passes for a missing key.
        StoreClosedError
            If the store was closed. Every other call raises it too.

        Notes
        -----
        One request to the backend. The buffer may be the stored value itself (memory
        stores): it is read-only, and stays as it is when the key is set again.

        Source: seed ``zarr.storage.*.get``; RFC 9110 section 14 for ranges.
        """

    @abstractmethod
    async def get_partial_values(
        self,
        prototype: BufferPrototype | None,
        key_ranges: Iterable[tuple[str, ByteRequest | None]],
    ) -> MaybeBuffers:
        """Return parts of several values.

        Parameters
        ----------
        prototype
            Where the bytes shall lie; None for host memory.
        key_ranges
            Pairs of key and range; a key may come again, with None for all of it.

        Returns
        -------
        list of Buffer or None
            In the order of `key_ranges`; None where the key is missing.

        Raises
        ------
        InvalidByteRangeError
            If one of the ranges asks for no byte; see `get` for this and the rest.

        Notes
        -----
        One request a pair, a bounded number of them at once.
        """

    @abstractmethod
    async def get_many(
        self,
        keys: Iterable[str],
        prototype: BufferPrototype | None = None,
        *,
        max_concurrency: int | None = None,
    ) -> MaybeBuffers:
        """Return several values.

        Parameters
        ----------
        keys
            In any order; a key may come again.
        prototype
            Where the bytes shall lie; host memory by default.
        max_concurrency
            How many requests at once; the store chooses by default.

        Returns
        -------
        list of Buffer or None
            In the order of `keys`; None where the key is missing.

        Notes
        -----
        One request a key. All values are in memory at the end; for more than that, call
        it in parts.
        """

    @abstractmethod
    async def get_ranges(
        self,
        key: str,
        byte_ranges: Iterable[ByteRequest],
        prototype: BufferPrototype | None = None,
        *,
        max_concurrency: int | None = None,
        max_gap_nbytes: int | None = None,
        max_coalesced_nbytes: int = 16 * 2**20,
    ) -> Buffers | None:
        """Return many parts of one value, with as few requests as pays.

        Parameters
        ----------
        key
            Relative to the root of the store.
        byte_ranges
            In any order; they may overlap.
        prototype
            Where the bytes shall lie; host memory by default.
        max_concurrency
            How many requests at once; the store chooses by default.
        max_gap_nbytes
            Ranges are fetched together if no more bytes than this lie between them. The
            store chooses by default: 1 MiB where a request costs a round trip.
        max_coalesced_nbytes
            No request fetches more, unless one range alone does.

        Returns
        -------
        list of Buffer, or None
            In the order of `byte_ranges`, views of what was fetched; None if the key is
            missing.

        Raises
        ------
        InvalidByteRangeError
            If one of the ranges asks for no byte of the value.

        Notes
        -----
        Ranges with a start and an end are merged; offsets and suffixes are one request
        each, since where they lie is known only to the backend.
        """

    @abstractmethod
    async def exists(self, key: str) -> bool:
        """Tell whether a value is stored under `key`; a prefix is none.

        Raises
        ------
        InvalidKeyError
            If `key` is no key.
        AccessDeniedError, BackendError
            If the backend refuses or fails.

        Notes
        -----
        One request without a body.
        """

    @abstractmethod
    async def getsize(self, key: str) -> int:
        """Return the size of one value, in bytes.

        Raises
        ------
        KeyNotFoundError
            If nothing is stored under `key`; a `FileNotFoundError`.
        InvalidKeyError, AccessDeniedError, BackendError
            As in `get`.

        Notes
        -----
        One request without a body; nothing is read.
        """

    @final
    async def get_bytes(self, key: str, byte_range: ByteRequest | None = None) -> bytes:
        """Return a value, or part of it, as `bytes`.

        Raises
        ------
        KeyNotFoundError
            If nothing is stored under `key`; for the rest see `get`.

        Notes
        -----
        One request and at most one copy on the host, in a thread if it is large.
        """
        value = await self.get(key, byte_range=byte_range)
        if value is None:
            raise KeyNotFoundError(key)
        if len(value) < _LARGE_NBYTES:
            return value.to_bytes()
        return await run_in_thread(value.to_bytes)

    @final
    async def get_json(self, key: str) -> Any:
        """Return a value parsed as JSON (RFC 8259, UTF-8).

        Raises
        ------
        KeyNotFoundError
            If nothing is stored under `key`; for the rest see `get`.
        CorruptStoreError
            If the value is no JSON.
        """
        text = await self.get_bytes(key)
        try:
            return json.loads(text)
        except (ValueError, RecursionError) as error:
            msg = f"the value of {key!r} ({len(text)} bytes) is no JSON: {error}"
            raise CorruptStoreError(msg) from error
