"""Stores are looked at past the wrappers that watch or slow them."""

from pathlib import Path
from typing import Any

from zstore import (
    LatencyStore,
    LocalStore,
    LoggingStore,
    MemoryStore,
    PrefixStore,
    ReadOnlyStore,
    Store,
    WrapperStore,
)
from zstore.display.quiet import quiet


def test_a_store_without_watchers_is_the_very_same(tmp_path: Path):
    stores: list[Store] = [
        MemoryStore(),
        LocalStore(tmp_path),
        PrefixStore(MemoryStore(), "a"),
    ]
    for store in stores:
        assert quiet(store) is store


def test_watchers_are_taken_off_wherever_they_are():
    inner = MemoryStore()
    slow = LatencyStore(LoggingStore(inner), latency=5)
    assert quiet(slow) is inner
    assert quiet(PrefixStore(slow, "a/b")) == PrefixStore(inner, "a/b")
    assert quiet(ReadOnlyStore(slow)) == ReadOnlyStore(inner)
    assert quiet(LoggingStore(PrefixStore(slow, "a"))) == PrefixStore(inner, "a")


def test_only_the_named_wrappers_are_taken_out():
    inner = MemoryStore()
    slow = LatencyStore(LoggingStore(inner), latency=5)
    calm = quiet(PrefixStore(slow, "a"), without=(LoggingStore,))
    assert calm == PrefixStore(LatencyStore(inner, latency=5), "a")
    assert quiet(slow, without=(PrefixStore,)) is slow


async def test_the_store_below_is_closed_with_the_one_that_was_given():
    store: WrapperStore[Any] = LoggingStore(MemoryStore())
    calm = quiet(store)
    await store.set("a", b"1")
    assert await calm.get_bytes("a") == b"1"
