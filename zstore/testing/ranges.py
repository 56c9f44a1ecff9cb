"""Promises about parts of values: strict ranges, the same in every call that reads."""

from collections.abc import Awaitable, Callable
from typing import Any

from zstore.buffer import cpu
from zstore.errors import InvalidByteRangeError
from zstore.ranges import (
    ByteRequest,
    OffsetByteRequest,
    RangeByteRequest,
    SuffixByteRequest,
)
from zstore.store import Store
from zstore.testing.promises import Check, promise, refused, same

__all__ = ["CHECKS"]

_TEN = b"0123456789"

# Of a value of ten bytes; None where the request asks for no byte.
_TABLE: tuple[tuple[ByteRequest, bytes | None], ...] = (
    (RangeByteRequest(2, 5), b"234"),
    (RangeByteRequest(0, 10), _TEN),
    (RangeByteRequest(9, 10), b"9"),
    (RangeByteRequest(8, 20), b"89"),
    (RangeByteRequest(0, 2**62), _TEN),
    (RangeByteRequest(5, 5), None),
    (RangeByteRequest(0, 0), None),
    (RangeByteRequest(10, 12), None),
    (RangeByteRequest(10, 10), None),
    (RangeByteRequest(15, 20), None),
    (OffsetByteRequest(0), _TEN),
    (OffsetByteRequest(7), b"789"),
    (OffsetByteRequest(9), b"9"),
    (OffsetByteRequest(10), None),
    (OffsetByteRequest(15), None),
    (SuffixByteRequest(3), b"789"),
    (SuffixByteRequest(10), _TEN),
    (SuffixByteRequest(15), _TEN),
    (SuffixByteRequest(0), None),
)


async def _every_call(
    store: Store, key: str, request: ByteRequest, expected: bytes | None
) -> None:
    buffer = None if expected is None else cpu.Buffer(expected)
    calls: dict[str, Callable[[], Awaitable[object]]] = {
        "get": lambda: store.get(key, byte_range=request),
        "get_bytes": lambda: store.get_bytes(key, request),
        "get_partial_values": lambda: store.get_partial_values(None, [(key, request)]),
        "get_ranges": lambda: store.get_ranges(key, [request]),
    }
    for name, call in calls.items():
        of = f"{name}({request}) of {await store.getsize(key)} bytes"
        if expected is None:
            with refused(InvalidByteRangeError, of):
                await call()
            continue
        got = await call()
        if isinstance(got, bytes):
            same(got, expected, of)
        else:
            same(got, [buffer] if isinstance(got, list) else buffer, of)


@promise("writes")
async def a_range_gives_its_bytes_or_is_refused(store: Store) -> None:
    """The whole table, in every call that takes a range; RFC 9110 section 14."""
    await store.set("ten", _TEN)
    for request, expected in _TABLE:
        await _every_call(store, "ten", request, expected)


@promise("writes")
async def no_range_of_an_empty_value_has_a_byte(store: Store) -> None:
    """So every one is refused."""
    await store.set("empty", b"")
    for request, _ in _TABLE:
        await _every_call(store, "empty", request, None)


@promise("writes")
async def what_is_no_byte_request_is_refused(store: Store) -> None:
    """Also under a key that is missing: a wrong call is wrong anywhere."""
    await store.set("ten", _TEN)
    wrong: Any
    for wrong in ((0, 4), "bytes=0-4", slice(0, 4), 4):
        for key in ("ten", "missing"):
            with refused(InvalidByteRangeError, f"get(byte_range={wrong!r})"):
                await store.get(key, byte_range=wrong)
        with refused(InvalidByteRangeError, f"get_ranges([{wrong!r}])"):
            await store.get_ranges("ten", [wrong])
        with refused(InvalidByteRangeError, f"get_partial_values of {wrong!r}"):
            await store.get_partial_values(None, [("ten", wrong)])


@promise("writes")
async def the_byte_requests_of_other_libraries_are_taken(store: Store) -> None:
    """By their fields, as zarr's are."""

    class Foreign:
        def __init__(self, **fields: int) -> None:
            self.__dict__.update(fields)

    await store.set("ten", _TEN)
    wanted: Any
    for wanted, expected in (
        (Foreign(start=2, end=4), b"23"),
        (Foreign(offset=8), b"89"),
        (Foreign(suffix=1), b"9"),
    ):
        of = f"get() of the fields {vars(wanted)}"
        same(await store.get("ten", byte_range=wanted), cpu.Buffer(expected), of)


@promise("writes")
async def coalesced_ranges_are_the_ranges_asked_for(store: Store) -> None:
    """In the order asked, whatever lies between them and however they overlap."""
    value = bytes(range(256)) * 40
    await store.set("key", value)
    spans = (
        (9000, 9050),
        (0, 1),
        (1, 10),
        (5, 505),
        (9000, 9050),
        (400, 9000),
        (9990, 2**40),
    )
    requests: list[ByteRequest] = [OffsetByteRequest(10_000), SuffixByteRequest(7)]
    requests += [RangeByteRequest(start, end) for start, end in spans]
    parts = [value[10_000:], value[-7:], *(value[start:end] for start, end in spans)]
    expected = [cpu.Buffer(part) for part in parts]
    for gap in (None, 0, 100, 2**40):
        for most in (1, 600, 2**24):
            got = await store.get_ranges(
                "key", iter(requests), max_gap_nbytes=gap, max_coalesced_nbytes=most
            )
            same(got, expected, f"get_ranges(max_gap_nbytes={gap}, max...={most})")
    same(await store.get_ranges("key", []), [], "get_ranges() of no ranges")


@promise("writes")
async def one_bad_range_among_good_ones_is_refused(store: Store) -> None:
    """Merging must not hide it."""
    await store.set("ten", _TEN)
    for bad in (RangeByteRequest(4, 4), RangeByteRequest(10, 11), RangeByteRequest(30, 31)):
        with refused(InvalidByteRangeError, f"get_ranges() with {bad} among good ones"):
            await store.get_ranges("ten", [RangeByteRequest(0, 8), bad])


@promise()
async def ranges_of_a_missing_key_are_none(store: Store) -> None:
    """Not an empty list, and not an error."""
    requests: list[ByteRequest] = [RangeByteRequest(0, 4), SuffixByteRequest(2)]
    same(await store.get_ranges("missing", requests), None, "get_ranges() of a missing key")
    same(await store.get_ranges("missing", []), None, "get_ranges() of a missing key")


CHECKS: tuple[Check, ...] = (
    a_range_gives_its_bytes_or_is_refused,
    no_range_of_an_empty_value_has_a_byte,
    what_is_no_byte_request_is_refused,
    the_byte_requests_of_other_libraries_are_taken,
    coalesced_ranges_are_the_ranges_asked_for,
    one_bad_range_among_good_ones_is_refused,
    ranges_of_a_missing_key_are_none,
)
"""Every promise of this module."""
