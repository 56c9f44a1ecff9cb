"""No call can change what is wrapped."""

from typing import Any

import pytest

from tests.fakes import DictStore
from zstore import MemoryStore, ReadOnlyStore
from zstore.errors import ReadOnlyError, UnsupportedError
from zstore.store import Writing

CALLS: dict[str, tuple[Any, ...]] = {
    "set": ("a", b"2"),
    "set_if_not_exists": ("b", b"2"),
    "set_many": ({"a": b"2"},),
    "set_partial_values": ([("a", 0, b"2")],),
    "delete": ("a",),
    "delete_dir": ("",),
    "clear": (),
}


def test_every_writing_method_is_overridden():
    # One that is inherited would pass the call on.
    assert set(CALLS) == set(Writing.__abstractmethods__)
    assert set(CALLS) <= set(vars(ReadOnlyStore))


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("kind", [MemoryStore, DictStore])
async def test_no_call_changes_the_store(call: str, kind: type[MemoryStore | DictStore]):
    inner = kind()
    await inner.set("a", b"1")
    store = ReadOnlyStore(inner)
    with pytest.raises(ReadOnlyError, match=f"{call} on read-only-"):
        await getattr(store, call)(*CALLS[call])
    assert [k async for k in inner.list()] == ["a"]
    assert await inner.get_bytes("a") == b"1"


async def test_nothing_to_write_is_refused_too():
    with pytest.raises(ReadOnlyError):
        await ReadOnlyStore(MemoryStore()).set_many([])


async def test_others_may_keep_writing():
    inner = MemoryStore()
    store = ReadOnlyStore(inner)
    await inner.set("a", b"1")
    assert await store.get_bytes("a") == b"1"
    assert store.read_only
    assert store.supports_writes == inner.supports_writes


def test_nobody_gets_a_writable_store_back():
    store = ReadOnlyStore(MemoryStore())
    with pytest.raises(UnsupportedError):
        store.with_read_only(read_only=False)
    assert store.with_read_only().read_only
