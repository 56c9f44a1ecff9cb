"""A store of ours around any zarr store."""

from collections.abc import AsyncGenerator, Coroutine, Generator
from contextlib import aclosing, contextmanager, suppress
from typing import Any, TypeVar, cast

from zarr.abc.store import ByteRequest as ZarrByteRequest
from zarr.abc.store import RangeByteRequest as ZarrRange
from zarr.abc.store import Store as ZarrStore
from zarr.buffer.cpu import Buffer as ZarrHostBuffer
from zarr.buffer.cpu import buffer_prototype as zarr_prototype
from zarr.storage import FsspecStore as ZarrFsspecStore
from zarr.storage import LocalStore as ZarrLocalStore
from zarr.storage import MemoryStore as ZarrMemoryStore
from zarr.storage import ObjectStore as ZarrObjectStore
from zarr.storage import WrapperStore as ZarrWrapperStore
from zarr.storage import ZipStore as ZarrZipStore

from zstore._compat import override
from zstore.buffer import Buffer, cpu
from zstore.entries import Entry
from zstore.errors import (
    AccessDeniedError,
    BackendError,
    UnsupportedError,
    ZStoreError,
)
from zstore.interop.zarr_loop import (
    batches_on_zarr_loop,
    finish_on_zarr_loop,
    on_zarr_loop,
)
from zstore.interop.zarr_sizes import entries_of, size_of, sized_listing_of, sizes_of
from zstore.keys import is_key
from zstore.ranges import ByteRequest, RangeByteRequest, resolve
from zstore.stores.base import BaseStore
from zstore.stores.failures import from_os_error

__all__ = ["ZarrBackedStore"]

T = TypeVar("T")

# These answer a range that ends within the value exactly, and no more than there is to
# any other; icechunk gives the last byte for a range that starts at the end.
_EXACT = (
    ZarrLocalStore,
    ZarrMemoryStore,
    ZarrZipStore,
    ZarrFsspecStore,
    ZarrObjectStore,
)
# These are done with the memory of a value when `set` returns; others, and obstore's
# store in memory, keep it.
_COPYING = (ZarrLocalStore, ZarrZipStore, ZarrFsspecStore)
# Classes of obstore, which derive from no builtin.
_REFUSALS = ("PermissionDeniedError", "UnauthenticatedError")


