"""The store that a view shows, and no key outside of it."""

import asyncio
import os
import re
from collections.abc import Mapping
from typing import Any

from zstore import LoggingStore, ReadOnlyStore, Store, StoreLike, StorePath, open_store
from zstore.display import visible
from zstore.display.quiet import quiet
from zstore.display.sentences import without_home
from zstore.stores.failures import redact
from zstore.sync import SyncStore

__all__ = ["Root"]

# Of the values of a store in memory: another one at each run.
_ADDRESS = re.compile(r"(?<=memory://)\d+")


class Root:
    """Opens the store of a view when it is first asked for.

    A view is made in a cell, which does not wait for a server; and a store that cannot be
    opened is an error in the view, where it can be tried again.

    Parameters
    ----------
    store_like
        What `zstore.open_store` takes.
    path
        The prefix that is shown; keys outside of it cannot be named.
    edit
        Allow writing and deleting.
    storage_options
        For the file system behind a URL.
    """

    def __init__(
        self,
        store_like: StoreLike,
        path: str = "",
        *,
        edit: bool = False,
        storage_options: Mapping[str, Any] | None = None,
    ) -> None:
        self._store_like = _without_log(store_like)
        self._path = path
        self._storage_options = storage_options
        self._store: Store | None = None
        # One for each loop that asks; the store itself is bound to none.
        self._opening: dict[asyncio.AbstractEventLoop, asyncio.Lock] = {}
        self.edit = edit

    @property
    def path(self) -> str:
        """The prefix that is shown, in the store as the user knows it."""
        return self._path

    @property
    def title(self) -> str:
        """What is shown, as text without secrets and without the home folder."""
        text = _ADDRESS.sub("", redact(without_home(_name_of(self._store_like))))
        return visible(f"{text}/{self._path}" if self._path else text)

    async def store(self) -> Store:
        """Return the store, rooted at the prefix, read-only unless it may be edited.

        Raises
        ------
        ZStoreError
            What `zstore.open_store` raises; the next call tries again.
        """
        lock = self._opening.setdefault(asyncio.get_running_loop(), asyncio.Lock())
        async with lock:
            if self._store is None:
                self._store = await self._opened()
        return self._store

    async def _opened(self) -> Store:
        # A place that is only named has to be there: a name with a mistake in it is no
        # empty store.
        named = isinstance(self._store_like, (str, os.PathLike)) and not self.edit
        store = await open_store(
            self._store_like,
            mode="r" if named else None,
            path=self._path,
            storage_options=self._storage_options,
        )
        await store.ensure_open()
        return store if self.edit else ReadOnlyStore(store)


def _without_log(store_like: StoreLike) -> StoreLike:
    # A log is of what the user's code does; the view's own calls would drown it. What makes
    # a store slow stays: it is put there to be felt.
    match store_like:
        case Store():
            return quiet(store_like, (LoggingStore,))
        case StorePath():
            return StorePath(quiet(store_like.store, (LoggingStore,)), store_like.path)
        case SyncStore():
            return quiet(store_like.store, (LoggingStore,))
        case _:
            return store_like


def _name_of(store_like: StoreLike) -> str:
    match store_like:
        case Store() | StorePath() | SyncStore() | str() | os.PathLike():
            return str(store_like)
        case None:
            return "an empty MemoryStore"
        case Mapping():
            return f"a dictionary of {len(store_like):,} keys"
        case _:
            kind = type(store_like)
            return f"{kind.__module__.partition('.')[0]}.{kind.__qualname__}"
