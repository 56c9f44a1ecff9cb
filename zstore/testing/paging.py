"""Promises about what an explorer shows: the entries of a level, and running totals."""

from contextlib import aclosing
from datetime import datetime
from itertools import pairwise
from typing import Any

from zstore.entries import Entry, Usage
from zstore.errors import InvalidTypeError, KeyConflictError
from zstore.store import Store
from zstore.testing.promises import Check, expect, gather, promise, refused, same

__all__ = ["CHECKS"]

_SIZES = {"l/b": 1, "l/a/x": 2, "l/a/y/z": 3, "l/a.b": 4, "l/c/0": 5, "l/é": 6, "m": 7}
# Of the level `l`, in the order of full keys: "a.b" before "a/".
_LEVEL = (("a.b", 4), ("a", None), ("b", 1), ("c", None), ("é", 6))


async def _fill(store: Store) -> list[tuple[str, int | None]]:
    """Store the values; return names and sizes of the level `l`, in order."""
    await store.set_many({key: bytes(nbytes) for key, nbytes in _SIZES.items()})
    try:
        await store.set("l/a", bytes(9))
    except KeyConflictError:
        return [*_LEVEL]
    return [("a", 9), *_LEVEL]


async def _page(store: Store, prefix: str, limit: int | None, after: str) -> list[Entry]:
    batches = await gather(store.list_entries(prefix, limit=limit, after=after))
    expect(all(batches), f"list_entries({prefix!r}) gave an empty batch")
    return [entry for batch in batches for entry in batch]


def _plain(entries: list[Entry]) -> list[tuple[str, int | None]]:
    return [(entry.name, entry.nbytes) for entry in entries]


@promise("writes", "listing")
async def entries_say_what_lies_in_a_level(store: Store) -> None:
    """Name, kind, size of a value, and the time of the last change or None."""
    level = await _fill(store)
    for prefix in ("l", "l/"):
        entries = await _page(store, prefix, None, "")
        got = sorted(_plain(entries), key=repr)
        same(got, sorted(level, key=repr), f"list_entries({prefix!r})")
        for entry in entries:
            kind = "prefix" if entry.nbytes is None else "key"
            same(entry.kind, kind, f"the kind of {entry}")
            when = entry.last_modified
            timed = when is None or (isinstance(when, datetime) and when.tzinfo is not None)
            expect(timed, f"last_modified of {entry} is no time with a time zone")
    top = await _page(store, "", None, "")
    expected = [("l", None), ("m", 7)]
    same(sorted(_plain(top), key=repr), expected, "list_entries('')")
    same(await _page(store, "m", None, ""), [], "list_entries() below a value")


@promise("writes", "listing")
async def pages_of_a_level_fit_together(store: Store) -> None:
    """Whatever their length: in order, nothing twice, nothing left out."""
    level = await _fill(store)
    for limit in range(1, len(level) + 2):
        found: list[Entry] = []
        while page := await _page(store, "l", limit, found[-1].cursor if found else ""):
            expect(len(page) <= limit, f"list_entries(limit={limit}) gave {len(page)}")
            found += page
            if len(found) > len(level):
                break
        same(_plain(found), level, f"all pages of limit={limit}")


@promise("writes", "listing")
async def a_page_starts_after_any_cursor(store: Store) -> None:
    """One that no entry has, too: entries may have been deleted meanwhile."""
    level = await _fill(store)
    cursors = [name if nbytes is not None else f"{name}/" for name, nbytes in level]
    for after in ("0", "a", "a-", "a.b", "a/", "a0", "b", "bb", "é", "\U0001f600"):
        for limit in (None, 2):
            later = [
                entry
                for entry, cursor in zip(level, cursors, strict=True)
                if cursor > after
            ]
            got = _plain(await _page(store, "l", limit, after))
            same(got, later[:limit], f"list_entries(after={after!r}, limit={limit})")


@promise("writes", "listing")
async def a_level_of_thousands_can_be_paged(store: Store) -> None:
    """More entries than one page of any server."""
    names = [f"{i:05}" for i in range(1100)]
    await store.set_many([(f"big/{name}", b"x") for name in names])
    found: list[str] = []
    while page := await _page(store, "big", 500, found[-1] if found else ""):
        found += [entry.name for entry in page]
        if len(found) > len(names):
            break
    expect(found == names, f"pages of 500 of 1,100 entries gave {len(found)} entries")