class ZarrBackedStore(BaseStore):
    """A store of ours around any zarr store; made by `zstore.from_zarr`.

    Parameters
    ----------
    zarr_store
        Closing this store does not close it.
    read_only
        By default as `zarr_store` itself.

    Notes
    -----
    Every call runs on zarr's own event loop, so the store works from any other. Ranges
    are strict, whatever the zarr store makes of them: those with a start and an end cost
    one request to the stores that zarr brings, all others one more, for the size.

    zarr has no call for some answers, and they cost requests: a deletion first looks
    whether the key is a value (zarr's LocalStore deletes folders), `scan` asks for the
    size of each key (but takes it from the listing of FsspecStore and ObjectStore),
    `list_entries` for existence and size of each name of the level, `limit` or not.

    `set_if_not_exists` never replaces a value, but zarr does not tell who wrote: it is
    True if there was no value and afterwards there is an equal one. Of callers that race
    with different values exactly one gets True; with equal values several may. Where the
    zarr store has no atomic step for it (FsspecStore) it raises `UnsupportedError`.

    Nothing is promised about what a zarr store does on a failure half way.
    """

    def __init__(self, zarr_store: ZarrStore, *, read_only: bool | None = None) -> None:
        if zarr_store.read_only and read_only is False:
            try:
                zarr_store = zarr_store.with_read_only(False)
            except NotImplementedError as error:
                reason = str(error)
                raise UnsupportedError(zarr_store, "with_read_only", reason) from error
        super().__init__(read_only=zarr_store.read_only if read_only is None else read_only)
        self._zarr_store = zarr_store
        self._can_write = zarr_store.supports_writes
        self._can_delete = zarr_store.supports_deletes
        self._can_list = zarr_store.supports_listing
        core = _innermost(zarr_store)
        self._is_exact = type(zarr_store) in _EXACT
        self._copies = type(zarr_store) in _COPYING
        self._repeats_keys = isinstance(core, ZarrZipStore)
        self._sized_listing = sized_listing_of(zarr_store)
        default = ZarrStore.set_if_not_exists
        self._has_atomic_step = type(core).set_if_not_exists is not default

    @property
    def zarr_store(self) -> ZarrStore:
        """The zarr store that does the work."""
        return self._zarr_store

    @property
    @override
    def supports_consolidated_metadata(self) -> bool:
        return self._zarr_store.supports_consolidated_metadata

    @override
    def _arguments(self) -> dict[str, Any]:
        return {"zarr_store": self._zarr_store}

    @override
    def __str__(self) -> str:
        return f"from-zarr-{self._zarr_store}"

    @override
    async def _open(self) -> None:
        with _errors_of("the store"):
            await on_zarr_loop(self._zarr_store._ensure_open())  # noqa: SLF001 -- zarr core's own way

    @override
    async def _read(self, key: str, request: ByteRequest | None) -> Buffer | None:
        if request is None:
            return await self._fetch(key, None)
        if (
            self._is_exact
            and isinstance(request, RangeByteRequest)
            and request.start < request.end
        ):
            # A failure may be due to the range; what follows tells, or fails again.
            with suppress(BackendError):
                asked = request.end - request.start
                value = await self._fetch(key, ZarrRange(request.start, request.end))
                if value is None or len(value) == asked:
                    return value
        size = await self._size(key)
        if size is None:
            return None
        start, stop = resolve(request, size)
        value = await self._fetch(key, ZarrRange(start, stop))
        if value is not None and len(value) != stop - start:
            reason = f"{self} gave {len(value)} bytes for {start} to {stop} of {size}"
            raise BackendError(key, reason)
        return value

    async def _fetch(self, key: str, part: ZarrByteRequest | None) -> Buffer | None:
        with _errors_of(key):
            try:
                value = await on_zarr_loop(
                    self._zarr_store.get(key, zarr_prototype, byte_range=part)
                )
            except FileNotFoundError:
                return None
        if value is None:
            return None
        return cpu.Buffer.from_array_like(value.as_numpy_array()).toreadonly()

    @override
    async def _write(self, key: str, value: Buffer, *, overwrite: bool) -> bool:
        host = cpu.Buffer.from_buffer(value)
        if not self._copies:
            host = host.owned()
        theirs = ZarrHostBuffer.from_bytes(host.as_buffer_like())
        store = self._zarr_store
        if overwrite:
            await _finish(key, store.set(key, theirs))
            return True
        if not self._has_atomic_step:
            raise UnsupportedError(
                self, "set_if_not_exists", "zarr's default can overwrite"
            )
        if await self._size(key) is not None:
            return False
        await _finish(key, store.set_if_not_exists(key, theirs))
        return await self._fetch(key, None) == host

    @override
    async def _remove(self, key: str) -> None:
        if await self._size(key) is not None:
            await _finish(key, self._zarr_store.delete(key))

    @override
    async def _remove_prefix(self, prefix: str) -> None:
        if prefix:
            await _finish(prefix, self._zarr_store.delete_dir(prefix))
            return
        # zarr's stores differ in what they do to the root itself.
        await super()._remove_prefix(prefix)

    @override
    async def _size(self, key: str) -> int | None:
        with _errors_of(key):
            return await on_zarr_loop(size_of(self._zarr_store, key))

    @override
    async def _list(self, prefix: str) -> AsyncGenerator[list[str], None]:
        seen: set[str] = set()
        with _errors_of(prefix):
            batches = batches_on_zarr_loop(self._zarr_store.list_prefix, prefix)
            async with aclosing(batches):
                async for batch in batches:
                    keys = [key for key in batch if _is_below(key, prefix)]
                    if self._repeats_keys:
                        keys = [key for key in dict.fromkeys(keys) if key not in seen]
                        seen.update(keys)
                    yield keys

    @override
    async def _scan(self, prefix: str) -> AsyncGenerator[list[tuple[str, int]], None]:
        if self._sized_listing is None:
            async with aclosing(self._list(prefix)) as batches:
                async for keys in batches:
                    with _errors_of(prefix):
                        yield await on_zarr_loop(sizes_of(self._zarr_store, keys))
            return
        with _errors_of(prefix):
            sized = batches_on_zarr_loop(self._sized_listing, prefix)
            async with aclosing(sized):
                async for batch in sized:
                    yield [found for found in batch if _is_below(found[0], prefix)]

    @override
    async def _names(self, prefix: str) -> AsyncGenerator[list[str], None]:
        seen: set[str] = set()
        with _errors_of(prefix):
            batches = batches_on_zarr_loop(self._zarr_store.list_dir, prefix)
            async with aclosing(batches):
                async for batch in batches:
                    names = [name for name in dict.fromkeys(batch) if name not in seen]
                    seen.update(names)
                    yield [name for name in names if "/" not in name and is_key(name)]

    @override
    async def _entries(
        self, prefix: str, limit: int | None, after: str
    ) -> AsyncGenerator[list[Entry], None]:
        level: list[Entry] = []
        async with aclosing(self._names(prefix)) as batches:
            async for names in batches:
                with _errors_of(prefix):
                    found = entries_of(self._zarr_store, prefix, names)
                    level += await on_zarr_loop(found)
        ordered = sorted(level, key=lambda entry: entry.cursor)
        yield [entry for entry in ordered if entry.cursor > after][:limit]


def _is_below(key: str, prefix: str) -> bool:
    # zarr's ZipStore lists folders, too, and LocalStore names that are no keys.
    return key.startswith(prefix) and is_key(key)


def _innermost(store: ZarrStore) -> ZarrStore:
    if not isinstance(store, ZarrWrapperStore):
        return store
    wrapper = cast("ZarrWrapperStore[ZarrStore]", store)
    return _innermost(wrapper._store)  # noqa: SLF001 -- zarr has no public name for it


async def _finish(key: str, coroutine: Coroutine[Any, Any, T]) -> T:
    with _errors_of(key):
        return await finish_on_zarr_loop(coroutine)


@contextmanager
def _errors_of(key: str) -> Generator[None, None, None]:
    """Turn what a zarr store raises into errors of our tree."""
    try:
        yield
    except ZStoreError:
        raise
    except Exception as error:
        raise _translated(key, error) from error


def _translated(key: str, error: Exception) -> ZStoreError:
    if isinstance(error, NotImplementedError):
        return UnsupportedError("the zarr store", f"this call on {key!r}", str(error))
    if isinstance(error, OSError):
        return from_os_error(key, error)
    if type(error).__name__ in _REFUSALS:
        return AccessDeniedError(key, error)
    return BackendError(key, error)
