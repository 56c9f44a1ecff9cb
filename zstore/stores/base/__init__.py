"""The whole interface of a store, made from the hooks of a backend.

Four parts, as the interface has (`zstore.store`): `lifecycle`, `reading`, `writing` and
`listing`. Their public methods are final: they check, and the hooks get checked input.
"""

from zstore.store import Store
from zstore.stores.base.listing import BaseListing
from zstore.stores.base.reading import BaseReading
from zstore.stores.base.writing import BaseWriting

__all__ = ["BaseStore"]


class BaseStore(BaseReading, BaseWriting, BaseListing, Store):
    """A store made from hooks (`zstore.stores.hooks`).

    Parameters
    ----------
    read_only
        Whether every call that would change the store raises `ReadOnlyError`.
    """
