"""Sizes and counts for people."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zstore.display import format_count, format_nbytes, format_shape


@pytest.mark.parametrize(
    ("nbytes", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (1536, "1.5 KiB"),
        (10 * 1024, "10.0 KiB"),
        (99 * 1024 + 512, "99.5 KiB"),
        (100 * 1024, "100 KiB"),
        (1023 * 1024, "1,023 KiB"),
        (1024 * 1024 - 1, "1.0 MiB"),
        (1503238553, "1.4 GiB"),
        (2**63, "8.0 EiB"),
        (2**80, "1,048,576 EiB"),
        (-5, "-5 B"),
        (-2048, "-2.0 KiB"),
    ],
)
def test_a_size_has_the_unit_that_suits_it(nbytes: int, text: str):
    assert format_nbytes(nbytes) == text


@given(st.integers(1024, 2**69))
def test_a_size_is_right_to_what_is_shown(nbytes: int):
    match = re.fullmatch(r"([\d,.]+) (\w+)", format_nbytes(nbytes))
    assert match is not None
    units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
    shown = float(match[1].replace(",", "")) * 1024 ** units.index(match[2])
    assert shown == pytest.approx(nbytes, rel=0.051)


def test_no_number_of_a_hostile_store_is_too_large():
    assert format_nbytes(10**4000).endswith(" EiB")


def test_thousands_are_set_apart():
    assert format_count(113328) == "113,328"


def test_axes_are_set_apart():
    assert format_shape((3, 4)) == "3 \N{MULTIPLICATION SIGN} 4"
    assert format_shape(()) == ""