@promise("listing")
async def a_limit_is_a_positive_number(store: Store) -> None:
    """Nothing else is taken for one."""
    limit: Any
    for limit in (0, -1, 1.5, "3", True):
        with refused(InvalidTypeError, f"list_entries(limit={limit!r})"):
            await gather(store.list_entries("", limit=limit))


@promise("writes", "listing")
async def usage_ends_with_the_totals(store: Store) -> None:
    """Of all keys, of all bytes, and of each child of the prefix."""
    await _fill(store)
    sizes = {key: nbytes async for batch in store.scan() for key, nbytes in batch}
    for prefix in ("", "l", "l/", "l/a", "m", "missing"):
        folder = prefix if not prefix or prefix.endswith("/") else f"{prefix}/"
        selected = {k: n for k, n in sizes.items() if k == prefix or k.startswith(folder)}
        children: dict[str, tuple[int, int]] = {}
        for key, nbytes in selected.items():
            if key.startswith(folder):
                child = key[len(folder) :].split("/")[0]
                count, total = children.get(child, (0, 0))
                children[child] = (count + 1, total + nbytes)
        totals = await gather(store.usage(prefix))
        expected = Usage(len(selected), sum(selected.values()), children, complete=True)
        same(totals[-1], expected, f"the last of usage({prefix!r})")
        for earlier, later in pairwise(totals):
            expect(not earlier.complete, f"usage({prefix!r}) went on after the last")
            expect(earlier.nkeys <= later.nkeys, f"usage({prefix!r}) counted backwards")


@promise("writes", "listing")
async def usage_tells_the_levels_apart(store: Store) -> None:
    """Each path down to the depth has what lies below it; the totals stay the same."""
    await _fill(store)
    sizes = {key: nbytes async for batch in store.scan() for key, nbytes in batch}
    for prefix, depth in (("", 2), ("l", 2), ("l/", 9)):
        folder = prefix if not prefix or prefix.endswith("/") else f"{prefix}/"
        paths = {k[len(folder) :]: n for k, n in sizes.items() if k.startswith(folder)}
        children: dict[str, tuple[int, int]] = {}
        for path, nbytes in paths.items():
            names = path.split("/")
            for level in range(1, min(depth, len(names)) + 1):
                above = "/".join(names[:level])
                count, total = children.get(above, (0, 0))
                children[above] = (count + 1, total + nbytes)
        call = f"usage({prefix!r}, depth={depth})"
        *_, last = await gather(store.usage(prefix, depth=depth))
        same(last.children, children, f"the children of the last of {call}")
        *_, flat = await gather(store.usage(prefix))
        same((last.nkeys, last.nbytes), (flat.nkeys, flat.nbytes), f"the last of {call}")


@promise("writes", "listing")
async def usage_may_be_stopped_at_any_time(store: Store) -> None:
    """What was seen of it stays as it was, and the store goes on working."""
    await store.set_many({f"u/{i}/{j}": b"xyz" for i in range(4) for j in range(4)})
    async with aclosing(store.usage("u")) as totals:
        async for kept in totals:
            first, copy = kept, Usage(kept.nkeys, kept.nbytes, dict(kept.children))
            break
        else:
            msg = "usage() gave nothing"
            raise AssertionError(msg)
    last = (await gather(store.usage("u")))[-1]
    same((last.nkeys, last.nbytes), (16, 48), "usage() after one that was stopped")
    same(first.children, copy.children, "a total kept from a stopped usage()")


CHECKS: tuple[Check, ...] = (
    entries_say_what_lies_in_a_level,
    pages_of_a_level_fit_together,
    a_page_starts_after_any_cursor,
    a_level_of_thousands_can_be_paged,
    a_limit_is_a_positive_number,
    usage_ends_with_the_totals,
    usage_tells_the_levels_apart,
    usage_may_be_stopped_at_any_time,
)
"""Every promise of this module."""
