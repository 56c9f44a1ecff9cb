"""Promises about reading values."""

import numpy as np

from zstore.buffer import BufferPrototype, cpu
from zstore.errors import CorruptStoreError, KeyNotFoundError
from zstore.ranges import OffsetByteRequest
from zstore.store import Store
from zstore.store.writing import Value
from zstore.testing.promises import Check, expect, gather, promise, refused, same

__all__ = ["CHECKS"]


@promise("writes")
async def a_value_comes_back_as_it_was_set(store: Store) -> None:
    """Whatever kind of memory it was given in."""
    numbers = np.arange(6, dtype=">i4").reshape(2, 3)
    values: dict[str, tuple[Value, bytes]] = {
        "bytes": (b"some bytes", b"some bytes"),
        "bytearray": (bytearray(b"some bytes"), b"some bytes"),
        "memoryview": (memoryview(b"all bytes")[4:], b"bytes"),
        "array": (numbers, numbers.tobytes()),
        "empty array": (np.empty((0, 3)), b""),
        "buffer": (cpu.Buffer.from_bytes(b"some bytes"), b"some bytes"),
    }
    for name, (value, expected) in values.items():
        await store.set(f"in/{name}", value)
        got = await store.get(f"in/{name}")
        same(None if got is None else got.to_bytes(), expected, f"get() of a {name}")
        same(await store.get_bytes(f"in/{name}"), expected, f"get_bytes() of a {name}")
        same(await store.getsize(f"in/{name}"), len(expected), f"getsize() of a {name}")


@promise()
async def a_missing_key_is_none_and_never_an_empty_value(store: Store) -> None:
    """`get` gives None, `exists` False, and what needs a value raises."""
    for key in ("missing", "missing/below"):
        same(await store.get(key), None, f"get({key!r}) of a missing key")
        part = await store.get(key, byte_range=OffsetByteRequest(3))
        same(part, None, f"get({key!r}) of a range of a missing key")
        same(await store.exists(key), False, f"exists({key!r}) of a missing key")
        with refused(KeyNotFoundError, "getsize() of a missing key"):
            await store.getsize(key)
        with refused(FileNotFoundError, "getsize() of a missing key"):
            await store.getsize(key)
        with refused(KeyNotFoundError, "get_bytes() of a missing key"):
            await store.get_bytes(key)
        with refused(KeyNotFoundError, "get_json() of a missing key"):
            await store.get_json(key)


@promise("writes")
async def an_empty_value_is_a_value(store: Store) -> None:
    """It exists, has the size 0 and comes back empty."""
    await store.set("empty", b"")
    same(await store.exists("empty"), True, "exists() of an empty value")
    same(await store.getsize("empty"), 0, "getsize() of an empty value")
    same(await store.get("empty"), cpu.Buffer(b""), "get() of an empty value")
    same(await store.get_many(["empty"]), [cpu.Buffer(b"")], "get_many() of one")
    if store.supports_listing:
        same(await gather(store.list()), ["empty"], "list() with an empty value")


@promise("writes")
async def a_large_value_comes_back_whole(store: Store) -> None:
    """3 MiB, more than one block of any transfer."""
    value = np.random.default_rng(0).bytes(3 * 2**20)
    await store.set("large", value)
    same(await store.getsize("large"), len(value), "getsize() of 3 MiB")
    expect(await store.get_bytes("large") == value, "3 MiB came back with other bytes")
    tail = await store.get_bytes("large", OffsetByteRequest(len(value) - 70_000))
    expect(tail == value[-70_000:], "the end of 3 MiB came back with other bytes")


@promise("writes")
async def a_prefix_is_no_key(store: Store) -> None:
    """Where keys lie below a name, and none has it, the name is missing."""
    await store.set("a/b/c", b"1")
    for prefix in ("a", "a/b"):
        same(await store.get(prefix), None, f"get({prefix!r}), a prefix")
        same(await store.exists(prefix), False, f"exists({prefix!r}), a prefix")
        with refused(KeyNotFoundError, f"getsize({prefix!r}), a prefix,"):
            await store.getsize(prefix)
        same(await store.get_many([prefix]), [None], f"get_many([{prefix!r}]), a prefix")


