"""Promises about `Store.scan_pages`: all keys once, in order, from any key to any other."""

from itertools import pairwise

from zstore.entries import KeyPage
from zstore.errors import UnsupportedError
from zstore.store import Store
from zstore.testing.promises import Check, expect, gather, promise, refused, same

__all__ = ["CHECKS"]

# "p/a", "p/a-" and "p/a/" stand beside each other: "-" sorts before "/", "0" after it.
_SIZES = {
    "p/a-": 1,
    "p/a/0": 2,
    "p/a/1/x": 4,
    "p/a/10": 8,
    "p/a0": 16,
    "p/b": 32,
    "q/é": 64,
}
_MANY = 1100


def _pairs(pages: list[KeyPage]) -> list[tuple[str, int]]:
    """Return the names and sizes of pages, whatever their columns are made of."""
    return [
        (name, int(str(nbytes)))
        for page in pages
        for name, nbytes in zip(page.names(), page.nbytes, strict=True)
    ]


@promise("writes", "listing")
async def pages_hold_what_a_scan_does(store: Store) -> None:
    """Every key once, with its size; in order where the store says so."""
    await store.set_many({key: bytes(nbytes) for key, nbytes in _SIZES.items()})
    for prefix in ("", "p", "p/", "p/a", "p/a/", "p/b", "p/b/", "q", "missing"):
        scanned = [pair for batch in await gather(store.scan(prefix)) for pair in batch]
        paged = _pairs(await gather(store.scan_pages(prefix)))
        same(sorted(paged), sorted(scanned), f"scan_pages({prefix!r})")
        if store.lists_in_order:
            same(paged, sorted(paged), f"the order of scan_pages({prefix!r})")


@promise("writes", "listing")
async def pages_start_and_end_at_any_key(store: Store) -> None:
    """Whether it is there or not; a store that cannot do that says so."""
    await store.set_many({key: bytes(nbytes) for key, nbytes in _SIZES.items()})
    if not store.lists_in_order:
        with refused(UnsupportedError, "scan_pages(after='p/a')"):
            await gather(store.scan_pages("", after="p/a"))
        with refused(UnsupportedError, "scan_pages(until='p/a')"):
            await gather(store.scan_pages("", until="p/a"))
        return
    bounds = ("", *sorted(_SIZES), "p", "p/a", "p/a.", "p/a/1", "p/a/1/", "p/a/1/y", "r")
    for prefix in ("", "p/a"):
        whole = _pairs(await gather(store.scan_pages(prefix)))
        for after in bounds:
            rest = _pairs(await gather(store.scan_pages(prefix, after=after)))
            expected = [pair for pair in whole if pair[0] > after]
            same(rest, expected, f"scan_pages({prefix!r}, after={after!r})")
            first = _pairs(await gather(store.scan_pages(prefix, until=after)))
            expected = [pair for pair in whole if pair[0] <= after]
            same(first, expected, f"scan_pages({prefix!r}, until={after!r})")


@promise("writes", "listing")
async def pages_of_thousands_of_keys_are_whole(store: Store) -> None:
    """More than one page of any server: none is lost or told twice between two."""
    sizes = {f"many/{i % 5}/{i:05}": i % 7 for i in range(_MANY)}
    await store.set_many({key: bytes(nbytes) for key, nbytes in sizes.items()})
    found = _pairs(await gather(store.scan_pages("many/")))
    same(len(found), _MANY, "the number of keys of scan_pages('many/')")
    expect(dict(found) == sizes, "scan_pages('many/') gave other sizes than were set")
    if store.lists_in_order:
        for (one, _), (other, _) in pairwise(found):
            expect(one < other, f"scan_pages('many/') gave {other!r} after {one!r}")
        middle = found[_MANY // 2][0]
        rest = _pairs(await gather(store.scan_pages("many", after=middle)))
        expect(rest == found[_MANY // 2 + 1 :], f"scan_pages(after={middle!r}) differs")


CHECKS: tuple[Check, ...] = (
    pages_hold_what_a_scan_does,
    pages_start_and_end_at_any_key,
    pages_of_thousands_of_keys_are_whole,
)
"""Every promise of this module."""
