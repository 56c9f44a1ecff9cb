"""A lease is an identity; its track guesses how much is left."""

import math

import pytest

from zstore.inventory.planning import KeyRange, Lease
from zstore.inventory.planning.alphabets import Alphabets
from zstore.inventory.planning.lease import Track


def learnt(*keys: str) -> Alphabets:
    alphabets = Alphabets()
    for key in keys:
        alphabets.learn(key)
    return alphabets


def test_a_lease_is_equal_to_itself_only():
    assert Lease("a", "b") != Lease("a", "b")
    assert len({Lease("a", "b"), Lease("a", "b")}) == 2
    assert Lease("a", "b").range == KeyRange("a", "b")


def test_what_is_left_is_as_dense_as_what_was_listed():
    track = Track()
    assert track.left(learnt("0"), "", None) is None
    track.listed("0", "2", 4)
    assert track.left(learnt("0"), "2", "9") == pytest.approx(14)


def test_a_range_without_a_page_is_as_long_as_was_expected():
    assert Track(12.5).left(learnt("0"), "2", None) == 12.5


def test_pages_of_one_place_say_nothing_of_the_rest():
    track = Track()
    track.listed("a", "a", 1)
    left = track.left(learnt("a", "b"), "a", None)
    assert left is not None
    assert math.isinf(left)


def test_the_first_pages_are_forgotten():
    # One page from "0" to "8", and then many pages of very little each.
    track = Track()
    track.listed("0", "8.0", 1)
    for i in range(8):
        track.listed(f"8.{i}", f"8.{i + 1}", 1)
    alphabets = learnt("0.0")
    left = track.left(alphabets, "8.8", "9.8")
    assert left is not None
    assert left > 5
    assert track.npages == 9


def test_useless_cuts_bring_the_next_closer():
    origin = Track()
    shares = []
    for _ in range(7):
        shares += origin.shares(1)
        Track(1, origin).judge(useful=False)
    assert shares == [1 / 2, 1 / 4, 1 / 16, 1 / 256, 2**-16, 2**-32, 2**-32]
    Track(1, origin).judge(useful=True)
    assert origin.shares(1) == [1 / 2]


def test_a_range_is_judged_once():
    origin = Track()
    track = Track(1, origin)
    track.judge(useful=False)
    track.judge(useful=False)
    assert origin.nuseless == 1


def test_several_cuts_search_for_the_end_and_later_make_equal_pieces():
    track = Track()
    assert track.shares(3) == [1 / 16, 1 / 4, 1 / 2]
    assert len(track.shares(50)) == 6
    track.listed("a", "b", 8)
    assert track.shares(3) == [1 / 4, 1 / 2, 3 / 4]


def test_a_range_rests_after_a_cut_and_long_after_many_useless_ones():
    track = Track()
    track.listed("a", "b", 3)
    track.was_cut()
    assert track.rests_until == 4
    track.nuseless = 6
    track.was_cut()
    assert track.rests_until == 11


def test_a_cut_lease_ends_where_the_next_begins():
    lease = Lease("a", "z")
    others = lease.cut(["c", "f"], 7)
    assert lease.until == "c"
    assert [(one.after, one.until) for one in others] == [("c", "f"), ("f", "z")]
    assert [one.track.expected for one in others] == [7, 7]
    assert [one.track.origin for one in others] == [lease.track, None]
