"""The values that a store holds in memory, and where they lie, without asking a device."""

import contextlib
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any
from warnings import warn

from zstore.buffer import Buffer
from zstore.buffer.convert import as_buffer
from zstore.concurrency import run_in_thread
from zstore.errors import InvalidTypeError, UnsupportedError, ZStoreWarning
from zstore.store import Store
from zstore.stores.memory import MemoryStore
from zstore.wrappers.base import WrapperStore
from zstore.wrappers.prefix import PrefixStore

__all__ = ["Held", "batches", "held_by"]

# Values in one step, some tens of milliseconds of a thread.
_STEP = 16 * 1024
_TRIES = 10
_GONE = object()


@dataclass(frozen=True, slots=True)
class Held:
    """A store that holds its values in memory, below any wrappers.

    Attributes
    ----------
    store
        The store.
    prefix
        What the keys of the outermost one lie below.
    """

    store: MemoryStore
    prefix: str


def held_by(store: Store, question: str) -> Held:
    """Look through the wrappers of a store.

    Raises
    ------
    InvalidTypeError
        If `store` is no `Store`.
    UnsupportedError
        If it does not hold its values in memory.
    """
    if not isinstance(store, Store):
        msg = f"{question}() looks at a Store, got {type(store).__name__}"
        raise InvalidTypeError(msg)
    inner, prefix = store, ""
    while (wrapped := _wrapped(inner)) is not None:
        if isinstance(inner, PrefixStore):
            prefix = inner.prefix + prefix
        inner = wrapped
    if not isinstance(inner, MemoryStore):
        raise UnsupportedError(store, question, "it does not hold its values in memory")
    return Held(inner, prefix)


def _wrapped(store: Any) -> Store | None:
    inner: Any = getattr(store, "store", None)
    return inner if isinstance(store, WrapperStore) else None


async def batches(held: Held) -> AsyncGenerator[tuple[list[str], list[Buffer]], None]:
    """Iterate over names and values of a store, a bounded number at once, in a thread.

    What is no value (a name that is no text, an object that is no buffer) is left out
    with a `ZStoreWarning`; so is what is deleted meanwhile, without one.
    """
    values, prefix = held.store.store_dict, held.prefix
    names, odd = await run_in_thread(_names_below, values, prefix)
    example = ""
    for first in range(0, len(names), _STEP):
        step = names[first : first + _STEP]
        found, buffers, others = await run_in_thread(_buffers_of, values, step)
        odd += len(others)
        example = example or (others[0] if others else "")
        yield [name[len(prefix) :] for name in found] if prefix else found, buffers
    if odd:
        msg = f"{odd} entries of store_dict are no values" + (
            f", that of {example!r} for one" if example else ""
        )
        warn(msg, ZStoreWarning, stacklevel=2)


def _names_below(values: Mapping[Any, Any], prefix: str) -> tuple[list[str], int]:
    names = _names(values)
    texts = [name for name in names if isinstance(name, str) and name.startswith(prefix)]
    return texts, sum(not isinstance(name, str) for name in names)


def _names(values: Mapping[Any, Any]) -> list[Any]:
    for _ in range(_TRIES):
        # A thread may add a name meanwhile, which ends the iteration.
        with contextlib.suppress(RuntimeError):
            names: list[Any] = []
            left = iter(values)
            # Not in one go, in which no other thread would run.
            while step := list(islice(left, _STEP)):
                names += step
            return names
    return list(values)


def _buffers_of(
    values: Mapping[str, Any], names: list[str]
) -> tuple[list[str], list[Buffer], list[str]]:
    # Lists and no pairs: as many new objects would set off the collector of garbage, which
    # stops all threads while it looks at everything in a large store.
    found: list[str] = []
    buffers: list[Buffer] = []
    others: list[str] = []
    for name in names:
        value = values.get(name, _GONE)
        if value is _GONE:
            continue
        try:
            buffers.append(value if isinstance(value, Buffer) else as_buffer(value))
            found.append(name)
        except Exception:  # noqa: BLE001 -- whatever it raises, it is no value; counted
            others.append(name)
    return found, buffers, others
