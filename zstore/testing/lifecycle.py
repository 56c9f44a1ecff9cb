"""Promises about opening, closing, comparing and sending a store elsewhere."""

import pickle

from zstore.errors import StoreClosedError
from zstore.store import Store
from zstore.testing.calls import CHANGING, LISTING, READING
from zstore.testing.promises import Check, expect, gather, promise, refused, same

__all__ = ["CHECKS"]


@promise("writes")
async def a_store_opens_itself_at_its_first_use(store: Store) -> None:
    """Whichever call that is; opening it before, or twice, is no error."""
    same(await store.get("missing"), None, "get() as the first call")
    await store.ensure_open()
    await store.ensure_open()
    await store.set("a", b"1")
    same(await store.get_bytes("a"), b"1", "get() after ensure_open() twice")


@promise("writes")
async def set_may_be_the_first_call(store: Store) -> None:
    """Nothing has to be opened, or made, before."""
    await store.set("a/b", b"1")
    same(await store.get_bytes("a/b"), b"1", "get() after set() as the first call")


@promise("listing")
async def list_may_be_the_first_call(store: Store) -> None:
    """Where there is nothing yet, there are no keys."""
    same(await gather(store.list()), [], "list() as the first call")


@promise("writes")
async def a_closed_store_stays_closed(store: Store) -> None:
    """Every call raises; none opens it again. Closing twice is no error."""
    await store.set("a", b"1")
    await store.aclose()
    await store.aclose()
    store.close()
    calls = dict(READING)
    if store.supports_listing:
        calls |= LISTING
    if store.supports_deletes:
        calls |= {name: CHANGING[name] for name in ("delete", "delete_dir")}
    calls |= {name: CHANGING[name] for name in ("set", "set_if_not_exists", "set_many")}
    for name, call in calls.items():
        with refused(StoreClosedError, f"{name}() on a closed store"):
            await call(store, "a")
    with refused(StoreClosedError, "ensure_open() of a closed store"):
        await store.ensure_open()
    async with store.with_read_only(False) as again:
        same(await again.get_bytes("a"), b"1", "get() on a new store on the same place")


@promise()
async def close_needs_no_event_loop_and_no_use_before(store: Store) -> None:
    """It can be called on a store that never was opened."""
    store.close()
    store.close()
    with refused(StoreClosedError, "get() on a store closed before its first use"):
        await store.get("a")


@promise("writes")
async def with_closes_the_store(store: Store) -> None:
    """`with` as well as `async with`, after an error too."""
    error = KeyError("not of the store")
    try:
        async with store as entered:
            expect(entered is store, "async with gave another store")
            await store.set("a", b"1")
            raise error
    except KeyError as raised:
        expect(raised is error, "async with changed the error of its body")
    with refused(StoreClosedError, "get() after async with"):
        await store.get("a")
    again = store.with_read_only(False)
    with again as entered:
        same(await entered.get_bytes("a"), b"1", "get() in with")
    with refused(StoreClosedError, "get() after with"):
        await again.get("a")


@promise("writes")
async def stores_on_one_place_are_equal(store: Store) -> None:
    """Unless one of them is read-only and the other is not."""
    await store.set("a", b"1")
    await store.aclose()
    writer, reader = store.with_read_only(False), store.with_read_only(True)
    try:
        expect(writer == store.with_read_only(False), "stores on one place differ")
        expect(reader == store.with_read_only(True), "read-only stores on one place differ")
        expect(writer != reader, "a read-only store equals a writable one")
        other: object = "a store"
        expect(writer != other, "a store equals a text")
        with refused(TypeError, "hash() of a store, whose equality may change,"):
            hash(writer)
    finally:
        await writer.aclose()
        await reader.aclose()


@promise("writes")
async def a_pickled_store_is_the_same_store_elsewhere(store: Store) -> None:
    """Equal, as read-only as it was, and with the same contents."""
    await store.set_many({"a/b": b"1", "c": b"22"})
    await store.aclose()
    for read_only in (False, True):
        original = store.with_read_only(read_only)
        copy: Store = pickle.loads(pickle.dumps(original))  # noqa: S301 -- made here
        same(type(copy), type(original), "the type of an unpickled store")
        expect(copy == original, f"{original!r} became {copy!r} by pickling")
        same(copy.read_only, read_only, "read_only of an unpickled store")
        same(await copy.get_bytes("a/b"), b"1", "get() on an unpickled store")
        if not read_only:
            await copy.set("c", b"333")
            same(
                await copy.get_bytes("c"), b"333", "get() after set() on an unpickled store"
            )
        await copy.aclose()
        await original.aclose()


@promise("writes")
async def a_store_in_use_can_be_pickled(store: Store) -> None:
    """What it has opened does not travel along."""
    same(await store.get("missing"), None, "get() of a missing key")
    copy: Store = pickle.loads(pickle.dumps(store))  # noqa: S301 -- made here
    expect(copy == store, f"{store!r} became {copy!r} by pickling while open")
    copy.close()
    await store.set("a", b"1")
    same(await store.get_bytes("a"), b"1", "get() after a copy of the store was closed")


@promise()
async def a_store_says_what_it_is(store: Store) -> None:
    """Its `repr` names the class; neither text needs the store to be open."""
    for state in ("new", "closed"):
        name = type(store).__name__
        expect(name in repr(store), f"the repr of a {state} store is {store!r}: no {name}")
        expect(str(store), f"the str of a {state} store is empty")
        store.close()


CHECKS: tuple[Check, ...] = (
    a_store_opens_itself_at_its_first_use,
    set_may_be_the_first_call,
    list_may_be_the_first_call,
    a_closed_store_stays_closed,
    close_needs_no_event_loop_and_no_use_before,
    with_closes_the_store,
    stores_on_one_place_are_equal,
    a_pickled_store_is_the_same_store_elsewhere,
    a_store_in_use_can_be_pickled,
    a_store_says_what_it_is,
)
"""Every promise of this module."""
