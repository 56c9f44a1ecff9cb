"""Values in the memory of a CUDA device."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, MutableMapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Self

from zstore._compat import override
from zstore.buffer import Buffer, cpu, gpu
from zstore.buffer.convert import as_buffer
from zstore.concurrency import TURN, in_turns
from zstore.errors import DeviceMemoryError, InvalidTypeError, KeyNotFoundError
from zstore.gpu.engine import Engine
from zstore.gpu.engines import open_engine, open_engine_now
from zstore.gpu.span import Span
from zstore.gpu.status import known_status
from zstore.keys import check_key
from zstore.ranges import check_part
from zstore.stores.gpu_memory.contents import DeviceContents
from zstore.stores.gpu_memory.placing import apart, batches, on_device
from zstore.stores.hooks import Part
from zstore.stores.memory import MemoryStore

__all__ = ["GpuMemoryStore"]


class GpuMemoryStore(MemoryStore):
    """Values in the memory of a CUDA device, wherever they came from.

    Parameters
    ----------
    store_dict
        The mapping that holds the values, kept as it is; all must be `gpu.Buffer`.
        `from_dict` takes buffers of any kind.
    read_only
        Whether calls that would change the store raise `ReadOnlyError`.
    device
        Number of the device. By default that of the values, or else the current device
        when the first value is written.

    Raises
    ------
    InvalidTypeError
        If a value of `store_dict` is no `gpu.Buffer`; the sentence names its key.

    Notes
    -----
    Every write copies to the device, also from another device buffer, since the store
    owns its values; when it returns, the memory that was given may change. A key has its
    old value or its new one, and after `DeviceMemoryError` the old one. Small values that
    come together by `set_many` or `from_dict` share one allocation and one copy; once
    over a quarter of one that is over 256 KiB is deleted, what is left moves together.

    `get` with the GPU prototype (`zstore.buffer.gpu.buffer_prototype`) copies nothing: it
    returns a view of the value that is read-only, though CuPy cannot enforce that.
    Otherwise it copies to the host; `get_many` and `get_partial_values` copy small values
    together. Listing and sizes need no device.

    A store can be made without CuPy or a device; the first value that has to move raises
    `GpuUnavailable`, which says what is missing. Pickling copies through the host.

    Source: seed ``zarr.storage.GpuMemoryStore``.
    """

    _contents: DeviceContents

    def __init__(
        self,
        store_dict: MutableMapping[str, gpu.Buffer] | None = None,
        *,
        read_only: bool = False,
        device: int | None = None,
    ) -> None:
        if device is not None and (type(device) is not int or device < 0):
            msg = f"device is the number of a CUDA device, got {device!r}"
            raise InvalidTypeError(msg)
        # A mapping is invariant in its values: once looked at it holds nothing but ours.
        values: MutableMapping[str, Buffer] | None = store_dict  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
        super().__init__(values, read_only=read_only)
        for key, value in self.store_dict.items():
            if not isinstance(value, gpu.Buffer):
                msg = (
                    f"the value of {key!r} is no gpu.Buffer but {type(value).__name__}; "
                    "GpuMemoryStore.from_dict moves values to the device"
                )
                raise InvalidTypeError(msg)
        self._device = device

    @classmethod
    def from_dict(
        cls,
        store_dict: Mapping[str, Buffer],
        *,
        read_only: bool = False,
        device: int | None = None,
    ) -> Self:
        """Make a store of values that lie anywhere.

        Parameters
        ----------
        store_dict
            Keys and buffers, or anything that `set` takes. It is not kept.
        read_only, device
            As of the class.

        Raises
        ------
        GpuUnavailable
            If there are values and no device.
        InvalidKeyError, InvalidTypeError
            If a key is none, or a value no buffer.
        DeviceMemoryError
            If they do not fit.

        Notes
        -----
        Waits for the copies: in a coroutine `set_many` is better. Small values share one
        copy and one allocation.
        """
        caller = f"{cls.__name__}.from_dict"
        keys = [check_key(key) for key in store_dict]
        values = [as_buffer(value, caller=caller) for value in store_dict.values()]
        store = cls(read_only=read_only, device=device)
        if keys:
            contents = store._contents
            engine = contents.attach(open_engine_now(store.device))
            host, there = apart(values)
            views = [values[i].as_buffer_like() for i in host]
            spans = engine.upload_now(views, contents.pool)
            copies = engine.duplicate_now(
                [on_device(values[i]) for i in there], contents.pool
            )
            placed = dict(zip([*host, *there], [*spans, *copies], strict=True))
            contents.put_all(
                (key, gpu.Buffer.of(placed[i], readonly=True)) for i, key in enumerate(keys)
            )
        return store

    @override
    def _hold(self, values: MutableMapping[str, Any]) -> DeviceContents:
        return DeviceContents(values)

    @property
    def device(self) -> int | None:
        """Number of the device; None until it is known."""
        if self._contents.engine is not None:
            return self._contents.engine.driver.number
        if self._device is None:
            for value in self._contents.values.values():
                return on_device(value).device_id
        return self._device

    @property
    def engine(self) -> Engine | None:
        """What copies for it; None before the first write."""
        return self._contents.engine

    @property
    def pool(self) -> Any:
        """Its own pool of device memory, of CuPy; None before the first write."""
        return self._contents.pool

    @override
    def _arguments(self) -> dict[str, Any]:
        return {**super()._arguments(), "device": self._device}

    @override
    def __reduce__(self) -> tuple[object, ...]:
        values = {key: value.to_bytes() for key, value in self.store_dict.items()}
        return _from_host, (type(self), values, self._read_only, self._device)

    @override
    def __str__(self) -> str:
        return f"gpumemory://{id(self.store_dict)}"

    @override
    def __repr__(self) -> str:
        status = known_status()
        without = "" if status is None or status.available else f" ({status})"
        return super().__repr__() + without

    async def _ready(self) -> Engine:
        contents = self._contents
        return contents.engine or contents.attach(await open_engine(self.device))

    async def _own(self, values: Sequence[Buffer]) -> list[gpu.Buffer]:
        """Return copies on the device, in the same order."""
        engine = await self._ready()
        host, there = apart(values)
        pool = self._contents.pool
        async with self._explained():
            views = await in_turns(Buffer.as_buffer_like, [values[i] for i in host])
            spans = await engine.upload(views, pool) if host else []
            copies: list[Span] = []
            if there:
                parts = [on_device(values[i]) for i in there]
                copies = await engine.duplicate(parts, pool)
        owned = await in_turns(_readonly, [*spans, *copies])
        if not there:
            return owned
        placed = dict(zip([*host, *there], owned, strict=True))
        return [placed[i] for i in range(len(values))]

    @asynccontextmanager
    async def _explained(self) -> AsyncGenerator[None]:
        """Add what the store holds to the figures of a device that is full."""
        try:
            yield
        except DeviceMemoryError as error:
            held = await self.getsize_prefix("")
            figures = f"{error.figures}; {self} holds {held:,} bytes of values"
            raise DeviceMemoryError(error.nbytes, error.device, figures) from error

    @override
    async def _write(self, key: str, value: Buffer, *, overwrite: bool) -> bool:
        if not overwrite and key in self._contents.values:
            return False
        [owned] = await self._own([value])
        return self._publish(key, owned, overwrite=overwrite)

    @override
    async def _write_many(self, items: Sequence[tuple[str, Buffer]], limit: int) -> None:
        for batch in batches(items):
            owned = await self._own([value for _, value in batch])
            for first in range(0, len(batch), TURN):
                some = slice(first, first + TURN)
                keys = [key for key, _ in batch[some]]
                self._contents.put_all(zip(keys, owned[some], strict=True))
                await asyncio.sleep(0)

    @override
    async def _write_parts(self, parts: Mapping[str, Sequence[Part]]) -> None:
        contents = self._contents
        while True:
            before = {key: contents.values.get(key) for key in parts}
            changed = [
                await self._with_parts(key, before[key], pieces)
                for key, pieces in parts.items()
            ]
            with contents.lock:
                # Otherwise a value that came meanwhile would be lost.
                if all(contents.values.get(key) is old for key, old in before.items()):
                    contents.put_all(zip(parts, changed, strict=True))
                    return

    async def _with_parts(
        self, key: str, value: Buffer | None, parts: Sequence[Part]
    ) -> gpu.Buffer:
        """Return a copy of a value with parts of it replaced, or more at its end."""
        if value is None:
            raise KeyNotFoundError(key)
        old = on_device(value)
        engine = await self._ready()
        in_order = sorted(parts, key=lambda part: part[0])
        uploaded = await self._own([cpu.Buffer(data) for _, data in in_order])
        pieces: list[gpu.Buffer] = []
        end, nbytes = 0, len(old)
        for (start, data), part in zip(in_order, uploaded, strict=True):
            check_part(key, start, nbytes)
            pieces += [old[end:start], part]
            end = max(end, start + len(data))
            nbytes = max(nbytes, end)
        async with self._explained():
            span = await engine.join([*pieces, old[end:]], self._contents.pool)
        return _readonly(span)

    @override
    async def _remove_prefix(self, prefix: str) -> None:
        await super()._remove_prefix(prefix)
        contents = self._contents
        if not prefix and contents.engine is not None:
            await contents.engine.run(contents.engine.driver.trim, contents.pool)


def _readonly(span: Span) -> gpu.Buffer:
    return gpu.Buffer.of(span, readonly=True)


def _from_host(
    cls: type[GpuMemoryStore],
    values: dict[str, Any],
    read_only: bool,
    device: int | None,
) -> GpuMemoryStore:
    """Make a store again, in another process."""
    return cls.from_dict(values, read_only=read_only, device=device)