@promise("writes")
async def nothing_lies_below_a_value(store: Store) -> None:
    """A key that goes on after that of a value is missing, and no error."""
    await store.set("a", b"1")
    same(await store.get("a/b"), None, "get() below a value")
    same(await store.exists("a/b"), False, "exists() below a value")
    with refused(KeyNotFoundError, "getsize() below a value"):
        await store.getsize("a/b")


@promise("writes")
async def a_buffer_handed_out_cannot_change_the_store(store: Store) -> None:
    """Neither by assignment nor through its array or its memory."""
    await store.set("key", b"0123456789")
    for request in (None, OffsetByteRequest(0)):
        got = await store.get("key", byte_range=request)
        if got is None:
            msg = "get() of a key just set gave None"
            raise AssertionError(msg)
        expect(got.readonly, "get() gave a buffer that does not say it is read-only")
        with refused(ValueError, "assigning to a buffer from get()"):
            got[0:1] = b"X"
        with refused(ValueError, "assigning to the array of a buffer from get()"):
            got.as_numpy_array()[0] = 88
        with refused(TypeError, "assigning to the memory of a buffer from get()"):
            got.as_buffer_like()[0] = 88
        mine = got.copy()
        mine[0:1] = b"X"
    same(await store.get_bytes("key"), b"0123456789", "get() after its results were used")


@promise("writes")
async def a_buffer_stays_as_it_is_when_its_key_is_set_again(store: Store) -> None:
    """Nor does deleting the key change what was read before."""
    await store.set("key", b"before")
    held = await store.get("key")
    await store.set("key", b"after!")
    if store.supports_deletes:
        await store.delete("key")
    same(held, cpu.Buffer(b"before"), "a buffer read before its key was set again")


class _Kind(cpu.Buffer):
    """A kind of buffer of the caller's."""

    __slots__ = ()


@promise("writes")
async def results_are_of_the_kind_asked_for(store: Store) -> None:
    """Host memory by default; else what the prototype says, in every call that reads."""
    await store.set("key", b"0123456789")
    prototype = BufferPrototype(_Kind, cpu.NDBuffer)
    part = OffsetByteRequest(3)
    for kind, asked in ((cpu.Buffer, None), (_Kind, prototype)):
        ranges = await store.get_ranges("key", [part], asked)
        for call, got in {
            "get": await store.get("key", asked),
            "get of a range": await store.get("key", asked, part),
            "get_many": (await store.get_many(["key"], asked))[0],
            "get_partial_values": (await store.get_partial_values(asked, [("key", part)]))[
                0
            ],
            "get_ranges": None if ranges is None else ranges[0],
        }.items():
            same(type(got), kind, f"the type of the result of {call}")


@promise("writes")
async def json_is_parsed_or_refused(store: Store) -> None:
    """A value that is no JSON raises, and names the key."""
    await store.set("good.json", '{"größe": [1, 2.5, null]}'.encode())
    same(await store.get_json("good.json"), {"größe": [1, 2.5, None]}, "get_json()")
    for bad in (b"", b"{", b"\xff\xfe{}"):
        await store.set("bad.json", bad)
        with refused(CorruptStoreError, f"get_json() of {bad!r}"):
            await store.get_json("bad.json")


CHECKS: tuple[Check, ...] = (
    a_value_comes_back_as_it_was_set,
    a_missing_key_is_none_and_never_an_empty_value,
    an_empty_value_is_a_value,
    a_large_value_comes_back_whole,
    a_prefix_is_no_key,
    nothing_lies_below_a_value,
    a_buffer_handed_out_cannot_change_the_store,
    a_buffer_stays_as_it_is_when_its_key_is_set_again,
    results_are_of_the_kind_asked_for,
    json_is_parsed_or_refused,
)
"""Every promise of this module."""
