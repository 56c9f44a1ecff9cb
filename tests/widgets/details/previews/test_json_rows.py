import json
import math
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zstore.display import visible
from zstore_widgets.details.previews.json_rows import (
    MAX_DEPTH,
    MAX_ROWS,
    JsonRow,
    json_rows,
    rows_of_value,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=30,
)


def rows_expected(value: Any, name: str | None = None, depth: int = 0) -> list[JsonRow]:
    """Say the rows of a value by the plain recursion that the reader avoids."""
    match value:
        case dict():
            head = JsonRow(depth, "object", name, "", len(value))
            items = [(visible(each, 200), value[each]) for each in value]
        case list():
            head = JsonRow(depth, "array", name, "", len(value))
            items = [(str(at), each) for at, each in enumerate(value)]
        case str():
            return [JsonRow(depth, "string", name, visible(value, 400), 0)]
        case bool() | None:
            return [JsonRow(depth, "word", name, json.dumps(value), 0)]
        case float() if math.isinf(value):
            return [JsonRow(depth, "word", name, json.dumps(value), 0)]
        case _:
            return [JsonRow(depth, "number", name, json.dumps(value), 0)]
    rows = [head]
    for key, child in items:
        rows += rows_expected(child, key, depth + 1)
    return rows


@given(JSON, st.booleans())
def test_the_rows_are_those_of_the_value(value: object, escaped: bool):
    text = json.dumps(value, ensure_ascii=escaped)
    found = json_rows(text, is_whole=True)
    assert found.status == "whole"
    assert found.rows == rows_expected(value)


@given(JSON, st.data())
def test_a_text_that_ends_too_early_gives_the_rows_up_to_there(
    value: object, data: st.DataObject
):
    text = json.dumps(value, indent=1)
    cut = data.draw(st.integers(0, len(text) - 1))
    whole = json_rows(text, is_whole=True).rows
    found = json_rows(text[:cut], is_whole=False)
    # A word or a string that the cut touches is not there, nor half of it.
    assert found.status in {"cut", "whole"}
    assert [row._replace(length=0) for row in found.rows] == [
        row._replace(length=0) for row in whole[: len(found.rows)]
    ]


@given(st.text(alphabet='{}[],:"\\u0 \n1e+-.truefalsnNI'), st.booleans())
def test_no_text_raises(text: str, is_whole: bool):
    found = json_rows(text, is_whole=is_whole)
    assert found.status != "whole" or found.rows


@given(st.text(alphabet='{}[],:" 1.true\\'))
def test_what_is_called_whole_is_json(text: str):
    if json_rows(text, is_whole=True).status == "whole":
        json.loads(text.rstrip("\0"), strict=False)


def test_names_that_come_twice_are_both_there():
    found = json_rows('{"a": 1, "a": 2}', is_whole=True)
    assert [(row.name, row.text) for row in found.rows[1:]] == [("a", "1"), ("a", "2")]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("1e999", "1e999"),
        ("NaN", "NaN"),
        ("-Infinity", "-Infinity"),
        ("-0.5E-7", "-0.5E-7"),
        ("9" * 10_000, "9" * 60 + "… (10,000 characters)"),
        (r'"\ud800"', r"\ud800"),
        (r'"\u202e\u001b"', r"\u202e\x1b"),
        ('"a\nb"', r"a\nb"),
        (r'"\q"', r"\q"),
        ('"' + "x" * 500 + '"', "x" * 399 + "…"),
        ('"' + r"\u0041" * 5_000 + '"', "A" * 399 + "…"),
    ],
)
def test_scalars_are_shown_as_they_stand(text: str, shown: str):
    found = json_rows(text, is_whole=True)
    assert [row.text for row in found.rows] == [shown]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"a": }', "line 1 on: a value is missing"),
        ("[1\n 2]", "line 2 on: a comma or the end is missing"),
        ('{"a" 1}', "a colon is missing"),
        ("{1: 2}", "a name in quotes is missing"),
        ("[1] 2", "nothing should follow here"),
        ("[tru]", "no JSON value is here"),
        ("[01]", "no JSON value is here"),
        ('["a', "no JSON value is here"),
        ("", "no JSON value is here"),
        ("[1}", "a comma or the end is missing"),
    ],
)
def test_a_mistake_is_said_with_its_line(text: str, reason: str):
    found = json_rows(text, is_whole=True)
    assert found.status == "invalid"
    assert found.problem is not None
    assert reason in found.problem


def test_a_number_at_the_cut_is_not_shown_for_another():
    assert [row.text for row in json_rows("[12, 34", is_whole=False).rows] == ["", "12"]


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"a":' * 100_000,
        json.dumps({f"k{at}": at for at in range(200_000)}),
        "[" + "[]," * 300_000,
        '"' + "\\" * 1_000_000,
        '"' * 1_000_000,
        '["' + "x" * 1_000_000,
        "9" * 1_000_000,
        "-" * 1_000_000,
        " " * 1_000_000,
    ],
    ids=["deep", "deep objects", "wide", "empty", *(f"long {at}" for at in range(6))],
)
def test_hostile_texts_are_read_in_time_and_bounds(text: str):
    start = time.process_time()
    found = json_rows(text[: 2**20], is_whole=False)
    assert time.process_time() - start < 60
    assert len(found.rows) <= MAX_ROWS
    assert all(row.depth <= MAX_DEPTH for row in found.rows)


def test_what_is_too_deep_or_too_wide_says_so():
    deep = json_rows("[" * 300, is_whole=False)
    assert deep.problem == "it is nested more than 200 levels deep"
    wide = json_rows("[" + "1," * 30_000, is_whole=False)
    assert wide.problem == "these are the first 20,000 values"
    assert wide.rows[0].length == len(wide.rows) - 1 == MAX_ROWS - 1


def test_a_value_is_written_out_only_as_far_as_it_is_shown():
    huge = {"a": ["x" * 100] * 100_000}
    found = rows_of_value(huge)
    assert found.status == "cut"
    assert 500 < len(found.rows) < 700
    assert rows_of_value({}).rows == [JsonRow(0, "object", None, "", 0)]
