"""What a snapshot is asked, in SQL; every text that a user or a store chose is bound."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Literal, NamedTuple, TypeAlias, get_args

from zstore.errors import InvalidTypeError
from zstore.inventory.asking.database import Database
from zstore.inventory.asking.views import selects, whole_number
from zstore.keys import check_prefix, prefix_of

__all__ = [
    "Age",
    "Child",
    "ChildOrder",
    "Period",
    "SizedKey",
    "Total",
    "ages",
    "children",
    "digest",
    "largest",
    "total",
]

Period: TypeAlias = Literal["year", "month", "day"]
"""How long the ages of `ages` are."""

ChildOrder: TypeAlias = Literal["nbytes", "nkeys", "name"]
"""What comes first: the largest, that with the most keys, or by name."""

_ORDERS: dict[ChildOrder, str] = {
    "nbytes": "nbytes DESC, name, kind",
    "nkeys": "nkeys DESC, name, kind",
    "name": "name, kind",
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Total:
    """What a prefix selects, summed up.

    Attributes
    ----------
    nkeys, nbytes
        How many keys, and the sum of the sizes of their values.
    newest
        When the last of them was written; None if no listing says.
    complete
        Whether all keys that the prefix selects are in the snapshot.
    """

    nkeys: int
    nbytes: int
    newest: datetime | None
    complete: bool


@dataclass(frozen=True, slots=True)
class Child:
    """One child of a level: a key, or a name that keys lie below.

    Attributes
    ----------
    name
        One segment. There can be a key and a prefix of one name.
    kind
        ``"key"`` or ``"prefix"``.
    nkeys, nbytes
        How many keys, and the sum of the sizes of their values.
    newest
        When the last of them was written; None if no listing says.
    """

    name: str
    kind: Literal["key", "prefix"]
    nkeys: int
    nbytes: int
    newest: datetime | None


class SizedKey(NamedTuple):
    """A key, the size of its value, and when that was written if the listing says."""

    key: str
    nbytes: int
    modified: datetime | None


@dataclass(frozen=True, slots=True)
class Age:
    """The keys that were written in one period.

    Attributes
    ----------
    start
        When it began, in UTC; None for keys of which no listing says when.
    nkeys, nbytes
        How many keys, and the sum of the sizes of their values.
    """

    start: datetime | None
    nkeys: int
    nbytes: int


def total(database: Database, prefix: str, *, complete: bool, by_directory: bool) -> Total:
    """Sum up what a prefix selects.

    Parameters
    ----------
    complete
        Whether that is all there is.
    by_directory
        Whether ``dirs`` has every directory.
    """
    summed = "count(*), coalesce(sum(nbytes), 0), max(epoch_us(modified))"
    condition, parameters = selects(prefix)
    found: list[tuple[Any, ...]] = []
    if by_directory:
        is_it, path = _is_directory(prefix)
        query = f"SELECT nkeys, nbytes, epoch_us(newest) FROM dirs WHERE {is_it} LIMIT 1"
        found = database.rows(query, path)
    if found and prefix and not prefix.endswith("/"):
        # A key may have the name of the directory.
        condition, parameters = "key = $self", {"self": prefix}
    if not found or parameters.keys() == {"self"}:
        found += database.rows(f"SELECT {summed} FROM keys WHERE {condition}", parameters)
    nkeys, nbytes = sum(row[0] for row in found), sum(row[1] for row in found)
    newest = max((row[2] for row in found if row[2] is not None), default=None)
    return Total(int(nkeys), int(nbytes), _moment(newest), complete)


def _is_directory(prefix: str) -> tuple[str, dict[str, str]]:
    """Return the condition for one row of ``dirs``; it lies where its parent says."""
    path = prefix.removesuffix("/")
    if not path:
        return "(path = $path AND parent IS NULL)", {"path": path}
    parent = path.rpartition("/")[0]
    return "(path = $path AND parent = $parent)", {"path": path, "parent": parent}


def children(
    database: Database,
    prefix: str,
    order: ChildOrder,
    limit: int | None,
    *,
    by_directory: bool,
) -> list[Child]:
    """Return what lies directly below a prefix; see `Inventory.children`."""
    if order not in get_args(ChildOrder):
        msg = f"order must be one of {get_args(ChildOrder)}, got {order!r}"
        raise InvalidTypeError(msg)
    check_prefix(prefix)
    rows: list[tuple[Any, ...]] = []
    for level in _levels(database, prefix, by_directory=by_directory):
        query = f"SELECT * FROM ({level.query}) ORDER BY {_ORDERS[order]}"
        parameters = level.parameters
        if limit is not None:
            query += " LIMIT $limit"
            parameters["limit"] = whole_number("limit", limit)
        rows = database.rows(query, parameters)
        if not rows or level.own_nkeys in {None, rows[0][-1]}:
            break
    return [
        Child(name, kind, int(nkeys), int(nbytes), _moment(newest))
        for name, kind, nkeys, nbytes, newest, *_ in rows
    ]


class _Level(NamedTuple):
    """A query; where it may find too few keys, its rows end with how many it found."""

    query: str
    parameters: dict[str, Any]
    own_nkeys: int | None = None


def _levels(database: Database, prefix: str, *, by_directory: bool) -> Iterator[_Level]:
    """Iterate over queries of one level, the fastest first; the last one finds all."""
    below = prefix_of(prefix)
    condition, bounds = selects(below)
    start = len(below) + 1
    found = _directory_of_level(database, prefix) if by_directory else None
    if found is None or found[0] is None:
        query = _LEVEL.format(condition=condition)
        yield _Level(query, {**bounds, "start": start})
        return
    own_nkeys, first, last = found
    parameters = {"path": prefix.removesuffix("/"), "start": start}
    if not own_nkeys:
        yield _Level(_SUBDIRECTORIES, parameters)
        return
    parameters |= bounds
    if first is not None:
        outside = f"{condition} AND (key < $first OR key >= $after)"
        ends = {"first": first, "after": last[:-1] + "0"}
        source = _SUBDIRECTORIES + _OWN_KEYS.format(condition=outside)
        yield _Level(_COUNTED.format(source=source), parameters | ends, own_nkeys)
    yield _Level(_SUBDIRECTORIES + _OWN_KEYS.format(condition=condition), parameters)


def _directory_of_level(database: Database, prefix: str) -> tuple[Any, ...] | None:
    """Return what `_DIRECTORY` finds, if ``dirs`` can say what lies in a directory."""
    if not prefix and database.rows(
        "SELECT 1 FROM keys WHERE key >= '/' AND key < '0' LIMIT 1"
    ):
        # The directory of "/b" has no name but that of the root.
        return None
    is_it, parameters = _is_directory(prefix)
    [found] = database.rows(_DIRECTORY.format(is_it=is_it), parameters)
    return found


_LEVEL = """
SELECT split_part(substr(key, $start), '/', 1) AS name,
    CASE WHEN contains(substr(key, $start), '/') THEN 'prefix' ELSE 'key' END AS kind,
    count(*) AS nkeys, sum(nbytes) AS nbytes, max(epoch_us(modified)) AS newest
