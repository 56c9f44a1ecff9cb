"""What a listing may say that is no key, and the order of a level."""

import pytest

from zstore.entries import Entry
from zstore.errors import ZStoreWarning
from zstore.stores.listed import ListedNames, page_of


def test_other_names_are_left_out_with_one_warning():
    names = ListedNames()
    assert names.admit("a/b")
    # Markers of folders are no news.
    assert not names.admit("a/")
    assert not names.admit("")
    with pytest.warns(ZStoreWarning, match="'a//b'"):
        assert not names.admit("a//b")
    assert not names.admit("/c")


def test_a_page_is_in_order():
    level = [Entry("b", "prefix"), Entry("a", "prefix"), Entry("a", "key", 1)]
    assert [e.cursor for e in page_of(level, None, "")] == ["a", "a/", "b/"]
    assert [e.cursor for e in page_of(level, 1, "a")] == ["a/"]
