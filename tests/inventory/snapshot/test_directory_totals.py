"""Totals of every directory are exact, whatever the batches and the names are."""

from collections.abc import Iterable
from typing import Any

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from tests.inventory.rows import (
    ODD_KEYS,
    Row,
    above,
    batch_of_rows,
    directories_of_rows,
    pieces,
    sorted_rows,
)
from zstore.inventory.snapshot.directory_totals import DIRECTORIES, DirectoryTotals

KEYS = ODD_KEYS | ODD_KEYS.map(lambda key: f"a/{key}") | st.text("a/\0", min_size=1)


def totals_of(batches: Iterable[Any]) -> list[dict[str, Any]]:
    totals = DirectoryTotals()
    found = [totals.add(batch) for batch in batches]
    table = pa.concat_tables([*found, totals.finish()])
    assert table.schema == DIRECTORIES
    table.validate(full=True)
    time = table.column("newest").cast(pa.int64())
    rows: list[dict[str, Any]] = table.set_column(7, "newest", time).to_pylist()
    return rows


@given(sorted_rows(KEYS), st.integers(1, 9))
def test_every_directory_has_its_exact_totals_once(rows: list[Row], nkeys: int):
    found = totals_of(pieces(rows, nkeys))
    expected = directories_of_rows(rows)
    assert len(found) == len(expected)
    assert {row["path"]: tuple(row.values())[3:] for row in found} == expected
    depths = {row["path"]: row["depth"] for row in found}
    for row in found:
        if row["parent"] is None:
            assert (row["path"], row["depth"]) == ("", 0)
        else:
            assert row["parent"] == max(above(row["path"]) - {row["path"]}, key=len)
            assert row["depth"] == depths[row["parent"]] + 1


def test_a_neighbour_that_sorts_between_a_name_and_its_slash_splits_nothing():
    rows: list[Row] = [("a", 1, 5), ("a-", 2, None), ("a-b/x", 4, 9), ("a/x", 8, 7)]
    found = totals_of([batch_of_rows(rows)])
    assert sorted(tuple(row.values()) for row in found if row["path"]) == [
        ("a", "", 1, 1, 8, 1, 8, 7),
        ("a-b", "", 1, 1, 4, 1, 4, 9),
    ]
    [root] = [row for row in found if not row["path"]]
    assert tuple(root.values()) == ("", None, 0, 2, 3, 4, 15, 9)


def test_more_directories_than_are_looked_at_together_are_all_there():
    rows: list[Row] = sorted((f"{n % 7}/{n:05}/{n % 3}/x", n, n) for n in range(3000))
    found = totals_of([batch_of_rows(rows)])
    assert {row["path"]: tuple(row.values())[3:] for row in found} == directories_of_rows(
        rows
    )


def test_as_deep_as_a_key_can_be():
    key = "a/" * 511 + "x"
    found = totals_of([batch_of_rows([(key, 3, None)])])
    assert sorted(row["depth"] for row in found) == list(range(512))
    assert {row["nbytes"] for row in found} == {3}
