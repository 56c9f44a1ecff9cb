"""A slice can be listed anywhere, any number of times, and says nothing it should not."""

import asyncio
import pickle
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest

from tests.inventory.paged import PagedStore, filled
from tests.inventory.rows import rows_of
from zstore import LocalStore, MemoryStore
from zstore._compat import override
from zstore.buffer import cpu
from zstore.concurrency import run_in_thread
from zstore.entries import KeyPage
from zstore.errors import BackendError, UnsupportedError
from zstore.inventory.planning import KeyRange
from zstore.inventory.scanning.slices import Slice, SliceResult, list_slice, packed

KEYS = [f"a{i % 3}/c/{i:03}" for i in range(100)]


class Breaking(PagedStore):
    """Fails at a page, each time."""

    def __init__(self, *args: Any, at: int = 1, error: Any = None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.at, self.error = at, error or BackendError("", "it broke")

    @override
    def _arguments(self) -> dict[str, Any]:
        return {**super()._arguments(), "at": self.at, "error": self.error}

    @override
    async def _pages(
        self, prefix: str, after: str, until: str | None
    ) -> AsyncGenerator[KeyPage, None]:
        number = 0
        async for page in super()._pages(prefix, after, until):
            number += 1
            if number == self.at:
                raise self.error
            yield page


def a_slice(store: Any, one: KeyRange, **options: Any) -> Slice:
    found = {"place": None, "mark": "", "prefix": "", "max_npages": 64, "depth": 2}
    return Slice(store=packed(store), range=one, **{**found, **options})


async def listed(store: Any, one: KeyRange, **options: Any) -> SliceResult:
    return await run_in_thread(list_slice, a_slice(store, one, **options))


def keys_of(result: SliceResult) -> list[str]:
    if result.part is None:
        return []
    rows = rows_of(result.content)
    assert result.part.nkeys == len(rows)
    assert result.part.nbytes == sum(row[1] for row in rows)
    return [row[0] for row in rows]


async def test_a_slice_lists_its_range_and_no_more():
    store = await filled(KEYS)
    one = KeyRange("a0/c/030", "a1/c/040")
    result = await listed(store, one)
    assert result.is_whole
    assert result.range == one
    assert keys_of(result) == [key for key in sorted(KEYS) if key in one]
    assert sum(nkeys for *_, nkeys in result.ends) == len(keys_of(result))
    assert result.part is not None
    usage = result.tree.usage(complete=True)
    assert (usage.nkeys, usage.nbytes) == (result.part.nkeys, result.part.nbytes)


async def test_a_slice_ends_after_so_many_pages_and_says_where():
    store = await filled(KEYS)
    result = await listed(store, KeyRange(), max_npages=3)
    assert not result.is_whole
    assert result.npages == len(result.ends) == 3
    assert keys_of(result) == sorted(KEYS)[:30]
    assert result.range == KeyRange("", sorted(KEYS)[29])
    rest = await listed(store, KeyRange(sorted(KEYS)[29]))
    assert rest.is_whole
    assert keys_of(result) + keys_of(rest) == sorted(KEYS)


async def test_an_empty_range_has_no_part_and_costs_one_request():
    result = await listed(MemoryStore(), KeyRange("b", "c"))
    assert result.is_whole
    assert (result.part, result.content, result.ends) == (None, None, [])
    assert result.npages == 1


async def test_a_failure_of_the_first_page_is_told():
    with pytest.raises(BackendError, match="it broke"):
        await listed(Breaking({"a": b"1"}), KeyRange())


async def test_a_failure_later_on_ends_the_slice_with_what_was_found():
    store = Breaking(dict.fromkeys(KEYS, b"1"), at=4)
    result = await listed(store, KeyRange())
    assert not result.is_whole
    assert keys_of(result) == sorted(KEYS)[:30]
    assert result.range.until == sorted(KEYS)[29]
    assert result.npages == 4


async def test_what_else_goes_wrong_is_told_without_secrets():
    error = ValueError("GET https://me:word@host/a?token=canary failed")
    with pytest.raises(
        BackendError, match=r"ValueError: GET https://\.\.\.@host"
    ) as caught:
        await listed(Breaking({"a": b"1"}, error=error), KeyRange())
    assert "canary" not in str(caught.value)
    assert "word" not in str(caught.value)
    # A log that shows the cause would show it.
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


async def test_the_same_slice_twice_gives_two_parts():
    store = await filled(KEYS)
    one, other = [await listed(store, KeyRange()) for _ in range(2)]
    assert keys_of(one) == keys_of(other)
    assert one.part is not None
    assert other.part is not None
    assert one.part.name != other.part.name


async def test_a_part_is_written_where_the_mark_is(tmp_path: Path):
    store, place = await filled(KEYS), LocalStore(tmp_path)
    task = {"place": packed(place), "mark": "keys/mark"}
    result = await listed(store, KeyRange(), **task)
    assert keys_of(result) == sorted(KEYS)
    assert not await place.exists(result.part.name if result.part else "")
    await place.set("keys/mark", b"")
    result = await listed(store, KeyRange(), **task)
    assert result.content is None
    assert result.part is not None
    rows = rows_of(await place.get_bytes(result.part.name))
    assert [row[0] for row in rows] == sorted(KEYS)


def test_a_slice_shows_no_store():
    shown = repr(
        a_slice(
            MemoryStore({"canary": cpu.Buffer.from_bytes(b"canary")}), KeyRange("a", "b")
        )
    )
    assert "canary" not in shown
    assert "store" not in shown
    assert "range=KeyRange(after='a', until='b')" in shown


async def test_slices_and_results_can_be_pickled():
    task = a_slice(await filled(KEYS), KeyRange("a0", None), max_npages=2)
    assert pickle.loads(pickle.dumps(task)) == task  # noqa: S301 -- our own
    result = await run_in_thread(list_slice, task)
    again: SliceResult = pickle.loads(pickle.dumps(result))  # noqa: S301 -- our own
    assert again.part == result.part
    assert again.tree.usage(complete=True) == result.tree.usage(complete=True)


async def test_many_slices_at_once_share_the_store():
    store = await filled(KEYS)
    ranges = [KeyRange("", "a1"), KeyRange("a1", "a2"), KeyRange("a2")]
    results = await asyncio.gather(*[listed(store, one) for one in ranges])
    assert [key for result in results for key in keys_of(result)] == sorted(KEYS)


def test_what_cannot_be_pickled_is_told():
    class Here(MemoryStore):
        """Of no module: nobody finds it."""

    with pytest.raises(UnsupportedError, match="does not support other processes"):
        packed(Here())
