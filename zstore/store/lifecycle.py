"""Opening and closing a store, and what it can do."""

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Any, Self

__all__ = ["Lifecycle"]


class Lifecycle(ABC):
    """Opening, closing, and what the backend can do."""

    @classmethod
    async def open(cls, *args: Any, **kwargs: Any) -> Self:
        """Make a store and open it.

        Parameters
        ----------
        *args, **kwargs
            Those of the class.

        Raises
        ------
        StoreNotFoundError
            If the store is read-only and there is nothing at its root.

        Notes
        -----
        A store that was only constructed opens itself at its first use.
        """
        store = cls(*args, **kwargs)
        await store.ensure_open()
        return store

    @abstractmethod
    async def ensure_open(self) -> None:
        """Open the store unless it is open.

        Raises
        ------
        StoreClosedError
            If it was closed: a closed store stays closed.
        StoreNotFoundError
            If the store is read-only and there is nothing at its root.
        """

    @abstractmethod
    def close(self) -> None:
        """Close the store, from any thread, with or without an event loop.

        Every later call raises `StoreClosedError`. Closing twice is no error. What the
        store itself opened on an event loop (network sessions) is closed there, soon.
        """

    @abstractmethod
    async def aclose(self) -> None:
        """Close the store and wait until what it opened on this loop is closed."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        await self.ensure_open()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    @property
    @abstractmethod
    def read_only(self) -> bool:
        """Whether every call that would change the store raises `ReadOnlyError`."""

    @abstractmethod
    def with_read_only(self, read_only: bool = True) -> Self:
        """Return a new, unopened store on the same place.

        Parameters
        ----------
        read_only
            Whether the new store may be changed.
        """

    @property
    @abstractmethod
    def supports_writes(self) -> bool:
        """Whether `set` works, unless the store is read-only."""

    @property
    @abstractmethod
    def supports_deletes(self) -> bool:
        """Whether `delete` and `delete_dir` work, unless the store is read-only."""

    @property
    @abstractmethod
    def supports_partial_writes(self) -> bool:
        """Whether `set_partial_values` works, unless the store is read-only."""

    @property
    @abstractmethod
    def supports_listing(self) -> bool:
        """Whether the keys can be listed."""

    @property
    def supports_consolidated_metadata(self) -> bool:
        """Whether zarr may keep consolidated metadata in the store."""
        return True
