"""Sizes and names of what passes through a wrapper."""

import numpy as np
import pytest

from zstore.buffer import cpu
from zstore.entries import KeyPage
from zstore.wrappers.calls import (
    hint_of,
    legible,
    nbytes_of,
    nbytes_of_result,
    nitems_of,
    pairs_of,
)


@pytest.mark.parametrize(
    ("value", "nbytes"),
    [
        (b"abc", 3),
        (bytearray(4), 4),
        (memoryview(bytes(24)).cast("d"), 24),
        (np.zeros((2, 3), "f4"), 24),
        (cpu.Buffer.from_bytes(b"12"), 2),
        (None, 0),
        (7, 0),
        (False, 0),
    ],
)
def test_sizes_are_in_bytes(value: object, nbytes: int):
    assert nbytes_of(value) == nbytes
    assert nbytes_of_result(value) == nbytes
    assert nbytes_of_result([value, None, b"1"]) == nbytes + 1


def test_batches_count_by_their_items():
    assert nitems_of("key") == 1
    assert nitems_of([1, 2, 3]) == 3
    assert nitems_of(KeyPage(["a", "b"], [1, 2])) == 2


def test_a_hint_is_the_keys_or_the_prefix_or_nothing():
    assert hint_of(("a", "b"), None) == "a,b"
    assert hint_of((), "p") == "p"
    assert hint_of((), None) == ""
    assert hint_of((1,), None) == "1"


def test_a_hint_in_a_log_acts_on_no_terminal():
    assert legible("größe/c/0") == "größe/c/0"
    assert legible("a\x1b]0;owned\x07\n\u202eb") == r"a\x1b]0;owned\x07\n\u202eb"


def test_pairs_come_from_mappings_and_iterators():
    assert pairs_of({"a": b"1"}) == [("a", b"1")]
    assert pairs_of(iter([("a", b"1")])) == [("a", b"1")]
