"""A store beside a dict, and what random calls are made of; needs hypothesis."""

import asyncio
from collections.abc import AsyncIterable, Coroutine
from typing import Any, TypeVar

from zstore._compat import override
from zstore.errors import MissingDependencyError
from zstore.keys import prefix_of
from zstore.store import Store
from zstore.testing.promises import gather

try:
    from hypothesis import strategies as st
    from hypothesis.stateful import RuleBasedStateMachine
except ImportError as error:
    package = "hypothesis"
    raise MissingDependencyError(package, extra="test") from error

__all__ = ["KEYS", "VALUES", "Played"]

T = TypeVar("T")

# Few and alike, so that keys meet, lie below one another, and only begin alike.
_SEGMENTS = st.sampled_from(["a", "ab", "ab.c", "b", "é", "*"])

KEYS = st.lists(_SEGMENTS, min_size=1, max_size=3).map("/".join)
"""Keys that meet often."""

VALUES = st.binary(max_size=12)
"""Short values, none of them rare."""


class Played(RuleBasedStateMachine):
    """A store, and the dict that it has to agree with.

    Attributes
    ----------
    store, values
        Both; every rule changes them alike.
    """

    def __init__(self) -> None:
        super().__init__()
        self._runner = asyncio.Runner()
        self.store: Store = self._make()
        self.values: dict[str, bytes] = {}

    def _make(self) -> Store:
        raise NotImplementedError

    @override
    def teardown(self) -> None:
        self._run(self.store.aclose())
        self._runner.close()

    def _run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(coroutine)

    def _all(self, items: AsyncIterable[T]) -> list[T]:
        return self._run(gather(items))

    def _selected(self, prefix: str) -> dict[str, bytes]:
        folder = prefix_of(prefix)
        return {k: v for k, v in self.values.items() if k == prefix or k.startswith(folder)}

    def _conflicts(self, key: str) -> bool:
        """Tell whether a file system could not hold `key` beside the others."""
        return any(k.startswith(f"{key}/") or key.startswith(f"{k}/") for k in self.values)
