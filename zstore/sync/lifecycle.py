"""Opening and closing a store without `await`, and what it can do."""

import inspect
from types import TracebackType
from typing import Any, Self, TypeVar

from zstore._compat import override
from zstore.errors import InvalidTypeError
from zstore.store import Displayed, Store
from zstore.sync.loop import run

__all__ = ["SyncLifecycle", "documented_by_store"]

C = TypeVar("C", bound=type)


def documented_by_store(cls: C) -> C:
    """Show the documentation of `Store` on each twin: there it is written, once."""
    for name, twin in vars(cls).items():
        original = getattr(Store, name, None)
        if not name.startswith("_") and original is not None:
            getattr(twin, "__func__", twin).__doc__ = inspect.getdoc(original)
    return cls


@documented_by_store
class SyncLifecycle(Displayed):
    """The synchronous twin of `zstore.store.Lifecycle`, and what every object has."""

    def __init__(self, store: Store) -> None:
        if not isinstance(store, Store):
            msg = (
                f"SyncStore takes a Store, got {type(store).__name__}: "
                "zstore.sync.open_store() makes one of a path, a URL or a dict"
            )
            raise InvalidTypeError(msg)
        self._store = store

    @property
    def store(self) -> Store:
        """The store itself, to be used with `await`."""
        return self._store

    @classmethod
    def open(cls, *args: Any, **kwargs: Any) -> Self:
        """See `Store.open`; the arguments are those of this class."""
        store = cls(*args, **kwargs)
        store.ensure_open()
        return store

    def ensure_open(self) -> None:
        """See `Store.ensure_open`."""
        run(self._store.ensure_open())

    def close(self) -> None:
        """See `Store.close`."""
        # Waits, unlike `Store.close`: sessions were opened on the loop it waits for.
        run(self._store.aclose())

    def aclose(self) -> None:
        """See `Store.aclose`."""
        run(self._store.aclose())

    def __enter__(self) -> Self:
        self.ensure_open()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def read_only(self) -> bool:
        """See `Store.read_only`."""
        return self._store.read_only

    def with_read_only(self, read_only: bool = True) -> Self:
        """See `Store.with_read_only`."""
        return type(self)(self._store.with_read_only(read_only))

    @property
    def supports_writes(self) -> bool:
        """See `Store.supports_writes`."""
        return self._store.supports_writes

    @property
    def supports_deletes(self) -> bool:
        """See `Store.supports_deletes`."""
        return self._store.supports_deletes

    @property
    def supports_partial_writes(self) -> bool:
        """See `Store.supports_partial_writes`."""
        return self._store.supports_partial_writes

    @property
    def supports_listing(self) -> bool:
        """See `Store.supports_listing`."""
        return self._store.supports_listing

    @property
    def supports_consolidated_metadata(self) -> bool:
        """See `Store.supports_consolidated_metadata`."""
        return self._store.supports_consolidated_metadata

    @override
    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self._store,)

    @override
    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SyncLifecycle):
            return NotImplemented
        return self._store == other._store

    # As for every store: two may be equal now and differ later.
    __hash__ = None  # type: ignore[assignment]

    @override
    def __str__(self) -> str:
        return str(self._store)

    @override
    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._store!r})"
