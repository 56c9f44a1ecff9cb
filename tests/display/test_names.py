"""Texts of a store, shown so that nothing in them acts, hides or moves."""

import json
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zstore.display import visible

CASES: list[tuple[str, str]] = json.loads(
    (Path(__file__).parents[1] / "names.json").read_text(encoding="ascii")
)


def test_there_are_as_many_cases_as_the_threats_ask_for():
    assert len(CASES) >= 46
    assert len({text for text, _ in CASES}) == len(CASES)


@pytest.mark.parametrize(("text", "shown"), CASES, ids=lambda text: ascii(text)[:40])
def test_a_text_is_shown_as_the_table_says(text: str, shown: str):
    assert visible(text) == shown


def test_letters_of_every_script_are_shown_as_they_are():
    for text in ("größe", "温度", "שלום", "สวัสดี", "नमस्ते", "e\u0301te\u0301"):
        assert visible(text) == text


def test_no_character_acts_hides_or_moves():
    hidden = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    for code in range(sys.maxunicode + 1):
        shown = visible(chr(code))
        assert shown
        assert not [char for char in shown if unicodedata.category(char) in hidden], code


def test_different_texts_are_shown_differently():
    texts = {
        "\u200b",
        "\u200c",
        "a\u0301",
        "a\u0301\u0301",
        "\ufe0f",
        "\ufe0e",
        " ",
        "\xa0",
    }
    assert len({visible(text) for text in texts}) == len(texts)


def test_marks_do_not_climb_over_the_lines_above():
    shown = visible("Z" + "\u0301" * 300)
    assert sum(map(unicodedata.combining, shown)) == sum(
        map(unicodedata.combining, "\u0301" * 4)
    )


def test_a_mark_that_follows_nothing_is_an_escape():
    assert visible("\u0301a") == "\\u0301a"
    assert visible("a\n\u0301") == "a\\n\\u0301"


@given(st.text(), st.integers(1, 40))
def test_a_limit_is_kept_and_no_escape_is_cut(text: str, limit: int):
    whole = visible(text)
    shown = visible(text, limit)
    assert len(shown) <= limit
    if shown != whole:
        assert shown.endswith("…")
        pieces = [visible(text[:end]) for end in range(len(text) + 1)]
        assert shown[:-1] in pieces


def test_a_huge_text_costs_no_more_than_its_limit():
    assert visible("\u202e" * 10_000_000, 13) == "\\u202e\\u202e…"
