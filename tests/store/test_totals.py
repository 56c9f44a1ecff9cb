"""Running totals: of one level as of several, bounded where that is asked for."""

from collections.abc import AsyncGenerator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes import DictStore
from zstore import Usage
from zstore._compat import override
from zstore.errors import InvalidTypeError
from zstore.store.totals import Totals

KEYS = st.lists(st.sampled_from("abc"), min_size=1, max_size=5).map("/".join)


@given(
    st.lists(st.lists(st.tuples(KEYS, st.integers(0, 9)), max_size=8), max_size=4),
    st.integers(1, 6),
)
def test_children_are_what_the_paths_of_the_keys_add_up_to(
    batches: list[list[tuple[str, int]]], depth: int
):
    totals = Totals("a/", depth, None)
    expected: dict[str, tuple[int, int]] = {}
    for batch in batches:
        totals.add(batch)
        for key, size in batch:
            names = key.split("/")[1:] if key.startswith("a/") else []
            for path in ("/".join(names[: n + 1]) for n in range(min(depth, len(names)))):
                nkeys, nbytes = expected.get(path, (0, 0))
                expected[path] = (nkeys + 1, nbytes + size)
    usage = totals.at_the_end()
    assert usage.children == expected
    assert usage.nkeys == sum(map(len, batches))
    assert usage.nbytes == sum(size for batch in batches for _, size in batch)


@given(st.lists(st.tuples(KEYS, st.integers(0, 9)), max_size=30), st.integers(1, 9))
def test_of_a_path_that_is_told_apart_those_above_are_too(
    batch: list[tuple[str, int]], max_children: int
):
    totals = Totals("", 5, max_children)
    totals.add(batch)
    children = totals.so_far().children
    assert len(children) <= max_children
    for path, (nkeys, _) in children.items():
        assert nkeys == sum(key == path or key.startswith(f"{path}/") for key, _ in batch)
        above = path.rpartition("/")[0]
        assert not above or above in children


async def test_usage_tells_as_many_levels_apart_as_it_is_asked_for():
    store = DictStore({"a": b"1", "a/b": b"22", "a/b/c": b"333", "d": b"", "e/f/g": b"4"})
    *_, two = [u async for u in store.usage(depth=2)]
    assert two == Usage(
        5,
        7,
        {"a": (3, 6), "a/b": (2, 5), "d": (1, 0), "e": (1, 1), "e/f": (1, 1)},
        complete=True,
    )
    *_, all_levels = [u async for u in store.usage("a", depth=1000)]
    assert all_levels.children == {"b": (2, 5), "b/c": (1, 3)}
    *_, one = [u async for u in store.usage()]
    assert one.children == {"a": (3, 6), "d": (1, 0), "e": (1, 1)}


async def test_usage_tells_no_more_children_apart_than_it_may():
    store = DictStore({f"{i}/{j}": b"12" for i in range(10) for j in range(10)})
    for depth in (1, 2):
        *_, few = [u async for u in store.usage(depth=depth, max_children=5)]
        assert (few.nkeys, few.nbytes, len(few.children)) == (100, 200, 5)
        assert all(few.children[path] == (10, 20) for path in few.children)


async def test_usage_copies_many_children_seldom():
    class Batches(DictStore):
        @override
        async def _scan(self, prefix: str) -> AsyncGenerator[list[tuple[str, int]], None]:
            for start in range(0, 20_000, 10):
                yield [(f"{n}/x", 1) for n in range(start, start + 10)]

    totals = [u async for u in Batches().usage(depth=2)]
    assert [u.nkeys for u in totals[:3]] == [10, 20, 30]
    assert sum(len(u.children) for u in totals) <= 34 * 20_000
    assert len(totals) < 400


@pytest.mark.parametrize("number", [0, -1, 1.5, "3", True])
async def test_a_depth_is_a_positive_number(number: Any):
    for name in ("depth", "max_children"):
        with pytest.raises(InvalidTypeError, match=f"{name} must be a positive int"):
            [u async for u in DictStore().usage(**{name: number})]
