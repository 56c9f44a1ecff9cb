"""Reading: checks of keys and ranges, then the hooks."""

from collections.abc import Iterable
from functools import partial
from typing import TypeAlias, final

from zstore._compat import override
from zstore.buffer import Buffer, BufferPrototype
from zstore.buffer.cpu import Buffer as HostBuffer
from zstore.buffer.moving import move, move_all
from zstore.concurrency import map_limited
from zstore.errors import KeyNotFoundError
from zstore.gpu.span import SMALL_NBYTES
from zstore.keys import check_key
from zstore.ranges import ByteRequest, RangeByteRequest, as_byte_request, coalesce, resolve
from zstore.store import Reading
from zstore.store.reading import Buffers, MaybeBuffers
from zstore.stores.base.lifecycle import BaseLifecycle

__all__ = ["BaseReading"]

# What to fetch, and the positions of the requests that it serves.
_Fetch: TypeAlias = tuple[ByteRequest | None, list[int]]


class BaseReading(BaseLifecycle, Reading):
    """Reads by `_read` and `_size`."""

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
        if not self._is_ready():
            await self._begin()
        if prototype is None or prototype.buffer is HostBuffer:
            value = await self._read(key, byte_range)
            if type(value) is HostBuffer or value is None:
                return value
            return await move(value, HostBuffer)
        value = await self._read_as(prototype.buffer, key, byte_range)
        return None if value is None else await move(value, prototype.buffer)

    @final
    @override
    async def get_partial_values(
        self,
        prototype: BufferPrototype | None,
        key_ranges: Iterable[tuple[str, ByteRequest | None]],
    ) -> MaybeBuffers:
        return await self._get_all(key_ranges, prototype, self._max_concurrency)

    async def _get_all(
        self,
        pairs: Iterable[tuple[str, ByteRequest | None]],
        prototype: BufferPrototype | None,
        limit: int,
    ) -> MaybeBuffers:
        kind = HostBuffer if prototype is None else prototype.buffer
        read = self._read if kind is HostBuffer else partial(self._read_as, kind)

        async def one(pair: tuple[str, ByteRequest | None]) -> Buffer | None:
            key, request = pair
            key = check_key(key)
            request = None if request is None else as_byte_request(request)
            if not self._is_open:
                await self.ensure_open()
            value = await read(key, request)
            if value is None or type(value) is kind or len(value) < SMALL_NBYTES:
                return value
            return await move(value, kind)

        values = await map_limited(one, pairs, limit=limit)
        # Small ones that have to go to another memory go there together.
        rest = {
            i: value
            for i, value in enumerate(values)
            if value is not None and type(value) is not kind
        }
        moved = await move_all(list(rest.values()), kind)
        for i, value in zip(rest, moved, strict=True):
            values[i] = value
        return values

    @final
    @override
    async def get_many(
        self,
        keys: Iterable[str],
        prototype: BufferPrototype | None = None,
        *,
        max_concurrency: int | None = None,
    ) -> MaybeBuffers:
        limit = max_concurrency or self._max_concurrency
        return await self._get_all(((key, None) for key in keys), prototype, limit)

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
        if not self._is_ready():
            await self._begin()
        return await self._size(key) is not None

    @final
    @override
    async def getsize(self, key: str) -> int:
        key = check_key(key)
        if not self._is_ready():
            await self._begin()
        nbytes = await self._size(key)
        if nbytes is None:
            raise KeyNotFoundError(key)
        return nbytes


def _part(value: Buffer, merged: ByteRequest | None, request: ByteRequest | None) -> Buffer:
    """Cut what `request` asks for out of what was fetched for `merged`."""
    if not isinstance(merged, RangeByteRequest) or not isinstance(
        request, RangeByteRequest
    ):
        return value
    # What was fetched ends early if the stored value does.
    start, stop = resolve(request, merged.start + len(value))
    return value[start - merged.start : stop - merged.start]
