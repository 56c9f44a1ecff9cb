"""Promises about read-only stores, and about what a store cannot do."""

from zstore.errors import ReadOnlyError, UnsupportedError
from zstore.store import Store
from zstore.testing.calls import CHANGING, LISTING
from zstore.testing.promises import Check, expect, gather, promise, refused, same

__all__ = ["CHECKS"]

_VALUES = {"a": b"1", "b/c": b"22"}


async def _contents(store: Store) -> dict[str, bytes]:
    keys = await gather(store.list()) if store.supports_listing else [*_VALUES]
    return {key: await store.get_bytes(key) for key in keys}


@promise("writes")
async def no_call_changes_a_read_only_store(store: Store) -> None:
    """Not one: `clear` and `set_partial_values` neither."""
    await store.set_many(_VALUES)
    await store.aclose()
    async with store.with_read_only() as twin:
        same(twin.read_only, True, "read_only of with_read_only()")
        for key in ("a", "new", "b"):
            for name, call in CHANGING.items():
                with refused(ReadOnlyError, f"{name}({key!r}) on a read-only store"):
                    await call(twin, key)
        with refused(ValueError, "clear() on a read-only store"):
            await twin.clear()
        with refused(ReadOnlyError, "delete_dir('') on a read-only store"):
            await twin.delete_dir("")
        same(await _contents(twin), _VALUES, "the contents of a read-only store")


@promise("writes")
async def a_read_only_store_reads_and_can_be_made_writable_again(store: Store) -> None:
    """By `with_read_only`, which never changes the store that it is called on."""
    await store.set_many(_VALUES)
    await store.aclose()
    reader = store.with_read_only(True)
    same(store.read_only, False, "read_only of a store whose twin is read-only")
    same(await reader.get_bytes("b/c"), b"22", "get() on a read-only store")
    await reader.aclose()
    async with reader.with_read_only(False) as writer:
        same(writer.read_only, False, "read_only of with_read_only(False)")
        same(await _contents(writer), _VALUES, "the contents of a store made writable")
        await writer.set("more", b"333")
        same(await writer.get_bytes("more"), b"333", "get() on a store made writable")


@promise()
async def what_a_store_can_do_cannot_be_assigned(store: Store) -> None:
    """`read_only` and ``supports_*`` are truth values, and properties."""
    for name in (
        "read_only",
        "supports_writes",
        "supports_deletes",
        "supports_partial_writes",
        "supports_listing",
        "supports_consolidated_metadata",
    ):
        expect(isinstance(getattr(store, name), bool), f"{name} is no bool")
        with refused(AttributeError, f"assigning to {name}"):
            setattr(store, name, True)


@promise()
async def what_a_store_cannot_do_it_refuses(store: Store) -> None:
    """With an `UnsupportedError`, which is a `NotImplementedError`; never in silence."""
    if store.read_only:
        return
    refusals = {
        "set": store.supports_writes,
        "set_if_not_exists": store.supports_writes,
        "set_many": store.supports_writes,
        "set_partial_values": store.supports_partial_writes,
        "delete": store.supports_deletes,
        "delete_dir": store.supports_deletes,
    }
    for name, supported in refusals.items():
        if not supported:
            with refused(UnsupportedError, f"{name}() on a store without"):
                await CHANGING[name](store, "a")
    if not store.supports_deletes:
        with refused(NotImplementedError, "clear() on a store without deletes"):
            await store.clear()
    if not store.supports_listing:
        for name, call in LISTING.items():
            with refused(UnsupportedError, f"{name}() on a store without listing"):
                await call(store, "a")
        with refused(UnsupportedError, "list() on a store without listing"):
            await gather(store.list())


CHECKS: tuple[Check, ...] = (
    no_call_changes_a_read_only_store,
    a_read_only_store_reads_and_can_be_made_writable_again,
    what_a_store_can_do_cannot_be_assigned,
    what_a_store_cannot_do_it_refuses,
)
"""Every promise of this module."""
