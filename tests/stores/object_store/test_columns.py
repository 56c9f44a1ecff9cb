"""Pages as columns of Arrow."""

import pyarrow.compute
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zstore.keys import is_key
from zstore.stores.object_store.columns import NO_KEY, Columns


def columns(*names: str, sizes: list[int] | None = None) -> Columns:
    numbers = pyarrow.array(sizes or [1] * len(names), pyarrow.int64())
    return Columns(pyarrow.array(names), numbers, numbers, pyarrow.compute)


@given(st.lists(st.text("aC:./\\\n\x7f é~", max_size=6), min_size=1))
def test_the_pattern_finds_what_is_no_key(names: list[str]):
    found = pyarrow.compute.match_substring_regex(pyarrow.array(names), NO_KEY)
    assert found.to_pylist() == [not is_key(name) for name in names]


def test_the_reserved_suffix_is_no_key():
    assert not columns("a", "b.zstore-partial/c").are_keys
    assert columns("a", "bzstore-partial/c").are_keys


def test_the_order_is_that_of_code_points():
    assert columns("a", "a-", "a/", "a0", "é", "\U0001f600").increase("Z")
    assert columns("a").increase("")
    assert not columns("a").increase("a")
    assert not columns("a", "a").increase("")
    assert not columns("b", "a").increase("")


@pytest.mark.parametrize(
    ("after", "until", "expected"),
    [
        ("", None, ["b", "d", "f"]),
        ("b", "f", ["d", "f"]),
        ("a", "e", ["b", "d"]),
        ("c", "c", []),
        ("e", "a", []),
        ("f", None, []),
    ],
)
def test_a_range_is_cut_out(after: str, until: str | None, expected: list[str]):
    assert columns("b", "d", "f").between(after, until).names() == expected


def test_empty_objects_that_lead_are_seen():
    assert not columns("a", "a/1").may_lead
    assert not columns("a", "a-", "b", sizes=[0, 0, 1]).may_lead
    assert columns("a", "a/1", sizes=[0, 1]).may_lead
    assert columns("a", "b", sizes=[1, 0]).may_lead
