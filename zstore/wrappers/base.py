"""A store around a store; every other wrapper derives from it."""

from typing import Any, Self, TypeVar

from zstore._compat import override
from zstore.errors import InvalidTypeError
from zstore.store import Store
from zstore.wrappers.forwarding import Forwarding

__all__ = ["WrapperStore"]

S = TypeVar("S", bound=Store)


class WrapperStore(Forwarding[S]):
    """Passes every call on to another store.

    A subclass that acts at every call overrides two hooks, `_call` and `_iterate`; one
    that changes a few calls overrides those. One with options overrides `_with_store`.

    Parameters
    ----------
    store
        The store to wrap. Closing the wrapper closes it.

    Raises
    ------
    InvalidTypeError
        If `store` is no `Store`.

    Notes
    -----
    Two wrappers are equal if their types and their stores are. What the store cannot do
    the wrapper cannot either, and errors pass through as they are.

    Source: seed ``zarr.storage.WrapperStore``.
    """

    _word = "wrapping"

    def __init__(self, store: S) -> None:
        if not isinstance(store, Store):
            msg = f"{type(self).__name__} wraps a Store, got {type(store).__name__}"
            raise InvalidTypeError(msg)
        self._store = store

    @property
    def store(self) -> S:
        """The store that it wraps; calls made there pass this wrapper by."""
        return self._store

    @override
    @classmethod
    async def open(cls, store_cls: type[S], *args: Any, **kwargs: Any) -> Self:
        """Make a store, open it and wrap it.

        Parameters
        ----------
        store_cls
            The class of the store to wrap.
        *args, **kwargs
            Those of `store_cls`.
        """
        return cls(await store_cls.open(*args, **kwargs))

    def _with_store(self, store: S) -> Self:
        """Return a wrapper with the same options around another store."""
        return type(self)(store)

    @override
    def with_read_only(self, read_only: bool = True) -> Self:
        return self._with_store(self._store.with_read_only(read_only))

    @override
    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return bool(self._store == other._store)

    # Stores compare by content or place; see `BaseStore`.
    __hash__ = None  # type: ignore[assignment]

    @override
    def __str__(self) -> str:
        return f"{self._word}-{self._store}"

    @override
    def __repr__(self) -> str:
        inner = type(self._store).__name__
        return f"{type(self).__name__}({inner}, {str(self._store)!r})"
