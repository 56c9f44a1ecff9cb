"""One level of an object store, or a page of it."""

from collections.abc import Sequence
from contextlib import aclosing

from zstore.concurrency.finishing import to_the_end
from zstore.entries import Entry
from zstore.stores.listed import ListedNames, page_of
from zstore.stores.object_store.client import Meta, ObjectStoreClient
from zstore.stores.object_store.naming import lists_in_order
from zstore.stores.object_store.stream import PAGE, stream

__all__ = ["level"]

# Sorts after every key below a prefix, so that a listing can skip them.
_LAST = "\U0010ffff"
# Where a thousand keys show fewer names of a level, it is better to ask for the level.
_FEW = 100


async def level(
    client: ObjectStoreClient,
    prefix: str,
    limit: int | None,
    after: str,
    names: ListedNames,
) -> list[Entry]:
    """Return one level, in the order of `Entry.cursor`, or a page of it.

    One request for each 1,000 names of the level. For a page of it one request, if the
    first 1,000 keys after the cursor hold enough names; and further ones as long as each
    thousand keys holds many.
    """
    begun: list[Entry] = []
    if limit is not None and lists_in_order(client):
        begun, whole = await _begin(client, prefix, limit, after, names)
        if whole or len(begun) >= limit:
            return page_of(begun, limit, after)
    found = await to_the_end(client.list_with_delimiter_async(prefix[:-1] or None))
    entries = [_entry(one, prefix) for one in _below(found["objects"], prefix, names)]
    for path in found["common_prefixes"]:
        name = path.rstrip("/").removeprefix(prefix)
        if names.admit(prefix + name):
            entries.append(Entry(name, "prefix"))
    return page_of(entries, limit, after)


async def _begin(
    client: ObjectStoreClient, prefix: str, limit: int, after: str, names: ListedNames
) -> tuple[list[Entry], bool]:
    """Return the names of a level that runs of keys show, and whether these are all."""
    begun: list[Entry] = []
    while True:
        # Past all that a prefix stands for, or it would be seen again.
        skipped = _LAST if after.endswith("/") else ""
        offset = f"{prefix}{after}{skipped}" if after else None
        page = await _first(client, prefix, offset)
        rolled = _rolled_up(page, prefix, names)
        if rolled is None:
            return begun, False
        begun += rolled
        whole = len(page) < PAGE
        if whole or len(begun) >= limit or len(rolled) < _FEW:
            return begun, whole
        after = rolled[-1].cursor


async def _first(
    client: ObjectStoreClient, prefix: str, offset: str | None
) -> Sequence[Meta]:
    async with aclosing(stream(client, prefix, offset=offset)) as pages:
        async for page in pages:
            found: Sequence[Meta] = page
            return found
    return ()


def _below(found: Sequence[Meta], prefix: str, names: ListedNames) -> list[Meta]:
    return [
        one for one in found if one["path"].startswith(prefix) and names.admit(one["path"])
    ]


def _rolled_up(page: Sequence[Meta], prefix: str, names: ListedNames) -> list[Entry] | None:
    """Return the level that a run of keys belongs to; None if there may be markers."""
    entries: dict[str, Entry] = {}
    for one in _below(page, prefix, names):
        name, below, _ = one["path"][len(prefix) :].partition("/")
        if not below and not one["size"]:
            return None
        entry = Entry(name, "prefix") if below else _entry(one, prefix)
        entries.setdefault(entry.cursor, entry)
    return list(entries.values())


def _entry(one: Meta, prefix: str) -> Entry:
    return Entry(one["path"][len(prefix) :], "key", one["size"], one["last_modified"])
