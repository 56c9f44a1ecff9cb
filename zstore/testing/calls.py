"""Every call of a store, by what it does; so that no promise forgets one."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from zstore.ranges import RangeByteRequest
from zstore.store import Store
from zstore.testing.promises import gather

__all__ = ["CHANGING", "LISTING", "READING", "Call"]

Call: TypeAlias = Callable[[Store, str], Awaitable[Any]]
"""Calls one method of a store on a key, or on a prefix."""

READING: dict[str, Call] = {
    "get": lambda store, key: store.get(key),
    "get of a range": lambda store, key: store.get(key, None, RangeByteRequest(0, 1)),
    "get_partial_values": lambda store, key: store.get_partial_values(None, [(key, None)]),
    "get_many": lambda store, key: store.get_many([key]),
    "get_ranges": lambda store, key: store.get_ranges(key, [RangeByteRequest(0, 1)]),
    "get_ranges of none": lambda store, key: store.get_ranges(key, []),
    "exists": lambda store, key: store.exists(key),
    "getsize": lambda store, key: store.getsize(key),
    "get_bytes": lambda store, key: store.get_bytes(key),
    "get_json": lambda store, key: store.get_json(key),
}
"""Calls with a key that change nothing."""

LISTING: dict[str, Call] = {
    "list_prefix": lambda store, prefix: gather(store.list_prefix(prefix)),
    "list_dir": lambda store, prefix: gather(store.list_dir(prefix)),
    "list_entries": lambda store, prefix: gather(store.list_entries(prefix)),
    "scan": lambda store, prefix: gather(store.scan(prefix)),
    "usage": lambda store, prefix: gather(store.usage(prefix)),
    "getsize_prefix": lambda store, prefix: store.getsize_prefix(prefix),
    "is_empty": lambda store, prefix: store.is_empty(prefix),
}
"""Calls with a prefix that change nothing."""

CHANGING: dict[str, Call] = {
    "set": lambda store, key: store.set(key, b"x"),
    "set_if_not_exists": lambda store, key: store.set_if_not_exists(key, b"x"),
    "set_many": lambda store, key: store.set_many({key: b"x"}),
    "set_partial_values": lambda store, key: store.set_partial_values([(key, 0, b"x")]),
    "delete": lambda store, key: store.delete(key),
    "delete_dir": lambda store, key: store.delete_dir(key),
}
"""Calls that change the store, but `clear`, which takes no key."""
