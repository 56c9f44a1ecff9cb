"""The files of a snapshot as views for SQL, and the condition that a prefix is.

The views, of which each has the columns of its file:

==========  ======================================================================
``keys``    `key`, `nbytes`, `modified`; and made of the key `directory`, `name`
``dirs``    `path`, `parent`, `depth`, `own_nkeys`, `own_nbytes`, `nkeys`, `nbytes`,
            `newest`
``arrays``  see `zstore.inventory.snapshot.arrays.SCHEMA`
==========  ======================================================================
"""

from collections.abc import Sequence
from typing import NamedTuple

from zstore.errors import InvalidTypeError
from zstore.inventory.asking.database import file_list
from zstore.keys import check_prefix, prefix_of

__all__ = ["Column", "keys_of", "selects", "views_of", "whole_number"]


class Column(NamedTuple):
    """A column of a view."""

    name: str
    sql_type: str


_KEYS = (
    Column("key", "VARCHAR"),
    Column("nbytes", "BIGINT"),
    Column("modified", "TIMESTAMPTZ"),
)
_DIRS = (
    Column("path", "VARCHAR"),
    Column("parent", "VARCHAR"),
    *(Column(name, "BIGINT") for name in ("depth", "own_nkeys", "own_nbytes")),
    *(Column(name, "BIGINT") for name in ("nkeys", "nbytes")),
    Column("newest", "TIMESTAMPTZ"),
)
_LAST_SEGMENT = "split_part(key, '/', -1)"


def keys_of(paths: Sequence[str], alias: str = "keys") -> str:
    """Return the table of the keys in some parts, for a FROM."""
    return f"{_table(_KEYS, paths)} AS {alias}"


def views_of(
    keys: Sequence[str], dirs: str | None, arrays: tuple[str | None, Sequence[Column]]
) -> dict[str, str]:
    """Return the queries of the views over the files of a snapshot, by name.

    Parameters
    ----------
    keys
        The parts, in the order of their ranges.
    dirs
        The file of directories; None if there is none.
    arrays
        The file of arrays, and the columns that it has.
    """
    array_file, columns = arrays
    return {
        "keys": (
            f"SELECT *, left(key, greatest(length(key) - length({_LAST_SEGMENT}) - 1, 0))"
            f" AS directory, {_LAST_SEGMENT} AS name FROM {_table(_KEYS, keys)}"
        ),
        "dirs": f"FROM {_table(_DIRS, [] if dirs is None else [dirs])}",
        "arrays": f"FROM {_table(columns, [] if array_file is None else [array_file])}",
    }


def _table(columns: Sequence[Column], paths: Sequence[str]) -> str:
    if paths:
        names = ", ".join(column.name for column in columns)
        return f"(SELECT {names} FROM read_parquet({file_list(paths)}))"
    nothing = ", ".join(f"NULL::{kind} AS {name}" for name, kind in columns)
    return f"(SELECT {nothing} WHERE false)"


def selects(prefix: str, column: str = "key") -> tuple[str, dict[str, str]]:
    """Return the condition for the keys that a prefix selects, and its parameters.

    The outermost bounds stand alone, so that files and row groups are passed over.
    """
    check_prefix(prefix)
    if not prefix:
        return "true", {}
    below = prefix_of(prefix)
    bounds = {"self": prefix, "low": below, "high": below[:-1] + "0"}
    if prefix == below:
        del bounds["self"]
        return f"({column} >= $low AND {column} < $high)", bounds
    return (
        f"({column} >= $self AND {column} < $high"
        f" AND ({column} = $self OR {column} >= $low))"
    ), bounds


def whole_number(name: str, value: int) -> int:
    """Return `value`, or raise `InvalidTypeError` if it is no int of at least 0."""
    if type(value) is not int or value < 0:
        msg = f"{name} must be an int of at least 0, got {value!r}"
        raise InvalidTypeError(msg)
    return value
