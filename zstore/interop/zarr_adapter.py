"""A zarr store around any store of ours."""

from collections.abc import AsyncIterator, Iterable
from functools import partial
from typing import Literal

from zarr import config
from zarr.abc.buffer import Buffer as ZarrBuffer
from zarr.abc.buffer import BufferPrototype as ZarrPrototype
from zarr.abc.store import ByteRequest as ZarrByteRequest
from zarr.abc.store import Store as ZarrStore
from zarr.buffer import default_buffer_prototype
from zarr.buffer.gpu import Buffer as ZarrDeviceBuffer

from zstore._compat import override
from zstore.buffer import Buffer, BufferPrototype, cpu, gpu
from zstore.buffer.convert import as_buffer
from zstore.buffer.moving import move
from zstore.concurrency import map_limited
from zstore.errors import (
    InvalidByteRangeError,
    InvalidTypeError,
    ReadOnlyError,
    UnsupportedError,
)
from zstore.keys import prefix_of
from zstore.ranges import ByteRequest, as_byte_request
from zstore.store import Store
from zstore.store.writing import BytesLike

__all__ = ["ZarrAdapter"]

# Named here, because in a class with a method `list` the builtin has no name.
_MaybeBuffers = list[ZarrBuffer | None]


class ZarrAdapter(ZarrStore):
    """A zarr store around any store of ours; made by `zstore.as_zarr`.

    Parameters
    ----------
    store
        The store around which it is. Closing the adapter does not close it.
    read_only
        Whether zarr may change it; by default as `store` itself.

    Notes
    -----
    Read-only on a store that can be written to is a lock on the adapter, not another
    store: zarr asks for that to open an array for reading, and must see what was just
    written.
    """

    def __init__(self, store: Store, *, read_only: bool | None = None) -> None:
        if store.read_only and read_only is False:
            store = store.with_read_only(False)
        super().__init__(read_only=store.read_only if read_only is None else read_only)
        self._store = store

    @property
    def store(self) -> Store:
        """The store of ours that does the work."""
        return self._store

    @override
    async def _open(self) -> None:
        if self._is_open:
            msg = "store is already open"
            raise ValueError(msg)
        await self._store.ensure_open()
        self._is_open = True

    @override
    def with_read_only(self, read_only: bool = False) -> "ZarrAdapter":
        return type(self)(self._store, read_only=read_only)

    @override
    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ZarrAdapter):
            return NotImplemented
        return self.read_only == other.read_only and self._store == other._store

    __hash__ = None  # type: ignore[assignment]

    @override
    def __reduce__(self) -> tuple[object, ...]:
        return partial(type(self), read_only=self.read_only), (self._store,)

    @override
    def __str__(self) -> str:
        return f"zarr-{self._store}"

    @override
    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._store!r})"

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
    def supports_listing(self) -> bool:
        return self._store.supports_listing

    @property
    @override
    def supports_consolidated_metadata(self) -> bool:
        return self._store.supports_consolidated_metadata

    @override
    async def get(
        self,
        key: str,
        prototype: ZarrPrototype | None = None,
        byte_range: ZarrByteRequest | None = None,
    ) -> ZarrBuffer | None:
        if not self._is_open:
            await self._ensure_open()
        kind = (prototype or default_buffer_prototype()).buffer
        on_device = issubclass(kind, ZarrDeviceBuffer)
        place = gpu.buffer_prototype if on_device else cpu.buffer_prototype
        if byte_range is None:
            value = await self._store.get(key, place)
        else:
            value = await self._get_part(key, place, as_byte_request(byte_range))
        if value is None:
            return None
        if on_device:
            return kind.from_array_like(value.as_array_like())
        return kind.from_bytes(value.as_buffer_like())

    async def _get_part(
        self, key: str, place: BufferPrototype, request: ByteRequest | None
    ) -> Buffer | None:
        try:
            return await self._store.get(key, place, request)
        except InvalidByteRangeError:
            # The request itself is sound, so it asks for no byte: nothing, if there is
            # a value to have nothing of.
            if await self._store.exists(key):
                return await move(cpu.Buffer.create_zero_length(), place.buffer)
            return None

    @override
    async def get_partial_values(
        self,
        prototype: ZarrPrototype,
        key_ranges: Iterable[tuple[str, ZarrByteRequest | None]],
    ) -> _MaybeBuffers:
        async def one(pair: tuple[str, ZarrByteRequest | None]) -> ZarrBuffer | None:
            key, byte_range = pair
            return await self.get(key, prototype, byte_range)

        limit: int = config.get("async.concurrency")
        return await map_limited(one, key_ranges, limit=limit)

    @override
    async def exists(self, key: str) -> bool:
        return await self._store.exists(key)

    @override
    async def getsize(self, key: str) -> int:
        return await self._store.getsize(key)

    @override
    async def set(self, key: str, value: ZarrBuffer) -> None:
        await self._store.set(key, self._ready_to_write(value, "set"))

    @override
    async def set_if_not_exists(self, key: str, value: ZarrBuffer) -> None:
        buffer = self._ready_to_write(value, "set_if_not_exists")
        try:
            await self._store.set_if_not_exists(key, buffer)
        except UnsupportedError:
            # zarr promises no more than this, and needs it to make groups.
            if not await self._store.exists(key):
                await self._store.set(key, buffer)

    def _ready_to_write(self, value: ZarrBuffer, operation: str) -> Buffer:
        self._check_not_read_only(operation)
        if not isinstance(value, ZarrBuffer):
            msg = (
                f"{type(self).__name__}.{operation}(): `value` must be a Buffer instance. "
                f"Got an instance of {type(value)} instead."
            )
            raise InvalidTypeError(msg)
        return as_buffer(value)

    def _check_not_read_only(self, operation: str) -> None:
        if self.read_only:
            raise ReadOnlyError(self, operation)

    @property
    @override
    def supports_partial_writes(self) -> Literal[False]:
        # Whatever the store can: no version of zarr makes use of it.
        return False

    # In the interface of zarr until 3.1.2.
    async def set_partial_values(
        self, key_start_values: Iterable[tuple[str, int, BytesLike]]
    ) -> None:
        """Overwrite or extend parts of existing values; see `zstore.Store`.

        Raises
        ------
        UnsupportedError
            If the store of ours has no partial writes.
        """
        self._check_not_read_only("set_partial_values")
        await self._store.set_partial_values(key_start_values)

    @override
    async def delete(self, key: str) -> None:
        self._check_not_read_only("delete")
        await self._store.delete(key)

    @override
    async def delete_dir(self, prefix: str) -> None:
        self._check_not_read_only("delete_dir")
        await self._store.delete_dir(prefix_of(prefix))

    @override
    async def clear(self) -> None:
        self._check_not_read_only("clear")
        await self._store.clear()

    @override
    def list(self) -> AsyncIterator[str]:
        return self._store.list_prefix("")

    @override
    def list_prefix(self, prefix: str) -> AsyncIterator[str]:
        return self._store.list_prefix(_folder(prefix))

    @override
    def list_dir(self, prefix: str) -> AsyncIterator[str]:
        return self._store.list_dir(_folder(prefix))

    @override
    async def is_empty(self, prefix: str) -> bool:
        return await self._store.is_empty(_folder(prefix))

    @override
    async def getsize_prefix(self, prefix: str) -> int:
        return await self._store.getsize_prefix(_folder(prefix))


def _folder(prefix: str) -> str:
    """Return what `prefix` means to zarr: what is below, and with ``"/"`` all."""
    return prefix_of(prefix.rstrip("/"))
