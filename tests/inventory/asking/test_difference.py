"""A difference is asked for keys and directories, the largest change first."""

import asyncio
from typing import Any

import pytest

from tests.inventory.rows import Row
from tests.inventory.written import opened
from zstore.errors import InvalidTypeError, SnapshotError
from zstore.inventory.asking.difference import Difference, DirectoryChange, KeyChange

OLD: list[Row] = [("a/b/x", 10, 1), ("a/b/y", 5, 1), ("a/z", 1, 1), ("top", 3, 1)]
NEW: list[Row] = [("a/b/x", 110, 2), ("a/b/y", 5, 2), ("c/new", 50, 2), ("top", 3, 1)]


async def difference_of(prefix: str = "") -> Difference:
    with await opened(OLD) as old, await opened(NEW) as new:
        return await asyncio.to_thread(old.diff, new, prefix=prefix)


async def test_keys_come_with_the_largest_change_first():
    with await difference_of() as difference:
        assert difference.keys() == [
            KeyChange("a/b/x", "changed", 10, 110),
            KeyChange("c/new", "added", None, 50),
            KeyChange("a/z", "removed", 1, None),
            KeyChange("a/b/y", "changed", 5, 5),
        ]
        assert difference.keys("added") == [KeyChange("c/new", "added", None, 50)]
        assert len(difference.keys(limit=2)) == 2


async def test_directories_sum_up_what_lies_below():
    with await difference_of() as difference:
        assert difference.per_directory() == [
            DirectoryChange("a", nadded=0, nremoved=1, nchanged=2, grown=99),
            DirectoryChange("c", nadded=1, nremoved=0, nchanged=0, grown=50),
        ]
        assert [one.path for one in difference.per_directory(2)] == ["a/b", "c", "a"]
        assert [one.path for one in difference.per_directory(0)] == [""]
        assert len(difference.per_directory(limit=1)) == 1


async def test_depth_is_counted_from_the_prefix():
    with await difference_of("a") as difference:
        assert [one.path for one in difference.per_directory(0)] == ["a"]
        assert [one.path for one in difference.per_directory(1)] == ["a/b", "a"]


async def test_all_of_it_is_a_table_of_arrow():
    with await difference_of() as difference:
        table = difference.to_arrow()
        assert table.column("key").to_pylist() == ["a/b/x", "a/b/y", "a/z", "c/new"]


async def test_a_question_that_is_none_is_refused():
    wrong: Any = "grown"
    with await difference_of() as difference:
        with pytest.raises(InvalidTypeError, match="'grown'"):
            difference.keys(wrong)
        with pytest.raises(InvalidTypeError, match="depth"):
            difference.per_directory(wrong)
        with pytest.raises(InvalidTypeError, match="limit"):
            difference.keys(limit=-1)


async def test_a_closed_difference_keeps_its_sums():
    difference = await difference_of()
    difference.close()
    difference.close()
    assert difference.added.nkeys == 1
    with pytest.raises(SnapshotError, match="closed"):
        difference.keys()
