"""Whether a copy would write into what it reads."""

from pathlib import Path
from typing import cast

from zstore.keys import prefix_of
from zstore.store import Store
from zstore.stores.local import LocalStore
from zstore.wrappers.base import WrapperStore
from zstore.wrappers.prefix import PrefixStore

__all__ = ["writes_into"]


def writes_into(destination: Store, source: Store, prefix: str) -> bool:
    """Tell whether keys written to `destination` are among those `source` lists.

    Such a copy would overwrite what it reads, or list what it wrote, without end. Two
    stores are one place if they are equal and print the same; wrappers are looked
    through. Other ways to one place (links, two addresses of a server) are not seen.
    """
    inner_source, read = _unwrapped(source)
    inner_destination, written = _unwrapped(destination)
    if isinstance(inner_source, LocalStore) and isinstance(inner_destination, LocalStore):
        read_path = _folder(inner_source, read, prefix)
        return _folder(inner_destination, written, prefix).is_relative_to(read_path)
    if not _are_one(inner_source, inner_destination):
        return False
    return prefix_of(written + prefix).startswith(prefix_of(read + prefix))


def _unwrapped(store: Store) -> tuple[Store, str]:
    """Return the store that wrappers stand around, and the prefix they root it at."""
    prefix = ""
    while isinstance(store, WrapperStore):
        if isinstance(store, PrefixStore):
            prefix = prefix_of(store.prefix) + prefix
        wrapper = cast("WrapperStore[Store]", store)
        store = wrapper.store
    return store, prefix


def _folder(store: LocalStore, root: str, prefix: str) -> Path:
    return Path(store.root, root, prefix).resolve()


def _are_one(one: Store, other: Store) -> bool:
    # Stores in memory are equal by content, and buckets of two servers print the same.
    return one is other or (
        str(one) == str(other) and one.with_read_only() == other.with_read_only()
    )
