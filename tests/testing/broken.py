"""Stores that break one promise, or a few; and the name of one."""

import asyncio
import re
from collections.abc import AsyncGenerator
from urllib.parse import unquote

from tests.fakes import DictStore
from zstore._compat import override
from zstore.buffer import Buffer
from zstore.buffer.convert import as_buffer
from zstore.entries import Entry
from zstore.errors import AccessDeniedError
from zstore.ranges import ByteRequest, RangeByteRequest, resolve
from zstore.stores.base import BaseStore

__all__ = ["BROKEN"]


class ForgetsToCopy(DictStore):
    @override
    async def _write(self, key: str, value: Buffer, *, overwrite: bool) -> bool:
        if not overwrite and key in self.values:
            return False
        self.values[key] = value  # type: ignore[assignment]
        return True

    @override
    async def _read(self, key: str, request: ByteRequest | None) -> Buffer | None:
        value = self.values.get(key)
        if value is None:
            return None
        start, stop = resolve(request, len(value))
        return as_buffer(value)[start:stop].toreadonly()


class HandsOutItsMemory(DictStore):
    @override
    async def _read(self, key: str, request: ByteRequest | None) -> Buffer | None:
        value = await super()._read(key, request)
        return None if value is None else value.copy()


class IsLenientWithRanges(DictStore):
    @override
    async def _read(self, key: str, request: ByteRequest | None) -> Buffer | None:
        value = self.values.get(key)
        if value is None:
            return None
        if isinstance(request, RangeByteRequest):
            return as_buffer(value[request.start : request.end])
        start, stop = resolve(request, len(value))
        return as_buffer(value[start:stop])


class TakesFailuresForMissingKeys(DictStore):
    @override
    async def _size(self, key: str) -> int | None:
        return len(self.values.get(key, b""))


class RacesToCreate(DictStore):
    @override
    async def _write(self, key: str, value: Buffer, *, overwrite: bool) -> bool:
        if not overwrite and key in self.values:
            return False
        await asyncio.sleep(0.001)
        self.values[key] = value.to_bytes()
        return True


class WritesInPieces(DictStore):
    @override
    async def _write(self, key: str, value: Buffer, *, overwrite: bool) -> bool:
        if not overwrite and key in self.values:
            return False
        half = len(value) // 2
        self.values[key] = value[:half].to_bytes()
        await asyncio.sleep(0)
        self.values[key] = value.to_bytes()
        return True


class WritesLate(DictStore):
    @override
    async def _write(self, key: str, value: Buffer, *, overwrite: bool) -> bool:
        if not overwrite and key in self.values:
            return False
        data = value.to_bytes()
        work = asyncio.ensure_future(self._later(key, data))
        self.kept = work
        await asyncio.shield(work)
        return True

    async def _later(self, key: str, data: bytes) -> None:
        await asyncio.sleep(0.01 if len(data) > 1000 else 0)
        self.values[key] = data


class ListsStringPrefixes(DictStore):
    @override
    async def _scan(self, prefix: str) -> AsyncGenerator[list[tuple[str, int]], None]:
        start = prefix.rstrip("/")
        yield [(k, len(v)) for k, v in list(self.values.items()) if k.startswith(start)]


class ListsLikeSql(DictStore):
    @override
    async def _scan(self, prefix: str) -> AsyncGenerator[list[tuple[str, int]], None]:
        like = re.compile(re.escape(prefix).replace("_", "."))
        yield [(k, len(v)) for k, v in list(self.values.items()) if like.match(k)]


class ListsTwice(DictStore):
    @override
    async def _scan(self, prefix: str) -> AsyncGenerator[list[tuple[str, int]], None]:
        async for batch in super()._scan(prefix):
            yield batch + batch[:1]


class ListsOnePage(DictStore):
    @override
    async def _scan(self, prefix: str) -> AsyncGenerator[list[tuple[str, int]], None]:
        async for batch in super()._scan(prefix):
            yield batch[:1000]


class ListsWithoutSizes(DictStore):
    @override
    async def _scan(self, prefix: str) -> AsyncGenerator[list[tuple[str, int]], None]:
        async for batch in super()._scan(prefix):
            yield [(key, 0) for key, _ in batch]


class PagesOutOfOrder(DictStore):
    @override
    async def _entries(
        self, prefix: str, limit: int | None, after: str
    ) -> AsyncGenerator[list[Entry], None]:
        async for batch in super()._entries(prefix, limit, after):
            yield batch[::-1]


class RepeatsPages(DictStore):
    @override
    async def _entries(
        self, prefix: str, limit: int | None, after: str
    ) -> AsyncGenerator[list[Entry], None]:
        del after
        async for batch in super()._entries(prefix, limit, ""):
            yield batch


class DeletesFolders(DictStore):
    @override
    async def _remove(self, key: str) -> None:
        for other in list(self.values):
            if other == key or other.startswith(f"{key}/"):
                del self.values[other]


