"""A prefix as a condition in SQL, and files as views."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.inventory.rows import ODD_KEYS
from tests.inventory.written import brute_below, opened
from zstore.errors import InvalidKeyError, InvalidTypeError
from zstore.inventory.asking.database import Database
from zstore.inventory.asking.views import Column, selects, views_of, whole_number
from zstore.keys import is_key

EMPTY = Database("nothing", [], views_of([], None, (None, [Column("path", "VARCHAR")])))


@given(
    keys=st.sets(ODD_KEYS | st.sampled_from(["foo", "foo/", "foo/a", "foo-", "foo0"])),
    prefix=st.text("a-/0é", max_size=4)
    .filter(lambda text: not text or is_key(text.removesuffix("/")))
    .filter(lambda text: text != "/")
    | st.just("foo"),
)
def test_the_condition_is_that_of_whole_segments(keys: set[str], prefix: str):
    condition, parameters = selects(prefix)
    rows = EMPTY.rows(
        f"SELECT key FROM (SELECT unnest($keys::VARCHAR[]) AS key) WHERE {condition}",  # noqa: S608 -- as the library does
        {**parameters, "keys": sorted(keys)},
    )
    expected = brute_below([(key, 0, None) for key in sorted(keys)], prefix)
    assert sorted(row[0] for row in rows) == [row[0] for row in expected]


@pytest.mark.parametrize("prefix", ["/", "a//b", "../a", "a\\b"])
def test_what_is_no_prefix_is_refused(prefix: str):
    with pytest.raises(InvalidKeyError):
        selects(prefix)


@pytest.mark.parametrize(
    ("key", "directory", "name"),
    [
        ("a", "", "a"),
        ("a/b", "a", "b"),
        ("é/ö/ü", "é/ö", "ü"),
        ("\N{GRINNING FACE}/e\u0301/x", "\N{GRINNING FACE}/e\u0301", "x"),
        ("a//b", "a/", "b"),
        ("a/", "a", ""),
    ],
)
async def test_a_key_has_a_directory_and_a_name(key: str, directory: str, name: str):
    with await opened([(key, 1, None)]) as inventory:
        rows = inventory.sql("SELECT directory, name FROM keys").to_pylist()
        assert rows == [{"directory": directory, "name": name}]


def test_without_files_the_views_are_empty():
    for name in ("keys", "dirs", "arrays"):
        assert EMPTY.rows(f"FROM {name}") == []


def test_a_path_is_quoted():
    views = views_of([str(Path("it's") / "a.parquet")], None, (None, []))
    assert "it''s" in views["keys"]


@pytest.mark.parametrize("value", [-1, 1.0, True, "1", None])
def test_a_number_is_whole(value: Any):
    with pytest.raises(InvalidTypeError, match="limit"):
        whole_number("limit", value)
    assert whole_number("limit", 0) == 0
