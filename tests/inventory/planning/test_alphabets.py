"""Cuts lie inside of a range, near where they were asked for, and are keys."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.inventory.planning.key_spaces import Hashed, Shape, shape
from zstore.inventory.planning.alphabets import Alphabets
from zstore.keys import is_key

TEXTS = st.text("ab09/.-_ é\x01\\😀\ud800", max_size=6)


def learnt(*keys: str) -> Alphabets:
    alphabets = Alphabets()
    for key in keys:
        alphabets.learn(key)
    return alphabets


@settings(max_examples=50, deadline=None)
@given(
    st.lists(TEXTS), TEXTS, st.none() | TEXTS, st.sets(st.floats(0.01, 0.99), min_size=1)
)
def test_cuts_are_different_keys_inside_of_the_range(
    known: list[str], after: str, until: str | None, shares: set[float]
):
    if until is not None and until <= after:
        return
    cuts = learnt(*known).cuts(after, until, sorted(shares))
    assert all(is_key(cut) and not cut.endswith("/") for cut in cuts)
    assert all(one < other for one, other in pairwise([after, *cuts]))
    assert until is None or all(cut < until for cut in cuts)


@settings(max_examples=50, deadline=None)
@given(st.lists(TEXTS), st.lists(TEXTS, min_size=2))
def test_places_are_in_the_order_of_keys(known: list[str], keys: list[str]):
    *others, until = sorted(keys)
    places = learnt(*known).places(others, until)
    # But for rounding.
    assert all(one <= other + 1e-12 for one, other in pairwise(places))
    assert all(-1e-12 <= place <= 1 + 1e-12 for place in places)
    assert learnt(*known).places(others, None)[-1] == 1


def test_one_digit_stands_for_ten():
    assert learnt("a/0").cuts("a/", "a/9", [0.25, 0.75]) == ["a/2", "a/6"]


def test_letters_are_only_what_was_seen():
    assert learnt("ab", "ac", "ad").cuts("ab", None, [0.5]) == ["ac"]
    assert learnt("ab").cuts("ab", None, [0.5]) == []


def test_a_cut_is_short():
    alphabets = learnt("temperature/0.0.0", "temperature/0.12.7")
    assert alphabets.cuts("temperature/0.0.0", None, [0.5]) == ["temperature/5"]


def test_a_number_is_not_made_longer_than_any_that_was_seen():
    # After "19" comes "2" or a dot, never a third digit.
    alphabets = learnt("a/0.0", "a/10.0", "a/19.9")
    (cut,) = alphabets.cuts("a/19.0", "a/2", [0.5])
    assert cut.startswith("a/19.")


def test_the_same_place_in_another_branch_has_an_alphabet_of_its_own():
    alphabets = learnt("x-y/0", "x.y/p", "x.y/q")
    assert alphabets.cuts("x-y/0", "x-y/9", [0.5]) == ["x-y/4"]


def test_the_first_letter_of_a_hash_is_known_before_it_was_seen():
    space = Hashed(100_000, "seed")
    alphabets = learnt(*(space.key(i) for i in range(0, 8_000, 100)))
    (cut,) = alphabets.cuts(space.key(8_000), None, [0.5])
    assert 0.4 < space.rank(cut) / len(space) < 0.65


@pytest.mark.parametrize("name", ["nested", "flat", "hashed"])
def test_a_cut_in_the_middle_halves_the_keys(name: Shape):
    space = shape(name, 100_000)
    alphabets = learnt(*(space.key(i) for i in range(0, 100_000, 500)))
    start, end = 20_000, 80_000
    (cut,) = alphabets.cuts(space.key(start), space.key(end), [0.5])
    assert 35_000 < space.rank(cut) < 65_000


def test_unknown_characters_lie_between_the_known():
    alphabets = learnt("b", "d")
    assert alphabets.places(["a", "b", "c", "d"], "e") == [0, 0, 0.5, 0.5, 1]


def test_what_is_learnt_is_bounded():
    alphabets = Alphabets()
    for i in range(30_000):
        alphabets.learn(chr(0x4E00 + i % 20_000) + "-" + chr(0x4E00 + i // 2))
    assert alphabets._nlearnt == 10_000
    assert alphabets.cuts("", None, [0.5])
