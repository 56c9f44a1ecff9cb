"""Totals of every directory, exact, and sorted with little memory."""

from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.inventory.rows import ODD_KEYS, Row, batch_of_rows, pieces, sorted_rows
from zstore.errors import BackendError
from zstore.inventory.snapshot import directories
from zstore.inventory.snapshot.directories import (
    DIRECTORIES,
    DirectoryFile,
    DirectoryTotals,
)
from zstore.inventory.snapshot.rollup import runs_of


def above(path: str) -> set[str]:
    """Return a directory and those that it lies in."""
    return {"", path} | {path[:at] for at, letter in enumerate(path) if letter == "/"}


def by_hand(rows: list[Row]) -> dict[str, tuple[int, int, int, int, int | None]]:
    found: dict[str, tuple[int, int, int, int, int | None]] = {"": (0, 0, 0, 0, None)}
    for key, nbytes, modified in rows:
        own = key.rpartition("/")[0]
        for path in above(own):
            a, b, c, d, newest = found.get(path, (0, 0, 0, 0, None))
            times = [time for time in (newest, modified) if time is not None]
            mine = (a + 1, b + nbytes) if path == own else (a, b)
            found[path] = (*mine, c + 1, d + nbytes, max(times, default=None))
    return found


@given(sorted_rows(ODD_KEYS | ODD_KEYS.map(lambda key: f"a/{key}")), st.integers(1, 9))
def test_every_directory_has_its_exact_totals_once(rows: list[Row], nkeys: int):
    totals = DirectoryTotals()
    for batch in pieces(rows, nkeys):
        totals.add(runs_of(batch))
    totals.finish()
    expected = by_hand(rows)
    assert len(totals.rows) == len(expected)
    assert {row.path: row[3:] for row in totals.rows} == expected
    depths = {row.path: row.depth for row in totals.rows}
    for row in totals.rows:
        if row.parent is None:
            assert (row.path, row.depth) == ("", 0)
        else:
            assert row.parent == max(above(row.path) - {row.path}, key=len)
            assert row.depth == depths[row.parent] + 1


def test_a_neighbour_that_sorts_between_a_name_and_its_slash_splits_nothing():
    rows: list[Row] = [("a", 1, 5), ("a-", 2, None), ("a-b/x", 4, 9), ("a/x", 8, 7)]
    totals = DirectoryTotals()
    totals.add(runs_of(batch_of_rows(rows)))
    totals.finish()
    assert totals.rows == [
        ("a-b", "", 1, 1, 4, 1, 4, 9),
        ("a", "", 1, 1, 8, 1, 8, 7),
        ("", None, 0, 2, 3, 4, 15, 9),
    ]


def file_of(rows: list[Row]) -> Any:
    with DirectoryFile() as file:
        for batch in pieces(rows, 100):
            file.add(runs_of(batch))
        return pq.read_table(pa.BufferReader(pa.py_buffer(file.finish())))


ROWS: list[Row] = sorted(
    (f"{group}/{'é' * (n % 3)}{n}/{n % 7}/x", n, n if n % 2 else None)
    for group in ("b", "a", "a-")
    for n in range(200)
)


def hold(monkeypatch: pytest.MonkeyPatch, at_once: int, in_memory: int) -> None:
    monkeypatch.setattr(directories, "_ROWS_AT_ONCE", at_once)
    monkeypatch.setattr(directories, "_ROWS_IN_MEMORY", in_memory)


@pytest.mark.parametrize(("at_once", "in_memory"), [(2**20, 2**20), (64, 2**20), (64, 200)])
def test_the_file_is_sorted_by_parent(
    monkeypatch: pytest.MonkeyPatch, at_once: int, in_memory: int
):
    hold(monkeypatch, at_once, in_memory)
    found = file_of(ROWS).to_pylist()
    order = [(row["parent"] or "", row["path"]) for row in found]
    assert order == sorted(order)
    assert found[0]["parent"] is None
    assert {row["path"]: row["nkeys"] for row in found} == {
        path: totals[2] for path, totals in by_hand(ROWS).items()
    }


def test_sorting_on_disk_gives_the_same_rows(monkeypatch: pytest.MonkeyPatch):
    in_memory = file_of(ROWS)
    hold(monkeypatch, 64, 200)
    on_disk = file_of(ROWS)
    assert on_disk.schema.names == DIRECTORIES.names
    assert on_disk.schema.types == in_memory.schema.types == DIRECTORIES.types
    assert on_disk.to_pylist() == in_memory.to_pylist()


def test_of_no_keys_there_is_the_root():
    assert file_of([]).to_pylist() == [
        dict(zip(DIRECTORIES.names, ("", None, 0, 0, 0, 0, 0, None), strict=True))
    ]


@settings(deadline=None)
@given(sorted_rows(ODD_KEYS))
def test_the_file_holds_every_directory(rows: list[Row]):
    assert {row["path"] for row in file_of(rows).to_pylist()} == by_hand(rows).keys()


def test_a_full_disk_is_an_error_that_says_so(monkeypatch: pytest.MonkeyPatch):
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    hold(monkeypatch, 64, 200)
    with DirectoryFile() as file:
        for batch in pieces(ROWS, 100):
            file.add(runs_of(batch))
        monkeypatch.setattr(pq.ParquetWriter, "write_table", full)
        with pytest.raises(BackendError, match="No space left on device"):
            file.finish()
