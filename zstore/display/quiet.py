"""Looking at a store without leaving traces in the wrappers that watch or slow it."""

from typing import TypeAlias, cast

from zstore.store import Store
from zstore.wrappers.base import WrapperStore
from zstore.wrappers.latency import LatencyStore
from zstore.wrappers.logging import LoggingStore

__all__ = ["quiet"]

Kinds: TypeAlias = tuple[type[Store], ...]


def quiet(store: Store, without: Kinds = (LoggingStore, LatencyStore)) -> Store:
    """Return a store with the same keys that none of some wrappers is in.

    A person who looks at a trace sees the calls of their own code, not those of the
    display; and a store that plays being far away need not do so for it.

    Parameters
    ----------
    store
        Any store, with wrappers at any depth.
    without
        The wrappers that are taken out.

    Notes
    -----
    The very store that was given, if none is in it. Closed with it, and no copy.
    """
    if not isinstance(store, WrapperStore):
        return store
    wrapper = cast("WrapperStore[Store]", store)
    calm = quiet(wrapper.store, without)
    if isinstance(wrapper, without):
        return calm
    if calm is wrapper.store:
        return wrapper
    return wrapper._with_store(calm)  # noqa: SLF001 -- the same options, as for a twin
