"""Entries and running totals are plain values."""

import pickle
from dataclasses import FrozenInstanceError
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zstore import Entry, Usage
from zstore.entries import KeyPage

NAMES = st.text("ab./ -é0", min_size=1, max_size=4).filter(lambda name: "/" not in name)


def test_an_entry_is_a_value():
    when = datetime(2024, 5, 1, tzinfo=UTC)
    entry = Entry("a", "key", 5, when)
    assert entry == Entry("a", "key", 5, when)
    assert entry != Entry("a", "key", 6, when)
    assert pickle.loads(pickle.dumps(entry)) == entry  # noqa: S301 -- made here
    assert len({entry, Entry("a", "key", 5, when)}) == 1
    with pytest.raises(FrozenInstanceError):
        entry.name = "b"  # type: ignore[misc]


def test_a_cursor_tells_a_key_from_a_prefix():
    assert Entry("a", "key", 1).cursor == "a"
    assert Entry("a", "prefix").cursor == "a/"
    assert Entry("a", "prefix").nbytes is None


@given(st.sets(NAMES, max_size=6), st.sets(NAMES, max_size=6))
def test_cursors_sort_as_full_keys_do(keys: set[str], prefixes: set[str]):
    entries = [Entry(n, "key", 0) for n in keys] + [Entry(n, "prefix") for n in prefixes]
    cursors = sorted(entry.cursor for entry in entries)
    full = sorted([*keys, *(f"{name}/below" for name in prefixes)])
    assert [cursor.rstrip("/") for cursor in cursors] == [k.split("/")[0] for k in full]


def test_a_new_usage_counts_nothing():
    assert Usage() == Usage(0, 0, {}, complete=False)
    assert Usage().children is not Usage().children


def test_a_page_names_its_keys_whatever_holds_them():
    arrow = pytest.importorskip("pyarrow", reason="the extra 'inventory' is not installed")
    columns = ["a", "b/é"], [1, 2]
    page = KeyPage(*columns)
    assert len(page) == 2
    assert page.names() == ["a", "b/é"]
    assert KeyPage(*map(arrow.array, columns)).names() == ["a", "b/é"]
