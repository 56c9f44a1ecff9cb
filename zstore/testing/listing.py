"""Promises about listing keys: whole segments, each key once, sizes in one pass."""

from zstore.errors import KeyConflictError
from zstore.store import Store
from zstore.testing.promises import Check, expect, gather, promise, same

__all__ = ["CHECKS"]

_SIZES = {"ab/0": 1, "ab/1/x": 2, "abc": 4, "ab.c": 8, "b/ab/0": 16, "abd/e": 32, "zz": 0}
_MANY = 1100


async def _fill(store: Store) -> dict[str, int]:
    """Store the values, and one under ``ab`` if the store can hold it too."""
    sizes = dict(_SIZES)
    await store.set_many({key: bytes(nbytes) for key, nbytes in sizes.items()})
    try:
        await store.set("ab", bytes(64))
    except KeyConflictError:
        return sizes
    return {**sizes, "ab": 64}


def _below(sizes: dict[str, int], prefix: str) -> dict[str, int]:
    """Say again, in the plainest way, what a prefix selects."""
    folder = prefix if not prefix or prefix.endswith("/") else f"{prefix}/"
    return {k: n for k, n in sizes.items() if k == prefix or k.startswith(folder)}


_PREFIXES = (
    "",
    "ab",
    "ab/",
    "ab/1",
    "ab/1/",
    "ab/1/x",
    "ab/1/x/",
    "abc",
    "b",
    "b/ab",
    "a",
    "zz",
)


@promise("listing")
async def a_new_store_is_empty(store: Store) -> None:
    """Every listing of it is, and no prefix is an error."""
    for prefix in ("", "some", "some/prefix/"):
        same(await gather(store.list_prefix(prefix)), [], f"list_prefix({prefix!r})")
        same(await gather(store.list_dir(prefix)), [], f"list_dir({prefix!r})")
        same(await gather(store.list_entries(prefix)), [], f"list_entries({prefix!r})")
        same(sum(map(len, await gather(store.scan(prefix)))), 0, f"scan({prefix!r})")
        same(await store.getsize_prefix(prefix), 0, f"getsize_prefix({prefix!r})")
        same(await store.is_empty(prefix), True, f"is_empty({prefix!r})")
    same(await gather(store.list()), [], "list() of a new store")


@promise("writes", "listing")
async def a_prefix_ends_at_a_segment(store: Store) -> None:
    """In every call that takes one: ``ab`` never selects ``abc`` or ``ab.c``."""
    sizes = await _fill(store)
    same(sorted(await gather(store.list())), sorted(sizes), "list()")
    for prefix in _PREFIXES:
        selected = _below(sizes, prefix)
        keys = sorted(await gather(store.list_prefix(prefix)))
        same(keys, sorted(selected), f"list_prefix({prefix!r})")
        scanned = [pair for batch in await gather(store.scan(prefix)) for pair in batch]
        same(sorted(scanned), sorted(selected.items()), f"scan({prefix!r})")
        total = await store.getsize_prefix(prefix)
        same(total, sum(selected.values()), f"getsize_prefix({prefix!r})")
        same(await store.is_empty(prefix), not selected, f"is_empty({prefix!r})")


@promise("writes", "listing")
async def list_dir_gives_each_name_of_one_level_once(store: Store) -> None:
    """Names are single segments, of keys and of prefixes; a final slash changes nothing."""
    sizes = await _fill(store)
    for prefix in ("", "ab", "ab/", "ab/1", "b", "b/ab/", "abc", "missing", "ab/0"):
        folder = prefix if not prefix or prefix.endswith("/") else f"{prefix}/"
        names = {k[len(folder) :].split("/")[0] for k in sizes if k.startswith(folder)}
        got = sorted(await gather(store.list_dir(prefix)))
        same(got, sorted(names), f"list_dir({prefix!r})")


@promise("writes", "listing")
async def listings_follow_what_is_written_and_deleted(store: Store) -> None:
    """No index lags behind."""
    await store.set("a/x", b"1")
    same(sorted(await gather(store.list())), ["a/x"], "list() after set()")
    await store.set("a/y/z", b"22")
    same(sorted(await gather(store.list_dir("a"))), ["x", "y"], "list_dir('a')")
    await store.set("a/x", b"333")
    same(await store.getsize_prefix("a"), 5, "getsize_prefix('a') after a longer value")
    if store.supports_deletes:
        await store.delete("a/y/z")
        same(await gather(store.list_dir("a")), ["x"], "list_dir('a') after delete()")
        same(await store.is_empty("a/y"), True, "is_empty() of a prefix emptied")


@promise("writes", "listing")
async def a_listing_of_thousands_of_keys_is_whole(store: Store) -> None:
    """More than one page of any server, each key once."""
    sizes = {f"many/{i % 3}/{i:05}": i % 5 for i in range(_MANY)}
    await store.set_many({key: bytes(nbytes) for key, nbytes in sizes.items()})
    keys = await gather(store.list_prefix("many"))
    same(len(keys), _MANY, "the number of keys of list_prefix('many')")
    expect(set(keys) == set(sizes), "list_prefix('many') gave other keys than were set")
    level = await gather(store.list_dir("many/1"))
    expected = [f"{i:05}" for i in range(1, _MANY, 3)]
    expect(sorted(level) == expected, "list_dir('many/1') gave other names than were set")
    scanned = [pair for batch in await gather(store.scan("many/")) for pair in batch]
    same(len(scanned), _MANY, "the number of keys of scan('many/')")
    expect(dict(scanned) == sizes, "scan('many/') gave other sizes than were set")


@promise("writes", "listing")
async def a_listing_may_be_left_early(store: Store) -> None:
    """The store goes on working."""
    await _fill(store)
    for name, listing in {
        "list": store.list(),
        "list_prefix": store.list_prefix("ab"),
        "list_dir": store.list_dir(""),
        "scan": store.scan(""),
        "list_entries": store.list_entries(""),
        "usage": store.usage(""),
    }.items():
        async for _ in listing:
            break
        close = getattr(listing, "aclose", None)
        if close is not None:
            await close()
        await store.set("zz", b"")
        same(await store.exists("zz"), True, f"exists() after leaving {name} early")


CHECKS: tuple[Check, ...] = (
    a_new_store_is_empty,
    a_prefix_ends_at_a_segment,
    list_dir_gives_each_name_of_one_level_once,
    listings_follow_what_is_written_and_deleted,
    a_listing_of_thousands_of_keys_is_whole,
    a_listing_may_be_left_early,
)
"""Every promise of this module."""