FROM keys WHERE {condition} GROUP BY ALL
"""
# Of a directory: how many keys lie directly in it, and the first and the last of its own
# directories. What lies directly in it, as `zarr.json`, mostly comes before or after them.
_DIRECTORY = """
SELECT max(own_nkeys) FILTER ({is_it}),
    min(path || '/') FILTER (parent = $path), max(path || '/') FILTER (parent = $path)
FROM dirs WHERE {is_it} OR parent = $path
"""
_SUBDIRECTORIES = """
SELECT substr(path, $start) AS name, 'prefix' AS kind, nkeys, nbytes,
    epoch_us(newest) AS newest
FROM dirs WHERE parent = $path
"""
_COUNTED = "SELECT *, count(*) FILTER (kind = 'key') OVER () FROM ({source})"
_OWN_KEYS = """
UNION ALL SELECT substr(key, $start), 'key', 1, nbytes, epoch_us(modified)
FROM keys WHERE {condition} AND NOT contains(substr(key, $start), '/')
"""


def largest(database: Database, n: int, prefix: str) -> list[SizedKey]:
    """Return the keys with the largest values, largest first."""
    condition, parameters = selects(prefix)
    rows = database.rows(
        f"SELECT key, nbytes, epoch_us(modified) FROM keys WHERE {condition}"
        " ORDER BY nbytes DESC, key LIMIT $n",
        {**parameters, "n": whole_number("n", n)},
    )
    return [SizedKey(key, nbytes, _moment(modified)) for key, nbytes, modified in rows]


def ages(database: Database, prefix: str, period: Period) -> list[Age]:
    """Return the keys by the period in which they were written, the oldest first."""
    if period not in get_args(Period):
        msg = f"period must be one of {get_args(Period)}, got {period!r}"
        raise InvalidTypeError(msg)
    condition, parameters = selects(prefix)
    rows = database.rows(
        # Without a time zone, that of the machine has no say.
        "SELECT epoch_us(date_trunc($period, make_timestamp(epoch_us(modified)))) AS start,"
        f" count(*), sum(nbytes) FROM keys WHERE {condition}"
        " GROUP BY start ORDER BY start NULLS LAST",
        {**parameters, "period": period},
    )
    return [Age(_moment(start), nkeys, int(nbytes)) for start, nkeys, nbytes in rows]


def digest(database: Database) -> str:
    """Return a digest of every directory with the keys that lie directly in it."""
    total = sha256()
    query = (
        "SELECT directory, count(*), sum(nbytes)::VARCHAR FROM keys"
        " GROUP BY directory ORDER BY directory"
    )
    for path, nkeys, nbytes in _stream(database, query, {}):
        # No path has the character zero, so no two lists of rows are one text.
        total.update(f"{path}\0{nkeys}\0{nbytes}\n".encode())
    return total.hexdigest()


def _stream(
    database: Database, query: str, parameters: Mapping[str, Any]
) -> Iterator[tuple[Any, ...]]:
    for batch in database.batches(query, parameters):
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def _moment(microseconds: int | None) -> datetime | None:
    if microseconds is None:
        return None
    try:
        return _EPOCH + timedelta(microseconds=microseconds)
    except OverflowError:  # a server may name a time that no calendar has
        return None
