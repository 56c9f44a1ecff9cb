"""The whole interface of a store, made from the hooks of a backend."""

from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import aclosing
from typing import Self, TypeAlias, cast, final

from zstore._compat import override
from zstore.buffer import Buffer, BufferPrototype
from zstore.buffer.convert import as_buffer, as_prototype
from zstore.concurrency import map_limited
from zstore.entries import EntryBatch, SizeBatch
from zstore.errors import (
    InvalidByteRangeError,
    InvalidTypeError,
    KeyNotFoundError,
    ReadOnlyError,
    StoreClosedError,
    UnsupportedError,
)
from zstore.keys import check_key, check_prefix, prefix_of
from zstore.ranges import ByteRequest, RangeByteRequest, as_byte_request, coalesce, resolve
from zstore.store import Store
from zstore.store.reading import Buffers, MaybeBuffers
from zstore.store.writing import BytesLike, Value
from zstore.stores.hooks import Hooks, Part

__all__ = ["BaseStore"]

# What to fetch, and the positions of the requests that it serves.
_Fetch: TypeAlias = tuple[ByteRequest | None, list[int]]


class BaseStore(Hooks, Store):
    """A store made from hooks: the public methods check, the hooks do.

    Parameters
    ----------
    read_only
        Whether every call that would change the store raises `ReadOnlyError`.
    """

    def __init__(self, *, read_only: bool = False) -> None:
        self._read_only = read_only
        self._is_open = False
        self._is_closed = False

    @override
    async def ensure_open(self) -> None:
        if self._is_closed:
            raise StoreClosedError(self)
        if not self._is_open:
            await self._open()
            self._is_open = not self._is_closed

    @override
    def close(self) -> None:
        if not self._is_closed:
            self._is_open, self._is_closed = False, True
            self._close()

    @override
    async def aclose(self) -> None:
        if not self._is_closed:
            self._is_open, self._is_closed = False, True
            await self._aclose()

    @property
    @override
    def read_only(self) -> bool:
        return self._read_only

    @property
    @override
    def supports_writes(self) -> bool:
        return self._can_write

    @property
    @override
    def supports_deletes(self) -> bool:
        return self._can_delete

    @property
    @override
    def supports_partial_writes(self) -> bool:
        return self._can_write_parts

    @property
    @override
    def supports_listing(self) -> bool:
        return self._can_list

    @override
    def with_read_only(self, read_only: bool = True) -> Self:
        return type(self)(**self._arguments(), read_only=read_only)

    @override
    def __reduce__(self) -> tuple[object, ...]:
        arguments = {**self._arguments(), "read_only": self._read_only}
        return _make, (type(self), arguments)

    @override
    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        same = self._arguments() == other._arguments()
        return same and self._read_only == other.read_only

    # As in the seed: two stores may be equal now and differ later.
    __hash__ = None  # type: ignore[assignment]

    @override
    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"

    @final
    @override
    async def get(
        self,
        key: str,
        prototype: BufferPrototype | None = None,
        byte_range: ByteRequest | None = None,
    ) -> Buffer | None:
        key = check_key(key)
        if byte_range is not None:
            byte_range = as_byte_request(byte_range)
        if not self._is_open:
            await self.ensure_open()
        value = await self._read(key, byte_range)
        return None if value is None else as_prototype(value, prototype)

    @final
    @override
    async def get_partial_values(
        self,
        prototype: BufferPrototype | None,
        key_ranges: Iterable[tuple[str, ByteRequest | None]],
    ) -> MaybeBuffers:
        async def one(pair: tuple[str, ByteRequest | None]) -> Buffer | None:
            key, byte_range = pair
            return await self.get(key, prototype, byte_range)

        return await map_limited(one, key_ranges, limit=self._max_concurrency)

    @final
    @override
    async def get_many(
        self,
        keys: Iterable[str],
        prototype: BufferPrototype | None = None,
        *,
        max_concurrency: int | None = None,
    ) -> MaybeBuffers:
        async def one(key: str) -> Buffer | None:
            return await self.get(key, prototype)

        return await map_limited(one, keys, limit=max_concurrency or self._max_concurrency)

    @final
    @override
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
        key = check_key(key)
        requests = [as_byte_request(byte_range) for byte_range in byte_ranges]
        bounded = [r for r in requests if isinstance(r, RangeByteRequest)]
        places = [i for i, r in enumerate(requests) if isinstance(r, RangeByteRequest)]
        gap = self._max_gap_nbytes if max_gap_nbytes is None else max_gap_nbytes
        fetches: list[_Fetch] = [
            (merged, [places[i] for i in served])
            for merged, served in coalesce(
                bounded, max_gap_nbytes=gap, max_nbytes=max_coalesced_nbytes
            )
        ]
        fetches += [
            (r, [i]) for i, r in enumerate(requests) if not isinstance(r, RangeByteRequest)
        ]
        results: dict[int, Buffer] = {}

        async def fetch(item: _Fetch) -> bool:
            merged, served = item
            value = await self.get(key, prototype, merged)
            if value is None:
                return False
            for index in served:
                results[index] = _part(value, merged, requests[index])
            return True

        limit = max_concurrency or self._max_concurrency
        if not requests:
            return [] if await self.exists(key) else None
        if not all(await map_limited(fetch, fetches, limit=limit)):
            return None
        return [results[index] for index in range(len(requests))]

    @final
    @override
    async def exists(self, key: str) -> bool:
        key = check_key(key)
        await self.ensure_open()
        return await self._size(key) is not None

    @final
    @override
    async def getsize(self, key: str) -> int:
        key = check_key(key)
        await self.ensure_open()
        nbytes = await self._size(key)
        if nbytes is None:
            raise KeyNotFoundError(key)
        return nbytes

    @final
    @override
    async def set(self, key: str, value: Value) -> None:
        await self._set(key, value, "set", overwrite=True)

    @final
    @override
    async def set_if_not_exists(self, key: str, value: Value) -> bool:
        return await self._set(key, value, "set_if_not_exists", overwrite=False)

    async def _set(self, key: str, value: Value, caller: str, *, overwrite: bool) -> bool:
        key = check_key(key)
        buffer = as_buffer(value, caller=f"{type(self).__name__}.{caller}")
        await self._ready_to_write(caller, supported=self._can_write)
        return await self._write(key, buffer, overwrite=overwrite)

    async def _ready_to_write(self, caller: str, *, supported: bool) -> None:
        if self._read_only:
            raise ReadOnlyError(self, caller)
        if not supported:
            raise UnsupportedError(self, caller)
        if not self._is_open:
            await self.ensure_open()

    @final
    @override
    async def set_many(
        self,
        items: Mapping[str, Value] | Iterable[tuple[str, Value]],
        *,
        max_concurrency: int | None = None,
    ) -> None:
        async def one(pair: tuple[str, Value]) -> None:
            key, value = pair
            await self._set(key, value, "set_many", overwrite=True)

        pairs = cast(
            "Iterable[tuple[str, Value]]", getattr(items, "items", lambda: items)()
        )
        await map_limited(one, pairs, limit=max_concurrency or self._max_concurrency)

    @final
    @override
    async def set_partial_values(
        self, key_start_values: Iterable[tuple[str, int, BytesLike]]
    ) -> None:
        parts: dict[str, list[Part]] = {}
        for key, start, value in key_start_values:
            data = memoryview(value).cast("B")
            # The type of a request checks the bounds of both ends.
            end = RangeByteRequest(start, start + len(data)).end
            for other, others in parts.setdefault(check_key(key), []):
                if start < other + len(others) and other < end:
                    msg = f"two parts of {key!r} overlap: at {other} and at {start}"
                    raise InvalidByteRangeError(msg)
            parts[key].append((start, data))
        caller = "set_partial_values"
        await self._ready_to_write(caller, supported=self._can_write_parts)
        await self._write_parts(parts)

    @final
    @override
    async def delete(self, key: str) -> None:
        key = check_key(key)
        await self._ready_to_write("delete", supported=self._can_delete)
        await self._remove(key)

    @final
    @override
    async def delete_dir(self, prefix: str) -> None:
        prefix = check_prefix(prefix)
        await self._ready_to_write("delete_dir", supported=self._can_delete)
        if prefix and not prefix.endswith("/"):
            await self._remove(prefix)
        await self._remove_prefix(prefix_of(prefix))

    @final
    @override
    async def clear(self) -> None:
        await self._ready_to_write("clear", supported=self._can_delete)
        await self._remove_prefix("")

    async def _ready_to_list(self, prefix: str) -> str:
        prefix = check_prefix(prefix)
        if not self._can_list:
            raise UnsupportedError(self, "listing")
        await self.ensure_open()
        return prefix

    @final
    @override
    async def list(self) -> AsyncGenerator[str, None]:
        async with aclosing(self.list_prefix("")) as keys:
            async for key in keys:
                yield key

    @final
    @override
    async def list_prefix(self, prefix: str) -> AsyncGenerator[str, None]:
        prefix = await self._ready_to_list(prefix)
        if _is_also_key(prefix) and await self._size(prefix) is not None:
            yield prefix
        async with aclosing(self._list(prefix_of(prefix))) as batches:
            async for batch in batches:
                for key in batch:
                    yield key

    @final
    @override
    async def list_dir(self, prefix: str) -> AsyncGenerator[str, None]:
        prefix = await self._ready_to_list(prefix)
        async with aclosing(self._names(prefix_of(prefix))) as batches:
            async for batch in batches:
                for name in batch:
                    yield name

    @final
    @override
    async def list_entries(
        self, prefix: str = "", *, limit: int | None = None, after: str = ""
    ) -> AsyncGenerator[EntryBatch, None]:
        if limit is not None and (type(limit) is not int or limit < 1):
            msg = f"limit must be a positive int or None, got {limit!r}"
            raise InvalidTypeError(msg)
        prefix = await self._ready_to_list(prefix)
        async with aclosing(self._entries(prefix_of(prefix), limit, after)) as batches:
            async for batch in batches:
                if batch:
                    yield batch

    @final
    @override
    async def scan(self, prefix: str = "") -> AsyncGenerator[SizeBatch, None]:
        prefix = await self._ready_to_list(prefix)
        if _is_also_key(prefix):
            nbytes = await self._size(prefix)
            if nbytes is not None:
                yield [(prefix, nbytes)]
        async with aclosing(self._scan(prefix_of(prefix))) as batches:
            async for batch in batches:
                yield batch

    @final
    @override
    async def getsize_prefix(self, prefix: str) -> int:
        total = 0
        async with aclosing(self.scan(prefix)) as batches:
            async for batch in batches:
                total += sum([nbytes for _, nbytes in batch])
        return total

    @final
    @override
    async def is_empty(self, prefix: str = "") -> bool:
        async with aclosing(self.list_prefix(prefix)) as keys:
            async for _ in keys:
                return False
        return True


def _is_also_key(prefix: str) -> bool:
    return bool(prefix) and not prefix.endswith("/")


def _part(value: Buffer, merged: ByteRequest | None, request: ByteRequest | None) -> Buffer:
    """Cut what `request` asks for out of what was fetched for `merged`."""
    if not isinstance(merged, RangeByteRequest) or not isinstance(
        request, RangeByteRequest
    ):
        return value
    # Relative to what was fetched, which is shorter if the stored value is.
    shifted = RangeByteRequest(request.start - merged.start, request.end - merged.start)
    start, stop = resolve(shifted, len(value))
    return value[start:stop]


def _make(cls: type[BaseStore], arguments: dict[str, object]) -> BaseStore:
    """Make a store again, in another process."""
    return cls(**arguments)  # type: ignore[arg-type]
