"""How an object store is listed."""

from abc import ABC
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TypeVar

from zstore._compat import override
from zstore.entries import Entry, KeyPage, SizeBatch
from zstore.errors import BackendError, ZStoreError
from zstore.stores.base import BaseStore
from zstore.stores.failures import speakable
from zstore.stores.listed import ListedNames
from zstore.stores.object_store.client import ObjectStoreClient, check_process, kind_of
from zstore.stores.object_store.failures import listing_failure
from zstore.stores.object_store.listing import level
from zstore.stores.object_store.pages import objects, pages_between, total
from zstore.stores.object_store.stream import PAGE

__all__ = ["ListedObjects"]

T = TypeVar("T")


class ListedObjects(BaseStore, ABC):
    """The half of `ObjectStore` that lists; the other has the object store."""

    store: ObjectStoreClient

    def __init__(self, *, read_only: bool) -> None:
        super().__init__(read_only=read_only)
        self._listed = ListedNames()

    async def _is_there(self, key: str) -> bool:
        return await self._size(key) is not None

    async def _listing(
        self, prefix: str, pages: AsyncGenerator[T, None]
    ) -> AsyncGenerator[T, None]:
        """Iterate over a listing, with its failures as ours."""
        check_process(self)
        async with aclosing(pages):
            while True:
                try:
                    page = await anext(pages)
                except StopAsyncIteration:
                    return
                except Exception as error:  # noqa: BLE001 -- raised again, without secrets
                    raise self._listing_failure(prefix, error) from speakable(error)
                yield page

    def _listing_failure(self, prefix: str, error: Exception) -> ZStoreError:
        return listing_failure(prefix, error, self, kind_of(self.store))

    @override
    def _scan(self, prefix: str) -> AsyncGenerator[SizeBatch, None]:
        found = objects(self.store, prefix, self._listed, self._is_there)
        return self._listing(prefix, _each_once(prefix, found))

    @override
    def _pages(
        self, prefix: str, after: str, until: str | None
    ) -> AsyncGenerator[KeyPage, None]:
        if kind_of(self.store) == "LocalStore":
            # Names of a file system that are no keys are nobody's values.
            return super()._pages(prefix, after, until)
        found = pages_between(self.store, prefix, after, until, self._is_there)
        return self._listing(prefix, found)

    @override
    async def _total(self, prefix: str) -> int:
        check_process(self)
        try:
            return await total(self.store, prefix, self._listed, self._is_there)
        except Exception as error:  # noqa: BLE001 -- raised again, without secrets
            raise self._listing_failure(prefix, error) from speakable(error)

    @override
    async def _entries(
        self, prefix: str, limit: int | None, after: str
    ) -> AsyncGenerator[list[Entry], None]:
        check_process(self)
        try:
            entries = await level(self.store, prefix, limit, after, self._listed)
        except Exception as error:  # noqa: BLE001 -- raised again, without secrets
            raise self._listing_failure(prefix, error) from speakable(error)
        for first in range(0, len(entries), PAGE):
            yield entries[first : first + PAGE]


async def _each_once(
    prefix: str, pages: AsyncGenerator[SizeBatch, None]
) -> AsyncGenerator[SizeBatch, None]:
    """Refuse a page that comes again."""
    before = None
    async with aclosing(pages):
        async for page in pages:
            if page and page[0] == before:
                raise BackendError(prefix, "a page of the listing came twice")
            before = page[0] if page else before
            yield page
