"""Rules of the model for what should not be done to a store, and for calls cut short."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from zstore.errors import InvalidByteRangeError, InvalidKeyError, MissingDependencyError
from zstore.ranges import OffsetByteRequest, RangeByteRequest, SuffixByteRequest
from zstore.testing.bad_keys import BAD_KEYS
from zstore.testing.calls import CHANGING, LISTING, READING
from zstore.testing.played import KEYS, VALUES, Played
from zstore.testing.promises import expect, refused

try:
    from hypothesis import strategies as st
    from hypothesis.stateful import precondition, rule
except ImportError as error:
    package = "hypothesis"
    raise MissingDependencyError(package, extra="test") from error

__all__ = ["Misuse"]

_ODD = st.sampled_from([-1, 2**63, 2**70, 1.0, True, None, "1"])
_FORMS = st.sampled_from([OffsetByteRequest, SuffixByteRequest, RangeByteRequest])
_CALLS = {**READING, **CHANGING}
# Turns of the event loop after which a call is cancelled.
_TURNS = st.integers(0, 6)


class Misuse(Played):
    """Refused keys and ranges change nothing; a cancelled call has happened or not."""

    hostile = False

    @rule(form=_FORMS, odd=_ODD, key=KEYS, is_first=st.booleans())
    def ask_for_an_odd_range(
        self, form: Any, odd: Any, key: str, *, is_first: bool
    ) -> None:
        """Be refused a range that is none, under any key."""
        numbers = (odd,) if form is not RangeByteRequest else (odd, 4)
        if form is RangeByteRequest and not is_first:
            numbers = (4, odd)
        with refused(InvalidByteRangeError, f"get of {form.__name__}{numbers}"):
            self._run(self._get_range(key, form, numbers))

    async def _get_range(self, key: str, form: Any, numbers: tuple[Any, ...]) -> None:
        await self.store.get(key, byte_range=form(*numbers))

    @precondition(lambda self: self.hostile)
    @rule(key=st.sampled_from(BAD_KEYS), name=st.sampled_from(sorted(_CALLS)))
    def use_a_bad_key(self, key: str, name: str) -> None:
        """Be refused what is no key, by any call."""
        with refused(InvalidKeyError, f"{name}({key!r})"):
            self._run(_awaited(_CALLS[name](self.store, key)))

    @precondition(lambda self: self.hostile and self.store.supports_listing)
    @rule(prefix=st.sampled_from(BAD_KEYS), name=st.sampled_from(sorted(LISTING)))
    def list_a_bad_prefix(self, prefix: str, name: str) -> None:
        """Be refused what is no prefix, by any listing."""
        with refused(InvalidKeyError, f"{name}({prefix!r})"):
            self._run(_awaited(LISTING[name](self.store, prefix)))

    @rule(key=KEYS, value=VALUES, turns=_TURNS)
    def cancel_a_set(self, key: str, value: bytes, turns: int) -> None:
        """Store a value or not, and know which."""
        if not self._conflicts(key):
            self._cut_short(key, value, self.store.set(key, value), turns)

    @precondition(lambda self: self.store.supports_deletes)
    @rule(key=KEYS, turns=_TURNS)
    def cancel_a_delete(self, key: str, turns: int) -> None:
        """Delete a value or not, and know which."""
        self._cut_short(key, None, self.store.delete(key), turns)

    def _cut_short(
        self, key: str, new: bytes | None, call: Coroutine[Any, Any, None], turns: int
    ) -> None:
        """Cancel a call; what is there then stays, as every later rule checks."""
        is_done = self._run(_cancelled(call, turns))
        found = self._run(self.store.get(key))
        value = None if found is None else found.to_bytes()
        of = f"a call that was {'done' if is_done else 'cancelled'} left {value!r}"
        may = [new] if is_done else [new, self.values.get(key)]
        expect(value in may, f"{of} under {key!r}, not one of {may}")
        if value is None:
            self.values.pop(key, None)
        else:
            self.values[key] = value


async def _awaited(call: Any) -> None:
    await call


async def _cancelled(call: Coroutine[Any, Any, None], turns: int) -> bool:
    """Cancel a call after some turns; tell whether it was done before."""
    task = asyncio.create_task(call)
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    if task.cancelled():
        return False
    task.result()
    return True
