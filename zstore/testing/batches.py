"""Promises about calls for several keys."""

from collections.abc import Iterator

from zstore.buffer import Buffer, cpu
from zstore.errors import InvalidByteRangeError, InvalidKeyError, InvalidTypeError
from zstore.ranges import (
    ByteRequest,
    OffsetByteRequest,
    RangeByteRequest,
    SuffixByteRequest,
)
from zstore.store import Store
from zstore.testing.promises import Check, gather, promise, refused, same

__all__ = ["CHECKS"]


def _buffers(*values: bytes | None) -> list[Buffer | None]:
    return [None if value is None else cpu.Buffer(value) for value in values]


@promise("writes")
async def get_many_gives_values_in_the_order_of_the_keys(store: Store) -> None:
    """None for a missing one; a key may come again; any iterable will do."""
    values = {f"k/{i}": bytes([i]) * i for i in range(40)}
    await store.set_many(values)
    keys = ["k/7", "missing", *reversed(values), "k/7", "k/0"]
    expected = _buffers(*(values.get(key) for key in keys))
    for concurrency in (None, 1, 3, 100):
        got = await store.get_many(iter(keys), max_concurrency=concurrency)
        same(got, expected, f"get_many(max_concurrency={concurrency})")
    same(await store.get_many([]), [], "get_many() of no keys")


@promise("writes")
async def set_many_takes_a_mapping_or_pairs(store: Store) -> None:
    """An iterator too; nothing to store is no error."""

    def pairs() -> Iterator[tuple[str, bytes]]:
        for i in range(30):
            yield f"pair/{i}", str(i).encode()

    await store.set_many({"map/a": b"1", "map/b": b"2"})
    await store.set_many(pairs(), max_concurrency=4)
    await store.set_many({})
    await store.set_many([])
    got = await store.get_many(["map/a", "map/b", "pair/0", "pair/29"])
    same(got, _buffers(b"1", b"2", b"0", b"29"), "get_many() after set_many()")
    if store.supports_listing:
        same(len(await gather(store.list())), 32, "the number of keys after set_many()")


@promise("writes")
async def get_partial_values_gives_parts_in_the_order_asked(store: Store) -> None:
    """None for a missing key, all of a value for None; any iterable will do."""
    await store.set_many({"a": b"0123456789", "b": b"abc", "empty": b""})
    asked: list[tuple[str, ByteRequest | None]] = [
        ("b", SuffixByteRequest(2)),
        ("missing", RangeByteRequest(0, 5)),
        ("a", RangeByteRequest(2, 5)),
        ("missing", None),
        ("a", None),
        ("a", OffsetByteRequest(8)),
        ("empty", None),
        ("a", RangeByteRequest(2, 5)),
    ]
    expected = _buffers(b"bc", None, b"234", None, b"0123456789", b"89", b"", b"234")
    same(
        await store.get_partial_values(None, iter(asked)), expected, "get_partial_values()"
    )
    same(await store.get_partial_values(None, []), [], "get_partial_values() of nothing")


@promise("writes")
async def a_failure_in_a_batch_is_the_error_of_the_one_call(store: Store) -> None:
    """Not a group of errors, and never a None."""
    await store.set("a", b"1")
    with refused(InvalidKeyError, "get_many() with a bad key"):
        await store.get_many(["a", "bad//key", "a"], max_concurrency=2)
    with refused(InvalidByteRangeError, "get_partial_values() with a bad range"):
        await store.get_partial_values(None, [("a", None), ("a", OffsetByteRequest(5))])
    with refused(InvalidTypeError, "set_many() with a bad value"):
        await store.set_many([("b", b"2"), ("c", "text")])  # type: ignore[list-item]
    same(await store.exists("c"), False, "exists() of a key whose value was refused")


CHECKS: tuple[Check, ...] = (
    get_many_gives_values_in_the_order_of_the_keys,
    set_many_takes_a_mapping_or_pairs,
    get_partial_values_gives_parts_in_the_order_asked,
    a_failure_in_a_batch_is_the_error_of_the_one_call,
)
"""Every promise of this module."""
