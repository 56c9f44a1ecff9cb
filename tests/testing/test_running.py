"""The contract notices a broken promise, and reports all of them."""

import asyncio
import sys
from collections.abc import AsyncGenerator, Callable
from typing import Any

import pytest

from tests.fakes import DictStore
from tests.testing.broken import BROKEN
from zstore import MemoryStore, Store
from zstore._compat import override
from zstore.buffer import Buffer, cpu
from zstore.entries import Entry
from zstore.errors import BackendError
from zstore.testing import CHECKS, KEY_CHECKS, check_store
from zstore.testing.bad_keys import BAD_KEYS


@pytest.mark.parametrize(("broken", "promise"), BROKEN.items())
async def test_a_broken_promise_is_named(broken: Callable[[], Store], promise: str):
    with pytest.raises(
        ExceptionGroup, match=rf"promises are broken: .*\b{promise}\b"
    ) as info:
        await check_store(broken)

    notes = [note for error in info.value.exceptions for note in error.__notes__]
    assert f"promise: {promise}" in notes


@pytest.mark.parametrize("make", [DictStore, MemoryStore])
async def test_a_good_store_passes(make: Callable[[], Store]):
    await check_store(make)
    await check_store(make, KEY_CHECKS)


def test_the_contract_runs_without_a_test_runner():
    asyncio.run(check_store(MemoryStore, CHECKS[:5]))


async def test_every_store_made_is_closed():
    made: list[MemoryStore] = []

    def make() -> MemoryStore:
        made.append(MemoryStore())
        return made[-1]

    await check_store(make, CHECKS[:12])

    assert len(made) == 12
    assert all(store._is_closed for store in made)


async def test_a_store_that_cannot_even_be_made_is_reported():
    def make() -> Store:
        raise BackendError("bucket", "500")

    with pytest.raises(ExceptionGroup, match="3 of 3 promises are broken"):
        await check_store(make, CHECKS[:3])


class ReadsOnly(DictStore):
    """A backend that cannot write, delete or list, and says so."""

    _can_write = _can_delete = _can_list = False


async def test_a_store_that_can_do_little_and_says_so_passes():
    await check_store(ReadsOnly)


async def test_a_store_whose_keys_are_not_checked_is_found():
    class Unchecked(MemoryStore):
        @override  # type: ignore[misc] # what is final is the mistake
        async def exists(self, key: Any) -> bool:
            return key in self.store_dict

    with pytest.raises(ExceptionGroup, match="bad_keys_are_refused_by_every_call"):
        await check_store(Unchecked, KEY_CHECKS)


def test_every_check_has_a_name_of_its_own():
    names = [check.__name__ for check in (*CHECKS, *KEY_CHECKS)]
    assert len(names) == len(set(names))


def test_bad_keys_are_bad_and_different():
    assert len(BAD_KEYS) == len(set(BAD_KEYS))
    assert "" not in BAD_KEYS  # a prefix, and tried as a key apart


async def test_checks_do_not_need_the_assert_statement():
    """A store is held to its promises under ``python -O`` too."""
    program = (
        "import asyncio\n"
        "from tests.testing.broken import ListsTwice\n"
        "from zstore.testing import check_store\n"
        "asyncio.run(check_store(ListsTwice))\n"
    )
    process = await asyncio.create_subprocess_exec(
        *_python("-O", "-c", program), stderr=asyncio.subprocess.PIPE
    )
    _, errors = await process.communicate()
    assert b"promises are broken" in errors


def _python(*arguments: str) -> list[str]:
    return [sys.executable, *arguments]


async def test_the_kind_of_an_entry_is_looked_at():
    class CallsAllKeys(DictStore):
        @override
        async def _entries(
            self, prefix: str, limit: int | None, after: str
        ) -> AsyncGenerator[list[Entry], None]:
            async for batch in super()._entries(prefix, limit, after):
                yield [Entry(e.name, "key", e.nbytes or 0) for e in batch]

    with pytest.raises(ExceptionGroup, match="entries_say_what_lies_in_a_level"):
        await check_store(CallsAllKeys)


async def test_the_kind_of_the_result_is_looked_at():
    class Special(cpu.Buffer):
        __slots__ = ()

    class GivesItsOwnKind(DictStore):
        @override  # type: ignore[misc] # what is final is the mistake
        async def get(self, key: str, *args: Any, **kwargs: Any) -> Buffer | None:
            value = await super().get(key, *args, **kwargs)
            return None if value is None else Special(value.as_buffer_like())

    with pytest.raises(ExceptionGroup, match="results_are_of_the_kind_asked_for"):
        await check_store(GivesItsOwnKind)
