"""A store that cannot be changed, whatever the store inside can."""

from collections.abc import Iterable, Mapping
from typing import NoReturn, Self, TypeVar

from zstore._compat import override
from zstore.errors import ReadOnlyError, UnsupportedError
from zstore.store import Store
from zstore.store.writing import BytesLike, Value
from zstore.wrappers.base import WrapperStore

__all__ = ["ReadOnlyStore"]

S = TypeVar("S", bound=Store)


class ReadOnlyStore(WrapperStore[S]):
    """Passes reading and listing on, and refuses every call that changes something.

    Parameters
    ----------
    store
        The store to protect; it may be open for writing, and stays so for others.

    Notes
    -----
    Every changing call raises `ReadOnlyError`, whatever its arguments, and
    ``with_read_only(False)`` raises `UnsupportedError`: nobody who is handed the wrapper
    gets a writable store back. For a second, read-only store on the same place use
    `Store.with_read_only`; this wrapper is for stores that have none, or that others keep
    writing to.
    """

    _word = "read-only"

    @property
    @override
    def read_only(self) -> bool:
        return True

    @override
    def with_read_only(self, read_only: bool = True) -> Self:
        if not read_only:
            raise UnsupportedError(
                self, "with_read_only(False)", "it is there to forbid it"
            )
        return super().with_read_only(read_only)

    def _refuse(self, operation: str) -> NoReturn:
        raise ReadOnlyError(self, operation)

    @override
    async def set(self, key: str, value: Value) -> None:
        self._refuse("set")

    @override
    async def set_if_not_exists(self, key: str, value: Value) -> bool:
        self._refuse("set_if_not_exists")

    @override
    async def set_many(
        self,
        items: Mapping[str, Value] | Iterable[tuple[str, Value]],
        *,
        max_concurrency: int | None = None,
    ) -> None:
        self._refuse("set_many")

    @override
    async def set_partial_values(
        self, key_start_values: Iterable[tuple[str, int, BytesLike]]
    ) -> None:
        self._refuse("set_partial_values")

    @override
    async def delete(self, key: str) -> None:
        self._refuse("delete")

    @override
    async def delete_dir(self, prefix: str) -> None:
        self._refuse("delete_dir")

    @override
    async def clear(self) -> None:
        self._refuse("clear")
