"""A store without `await`."""

import inspect
from collections.abc import Generator, Iterable, Mapping
from functools import wraps
from typing import Any

from zstore._compat import override
from zstore.buffer import Buffer, BufferPrototype
from zstore.entries import EntryBatch, KeyPage, SizeBatch, Usage
from zstore.ranges import ByteRequest
from zstore.store.reading import Buffers, MaybeBuffers
from zstore.store.writing import BytesLike, Value
from zstore.sync.lifecycle import SyncLifecycle, documented_by_store
from zstore.sync.loop import iterate, run

__all__ = ["SyncStore"]

# Keys are small and many: one switch of threads for each would be most of the time.
_KEYS_AT_ONCE = 1000


@documented_by_store
class SyncStore(SyncLifecycle):
    """A store without `await`: each method of `Store`, waiting for its result.

    Parameters
    ----------
    store
        Any store. It stays usable with `await`, at the same time.

    Raises
    ------
    InvalidTypeError
        If `store` is no `Store`; `zstore.sync.open_store` takes paths, URLs and more.

    Notes
    -----
    What a coroutine returns is returned, what it raises is raised; asynchronous iterators
    become generators, which stop the listing when they are left early. What only some
    stores have (as `ZipStore.compact`) is there too, by its name. Each call costs two
    switches of threads more than with `await`; `get_many` and `set_many` cost them once.

    Any thread may call it, but not a coroutine or callback that itself runs on the loop
    of `zstore.sync`: `SyncError`.
    """

    # Reading

    def get(
        self,
        key: str,
        prototype: BufferPrototype | None = None,
        byte_range: ByteRequest | None = None,
    ) -> Buffer | None:
        """See `Store.get`."""
        return run(self._store.get(key, prototype, byte_range))

    def get_partial_values(
        self,
        prototype: BufferPrototype | None,
        key_ranges: Iterable[tuple[str, ByteRequest | None]],
    ) -> MaybeBuffers:
        """See `Store.get_partial_values`."""
        return run(self._store.get_partial_values(prototype, key_ranges))

    def get_many(
        self,
        keys: Iterable[str],
        prototype: BufferPrototype | None = None,
        *,
        max_concurrency: int | None = None,
    ) -> MaybeBuffers:
        """See `Store.get_many`."""
        return run(self._store.get_many(keys, prototype, max_concurrency=max_concurrency))

    def get_ranges(
        self,
        key: str,
        byte_ranges: Iterable[ByteRequest],
        prototype: BufferPrototype | None = None,
        *,
        max_concurrency: int | None = None,
        max_gap_nbytes: int | None = None,
        max_coalesced_nbytes: int = 16 * 2**20,
    ) -> Buffers | None:
        """See `Store.get_ranges`."""
        return run(
            self._store.get_ranges(
                key,
                byte_ranges,
                prototype,
                max_concurrency=max_concurrency,
                max_gap_nbytes=max_gap_nbytes,
                max_coalesced_nbytes=max_coalesced_nbytes,
            )
        )

    def exists(self, key: str) -> bool:
        """See `Store.exists`."""
        return run(self._store.exists(key))

    def getsize(self, key: str) -> int:
        """See `Store.getsize`."""
        return run(self._store.getsize(key))

    def get_bytes(self, key: str, byte_range: ByteRequest | None = None) -> bytes:
        """See `Store.get_bytes`."""
        return run(self._store.get_bytes(key, byte_range))

    def get_json(self, key: str) -> Any:
        """See `Store.get_json`."""
        return run(self._store.get_json(key))

    # Writing

    def set(self, key: str, value: Value) -> None:
        """See `Store.set`."""
        run(self._store.set(key, value))

    def set_if_not_exists(self, key: str, value: Value) -> bool:
        """See `Store.set_if_not_exists`."""
        return run(self._store.set_if_not_exists(key, value))

    def set_many(
        self,
        items: Mapping[str, Value] | Iterable[tuple[str, Value]],
        *,
        max_concurrency: int | None = None,
    ) -> None:
        """See `Store.set_many`."""
        run(self._store.set_many(items, max_concurrency=max_concurrency))

    def set_partial_values(
        self, key_start_values: Iterable[tuple[str, int, BytesLike]]
    ) -> None:
        """See `Store.set_partial_values`."""
        run(self._store.set_partial_values(key_start_values))

    def delete(self, key: str) -> None:
        """See `Store.delete`."""
        run(self._store.delete(key))

    def delete_dir(self, prefix: str) -> None:
        """See `Store.delete_dir`."""
        run(self._store.delete_dir(prefix))

    def clear(self) -> None:
        """See `Store.clear`."""
        run(self._store.clear())

    # Listing

    def list(self) -> Generator[str, None, None]:
        """See `Store.list`."""
        return iterate(self._store.list(), at_once=_KEYS_AT_ONCE)

    def list_prefix(self, prefix: str) -> Generator[str, None, None]:
        """See `Store.list_prefix`."""
        return iterate(self._store.list_prefix(prefix), at_once=_KEYS_AT_ONCE)

    def list_dir(self, prefix: str) -> Generator[str, None, None]:
        """See `Store.list_dir`."""
        return iterate(self._store.list_dir(prefix), at_once=_KEYS_AT_ONCE)

    def list_entries(
        self, prefix: str = "", *, limit: int | None = None, after: str = ""
    ) -> Generator[EntryBatch, None, None]:
        """See `Store.list_entries`."""
        return iterate(self._store.list_entries(prefix, limit=limit, after=after))

    def scan(self, prefix: str = "") -> Generator[SizeBatch, None, None]:
        """See `Store.scan`."""
        return iterate(self._store.scan(prefix))

    @property
    def lists_in_order(self) -> bool:
        """See `Store.lists_in_order`."""
        return self._store.lists_in_order

    def scan_pages(
        self, prefix: str = "", *, after: str = "", until: str | None = None
    ) -> Generator[KeyPage, None, None]:
        """See `Store.scan_pages`."""
        return iterate(self._store.scan_pages(prefix, after=after, until=until))

    def getsize_prefix(self, prefix: str) -> int:
        """See `Store.getsize_prefix`."""
        return run(self._store.getsize_prefix(prefix))

    def is_empty(self, prefix: str = "") -> bool:
        """See `Store.is_empty`."""
        return run(self._store.is_empty(prefix))

    def usage(
        self, prefix: str = "", *, depth: int = 1, max_children: int | None = None
    ) -> Generator[Usage, None, None]:
        """See `Store.usage`."""
        return iterate(self._store.usage(prefix, depth=depth, max_children=max_children))

    # What only some stores have

    def __getattr__(self, name: str) -> object:
        # `object`: type checkers still find misspelt names, where they are called.
        if name.startswith("_"):
            msg = f"{type(self).__name__!r} object has no attribute {name!r}"
            raise AttributeError(msg)
        return _waiting(getattr(self._store, name))

    @override
    def __dir__(self) -> Iterable[str]:
        public = (name for name in dir(self._store) if not name.startswith("_"))
        return {*super().__dir__(), *public}


def _waiting(member: object) -> object:
    """Return the synchronous twin of a coroutine function; all else as it is."""
    if inspect.iscoroutinefunction(member):

        @wraps(member)
        def call(*args: Any, **kwargs: Any) -> Any:
            return run(member(*args, **kwargs))

        return call
    if inspect.isasyncgenfunction(member):

        @wraps(member)
        def listing(*args: Any, **kwargs: Any) -> Any:
            return iterate(member(*args, **kwargs))

        return listing
    return member
