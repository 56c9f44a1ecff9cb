"""Promises about writing values."""

from typing import Any

import numpy as np

from zstore.buffer import cpu
from zstore.errors import InvalidTypeError, KeyConflictError
from zstore.store import Store
from zstore.testing.promises import Check, can_create, gather, promise, refused, same

__all__ = ["CHECKS"]


@promise("writes")
async def a_value_replaces_the_one_before(store: Store) -> None:
    """Whole: nothing of a longer one is left."""
    for value in (b"a long value", b"short", b"", b"longer again"):
        await store.set("a/key", value)
        same(await store.get_bytes("a/key"), value, "get() after set() of a key again")
        same(await store.getsize("a/key"), len(value), "getsize() after set() again")
    if store.supports_listing:
        same(await gather(store.list()), ["a/key"], "list() of a key set four times")


@promise("writes")
async def set_if_not_exists_says_whether_it_stored(store: Store) -> None:
    """And leaves the value that is there, an empty one too."""
    if not await can_create(store):
        return
    for first in (b"first", b""):
        key = f"key-{len(first)}"
        same(
            await store.set_if_not_exists(key, first), True, "set_if_not_exists() of a new"
        )
        same(await store.set_if_not_exists(key, b"2"), False, "set_if_not_exists() again")
        same(await store.get_bytes(key), first, "get() after set_if_not_exists() twice")


@promise("writes")
async def values_put_in_are_owned_by_the_store(store: Store) -> None:
    """The caller may reuse its memory as soon as the call has returned."""
    memory = bytearray(b"before")
    array = np.frombuffer(b"before", dtype=np.uint8).copy()
    view = np.frombuffer(memory, dtype=np.uint8)
    await store.set("bytearray", memory)
    await store.set("view", memoryview(memory)[1:4])
    await store.set("array", array)
    await store.set("slice", array[2:5])
    await store.set("buffer", cpu.Buffer.from_array_like(array))
    await store.set("read-only", cpu.Buffer(memory).toreadonly())
    creates = await can_create(store)
    if creates:
        await store.set_if_not_exists("if-not-exists", array)
    await store.set_many({"many": memory})
    view[:] = 0
    array[:] = 0
    stored = {
        "bytearray": b"before",
        "view": b"efo",
        "array": b"before",
        "slice": b"for",
        "buffer": b"before",
        "read-only": b"before",
        "many": b"before",
    }
    if creates:
        stored["if-not-exists"] = b"before"
    for key, expected in stored.items():
        same(await store.get_bytes(key), expected, f"get({key!r}) once its memory changed")


@promise("writes")
async def what_is_no_buffer_is_refused(store: Store) -> None:
    """With a `TypeError`, and without touching the value that is there."""
    await store.set("key", b"before")
    scattered = np.arange(10, dtype=np.uint8)[::2]
    wrong: Any
    for wrong in ("text", None, 5, [1, 2], {"a": 1}, scattered):
        kind = type(wrong).__name__
        with refused(InvalidTypeError, f"set() of a {kind}"):
            await store.set("key", wrong)
        with refused(TypeError, f"set_if_not_exists() of a {kind}"):
            await store.set_if_not_exists("new", wrong)
        with refused(InvalidTypeError, f"set_many() of a {kind}"):
            await store.set_many([("key", wrong)])
    same(await store.get_bytes("key"), b"before", "get() after refused values")
    same(await store.exists("new"), False, "exists() after refused values")


@promise("writes")
async def a_name_is_both_a_key_and_a_prefix_or_the_second_is_refused(store: Store) -> None:
    """An object store can hold both; a file system says that it cannot, and keeps one."""
    creates = await can_create(store)
    for first, second in (("a", "a/b"), ("x/y/z", "x/y"), ("p", "p/q/r")):
        await store.set(first, b"first")
        for call in (store.set, store.set_if_not_exists)[: 1 + creates]:
            try:
                await call(second, b"second")
            except KeyConflictError:
                same(await store.get(second), None, f"get({second!r}) after it was refused")
            else:
                same(await store.get_bytes(second), b"second", f"get({second!r})")
        same(await store.get_bytes(first), b"first", f"get({first!r}) beside {second!r}")


CHECKS: tuple[Check, ...] = (
    a_value_replaces_the_one_before,
    set_if_not_exists_says_whether_it_stored,
    values_put_in_are_owned_by_the_store,
    what_is_no_buffer_is_refused,
    a_name_is_both_a_key_and_a_prefix_or_the_second_is_refused,
)
"""Every promise of this module."""
