"""A part of a store that looks like a whole one."""

from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping
from contextlib import aclosing
from dataclasses import replace
from typing import Any, Self, TypeVar

from zstore._compat import override
from zstore.buffer import Buffer, BufferPrototype
from zstore.entries import EntryBatch, KeyPage, SizeBatch
from zstore.errors import KeyNotFoundError
from zstore.keys import check_key, check_prefix, prefix_of
from zstore.ranges import ByteRequest
from zstore.store import Store
from zstore.store.reading import Buffers, MaybeBuffers
from zstore.store.writing import BytesLike, Value
from zstore.wrappers.base import WrapperStore
from zstore.wrappers.calls import as_generator, pairs_of

__all__ = ["PrefixStore"]

S = TypeVar("S", bound=Store)


class PrefixStore(WrapperStore[S]):
    """What lies below a prefix of a store, as a store of its own.

    Parameters
    ----------
    store
        The store that holds it all.
    prefix
        The root of this one: ``"ab"`` and ``"ab/"`` mean what is below ``ab/``, and
        ``""`` everything.

    Raises
    ------
    InvalidKeyError
        If `prefix` is no prefix.
    InvalidTypeError
        If `store` is no `Store`, or `prefix` no string.

    Notes
    -----
    Keys are relative to the prefix, in arguments, listings and errors. Nothing outside
    can be reached: keys are checked before the prefix is put in front, and `clear` and
    ``delete_dir("")`` delete what is below the prefix. Costs what the store costs.
    """

    def __init__(self, store: S, prefix: str) -> None:
        super().__init__(store)
        self._root = prefix_of(check_prefix(prefix))

    @override
    @classmethod
    async def open(
        cls, store_cls: type[S], *args: Any, prefix: str = "", **kwargs: Any
    ) -> Self:
        """Make a store, open it and take what lies below `prefix`."""
        return cls(await store_cls.open(*args, **kwargs), prefix)

    @property
    def prefix(self) -> str:
        """The root of this store in the other: empty, or ending in ``/``."""
        return self._root

    @override
    def _with_store(self, store: S) -> Self:
        return type(self)(store, self._root)

    @override
    def __eq__(self, other: object) -> bool:
        same = super().__eq__(other)
        if same is True and isinstance(other, PrefixStore):
            return self._root == other.prefix
        return same

    __hash__ = None

    @override
    def __str__(self) -> str:
        return f"{self._store}/{self._root}".removesuffix("/")

    @override
    def __repr__(self) -> str:
        inner = type(self._store).__name__
        return f"{type(self).__name__}({inner}, {str(self._store)!r}, {self._root!r})"

    def _key(self, key: str) -> str:
        return self._root + check_key(key)

    def _prefix(self, prefix: str) -> str:
        return self._root + check_prefix(prefix)

    def _missing(self, error: KeyNotFoundError) -> KeyNotFoundError:
        return KeyNotFoundError(error.key.removeprefix(self._root))

    @override
    async def get(
        self,
        key: str,
        prototype: BufferPrototype | None = None,
        byte_range: ByteRequest | None = None,
    ) -> Buffer | None:
        return await super().get(self._key(key), prototype, byte_range)

    @override
    async def get_partial_values(
        self,
        prototype: BufferPrototype | None,
        key_ranges: Iterable[tuple[str, ByteRequest | None]],
    ) -> MaybeBuffers:
        pairs = [(self._key(key), byte_range) for key, byte_range in key_ranges]
        return await super().get_partial_values(prototype, pairs)

    @override
    async def get_many(
        self,
        keys: Iterable[str],
        prototype: BufferPrototype | None = None,
        *,
        max_concurrency: int | None = None,
    ) -> MaybeBuffers:
        return await super().get_many(
            map(self._key, keys), prototype, max_concurrency=max_concurrency
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
        return await super().get_ranges(
            self._key(key),
            byte_ranges,
            prototype,
            max_concurrency=max_concurrency,
            max_gap_nbytes=max_gap_nbytes,
            max_coalesced_nbytes=max_coalesced_nbytes,
        )

    @override
    async def exists(self, key: str) -> bool:
        return await super().exists(self._key(key))

    @override
    async def getsize(self, key: str) -> int:
        try:
            return await super().getsize(self._key(key))
        except KeyNotFoundError as error:
            raise self._missing(error) from error

    @override
    async def set(self, key: str, value: Value) -> None:
        await super().set(self._key(key), value)

    @override
    async def set_if_not_exists(self, key: str, value: Value) -> bool:
        return await super().set_if_not_exists(self._key(key), value)

    @override
    async def set_many(
        self,
        items: Mapping[str, Value] | Iterable[tuple[str, Value]],
        *,
        max_concurrency: int | None = None,
    ) -> None:
        pairs = [(self._key(key), value) for key, value in pairs_of(items)]
        await super().set_many(pairs, max_concurrency=max_concurrency)

    @override
    async def set_partial_values(
        self, key_start_values: Iterable[tuple[str, int, BytesLike]]
    ) -> None:
        parts = [(self._key(key), start, value) for key, start, value in key_start_values]
        try:
            await super().set_partial_values(parts)
        except KeyNotFoundError as error:
            raise self._missing(error) from error

    @override
    async def delete(self, key: str) -> None:
        await super().delete(self._key(key))

    @override
    async def delete_dir(self, prefix: str) -> None:
        await super().delete_dir(self._prefix(prefix))

    @override
    async def clear(self) -> None:
        await super().delete_dir(self._root)

    @override
    def list(self) -> AsyncGenerator[str, None]:
        return self._relative(super().list_prefix(self._root))

    @override
    def list_prefix(self, prefix: str) -> AsyncGenerator[str, None]:
        return self._relative(super().list_prefix(self._prefix(prefix)))

    async def _relative(self, keys: AsyncIterator[str]) -> AsyncGenerator[str, None]:
        first = len(self._root)
        async with aclosing(as_generator(keys)) as found:
            async for key in found:
                yield key[first:]

    @override
    def list_dir(self, prefix: str) -> AsyncGenerator[str, None]:
        return super().list_dir(self._prefix(prefix))

    @override
    def list_entries(
        self, prefix: str = "", *, limit: int | None = None, after: str = ""
    ) -> AsyncGenerator[EntryBatch, None]:
        return super().list_entries(self._prefix(prefix), limit=limit, after=after)

    @override
    async def scan(self, prefix: str = "") -> AsyncGenerator[SizeBatch, None]:
        first = len(self._root)
        async with aclosing(super().scan(self._prefix(prefix))) as batches:
            async for batch in batches:
                yield [(key[first:], nbytes) for key, nbytes in batch]

    @override
    async def scan_pages(
        self, prefix: str = "", *, after: str = "", until: str | None = None
    ) -> AsyncGenerator[KeyPage, None]:
        first = len(self._root)
        # The root itself sorts before all that is below it.
        found = super().scan_pages(
            self._prefix(prefix),
            after=self._root + after if after else "",
            until=None if until is None else self._root + until,
        )
        async with aclosing(found) as pages:
            async for page in pages:
                yield replace(page, keys=[name[first:] for name in page.names()])

    @override
    async def getsize_prefix(self, prefix: str) -> int:
        return await super().getsize_prefix(self._prefix(prefix))

    @override
    async def is_empty(self, prefix: str = "") -> bool:
        return await super().is_empty(self._prefix(prefix))
