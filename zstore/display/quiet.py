"""Looking at a store without leaving traces in the wrappers that watch or slow it."""

from typing import cast

from zstore.store import Store
from zstore.wrappers.base import WrapperStore
from zstore.wrappers.latency import LatencyStore
from zstore.wrappers.logging import LoggingStore

__all__ = ["quiet"]


def quiet(store: Store) -> Store:
    """Return a store with the same keys that no `LoggingStore` or `LatencyStore` is in.

    A person who looks at a trace sees the calls of their own code, not those of the
    display; and a store that plays being far away need not do so for it.

    Notes
    -----
    The very store that was given, if neither is in it. Closed with it, and no copy.
    """
    if not isinstance(store, WrapperStore):
        return store
    wrapper = cast("WrapperStore[Store]", store)
    inner = wrapper._store  # noqa: SLF001 -- what it wraps has no public name
    calm = quiet(inner)
    if isinstance(wrapper, (LoggingStore, LatencyStore)):
        return calm
    if calm is inner:
        return wrapper
    return wrapper._with_store(calm)  # noqa: SLF001 -- the same options, as for a twin
