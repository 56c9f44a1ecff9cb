"""Values in a dict of this process."""

import asyncio
import threading
import warnings
from collections.abc import AsyncGenerator, Mapping, MutableMapping, Sequence
from typing import Any, Self

from zstore._compat import override
from zstore.buffer import Buffer, cpu
from zstore.buffer.convert import as_buffer
from zstore.buffer.moving import move
from zstore.entries import Entry, KeyPage
from zstore.errors import InvalidTypeError, KeyNotFoundError, ZStoreWarning
from zstore.keys import is_key
from zstore.ranges import ByteRequest, check_part, resolve
from zstore.stores.base import BaseStore
from zstore.stores.hooks import Part
from zstore.stores.key_tree import KeyTree, batches_in_turns, entry_of

__all__ = ["Contents", "MemoryStore"]


class Contents:
    """The values, an index of their keys, and the lock of both.

    Shared by a store and its read-only twin.

    Parameters
    ----------
    values
        The mapping of the store, kept as it is.
    """

    def __init__(self, values: MutableMapping[str, Any]) -> None:
        self.values = values
        self.lock = threading.RLock()
        self._tree: KeyTree | None = None
        self._nvalues = 0

    def tree(self) -> KeyTree:
        """Return the index, made at the first listing; the caller holds the lock."""
        # The mapping belongs to the caller, who may have added or removed keys.
        if self._tree is None or self._nvalues != len(self.values):
            keys = [key for key in self.values if is_key(key)]
            if len(keys) != len(self.values):
                odd = next(key for key in self.values if not is_key(key))
                msg = f"{len(self.values) - len(keys)} names are no keys, {odd!r} for one"
                warnings.warn(msg, ZStoreWarning, stacklevel=2)
            self._tree = KeyTree(keys)
            self._nvalues = len(self.values)
        return self._tree

    def put(self, key: str, value: Buffer) -> None:
        """Give a key its value."""
        with self.lock:
            before = len(self.values)
            self.values[key] = value
            if self._tree is not None and len(self.values) != before:
                self._tree.add(key)
                self._nvalues += 1

    def drop(self, key: str) -> None:
        """Take a key and its value away."""
        with self.lock:
            if self.values.pop(key, None) is not None and self._tree is not None:
                self._tree.discard(key)
                self._nvalues -= 1


