"""Opening, closing, and what makes two stores equal."""

import asyncio
from typing import Self

from zstore._compat import override
from zstore.errors import StoreClosedError
from zstore.store import Lifecycle
from zstore.stores.hooks import Hooks

__all__ = ["BaseLifecycle"]

# Far less than a millisecond of calls that cost least.
_CALLS_A_TURN = 256


class BaseLifecycle(Hooks, Lifecycle):
    """Opens at the first use, closes once, and is made again from `_arguments`."""

    def __init__(self, *, read_only: bool = False) -> None:
        self._read_only = read_only
        self._is_open = False
        self._is_closed = False
        self._ncalls = 0

    @override
    async def ensure_open(self) -> None:
        if self._is_closed:
            raise StoreClosedError(self)
        if not self._is_open:
            await self._open()
            if self._is_closed:
                # Closed while it opened: nobody else lets go of what that opened.
                self._close()
                raise StoreClosedError(self)
            self._is_open = True

    def _is_ready(self) -> bool:
        """Count a call; tell whether it may start without `_begin`."""
        self._ncalls = (self._ncalls + 1) % _CALLS_A_TURN
        return self._is_open and self._ncalls > 0

    async def _begin(self) -> None:
        """Open the store if need be, after other tasks had their turn.

        Calls that are answered at once never wait, and a loop of them would keep the event
        loop: a cell of a notebook could not be interrupted.
        """
        if self._ncalls == 0:
            await asyncio.sleep(0)
        await self.ensure_open()

    @override
    def close(self) -> None:
        if not self._is_closed:
            self._is_open, self._is_closed = False, True
            self._close()

    @override
    async def aclose(self) -> None:
        if not self._is_closed:
            self._is_open, self._is_closed = False, True
            await self._aclose()

    @property
    @override
    def read_only(self) -> bool:
        return self._read_only

    @property
    @override
    def supports_writes(self) -> bool:
        return self._can_write

    @property
    @override
    def supports_deletes(self) -> bool:
        return self._can_delete

    @property
    @override
    def supports_partial_writes(self) -> bool:
        return self._can_write_parts

    @property
    @override
    def supports_listing(self) -> bool:
        return self._can_list

    @override
    def with_read_only(self, read_only: bool = True) -> Self:
        return type(self)(**self._arguments(), read_only=read_only)

    @override
    def __reduce__(self) -> tuple[object, ...]:
        arguments = {**self._arguments(), "read_only": self._read_only}
        return _make, (type(self), arguments)

    @override
    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        same = self._arguments() == other._arguments()
        return same and self._read_only == other.read_only

    # As in the seed: two stores may be equal now and differ later.
    __hash__ = None  # type: ignore[assignment]

    # Backends say where they stand; the default of object would call `__repr__`.
    @override
    def __str__(self) -> str:
        return f"{type(self).__name__.lower()}://{id(self)}"

    @override
    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"


def _make(cls: type[BaseLifecycle], arguments: dict[str, object]) -> BaseLifecycle:
    """Make a store again, in another process."""
    return cls(**arguments)  # type: ignore[arg-type]
