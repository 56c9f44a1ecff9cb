"""Writing: checks of keys, values and what is allowed, then the hooks."""

from collections.abc import Iterable, Mapping
from typing import cast, final

from zstore._compat import override
from zstore.buffer import Buffer
from zstore.buffer.convert import as_buffer
from zstore.concurrency import in_turns
from zstore.errors import InvalidByteRangeError, ReadOnlyError, UnsupportedError
from zstore.keys import check_key, check_prefix, prefix_of
from zstore.ranges import OffsetByteRequest, RangeByteRequest
from zstore.store import Writing
from zstore.store.writing import BytesLike, Value
from zstore.stores.base.lifecycle import BaseLifecycle
from zstore.stores.hooks import Part

__all__ = ["BaseWriting"]


class BaseWriting(BaseLifecycle, Writing):
    """Writes by `_write`, `_write_parts`, `_remove` and `_remove_prefix`."""

    @final
    @override
    async def set(self, key: str, value: Value) -> None:
        await self._set(key, value, "set", overwrite=True)

    @final
    @override
    async def set_if_not_exists(self, key: str, value: Value) -> bool:
        return await self._set(key, value, "set_if_not_exists", overwrite=False)

    async def _set(self, key: str, value: Value, caller: str, *, overwrite: bool) -> bool:
        key = check_key(key)
        buffer = as_buffer(value, caller=f"{type(self).__name__}.{caller}")
        await self._ready_to_write(caller, supported=self._can_write)
        return await self._write(key, buffer, overwrite=overwrite)

    async def _ready_to_write(self, caller: str, *, supported: bool) -> None:
        if self._read_only:
            raise ReadOnlyError(self, caller)
        if not supported:
            raise UnsupportedError(self, caller)
        if not self._is_ready():
            await self._begin()

    @final
    @override
    async def set_many(
        self,
        items: Mapping[str, Value] | Iterable[tuple[str, Value]],
        *,
        max_concurrency: int | None = None,
    ) -> None:
        caller = f"{type(self).__name__}.set_many"

        def check(pair: tuple[str, Value]) -> tuple[str, Buffer]:
            key, value = pair
            return check_key(key), as_buffer(value, caller=caller)

        pairs = cast(
            "Iterable[tuple[str, Value]]", getattr(items, "items", lambda: items)()
        )
        # All are looked at before the first is written. Taken at once, since the caller
        # may change the mapping while others have a turn.
        checked = await in_turns(check, list(pairs))
        await self._ready_to_write("set_many", supported=self._can_write)
        await self._write_many(checked, max_concurrency or self._max_concurrency)

    @final
    @override
    async def set_partial_values(
        self, key_start_values: Iterable[tuple[str, int, BytesLike]]
    ) -> None:
        parts: dict[str, list[Part]] = {}
        caller = "set_partial_values"
        for key, first, value in key_start_values:
            data = as_buffer(
                value, caller=f"{type(self).__name__}.{caller}"
            ).as_buffer_like()
            # The types of the requests check the bounds of both ends.
            start = OffsetByteRequest(first).offset
            end = RangeByteRequest(start, start + len(data)).end
            for other, others in parts.setdefault(check_key(key), []):
                if start < other + len(others) and other < end:
                    msg = f"two parts of {key!r} overlap: at {other} and at {start}"
                    raise InvalidByteRangeError(msg)
            parts[key].append((start, data))
        await self._ready_to_write(caller, supported=self._can_write_parts)
        await self._write_parts(parts)

    @final
    @override
    async def delete(self, key: str) -> None:
        key = check_key(key)
        await self._ready_to_write("delete", supported=self._can_delete)
        await self._remove(key)

    @final
    @override
    async def delete_dir(self, prefix: str) -> None:
        prefix = check_prefix(prefix)
        await self._ready_to_write("delete_dir", supported=self._can_delete)
        if prefix and not prefix.endswith("/"):
            await self._remove(prefix)
        await self._remove_prefix(prefix_of(prefix))

    @final
    @override
    async def clear(self) -> None:
        await self._ready_to_write("clear", supported=self._can_delete)
        await self._remove_prefix("")
