"""What a backend's listing may say that is no key, and how a level is put in order."""

import warnings
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from heapq import nsmallest

from zstore.entries import Entry
from zstore.errors import ZStoreWarning
from zstore.keys import is_key

__all__ = ["ListedNames", "microseconds", "page_of"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class ListedNames:
    """Tells keys from other names in a listing, and warns once about the others.

    Object stores may hold names that are no keys (``"a//b"``, ``"a/../b"``) and markers
    of empty folders (``"a/"``). No call could read them, so no listing names them.
    """

    def __init__(self) -> None:
        self._warned = False

    def admit(self, name: str) -> bool:
        """Tell whether `name` is a key."""
        if is_key(name):
            return True
        if name and not name.endswith("/") and not self._warned:
            self._warned = True
            msg = f"the listing names {name!r}, which is no key; such names are left out"
            warnings.warn(msg, ZStoreWarning, stacklevel=2)
        return False


def page_of(entries: Iterable[Entry], limit: int | None, after: str) -> list[Entry]:
    """Return the entries after a cursor, at most `limit`, in the order of their cursors."""
    rest = (entry for entry in entries if entry.cursor > after)
    if limit is None:
        return sorted(rest, key=lambda entry: entry.cursor)
    return nsmallest(limit, rest, key=lambda entry: entry.cursor)


def microseconds(time: datetime) -> int:
    """Return the microseconds since 1970 of a time with a time zone."""
    # Exact, which seconds as a float are not.
    return (time - _EPOCH) // _MICROSECOND
