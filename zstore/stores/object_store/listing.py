"""The listings of an object store, without what is no key.

obstore drops the final slash of the markers that some tools leave for folders, so a marker
``"a/"`` is listed as ``"a"``. Where a listing is in order, most of them show: a marker
stands where ``"a/"`` would, not where ``"a"`` would, and right before what is below it.
"""

from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Sequence
from itertools import zip_longest
from typing import TypeAlias

from zstore.entries import Entry
from zstore.stores.listed import ListedNames, page_of
from zstore.stores.object_store.client import Meta, ObjectStoreClient, kind_of

__all__ = ["PAGE", "level", "objects"]

PAGE = 1000
"""Objects in one answer of an object store."""

# Sorts after every key below a prefix, so that a listing can skip them.
_LAST = "\U0010ffff"
# These list in the order of keys, from any key on.
_ORDERED = ("S3Store", "GCSStore", "MemoryStore")

IsKey: TypeAlias = Callable[[str], Awaitable[bool]]


async def objects(
    client: ObjectStoreClient, prefix: str, names: ListedNames, is_key: IsKey
) -> AsyncGenerator[list[Meta], None]:
    """Iterate over the objects below `prefix`, a page at a time.

    Parameters
    ----------
    is_key
        Asks the store whether a value is stored under a key; for the few empty objects
        that look like markers of folders.
    """
    ordered = kind_of(client) in _ORDERED
    last = ""
    # An empty object at the end of a page waits, to be seen with what follows it.
    waiting: list[Meta] = []
    async for page in client.list(prefix[:-1] or None, chunk_size=PAGE):
        run = [*waiting, *page]
        waiting = run[-1:] if ordered and run and not run[-1]["size"] else []
        kept: list[Meta] = []
        for one, following in zip_longest(run[: len(run) - len(waiting)], run[1:]):
            if one is None:
                break
            path: str = one["path"]
            if ordered and not one["size"]:
                leads = following["path"].startswith(f"{path}/")
                if path < last or (leads and not await is_key(path)):
                    continue
            last = path
            kept.append(one)
        yield _below(kept, prefix, names)
    if waiting and waiting[0]["path"] >= last:
        yield _below(waiting, prefix, names)


def _below(found: Sequence[Meta], prefix: str, names: ListedNames) -> list[Meta]:
    return [
        one for one in found if one["path"].startswith(prefix) and names.admit(one["path"])
    ]


async def level(
    client: ObjectStoreClient,
    prefix: str,
    limit: int | None,
    after: str,
    names: ListedNames,
) -> list[Entry]:
    """Return one level, in the order of `Entry.cursor`, or a page of it.

    One request for each 1,000 names of the level; for a page of it one request, if the
    first 1,000 keys after the cursor hold enough names.
    """
    if limit is not None and kind_of(client) in _ORDERED:
        offset = f"{prefix}{after}{_LAST if after.endswith('/') else ''}" if after else None
        page = await _first(
            client.list(prefix[:-1] or None, offset=offset, chunk_size=PAGE)
        )
        rolled = _rolled_up(page, prefix, names)
        if rolled is not None and (len(rolled) >= limit or len(page) < PAGE):
            return page_of(rolled, limit, after)
    found = await client.list_with_delimiter_async(prefix[:-1] or None)
    entries = [_entry(one, prefix) for one in _below(found["objects"], prefix, names)]
    for path in found["common_prefixes"]:
        name = path.rstrip("/").removeprefix(prefix)
        if names.admit(prefix + name):
            entries.append(Entry(name, "prefix"))
    return page_of(entries, limit, after)


async def _first(pages: AsyncIterable[Sequence[Meta]]) -> Sequence[Meta]:
    # Not `anext`: a stream of obstore does not end in the way that expects.
    async for page in pages:
        return page
    return ()


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
