"""What a listing may say that is no key, and the order of a level."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from zstore.entries import Entry
from zstore.errors import ZStoreWarning
from zstore.stores.listed import ListedNames, microseconds, page_of


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


def test_times_are_microseconds_in_utc():
    time = datetime(1970, 1, 1, 1, 0, 0, 250001, tzinfo=UTC)
    assert microseconds(time) == 3_600_250_001
    assert microseconds(time.astimezone(timezone(timedelta(hours=9)))) == 3_600_250_001
    assert microseconds(datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)) == -1_000_000
