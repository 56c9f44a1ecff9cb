"""R1: parts of values against the plainest way to cut them."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.reliability.figures import Effort, Figure
from tests.reliability.handles import Handle
from tests.reliability.names.scene import open_system
from tests.reliability.reads.requests import Request, asked, expected, is_too_large

__all__ = ["ranges"]

_HUGE = st.sampled_from([2**31, 2**32 + 1, 2**62, 2**63 - 1, 2**63, 2**64, 2**70])
_NO_NUMBERS = st.sampled_from([None, True, False, 1.0, "1", b"1"])
_NUMBERS: st.SearchStrategy[Any] = st.one_of(
    st.integers(0, 70), st.integers(0, 70), st.integers(-70, 70), _HUGE, _NO_NUMBERS
)
_REQUESTS: st.SearchStrategy[Request] = st.one_of(
    st.tuples(st.just("range"), st.tuples(_NUMBERS, _NUMBERS)),
    st.tuples(st.just("range"), st.tuples(st.integers(0, 70), _NUMBERS)),
    st.tuples(st.sampled_from(["offset", "suffix"]), st.tuples(_NUMBERS)),
)


class _Counts:
    """What was answered.

    Attributes
    ----------
    numbers
        How many requests there were inside and outside of a value, and how many of them
        were answered wrong.
    kinds
        Answers to what asks for no byte: errors by their names, ``"bytes"``, ``"None"``.
    examples
        A wrong answer of each kind.
    """

    def __init__(self) -> None:
        self.numbers: Counter[str] = Counter()
        self.kinds: Counter[str] = Counter()
        self.examples: dict[str, str] = {}

    def add(self, value: bytes, request: Request, answer: bytes | str | None) -> None:
        """Count an answer; a text is the name of an error."""
        right = expected(value, request)
        if right is None or is_too_large(request):
            kind = answer if isinstance(answer, str) else type(answer).__name__
            self.kinds[kind.removesuffix("Type")] += 1
        if is_too_large(request):
            # To refuse it is right, and so are its bytes.
            return
        where = "outside" if right is None else "inside"
        self.numbers[where] += 1
        # No bytes is an honest answer to a request for none, only not ours.
        given = answer if isinstance(answer, bytes) else b""
        if (given or None) != right:
            self.numbers[f"wrong {where}"] += 1
            self.examples.setdefault(where, f"{request} of {len(value)} bytes")


async def _answer(handle: Handle, request: Request) -> bytes | str | None:
    try:
        return await asked(handle, "key", request)
    except Exception as error:  # noqa: BLE001 -- it is what is counted
        return type(error).__name__


async def _ask_all(
    handle: Handle, value: bytes, requests: list[Request], counts: _Counts
) -> None:
    await handle.set("key", value)
    for request in requests:
        counts.add(value, request, await _answer(handle, request))


def _play(system: str, place: Path, nvalues: int) -> _Counts:
    counts = _Counts()
    with asyncio.Runner() as runner:
        opening = open_system(system, place)
        handle = runner.run(opening.__aenter__())

        @settings(
            max_examples=nvalues,
            phases=[Phase.generate],
            database=None,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        )
        @given(st.binary(max_size=64), st.lists(_REQUESTS, min_size=3, max_size=6))
        def play(value: bytes, requests: list[Request]) -> None:
            runner.run(_ask_all(handle, value, requests, counts))

        try:
            play()
        finally:
            runner.run(opening.__aexit__(None, None, None))
    return counts


def ranges(system: str, place: Path, effort: Effort) -> Iterator[Figure]:
    """Read parts of random values, within them, beyond them, and odd ones."""
    counts = _play(system, place, effort.pick(60, 400))
    for where, what in (
        ("inside", "requests within a value that did not give its bytes"),
        ("outside", "requests for no byte that gave bytes"),
    ):
        yield Figure(
            promise="R1",
            system=system,
            what=what,
            value=counts.numbers[f"wrong {where}"],
            of=counts.numbers[where],
            bar=0,
            note=counts.examples.get(where, ""),
        )
    # In all stores of ours the same one: `InvalidByteRangeError`.
    yield Figure(
        promise="R1",
        system=system,
        what="kinds of answer to requests for no byte, beside InvalidByteRangeError",
        value=len(counts.kinds.keys() - {"InvalidByteRangeError"}),
        bar=0,
        note=", ".join(sorted(counts.kinds)),
    )
