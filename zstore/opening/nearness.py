"""How far away a store is, whatever is wrapped around it."""

from typing import cast

from zstore.store import Store
from zstore.stores.local import LocalStore
from zstore.stores.memory import MemoryStore
from zstore.stores.zip import ZipStore
from zstore.wrappers.base import WrapperStore
from zstore.wrappers.latency import LatencyStore
from zstore.wrappers.prefix import PrefixStore

__all__ = ["is_near", "without_observers"]


def without_observers(store: Store) -> Store:
    """Return the store inside the wrappers that change neither keys nor speed."""
    while (inner := _observed(store)) is not None:
        store = inner
    return store


def _observed(store: Store) -> Store | None:
    if isinstance(store, PrefixStore | LatencyStore) or not isinstance(store, WrapperStore):
        return None
    return cast("WrapperStore[Store]", store).store


def is_near(store: Store) -> bool:
    """Tell whether a listing costs no request to a server."""
    while isinstance(store := without_observers(store), PrefixStore):
        store = cast("PrefixStore[Store]", store).store
    return isinstance(store, MemoryStore | LocalStore | ZipStore)
