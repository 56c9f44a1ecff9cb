"""Whole listings of an object store: of keys, of all there is, and as a total."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from zstore.entries import KeyPage, SizeBatch
from zstore.keys import is_key
from zstore.stores.listed import ListedNames
from zstore.stores.object_store.client import ObjectStoreClient
from zstore.stores.object_store.columns import columns_of, gives_columns
from zstore.stores.object_store.naming import IsKey, Naming, Row, rows_of
from zstore.stores.object_store.stream import stream

__all__ = ["objects", "offset_before", "pages_between", "total"]


def offset_before(after: str) -> str | None:
    """Return the last path up to a name, to start after; None for the beginning.

    obstore drops a final slash, and refuses what is no path: ``"a//b"``, ``"a/./b"``.

    Examples
    --------
    >>> offset_before("a/b/"), offset_before("a/./b"), offset_before("")
    ('a/b', 'a', None)
    """
    while after and not is_key(after):
        after = after.rpartition("/")[0]
    return after or None


async def pages_between(
    client: ObjectStoreClient, prefix: str, after: str, until: str | None, is_there: IsKey
) -> AsyncGenerator[KeyPage, None]:
    """Iterate over all objects of a range of names; of all names if it lists in no order.

    Where it lists in order the names are strictly increasing; see `Naming`.
    """
    offset = offset_before(after)
    naming = Naming(client, prefix, is_there, offset=offset or "", until=until)
    pages = stream(client, prefix, offset=offset, arrow=await gives_columns(client))
    async with aclosing(pages):
        async for page in pages:
            columns = await columns_of(page)
            if columns is not None and naming.takes(columns):
                yield columns.between(after, until)
            else:
                yield _page_of(await naming.named(rows_of(page)), after, until)
            if until is not None and naming.last >= until:
                return
    yield _page_of(await naming.named([], whole=True), after, until)


def _page_of(rows: list[Row], after: str, until: str | None) -> KeyPage:
    found = [row for row in rows if row.path > after]
    if until is not None:
        found = [row for row in found if row.path <= until]
    times = [row.modified for row in found]
    return KeyPage(
        [row.path for row in found],
        [row.nbytes for row in found],
        None if None in times else times,
    )


async def objects(
    client: ObjectStoreClient, prefix: str, names: ListedNames, is_there: IsKey
) -> AsyncGenerator[SizeBatch, None]:
    """Iterate over the keys below `prefix` and their sizes, a page at a time."""
    naming = Naming(client, prefix, is_there, asks=True)
    # A server that lists in another order is none of a reader's business.
    naming.ordered = False
    pages = stream(client, prefix, arrow=await gives_columns(client))
    async with aclosing(pages):
        async for page in pages:
            columns = await columns_of(page)
            if columns is not None and columns.are_keys and naming.takes(columns):
                yield columns.pairs
            else:
                yield _keys_of(await naming.named(rows_of(page)), names)
    yield _keys_of(await naming.named([], whole=True), names)


def _keys_of(rows: list[Row], names: ListedNames) -> SizeBatch:
    return [(row.path, row.nbytes) for row in rows if names.admit(row.path)]


async def total(
    client: ObjectStoreClient, prefix: str, names: ListedNames, is_there: IsKey
) -> int:
    """Return the bytes of all that `objects` gives, which asks for nothing in between."""
    naming, found = Naming(client, prefix, is_there), 0
    naming.ordered = False
    pages = stream(client, prefix, arrow=await gives_columns(client))
    async with aclosing(pages):
        async for page in pages:
            columns = await columns_of(page)
            if columns is not None and columns.are_keys and naming.takes_sizes(columns):
                found += columns.total
            else:
                rows = await naming.named(rows_of(page), whole=True)
                found += sum(nbytes for _, nbytes in _keys_of(rows, names))
    return found
