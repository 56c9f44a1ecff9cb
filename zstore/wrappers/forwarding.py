"""Every call of a store, passed on to another store by way of two hooks."""

from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Awaitable,
    Callable,
    Coroutine,
    Iterable,
    Mapping,
)
from functools import partial
from typing import Any, Generic, TypeVar, TypeVarTuple

from zstore._compat import override
from zstore.buffer import Buffer, BufferPrototype
from zstore.entries import EntryBatch, KeyPage, SizeBatch
from zstore.ranges import ByteRequest
from zstore.store import Store
from zstore.store.reading import Buffers, MaybeBuffers
from zstore.store.writing import BytesLike, Value
from zstore.wrappers.calls import Call, as_generator, nbytes_of, nbytes_of_all, pairs_of

__all__ = ["Forwarding"]

S = TypeVar("S", bound=Store)
T = TypeVar("T")
Args = TypeVarTuple("Args")


class Forwarding(Store, Generic[S]):
    """Passes every call on; see `zstore.wrappers.base.WrapperStore`."""

    _store: S

    async def _call(
        self,
        call: Call,
        run: Callable[[*Args], Awaitable[T]],
        *args: *Args,
    ) -> T:
        """Make one call of the wrapped store; every coroutine passes through here.

        Parameters
        ----------
        call
            What it is, for those who watch.
        run, *args
            The method of the wrapped store, and its arguments.
        """
        del call
        return await run(*args)

    def _iterate(
        self, call: Call, run: Callable[[*Args], AsyncIterator[T]], *args: *Args
    ) -> AsyncGenerator[T, None]:
        """Make one iteration over the wrapped store; as `_call`, for every listing."""
        del call
        return as_generator(run(*args))

    @override
    async def ensure_open(self) -> None:
        await self._call({"method": "ensure_open"}, self._store.ensure_open)

    @override
    def close(self) -> None:
        self._store.close()

    @override
    async def aclose(self) -> None:
        await self._call({"method": "aclose"}, self._store.aclose)

    @property
    @override
    def read_only(self) -> bool:
        return self._store.read_only

    @property
    @override
    def supports_writes(self) -> bool:
        return self._store.supports_writes

    @property
    @override
    def supports_deletes(self) -> bool:
        return self._store.supports_deletes

    @property
    @override
    def supports_partial_writes(self) -> bool:
        return self._store.supports_partial_writes

    @property
    @override
    def supports_listing(self) -> bool:
        return self._store.supports_listing

    @property
    @override
    def supports_consolidated_metadata(self) -> bool:
        return self._store.supports_consolidated_metadata

    # No `async def`: it hands on the coroutine of the hook, which saves a layer at the call
    # that is made most.
    @override
    def get(  # pyright: ignore[reportIncompatibleMethodOverride] -- a coroutine all the same
        self,
        key: str,
        prototype: BufferPrototype | None = None,
        byte_range: ByteRequest | None = None,
    ) -> Coroutine[Any, Any, Buffer | None]:
        call: Call = {
            "method": "get",
            "keys": (key,),
            "byte_ranges": () if byte_range is None else (byte_range,),
        }
        return self._call(call, self._store.get, key, prototype, byte_range)

    @override
    async def get_partial_values(
        self,
        prototype: BufferPrototype | None,
        key_ranges: Iterable[tuple[str, ByteRequest | None]],
    ) -> MaybeBuffers:
        pairs = [(key, byte_range) for key, byte_range in key_ranges]
        call: Call = {
            "method": "get_partial_values",
            "keys": tuple([key for key, _ in pairs]),
            "byte_ranges": tuple([byte_range for _, byte_range in pairs]),
        }
        return await self._call(call, self._store.get_partial_values, prototype, pairs)

    @override
    async def get_many(
        self,
        keys: Iterable[str],
        prototype: BufferPrototype | None = None,
        *,
        max_concurrency: int | None = None,
    ) -> MaybeBuffers:
        wanted = tuple(keys)
        return await self._call(
            {"method": "get_many", "keys": wanted, "max_concurrency": max_concurrency},
            partial(self._store.get_many, max_concurrency=max_concurrency),
            wanted,
            prototype,
        )

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
        requests = tuple(byte_ranges)
        return await self._call(
            {
                "method": "get_ranges",
                "keys": (key,),
                "byte_ranges": requests,
                "max_concurrency": max_concurrency,
            },
            partial(
                self._store.get_ranges,
                max_concurrency=max_concurrency,
                max_gap_nbytes=max_gap_nbytes,
                max_coalesced_nbytes=max_coalesced_nbytes,
            ),
            key,
            requests,
            prototype,
        )

    @override
    async def exists(self, key: str) -> bool:
        return await self._call(
            {"method": "exists", "keys": (key,)}, self._store.exists, key
        )

    @override
    async def getsize(self, key: str) -> int:
        return await self._call(
            {"method": "getsize", "keys": (key,)}, self._store.getsize, key
        )

    @override
    async def set(self, key: str, value: Value) -> None:
        call: Call = {"method": "set", "keys": (key,), "nbytes_in": nbytes_of(value)}
        await self._call(call, self._store.set, key, value)

    @override
    async def set_if_not_exists(self, key: str, value: Value) -> bool:
        call: Call = {
            "method": "set_if_not_exists",
            "keys": (key,),
            "nbytes_in": nbytes_of(value),
        }
        return await self._call(call, self._store.set_if_not_exists, key, value)

    @override
    async def set_many(
        self,
        items: Mapping[str, Value] | Iterable[tuple[str, Value]],
        *,
        max_concurrency: int | None = None,
    ) -> None:
        pairs = pairs_of(items)
        call: Call = {
            "method": "set_many",
            "keys": tuple([key for key, _ in pairs]),
            "nbytes_in": nbytes_of_all(value for _, value in pairs),
            "max_concurrency": max_concurrency,
        }
        await self._call(
            call, partial(self._store.set_many, max_concurrency=max_concurrency), pairs
        )

    @override
    async def set_partial_values(
        self, key_start_values: Iterable[tuple[str, int, BytesLike]]
    ) -> None:
        parts = [(key, start, value) for key, start, value in key_start_values]
        call: Call = {
            "method": "set_partial_values",
            "keys": tuple([key for key, _, _ in parts]),
            "nbytes_in": nbytes_of_all(value for _, _, value in parts),
        }
        await self._call(call, self._store.set_partial_values, parts)

    @override
    async def delete(self, key: str) -> None:
        await self._call({"method": "delete", "keys": (key,)}, self._store.delete, key)

    @override
    async def delete_dir(self, prefix: str) -> None:
        call: Call = {"method": "delete_dir", "prefix": prefix}
        await self._call(call, self._store.delete_dir, prefix)

    @override
    async def clear(self) -> None:
        await self._call({"method": "clear", "prefix": ""}, self._store.clear)

    @override
    def list(self) -> AsyncGenerator[str, None]:
        return self._iterate({"method": "list", "prefix": ""}, self._store.list)

    @override
    def list_prefix(self, prefix: str) -> AsyncGenerator[str, None]:
        call: Call = {"method": "list_prefix", "prefix": prefix}
        return self._iterate(call, self._store.list_prefix, prefix)

    @override
    def list_dir(self, prefix: str) -> AsyncGenerator[str, None]:
        call: Call = {"method": "list_dir", "prefix": prefix}
        return self._iterate(call, self._store.list_dir, prefix)

    @override
    def list_entries(
        self, prefix: str = "", *, limit: int | None = None, after: str = ""
    ) -> AsyncGenerator[EntryBatch, None]:
        call: Call = {"method": "list_entries", "prefix": prefix}
        return self._iterate(
            call, partial(self._store.list_entries, limit=limit, after=after), prefix
        )

    @override
    def scan(self, prefix: str = "") -> AsyncGenerator[SizeBatch, None]:
        return self._iterate({"method": "scan", "prefix": prefix}, self._store.scan, prefix)

    @property
    @override
    def lists_in_order(self) -> bool:
        return self._store.lists_in_order

    @override
    def scan_pages(
        self, prefix: str = "", *, after: str = "", until: str | None = None
    ) -> AsyncGenerator[KeyPage, None]:
        call: Call = {"method": "scan_pages", "prefix": prefix}
        return self._iterate(
            call, partial(self._store.scan_pages, after=after, until=until), prefix
        )

    @override
    async def getsize_prefix(self, prefix: str) -> int:
        call: Call = {"method": "getsize_prefix", "prefix": prefix}
        return await self._call(call, self._store.getsize_prefix, prefix)

    @override
    async def is_empty(self, prefix: str = "") -> bool:
        call: Call = {"method": "is_empty", "prefix": prefix}
        return await self._call(call, self._store.is_empty, prefix)
