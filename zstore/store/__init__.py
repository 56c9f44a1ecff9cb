"""The interface of every store; read this first.

A store maps keys (`zstore.keys`) to flat runs of bytes (`zstore.buffer`). `Store` is the
whole interface, documented here and nowhere else, in four parts:

==============  ====================================================================
`Lifecycle`     open, close, read-only or not, what the backend can do
`Reading`       values and parts of values
`Writing`       values, parts of values, deletion
`Listing`       which keys there are, and how large they are
==============  ====================================================================

All of it is abstract but what follows from the rest, so a wrapper that forgets a method
cannot be made. Backends derive from `zstore.stores.base.BaseStore`, which makes all of
it from four hooks; wrappers from `zstore.wrappers.base.WrapperStore`.

A store is bound to no event loop: use one from several loops and threads, after a fork,
and after pickling into another process.
"""

from zstore.store.display import Displayed
from zstore.store.lifecycle import Lifecycle
from zstore.store.listing import Listing
from zstore.store.reading import Reading
from zstore.store.writing import Writing

__all__ = ["Displayed", "Lifecycle", "Listing", "Reading", "Store", "Writing"]


class Store(Lifecycle, Reading, Writing, Listing, Displayed):
    """An asynchronous map from keys to values; see `zstore.store` for its parts."""
