"""Promises about writing parts of values, where a store can."""

from typing import Any

from zstore.errors import InvalidByteRangeError, InvalidTypeError, KeyNotFoundError
from zstore.store import Store
from zstore.store.writing import BytesLike
from zstore.testing.promises import Check, promise, refused, same

__all__ = ["CHECKS"]


@promise("writes", "partial_writes")
async def parts_overwrite_and_extend(store: Store) -> None:
    """Inside the value, at its end, and over its end; several keys at once."""
    await store.set("a", b"0123456789")
    await store.set("b", b"")
    held = await store.get("a")
    parts: list[tuple[str, int, BytesLike]] = [
        ("a", 2, b"XY"),
        ("a", 8, b"UVW"),
        ("b", 0, bytearray(b"new")),
        ("a", 0, b""),
    ]
    await store.set_partial_values(iter(parts))
    same(await store.get_bytes("a"), b"01XY4567UVW", "get() after parts were written")
    same(await store.get_bytes("b"), b"new", "get() after an empty value was extended")
    same(await store.getsize("a"), 11, "getsize() after a part extended the value")
    await store.set_partial_values([("b", 3, memoryview(b"er"))])
    same(await store.get_bytes("b"), b"newer", "get() after a part was written at the end")
    if held is not None:
        same(len(held), 10, "the length of a buffer read before")


@promise("writes", "partial_writes")
async def parts_that_touch_extend_in_any_order(store: Store) -> None:
    """The parts of one call are written together."""
    await store.set("a", b"01")
    await store.set_partial_values([("a", 4, b"45"), ("a", 2, b"23")])
    same(await store.get_bytes("a"), b"012345", "get() after touching parts")


@promise("writes", "partial_writes")
async def bad_parts_change_nothing(store: Store) -> None:
    """Everything is checked before the first byte is written."""
    await store.set("a", b"0123456789")
    good = ("a", 0, b"X")
    bad: Any
    for error, bad in (
        (KeyNotFoundError, ("missing", 0, b"Y")),
        (InvalidByteRangeError, ("a", 11, b"Y")),
        (InvalidByteRangeError, ("a", -1, b"Y")),
        (InvalidByteRangeError, ("a", 0, b"YZ")),
        (InvalidTypeError, ("a", 5, "text")),
    ):
        with refused(error, f"set_partial_values() of {good} and {bad}"):
            await store.set_partial_values([good, bad])
        same(await store.get_bytes("a"), b"0123456789", f"get() after {bad} was refused")
    same(await store.exists("missing"), False, "exists() after a part of a missing key")


CHECKS: tuple[Check, ...] = (
    parts_overwrite_and_extend,
    parts_that_touch_extend_in_any_order,
    bad_parts_change_nothing,
)
"""Every promise of this module."""