class MemoryStore(BaseStore):
    """Values in a dict of this process.

    Parameters
    ----------
    store_dict
        The mapping that holds the values, kept as it is: not copied, and what others put
        into it (buffers, or bytes) is seen. Of a key replaced by another behind the
        store's back listings may show the old one, until the number of keys changes.
    read_only
        Whether calls that would change the store raise `ReadOnlyError`.

    Notes
    -----
    Nothing is copied on reading: `get` returns a read-only view of the value. `set`
    copies, unless it is given `bytes`. A listing costs what it answers, not the number of
    keys; the index is made at the first one. Pickling copies the contents.

    Source: seed ``zarr.storage.MemoryStore``.
    """

    _can_write_parts = True
    _lists_in_order = True
    # The gap is in memory already.
    _max_gap_nbytes = 2**62
    # Nothing waits, so nothing gains from tasks.
    _max_concurrency = 1

    def __init__(
        self,
        store_dict: MutableMapping[str, Buffer] | None = None,
        *,
        read_only: bool = False,
    ) -> None:
        super().__init__(read_only=read_only)
        if store_dict is not None and not isinstance(store_dict, MutableMapping):
            msg = f"store_dict is a mutable mapping, got {type(store_dict).__name__}"
            raise InvalidTypeError(msg)
        self._contents = self._hold({} if store_dict is None else store_dict)

    @property
    def store_dict(self) -> MutableMapping[str, Buffer]:
        """The mapping that holds the values."""
        return self._contents.values

    @override
    def _arguments(self) -> dict[str, Any]:
        return {"store_dict": self._contents.values}

    @override
    def with_read_only(self, read_only: bool = True) -> Self:
        twin = super().with_read_only(read_only)
        twin._contents = self._contents  # noqa: SLF001 -- the lock and index go with the dict
        return twin

    @override
    def __eq__(self, other: object) -> bool:
        if isinstance(other, MemoryStore) and other._contents.values is self.store_dict:
            return type(other) is type(self) and self._read_only == other.read_only
        return super().__eq__(other)

    __hash__ = None  # type: ignore[assignment]

    @override
    def __str__(self) -> str:
        return f"memory://{id(self._contents.values)}"

    def _hold(self, values: MutableMapping[str, Any]) -> Contents:
        return Contents(values)

    @override
    async def _read(self, key: str, request: ByteRequest | None) -> Buffer | None:
        stored = self._contents.values.get(key)
        if stored is None:
            return None
        value = as_buffer(stored)
        if request is not None:
            start, stop = resolve(request, len(value))
            value = value[start:stop]
        return value.toreadonly()

    @override
    async def _write(self, key: str, value: Buffer, *, overwrite: bool) -> bool:
        if not overwrite and key in self._contents.values:
            return False
        if type(value) is not cpu.Buffer:
            value = await move(value, cpu.Buffer)
        # Bytes that the caller's memory has no part in.
        return self._publish(
            key, cpu.Buffer.from_buffer(value).owned(), overwrite=overwrite
        )

    def _publish(self, key: str, owned: Buffer, *, overwrite: bool) -> bool:
        contents = self._contents
        with contents.lock:
            if not overwrite and key in contents.values:
                return False
            contents.put(key, owned)
        return True

    @override
    async def _write_parts(self, parts: Mapping[str, Sequence[Part]]) -> None:
        with self._contents.lock:
            changed: dict[str, bytes] = {}
            for key, pieces in parts.items():
                stored = self._contents.values.get(key)
                if stored is None:
                    raise KeyNotFoundError(key)
                value = bytearray(as_buffer(stored).to_bytes())
                for start, data in sorted(pieces, key=lambda piece: piece[0]):
                    check_part(key, start, len(value))
                    value[start : start + len(data)] = data
                changed[key] = bytes(value)
            for key, grown in changed.items():
                self._contents.put(key, cpu.Buffer(grown))

    @override
    async def _remove(self, key: str) -> None:
        self._contents.drop(key)

    @override
    async def _size(self, key: str) -> int | None:
        value = self._contents.values.get(key)
        return None if value is None else len(value)

    @override
    async def _list(self, prefix: str) -> AsyncGenerator[list[str], None]:
        with self._contents.lock:
            batches = self._contents.tree().below(prefix)
        async for batch in batches_in_turns(batches, self._contents.lock):
            yield batch

    @override
    async def _pages(
        self, prefix: str, after: str, until: str | None
    ) -> AsyncGenerator[KeyPage, None]:
        with self._contents.lock:
            batches = self._contents.tree().in_order(prefix, after, until)
        async for batch in batches_in_turns(batches, self._contents.lock):
            values = [(key, self._contents.values.get(key)) for key in batch]
            yield KeyPage.of(
                [(key, len(value)) for key, value in values if value is not None]
            )

    @override
    async def _scan(self, prefix: str) -> AsyncGenerator[list[tuple[str, int]], None]:
        values = self._contents.values
        async for batch in self._list(prefix):
            stored = [(key, values.get(key)) for key in batch]
            yield [(key, len(value)) for key, value in stored if value is not None]

    @override
    async def _entries(
        self, prefix: str, limit: int | None, after: str
    ) -> AsyncGenerator[list[Entry], None]:
        contents = self._contents
        with contents.lock:
            page = contents.tree().cursors(prefix, limit, after)
        for first in range(0, len(page), 4096):
            batch = page[first : first + 4096]
            found = [(cursor, contents.values.get(prefix + cursor)) for cursor in batch]
            # A value may have been deleted since the page was made.
            yield [
                entry_of(cursor, None if value is None else len(value))
                for cursor, value in found
                if value is not None or cursor.endswith("/")
            ]
            await asyncio.sleep(0)

    @override
    async def _names(self, prefix: str) -> AsyncGenerator[list[str], None]:
        with self._contents.lock:
            names = self._contents.tree().names(prefix)
        yield names
