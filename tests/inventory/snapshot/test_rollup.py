"""Sums by prefix: exact whatever the keys, the batches and the order of workers are."""

import pickle
from itertools import groupby
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.inventory.rows import ODD_KEYS, Row, batch_of_rows, pieces, sorted_rows
from zstore import MemoryStore
from zstore.buffer import cpu
from zstore.errors import InvalidTypeError
from zstore.inventory.snapshot.rollup import LiveTree, runs_of
from zstore.keys import is_key, prefix_of
from zstore.store.totals import Totals

KEYS = st.lists(st.sampled_from(["a", "a-", "b", "é"]), min_size=1, max_size=5).map(
    "/".join
)


def directory(row: Row) -> str:
    return row[0].rpartition("/")[0]


@given(sorted_rows(ODD_KEYS))
def test_runs_are_neighbouring_keys_of_one_directory(rows: list[Row]):
    expected = []
    for path, group in groupby(rows, directory):
        run = list(group)
        newest = max((row[2] for row in run if row[2] is not None), default=None)
        expected.append((path, len(run), sum(row[1] for row in run), newest))
    assert runs_of(batch_of_rows(rows)) == expected


def test_of_no_keys_there_are_no_runs():
    assert runs_of(batch_of_rows([])) == []


def test_a_directory_has_a_run_for_each_stretch_of_its_keys():
    rows: list[Row] = [("a/-", 1, None), ("a/b/x", 2, None), ("a/c", 4, 7)]
    assert runs_of(batch_of_rows(rows)) == [
        ("a", 1, 1, None),
        ("a/b", 1, 2, None),
        ("a", 1, 4, 7),
    ]


@st.composite
def listed(draw: st.DrawFn) -> tuple[str, list[Row]]:
    """Draw a prefix, and rows of keys that a scan of it would give."""
    prefix = draw(st.sampled_from(["", "a", "a/", "a/b", "a-"]))
    rows = draw(sorted_rows(KEYS.filter(is_key), max_size=40))
    below = prefix_of(prefix)
    return prefix, [row for row in rows if row[0] == prefix or row[0].startswith(below)]


@given(listed(), st.integers(1, 6), st.integers(1, 9), st.randoms())
def test_a_tree_is_what_usage_says_in_any_order_of_batches_and_workers(
    scan: tuple[str, list[Row]], depth: int, nkeys: int, random: Random
):
    prefix, rows = scan
    totals = Totals(prefix_of(prefix), depth, None)
    totals.add([(key, nbytes) for key, nbytes, _ in rows])
    workers = [LiveTree(prefix, depth) for _ in range(3)]
    batches = list(pieces(rows, nkeys))
    random.shuffle(batches)
    for index, batch in enumerate(batches):
        workers[index % 3].add(runs_of(batch), batch)
    tree = workers.pop()
    for worker in workers:
        tree.merge(pickle.loads(pickle.dumps(worker)))  # noqa: S301 -- made here
    assert tree.usage(complete=True) == totals.at_the_end()


async def test_a_tree_is_what_the_usage_of_a_store_says():
    keys = ["a/b/c", "a/b/d", "a/e", "a", "ab", "f/g"]
    store = MemoryStore({key: cpu.Buffer.from_bytes(key.encode()) for key in keys})
    rows: list[Row] = [(key, len(key), None) for key in sorted(keys)]
    batch = batch_of_rows(rows)
    for depth in (1, 2, 3):
        *_, expected = [usage async for usage in store.usage(depth=depth)]
        tree = LiveTree("", depth)
        tree.add(runs_of(batch), batch)
        assert tree.usage(complete=True) == expected


def test_without_the_keys_only_folders_are_told_apart():
    batch = batch_of_rows([("a/b/x", 2, None), ("a/y", 3, None), ("z", 4, None)])
    tree = LiveTree()
    tree.add(runs_of(batch))
    usage = tree.usage()
    assert usage.children == {"a": (2, 5), "a/b": (1, 2)}
    assert (usage.nkeys, usage.nbytes, usage.complete) == (3, 9, False)


def test_keys_beyond_a_bound_are_counted_above():
    rows: list[Row] = [(f"a/{n}", 1, None) for n in range(9)]
    tree = LiveTree(max_leaves=2)
    for batch in pieces(rows, 3):
        tree.add(runs_of(batch), batch)
    other = LiveTree(max_leaves=2)
    other.merge(tree)
    for one in (tree, other):
        assert one.usage().children == {"a": (9, 9), "a/0": (1, 1), "a/1": (1, 1)}


@settings(deadline=None)
@given(
    sorted_rows(KEYS, max_size=40),
    st.integers(1, 12),
    st.integers(1, 9),
    st.lists(st.integers(0, 2), min_size=40, max_size=40),
)
def test_what_a_bounded_tree_tells_apart_is_exact(
    rows: list[Row], max_children: int, nkeys: int, shares: list[int]
):
    whole = LiveTree("", 4)
    workers = [LiveTree("", 4, max_children) for _ in range(3)]
    for batch, share in zip(pieces(rows, nkeys), shares, strict=False):
        whole.add(runs_of(batch))
        workers[share].add(runs_of(batch))
    tree = LiveTree("", 4, max_children)
    for worker in workers:
        tree.merge(worker)
    for batch in pieces(rows, nkeys):
        tree.add(runs_of(batch))
        whole.add(runs_of(batch))
    found, expected = tree.usage(), whole.usage()
    assert (found.nkeys, found.nbytes) == (expected.nkeys, expected.nbytes)
    assert len(found.children) <= max_children
    assert found.children.items() <= expected.children.items()


def tree_of(*keys: str, max_children: int = 2) -> LiveTree:
    tree = LiveTree("", 4, max_children)
    for key in keys:
        tree.add(runs_of(batch_of_rows([(key, 1, None)])))
    return tree


def test_a_folder_that_one_tree_may_have_lost_is_not_told_apart_again():
    tree = tree_of("a/x", "p/x", "p/lost/x")
    tree.merge(tree_of("p/x", "p/1/x", "a/x", "b/x"))
    assert tree.usage().children == {"p": (4, 4)}
    tree.merge(tree_of("a/y", "p/lost/y"))
    tree.add(runs_of(batch_of_rows([("a/z", 1, None), ("p/lost/z", 1, None)])))
    assert tree.usage().children == {"p": (6, 6)}
    assert tree.usage().nkeys == 11


def test_with_a_folder_goes_what_is_below_it():
    tree = tree_of("p/1/x")
    tree.merge(tree_of("x/x", "y/x", "p/1/y"))
    assert tree.usage().children == {"x": (1, 1), "y": (1, 1)}


@pytest.mark.parametrize("wrong", [{"depth": 0}, {"depth": True}, {"max_children": "9"}])
def test_bounds_are_positive_numbers(wrong: dict[str, Any]):
    with pytest.raises(InvalidTypeError, match="must be a positive int, got"):
        LiveTree(**wrong)
