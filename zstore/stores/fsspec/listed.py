"""How a filesystem of fsspec is listed."""

from abc import ABC
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any, TypeVar

from zstore._compat import override
from zstore.entries import Entry, KeyPage
from zstore.errors import UnsupportedError
from zstore.stores.base import BaseStore
from zstore.stores.failures import speakable, translate
from zstore.stores.fsspec.clients import LoopClients
from zstore.stores.fsspec.remote import Remote

__all__ = ["ListedFiles"]

T = TypeVar("T")


class ListedFiles(BaseStore, ABC):
    """The half of `FsspecStore` that lists; the other makes what it lists."""

    _clients: LoopClients
    _remote: Remote

    async def _listing(
        self, make: Callable[..., AsyncGenerator[T, None]], prefix: str, *args: Any
    ) -> AsyncGenerator[T, None]:
        """Iterate over a listing of the remote, with its failures as ours."""
        batches = make(await self._clients.get(), prefix, *args)
        async with aclosing(batches):
            while True:
                try:
                    batch = await anext(batches)
                except StopAsyncIteration:
                    return
                except Exception as error:
                    if isinstance(error, NotImplementedError):
                        raise UnsupportedError(self, "listing", str(error)) from error
                    raise translate(prefix, error, self) from speakable(error)
                yield batch

    @override
    def _scan(self, prefix: str) -> AsyncGenerator[list[tuple[str, int]], None]:
        return self._listing(self._remote.scan, prefix)

    @override
    def _list(self, prefix: str) -> AsyncGenerator[list[str], None]:
        return self._listing(self._remote.keys, prefix)

    @override
    def _pages(
        self, prefix: str, after: str, until: str | None
    ) -> AsyncGenerator[KeyPage, None]:
        return self._listing(self._remote.pages, prefix, after, until)

    @override
    def _entries(
        self, prefix: str, limit: int | None, after: str
    ) -> AsyncGenerator[list[Entry], None]:
        return self._listing(self._remote.entries, prefix, limit, after)
