"""Computed keys are the same as a sorted table of them."""

from bisect import bisect_right

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.inventory.planning.key_spaces import (
    SHAPES,
    Concat,
    First,
    KeySpace,
    Names,
    Product,
    Shape,
    shape,
)
from zstore.keys import is_key

SIZES = [100, 101, 1_000, 4_321, 40_000, 123_456]


def check(space: KeySpace, table: list[str], others: list[str]) -> None:
    assert len(space) == len(table)
    assert [space.key(i) for i in range(len(space))] == table
    for key in [*table, *others]:
        assert space.rank(key) == bisect_right(table, key), key


@pytest.mark.parametrize("nkeys", SIZES)
@pytest.mark.parametrize("name", SHAPES)
def test_a_shape_has_exactly_so_many_keys_in_order(name: Shape, nkeys: int):
    space = shape(name, nkeys)
    keys = space.keys(0, nkeys + 5)
    assert len(space) == len(keys) == nkeys
    assert keys == sorted(set(keys))
    assert all(map(is_key, keys))


@pytest.mark.parametrize("name", SHAPES)
def test_a_key_has_a_rank_and_so_has_what_is_no_key(name: Shape):
    space = shape(name, 1_234)
    table = space.keys(0, len(space))
    around = [key[: i % len(key)] + end for i, key in enumerate(table) for end in "/-.0z"]
    check(space, table, ["", "~", *around])


@pytest.mark.parametrize("name", SHAPES)
@settings(max_examples=50, deadline=None)
@given(start=st.integers(0, 1_300), count=st.integers(0, 300))
def test_a_run_of_keys_is_a_slice_of_the_table(name: Shape, start: int, count: int):
    space = shape(name, 1_234)
    assert space.keys(start, start + count) == space.keys(0, 1_234)[start : start + count]


def test_a_billion_keys_cost_nothing():
    for name in SHAPES:
        space = shape(name, 10**9)
        for i in (0, 1, 123_456_789, 10**9 - 1):
            assert space.rank(space.key(i)) == i + 1
        page = space.keys(500_000_000, 500_001_000)
        assert page == [space.key(500_000_000 + i) for i in range(1_000)]
        assert page == sorted(set(page))


NAMES = st.sets(st.text("ab0", min_size=1, max_size=2), min_size=1, max_size=4)


@settings(max_examples=50, deadline=None)
@given(NAMES, NAMES, NAMES, st.integers(1, 9), st.lists(st.text("ab0/~", max_size=5)))
def test_spaces_are_put_together_from_spaces(
    heads: set[str], tails: set[str], more: set[str], count: int, others: list[str]
):
    product = Product([f"{head}/" for head in heads], Names(list(tails)))
    first = First(product, min(count, len(product)))
    space = Concat(first, Names([f"~{name}" for name in more]))
    table = sorted(f"{head}/{tail}" for head in heads for tail in tails)[: len(first)]
    check(space, table + sorted(f"~{name}" for name in more), others)


def test_sizes_are_positive_and_differ():
    sizes = [shape("flat", 1_000).nbytes(i) for i in range(1_000)]
    assert all(1 <= size <= 2**20 for size in sizes)
    assert len(set(sizes)) > 900
