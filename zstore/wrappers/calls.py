"""What a wrapper is told of each call that passes through it."""

from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping
from typing import Any, Required, TypedDict, TypeVar, cast

from zstore.entries import KeyPage
from zstore.ranges import ByteRequest
from zstore.store.writing import Value

__all__ = [
    "Call",
    "as_generator",
    "hint_of",
    "legible",
    "nbytes_of",
    "nbytes_of_all",
    "nbytes_of_result",
    "nitems_of",
    "pairs_of",
]

T = TypeVar("T")


class Call(TypedDict, total=False):
    """One call of a store, before it is made. It holds no value, only sizes.

    A dict with the entries that apply, because one is made at every call: that costs a
    third of an object with attributes. Nothing in it has been checked yet.

    Attributes
    ----------
    method
        Name of the method of `Store`.
    keys
        The keys it is about; all of them if it is a batch.
    prefix
        The prefix it is about.
    byte_ranges
        What is asked for: one for each key, or several of one key; empty for whole values.
    nbytes_in
        Bytes that it brings into the store.
    max_concurrency
        How many requests at once a batch may make; None if the store chooses.
    """

    method: Required[str]
    keys: tuple[str, ...]
    prefix: str
    byte_ranges: tuple[ByteRequest | None, ...]
    nbytes_in: int
    max_concurrency: int | None


def hint_of(keys: Iterable[object], prefix: object) -> str:
    """Return the keys joined by commas, or the prefix, or nothing."""
    return ",".join(map(str, keys)) or str(prefix or "")


def legible(hint: str) -> str:
    r"""Return a hint as a log may hold it: in one line, on which no terminal acts.

    A call is logged before its keys are checked, so they may hold what no key may.

    Examples
    --------
    >>> legible("größe/0"), legible("a\x1b[2J")
    ('größe/0', 'a\\x1b[2J')
    """
    return hint if hint.isprintable() else ascii(hint)[1:-1]


def nbytes_of(value: object) -> int:
    """Return the size of a value in bytes; 0 if it is nothing that can be stored.

    Examples
    --------
    >>> nbytes_of(b"abc"), nbytes_of(None)
    (3, 0)
    """
    nbytes = getattr(value, "nbytes", None)
    if isinstance(nbytes, int):
        return nbytes
    try:
        return len(cast("Any", value))
    except TypeError:
        return 0


def nbytes_of_all(values: Iterable[object]) -> int:
    """Return the sum of the sizes of several values, in bytes."""
    return sum([nbytes_of(value) for value in values])


def nbytes_of_result(result: object) -> int:
    """Return how many bytes of values a call gave: one value, or a list of them."""
    if isinstance(result, list):
        return nbytes_of_all(cast("list[object]", result))
    return nbytes_of(result)


def nitems_of(step: object) -> int:
    """Return how many items one step of an iteration gave: a batch gives several."""
    return len(cast("Any", step)) if isinstance(step, list | KeyPage) else 1


def pairs_of(
    items: Mapping[str, Value] | Iterable[tuple[str, Value]],
) -> list[tuple[str, Value]]:
    """Return the pairs of a mapping or of an iterable, which is read once."""
    pairs = getattr(items, "items", lambda: items)()
    return list(cast("Iterable[tuple[str, Value]]", pairs))


def as_generator(items: AsyncIterator[T]) -> AsyncGenerator[T, None]:
    """Return `items` as an iterator that can be closed.

    The stores of zstore list with generators, which pass through; others need not.
    """
    if isinstance(items, AsyncGenerator):
        return cast("AsyncGenerator[T, None]", items)
    return _generator(items)


async def _generator(items: AsyncIterator[T]) -> AsyncGenerator[T, None]:
    async for item in items:
        yield item
