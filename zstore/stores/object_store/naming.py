"""The names of objects, of which obstore drops a final slash.

Some tools leave markers for folders: an object ``"a/"``, empty as a rule. obstore lists it
as ``"a"``. Where a listing is in order most of them show: a marker stands where ``"a/"``
would, not where ``"a"`` would, and right before what is below it.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias

from zstore.errors import BackendError
from zstore.stores.listed import microseconds
from zstore.stores.object_store.client import ObjectStoreClient, kind_of
from zstore.stores.object_store.columns import Columns, lists_of

__all__ = ["IsKey", "Naming", "Row", "is_late", "lists_in_order", "rows_of", "torn_by"]

# These list in the order of keys, from any key on; only the first two can hold markers.
_SLASHED = ("S3Store", "GCSStore")
_ORDERED = (*_SLASHED, "MemoryStore")
# Directory buckets of S3 Express list in no order; their names end so.
_DIRECTORY_BUCKET = "--x-s3"

IsKey: TypeAlias = Callable[[str], Awaitable[bool]]
"""Asks the store whether a value lies under a key."""


class Row(NamedTuple):
    """What a listing says of one object; `modified` in microseconds since 1970."""

    path: str
    nbytes: int
    modified: int | None


def rows_of(page: Any) -> list[Row]:
    """Return what a page says: a record batch of obstore, or a sequence of mappings."""
    if hasattr(page, "num_rows"):
        return [Row(*row) for row in lists_of(page)]
    return [Row(one["path"], one["size"], _time(one["last_modified"])) for one in page]


def _time(modified: datetime | None) -> int | None:
    return None if modified is None else microseconds(modified)


def lists_in_order(client: ObjectStoreClient) -> bool:
    """Tell whether listings are in the order of keys, and can start at any of them."""
    config: Any = getattr(client, "config", None) or {}
    bucket = str(config.get("bucket", ""))
    return kind_of(client) in _ORDERED and not bucket.endswith(_DIRECTORY_BUCKET)


def is_late(path: str, last: str) -> bool:
    """Tell whether a path that is listed after `last` is a marker, by its place.

    Examples
    --------
    >>> is_late("a", "a"), is_late("a", "a-"), is_late("a", "a/1"), is_late("b", "a")
    (True, True, False, False)
    """
    return path <= last < f"{path}/"


def torn_by(bound: str) -> list[str]:
    """Return the names that come before a bound, and after it with a slash.

    Examples
    --------
    >>> torn_by("a/b-c.d"), torn_by("a/b")
    (['a/b', 'a/b-c'], [])
    """
    return [bound[:i] for i, character in enumerate(bound) if i and character < "/"]


class Naming:
    """Gives the objects of one listing their names.

    Parameters
    ----------
    prefix
        What the listing is of: empty, or ending in ``/``.
    offset
        The path that it started after; empty if at the beginning.
    until
        The last name that is wanted; None for all.
    is_there
        Asks the store whether a value lies under a key.
    asks
        Whether to ask of each empty object that has names below its own, be it a marker;
        otherwise all of them are taken for markers.

    Attributes
    ----------
    ordered
        Whether names are in order, and others are an error; at first as the store is.
    last
        The last name that was given.
    """

    def __init__(
        self,
        client: ObjectStoreClient,
        prefix: str,
        is_there: IsKey,
        *,
        offset: str = "",
        until: str | None = None,
        asks: bool = False,
    ) -> None:
        self._prefix, self._offset = prefix, offset
        self._torn = torn_by(until or "")
        self._is_there, self._asks = is_there, asks
        self._slashed = kind_of(client) in _SLASHED and lists_in_order(client)
        # An empty object at the end of a page waits, to be seen with what follows it.
        self._waiting: list[Row] = []
        self.ordered = lists_in_order(client)
        self.last = offset

    def takes(self, columns: Columns) -> bool:
        """Tell whether the names of a page stand there as they are, and go on after it."""
        if self._waiting or not columns.first:
            return False
        if self._slashed and (columns.may_lead or columns.have_one_of(self._torn)):
            return False
        return self.takes_sizes(columns)

    def takes_sizes(self, columns: Columns) -> bool:
        """Do as `takes` does, where it is all the same how empty objects are named."""
        in_order = not (self.ordered or self._slashed) or columns.increase(self.last)
        if not in_order or not columns.are_below(self._prefix):
            return False
        self.last = columns.last
        return True

    async def named(self, rows: list[Row], *, whole: bool = False) -> list[Row]:
        """Return the next objects by their names.

        Parameters
        ----------
        whole
            Whether nothing follows.

        Raises
        ------
        BackendError
            If the names are to be in order, and are not.
        """
        run = [*self._waiting, *rows]
        held = self._slashed and not whole and bool(run) and not run[-1].nbytes
        self._waiting = [run.pop()] if held else []
        behind = [row.path for row in (*run[1:], *self._waiting)]
        named: list[Row] = []
        for row, following in zip(run, [*behind, ""], strict=False):
            name = await self._name(row, following)
            if not name:
                continue
            if self.ordered and name <= self.last:
                reason = f"the listing is not in order: {name!r} comes after {self.last!r}"
                raise BackendError(self._prefix, reason)
            self.last = name
            named.append(row._replace(path=name))
        return [row for row in named if row.path.startswith(self._prefix)]

    async def _name(self, row: Row, following: str) -> str:
        """Return the name of an object; empty if it has none, or was named before."""
        path, slashed = row.path, f"{row.path}/"
        if not self._slashed or not path:
            return path
        if slashed == self._prefix:
            return slashed
        leads = not row.nbytes and following.startswith(slashed)
        unclear = (leads and self._asks) or path in self._torn
        if unclear and path > self.last:
            return path if await self._is_there(path) else slashed
        if path == self._offset == self.last and not leads:
            # If there is a key "a", that was named "a" before; otherwise this was.
            return slashed if await self._is_there(path) else ""
        return slashed if leads or is_late(path, self.last) else path
