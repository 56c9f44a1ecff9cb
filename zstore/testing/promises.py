"""What a check is, and how it says what went wrong.

A check is a coroutine function of one argument, a function that makes a fresh, empty
store. Its name is the promise. It raises `AssertionError` if the store breaks it; not by
the `assert` statement, which Python may be told to leave out.
"""

from collections.abc import AsyncIterable, Callable, Coroutine, Generator
from contextlib import contextmanager
from functools import wraps
from typing import Any, Literal, TypeAlias, TypeVar

from zstore.errors import UnsupportedError
from zstore.store import Store

__all__ = [
    "Ability",
    "Check",
    "MakeStore",
    "can_create",
    "expect",
    "gather",
    "promise",
    "refused",
    "same",
]

T = TypeVar("T")

MakeStore: TypeAlias = Callable[[], Store]
"""Makes a fresh, empty store, on a place of its own."""

Check: TypeAlias = Callable[[MakeStore], Coroutine[Any, Any, None]]
"""Makes one store and tries one promise on it."""

Ability: TypeAlias = Literal["writes", "deletes", "partial_writes", "listing"]
"""One of the properties ``supports_*`` of a store."""

# How much of a value a message shows.
_SHOWN = 400


def promise(*needs: Ability) -> Callable[[Callable[[Store], Any]], Check]:
    """Make a check of a function that tries a promise on one store.

    Parameters
    ----------
    *needs
        Abilities without which the promise is void. That a store without them says so,
        and raises, is a promise of its own (`zstore.testing.abilities`).
    """

    def decorate(body: Callable[[Store], Coroutine[Any, Any, None]]) -> Check:
        @wraps(body)
        async def check(make: MakeStore) -> None:
            store = make()
            try:
                if all(getattr(store, f"supports_{need}") for need in needs):
                    await body(store)
            finally:
                await store.aclose()

        return check

    return decorate


def expect(holds: object, otherwise: str) -> None:
    """Raise `AssertionError` with the sentence `otherwise` unless `holds`."""
    if not holds:
        raise AssertionError(otherwise)


def same(got: object, expected: object, of: str) -> None:
    """Raise `AssertionError` unless both are equal; `of` says what was got."""
    if got != expected:
        msg = f"{of} gave {_shown(got)}, not {_shown(expected)}"
        raise AssertionError(msg)


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}... ({len(text)} characters)"


@contextmanager
def refused(error: type[Exception], call: str) -> Generator[None]:
    """Raise `AssertionError` unless the body raises `error`; `call` says what it does."""
    try:
        yield
    except error:
        return
    except Exception as other:
        msg = f"{call} raised {other!r}, not {error.__name__}"
        raise AssertionError(msg) from other
    msg = f"{call} raised nothing, not {error.__name__}"
    raise AssertionError(msg)


async def can_create(store: Store) -> bool:
    """Tell whether `store` has an atomic `set_if_not_exists`; it may say that it has none.

    Leaves a value under the key ``probe``.
    """
    try:
        await store.set_if_not_exists("probe", b"")
    except UnsupportedError:
        return False
    return True


async def gather(items: AsyncIterable[T]) -> list[T]:
    """Return everything that an asynchronous iterator gives."""
    return [item async for item in items]
