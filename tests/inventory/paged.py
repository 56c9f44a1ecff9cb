"""A store in memory that lists in pages like a server, counts them, and can fail."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable
from typing import Any, TypeAlias

from zstore import MemoryStore
from zstore._compat import override
from zstore.entries import KeyPage

__all__ = ["Fault", "PagedStore", "filled"]

Fault: TypeAlias = Callable[[KeyPage], KeyPage]
"""Returns a page as a server may send it, or raises."""


class PagedStore(MemoryStore):
    """Lists `page_nkeys` keys a page.

    Attributes
    ----------
    npages
        How many pages it was asked for.
    most
        How many were on their way at once.
    fault
        Sees every page before it is sent.
    gate
        Every page waits for it.
    """

    def __init__(self, *args: Any, page_nkeys: int = 10, **options: Any) -> None:
        super().__init__(*args, **options)
        self.page_nkeys = page_nkeys
        self.npages = self.most = self._now = 0
        self.fault: Fault | None = None
        self.gate: asyncio.Event | None = None

    @override
    async def _pages(
        self, prefix: str, after: str, until: str | None
    ) -> AsyncGenerator[KeyPage, None]:
        # A server knows no end: the last page of a range has keys of the next.
        found: list[str] = []
        async for page in super()._pages(prefix, after, None):
            found += page.names()
        start = 0
        while True:
            keys = found[start : start + self.page_nkeys]
            start += self.page_nkeys
            yield await self._page(keys)
            if start >= len(found) or (until is not None and keys[-1] >= until):
                return

    async def _page(self, keys: Iterable[str]) -> KeyPage:
        self.npages += 1
        self._now += 1
        self.most = max(self.most, self._now)
        try:
            if self.gate is not None:
                await self.gate.wait()
            # So that others have their turn, as with a server.
            await asyncio.sleep(0)
            keys = list(keys)
            page = KeyPage(keys, [len(self.store_dict.get(key, b"")) for key in keys])
            return page if self.fault is None else self.fault(page)
        finally:
            self._now -= 1


async def filled(keys: Iterable[str], **options: Any) -> PagedStore:
    """Return a store with these keys, each with a value of 0 to 12 bytes."""
    store = PagedStore(**options)
    await store.set_many({key: bytes(len(key) * 7 % 13) for key in keys})
    return store
