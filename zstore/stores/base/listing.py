"""Listing: checks of prefixes, then the hooks."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import final

from zstore._compat import override
from zstore.entries import EntryBatch, KeyPage, SizeBatch
from zstore.errors import InvalidTypeError, UnsupportedError
from zstore.keys import check_prefix, prefix_of
from zstore.store import Listing
from zstore.stores.base.lifecycle import BaseLifecycle

__all__ = ["BaseListing"]


class BaseListing(BaseLifecycle, Listing):
    """Lists by `_scan`, `_list`, `_entries` and `_names`."""

    async def _ready_to_list(self, prefix: str) -> str:
        prefix = check_prefix(prefix)
        if not self._can_list:
            raise UnsupportedError(self, "listing")
        await self.ensure_open()
        return prefix

    @final
    @override
    def list(self) -> AsyncGenerator[str, None]:
        return self.list_prefix("")

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

    @property
    @override
    def lists_in_order(self) -> bool:
        return self._lists_in_order

    @final
    @override
    async def scan_pages(
        self, prefix: str = "", *, after: str = "", until: str | None = None
    ) -> AsyncGenerator[KeyPage, None]:
        prefix = await self._ready_to_list(prefix)
        if (after or until is not None) and not self._lists_in_order:
            reason = "it does not list in order"
            raise UnsupportedError(self, "listing a range of keys", reason)
        ahead = prefix > after and (until is None or prefix <= until)
        if _is_also_key(prefix) and ahead:
            nbytes = await self._size(prefix)
            if nbytes is not None:
                yield KeyPage([prefix], [nbytes])
        async with aclosing(self._pages(prefix_of(prefix), after, until)) as pages:
            async for page in pages:
                if len(page):
                    yield page

    @final
    @override
    async def getsize_prefix(self, prefix: str) -> int:
        prefix = await self._ready_to_list(prefix)
        itself = await self._size(prefix) if _is_also_key(prefix) else None
        return (itself or 0) + await self._total(prefix_of(prefix))

    @final
    @override
    async def is_empty(self, prefix: str = "") -> bool:
        async with aclosing(self.list_prefix(prefix)) as keys:
            async for _ in keys:
                return False
        return True


def _is_also_key(prefix: str) -> bool:
    return bool(prefix) and not prefix.endswith("/")
