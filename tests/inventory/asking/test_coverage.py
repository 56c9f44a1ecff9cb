"""A snapshot says complete of what it has all of, and of nothing else."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.inventory.rows import ODD_KEYS
from tests.inventory.written import brute_below
from zstore.inventory.asking.coverage import covers, left_out, selects_all_of
from zstore.inventory.planning import KeyRange
from zstore.inventory.snapshot.manifest import Hole, Manifest

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def manifest(
    *pending: KeyRange, holes: tuple[Hole, ...] = (), prefix: str = ""
) -> Manifest:
    return Manifest(
        store="s", prefix=prefix, source="scan", started=NOW, pending=pending, holes=holes
    )


@st.composite
def key_ranges(draw: st.DrawFn) -> KeyRange:
    after, until = sorted(draw(st.lists(ODD_KEYS, min_size=2, max_size=2, unique=True)))
    return KeyRange(
        draw(st.sampled_from(["", after])), draw(st.sampled_from([None, until]))
    )


@given(
    pending=st.lists(key_ranges(), max_size=3),
    keys=st.sets(ODD_KEYS, max_size=30),
    prefix=st.sampled_from(["", "a", "a/", "a/a", "-", "0/"]),
)
def test_a_range_that_has_a_key_of_the_prefix_is_left_out(
    pending: list[KeyRange], keys: set[str], prefix: str
):
    found = left_out(manifest(*pending), prefix)
    for key, _, _ in brute_below([(key, 0, None) for key in keys], prefix):
        assert any(key in one for one in found) == any(key in one for one in pending)
    assert covers(manifest(*pending), prefix) == (not found)


@pytest.mark.parametrize(
    ("one", "met"),
    [
        (KeyRange("a", "foo"), True),
        (KeyRange("a", "fon"), False),
        (KeyRange("foo", "foo-"), False),
        (KeyRange("foo", "foo/"), True),
        (KeyRange("foo/zzz", None), True),
        (KeyRange("foo0", None), False),
        (KeyRange("foo/a", "foo/b"), True),
    ],
)
def test_neighbours_of_a_prefix_do_not_make_it_incomplete(one: KeyRange, met: bool):
    assert covers(manifest(one), "foo") is not met


def test_pending_ranges_and_holes_are_joined_in_order():
    holes = (Hole(KeyRange("b", "c"), "broken"),)
    found = left_out(manifest(KeyRange("c", "d"), KeyRange("x", None), holes=holes))
    assert found == [KeyRange("b", "d"), KeyRange("x", None)]


@pytest.mark.parametrize(
    ("scanned", "asked", "covered"),
    [
        ("a", "a", True),
        ("a", "a/b", True),
        ("a/", "a", False),
        ("a", "ab", False),
        ("a", "", False),
        ("", "a", True),
        ("a/", "a/", True),
        ("a/b", "a", False),
    ],
)
def test_nothing_is_known_beside_the_prefix_that_was_scanned(
    scanned: str, asked: str, covered: bool
):
    assert selects_all_of(scanned, asked) is covered
    assert covers(manifest(prefix=scanned), asked) is covered