class NeverDeletes(DictStore):
    @override
    async def _remove(self, key: str) -> None:
        pass


class FailsToDeleteWhatIsMissing(DictStore):
    @override
    async def _remove(self, key: str) -> None:
        del self.values[key]


class IgnoresCase(DictStore):
    @override
    async def _read(self, key: str, request: ByteRequest | None) -> Buffer | None:
        return await super()._read(key.lower(), request)

    @override
    async def _write(self, key: str, value: Buffer, *, overwrite: bool) -> bool:
        return await super()._write(key.lower(), value, overwrite=overwrite)


class UnescapesKeys(DictStore):
    @override
    async def _write(self, key: str, value: Buffer, *, overwrite: bool) -> bool:
        return await super()._write(unquote(key), value, overwrite=overwrite)


class ForgetsOnPickling(DictStore):
    @override
    def __reduce__(self) -> tuple[object, ...]:
        return type(self), ()


class IsBoundToItsLoop(DictStore):
    @override
    async def _open(self) -> None:
        self.loop = asyncio.get_running_loop()

    @override
    async def _read(self, key: str, request: ByteRequest | None) -> Buffer | None:
        if self.loop is not asyncio.get_running_loop():
            message = "attached to a different loop"
            raise RuntimeError(message)
        return await super()._read(key, request)


class ComparesByIdentity(DictStore):
    @override
    def __eq__(self, other: object) -> bool:
        return self is other

    __hash__ = None  # type: ignore[assignment]


class TruncatesOnReopening(DictStore):
    @override
    async def _open(self) -> None:
        self.values.clear()


class ClaimsToWriteParts(DictStore):
    _can_write_parts = True


class RefusesInVain(DictStore):
    @override
    async def _read(self, key: str, request: ByteRequest | None) -> Buffer | None:
        if key.startswith("missing"):
            raise AccessDeniedError(key, "403")
        return await super()._read(key, request)


class NeedsOpening(DictStore):
    @override
    async def ensure_open(self) -> None:
        if self._is_closed:
            await super().ensure_open()
        await super().ensure_open()
        self.values.setdefault("opened", b"")


class ClosesNothing(DictStore):
    @override
    def close(self) -> None:
        pass

    @override
    async def aclose(self) -> None:
        pass


class IgnoresReadOnly(DictStore):
    @override
    async def _ready_to_write(self, caller: str, *, supported: bool) -> None:
        await self.ensure_open()


class LiesAboutDeletes(DictStore):
    _can_delete = False

    @override
    async def _ready_to_write(self, caller: str, *, supported: bool) -> None:
        await super()._ready_to_write(caller, supported=True)


class HasNoName(DictStore):
    @override
    def __repr__(self) -> str:
        return "a store"


BROKEN: dict[type[BaseStore], str] = {
    ForgetsToCopy: "values_put_in_are_owned_by_the_store",
    HandsOutItsMemory: "a_buffer_handed_out_cannot_change_the_store",
    IsLenientWithRanges: "a_range_gives_its_bytes_or_is_refused",
    TakesFailuresForMissingKeys: "a_missing_key_is_none_and_never_an_empty_value",
    RacesToCreate: "one_of_many_tasks_stores_its_value",
    WritesInPieces: "readers_see_one_value_or_the_other_whole",
    WritesLate: "a_cancelled_set_has_happened_or_never_will",
    ListsStringPrefixes: "a_prefix_ends_at_a_segment",
    ListsLikeSql: "a_prefix_is_no_pattern",
    ListsTwice: "a_prefix_ends_at_a_segment",
    ListsOnePage: "a_listing_of_thousands_of_keys_is_whole",
    ListsWithoutSizes: "usage_may_be_stopped_at_any_time",
    PagesOutOfOrder: "pages_of_a_level_fit_together",
    RepeatsPages: "a_page_starts_after_any_cursor",
    DeletesFolders: "delete_of_a_prefix_removes_nothing",
    NeverDeletes: "clear_removes_every_key_and_leaves_a_store",
    FailsToDeleteWhatIsMissing: "deleting_what_is_missing_is_no_error",
    IgnoresCase: "case_matters",
    UnescapesKeys: "every_character_of_a_key_is_literal",
    ForgetsOnPickling: "a_pickled_store_is_the_same_store_elsewhere",
    IsBoundToItsLoop: "a_store_works_on_one_loop_after_another",
    ComparesByIdentity: "stores_on_one_place_are_equal",
    TruncatesOnReopening: "a_read_only_store_reads_and_can_be_made_writable_again",
    ClaimsToWriteParts: "parts_overwrite_and_extend",
    RefusesInVain: "a_missing_key_is_none_and_never_an_empty_value",
    NeedsOpening: "list_may_be_the_first_call",
    ClosesNothing: "a_closed_store_stays_closed",
    IgnoresReadOnly: "no_call_changes_a_read_only_store",
    LiesAboutDeletes: "what_a_store_cannot_do_it_refuses",
    HasNoName: "a_store_says_what_it_is",
}
