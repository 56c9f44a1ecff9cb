"""Promises about deleting."""

from functools import partial

from zstore.errors import KeyConflictError
from zstore.store import Store
from zstore.testing.promises import Check, gather, promise, same

__all__ = ["CHECKS"]

_KEYS = ("a", "ab/c", "ab/d/e", "abc", "ab.c", "abc/d", "b/ab/c")


async def _fill(store: Store) -> list[str]:
    """Store as many of the keys as the store can hold; return them sorted."""
    stored: list[str] = []
    for key in _KEYS:
        try:
            await store.set(key, key.encode())
        except KeyConflictError:
            continue
        stored.append(key)
    return sorted(stored)


async def _left(store: Store, expected: list[str], after: str) -> None:
    for key in _KEYS:
        same(await store.exists(key), key in expected, f"exists({key!r}) after {after}")
    if store.supports_listing:
        same(sorted(await gather(store.list())), sorted(expected), f"list() after {after}")


@promise("writes", "deletes")
async def delete_removes_one_value(store: Store) -> None:
    """Not what lies below its key, nor what only begins alike."""
    keys = await _fill(store)
    for key in ("abc", "ab/c"):
        await store.delete(key)
        keys.remove(key)
        same(await store.get(key), None, f"get({key!r}) after delete()")
    await _left(store, keys, "delete() of 'abc' and 'ab/c'")


@promise("deletes")
async def deleting_what_is_missing_is_no_error(store: Store) -> None:
    """Neither a key nor a prefix has to be there."""
    await store.delete("missing")
    await store.delete("missing/below")
    await store.delete_dir("missing")
    await store.delete_dir("missing/below/")
    await store.clear()


@promise("writes", "deletes")
async def delete_of_a_prefix_removes_nothing(store: Store) -> None:
    """That is what `delete_dir` is for."""
    keys = await _fill(store)
    await store.delete("ab")
    await store.delete("b/ab")
    await store.delete("a/below")
    await _left(store, keys, "delete() of two prefixes, and below a value")


@promise("writes", "deletes", "listing")
async def delete_dir_removes_whole_segments(store: Store) -> None:
    """``ab`` is the key ``ab`` and all below ``ab/``; ``abc`` and ``b/ab/c`` stay."""
    for prefix in ("ab", "ab/"):
        keys = await _fill(store)
        await store.delete_dir(prefix)
        kept = [key for key in keys if not key.startswith("ab/")]
        await _left(store, kept, f"delete_dir({prefix!r})")


@promise("writes", "deletes", "listing")
async def delete_dir_takes_the_key_of_that_name_unless_a_slash_ends_it(
    store: Store,
) -> None:
    """``ab`` selects the value ``ab``; ``ab/`` only what is below."""
    await store.set("ab", b"1")
    await store.delete_dir("ab/")
    same(await store.exists("ab"), True, "exists('ab') after delete_dir('ab/')")
    await store.delete_dir("ab")
    same(await store.exists("ab"), False, "exists('ab') after delete_dir('ab')")


@promise("writes", "deletes", "listing")
async def clear_removes_every_key_and_leaves_a_store(store: Store) -> None:
    """As ``delete_dir("")`` does; the store can be filled again."""
    delete_all = partial(store.delete_dir, "")
    for name, empty in (("clear()", store.clear), ("delete_dir('')", delete_all)):
        await _fill(store)
        await empty()
        await _left(store, [], name)
        same(await store.is_empty(), True, f"is_empty() after {name}")
    await store.set("again", b"1")
    same(await gather(store.list()), ["again"], "list() after clear() and set()")


@promise("writes", "deletes")
async def a_name_is_free_once_what_had_it_is_deleted(store: Store) -> None:
    """A folder left empty must not refuse a value of its name, nor the other way round."""
    for _ in range(2):
        await store.set("a/b/c", b"deep")
        await store.delete("a/b/c")
        await store.set("a/b", b"higher")
        await store.delete("a/b")
        await store.set("a", b"top")
        same(await store.get_bytes("a"), b"top", "get() of a name that was a prefix")
        await store.delete("a")
    same(await store.exists("a/b/c"), False, "exists() of a key deleted")


@promise("writes", "deletes", "listing")
async def deleting_while_listing_is_safe(store: Store) -> None:
    """Each key is listed at most once, and all of them are gone at the end."""
    await store.set_many({f"d/{i % 7}/{i}": b"x" for i in range(50)})
    seen: list[str] = []
    async for key in store.list_prefix("d"):
        seen.append(key)
        await store.delete(key)
    same(len(seen), len(set(seen)), "the number of keys listed while deleting them")
    same(await gather(store.list()), [], "list() after deleting every key listed")


CHECKS: tuple[Check, ...] = (
    delete_removes_one_value,
    deleting_what_is_missing_is_no_error,
    delete_of_a_prefix_removes_nothing,
    delete_dir_removes_whole_segments,
    delete_dir_takes_the_key_of_that_name_unless_a_slash_ends_it,
    clear_removes_every_key_and_leaves_a_store,
    a_name_is_free_once_what_had_it_is_deleted,
    deleting_while_listing_is_safe,
)
"""Every promise of this module."""
