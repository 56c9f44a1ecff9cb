"""Every call on one key, and what lies in a folder."""

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from zstore import LocalStore

__all__ = ["CALLS", "contents"]

Call = Callable[[LocalStore, str], Coroutine[Any, Any, object]]

CALLS: dict[str, Call] = {
    "get": lambda store, key: store.get(key),
    "exists": lambda store, key: store.exists(key),
    "getsize": lambda store, key: store.getsize(key),
    "set": lambda store, key: store.set(key, b"mine"),
    "set_if_not_exists": lambda store, key: store.set_if_not_exists(key, b"mine"),
    "set_partial_values": lambda store, key: store.set_partial_values([(key, 0, b"mine")]),
    "delete": lambda store, key: store.delete(key),
}


def contents(path: Path) -> dict[str, bytes]:
    return {
        str(p.relative_to(path)): p.read_bytes() for p in path.rglob("*") if p.is_file()
    }
