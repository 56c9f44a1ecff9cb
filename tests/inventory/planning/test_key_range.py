"""Ranges of keys leave no gap and share no key."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zstore.inventory.planning import KeyRange
from zstore.inventory.planning.key_range import in_order

KEYS = st.text("ab/-é😀", min_size=1, max_size=3)


def test_a_range_starts_after_a_key_and_ends_with_one():
    keys = KeyRange("b", "d")
    assert [key for key in ("a", "b", "b/", "c", "d", "d/") if key in keys] == [
        "b/",
        "c",
        "d",
    ]
    assert "" not in KeyRange()
    assert "a" in KeyRange()


@pytest.mark.parametrize("until", ["a", "b", ""])
def test_a_range_that_can_hold_no_key_is_refused(until: str):
    with pytest.raises(ValueError, match="no key comes after 'b'"):
        KeyRange("b", until)


@settings(max_examples=50, deadline=None)
@given(st.lists(KEYS, max_size=6), st.sets(KEYS, max_size=6), KEYS, st.none() | KEYS)
def test_each_key_of_a_range_is_in_one_of_its_pieces(
    keys: list[str], points: set[str], after: str, until: str | None
):
    if until is not None and until <= after:
        return
    whole = KeyRange(after, until)
    pieces = whole.pieces(sorted(points))
    assert (pieces[0].after, pieces[-1].until) == (after, until)
    assert in_order(pieces) == pieces
    for key in keys:
        assert sum(key in piece for piece in pieces) == (key in whole)


def test_pieces_end_at_the_points_inside_of_a_range():
    assert KeyRange("b").pieces(["a", "b", "c"]) == [KeyRange("b", "c"), KeyRange("c")]
    assert KeyRange("b", "c").pieces([]) == [KeyRange("b", "c")]


def test_ranges_are_put_in_order_and_may_touch():
    ranges = [KeyRange("c"), KeyRange("a", "b"), KeyRange("b", "c")]
    assert [one.after for one in in_order(ranges)] == ["a", "b", "c"]


@pytest.mark.parametrize(
    "ranges",
    [
        [KeyRange("a", "c"), KeyRange("b", "d")],
        [KeyRange(), KeyRange("b", "d")],
        [KeyRange("a", "c"), KeyRange("a", "c")],
    ],
)
def test_ranges_that_overlap_are_refused(ranges: list[KeyRange]):
    with pytest.raises(ValueError, match=r"KeyRange\(.*\) and KeyRange\(.*\) overlap"):
        in_order(ranges)
