"""The file of directories is sorted, with little memory."""

from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings

from tests.inventory.rows import ODD_KEYS, Row, directories_of_rows, pieces, sorted_rows
from zstore.errors import BackendError
from zstore.inventory.snapshot import directories
from zstore.inventory.snapshot.directories import DirectoryFile
from zstore.inventory.snapshot.directory_totals import DIRECTORIES


def file_of(rows: list[Row]) -> Any:
    with DirectoryFile() as file:
        for batch in pieces(rows, 100):
            file.add(batch)
        return pq.read_table(pa.BufferReader(pa.py_buffer(file.finish())))


ROWS: list[Row] = sorted(
    (f"{group}/{'é' * (n % 3)}{n}/{n % 7}/x", n, n if n % 2 else None)
    for group in ("b", "a", "a-")
    for n in range(200)
)


def hold(monkeypatch: pytest.MonkeyPatch, at_once: int, in_memory: int) -> None:
    monkeypatch.setattr(directories, "_TABLES_AT_ONCE", 2)
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
        path: totals[2] for path, totals in directories_of_rows(ROWS).items()
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
    assert {row["path"] for row in file_of(rows).to_pylist()} == directories_of_rows(
        rows
    ).keys()


def test_a_full_disk_is_an_error_that_says_so(monkeypatch: pytest.MonkeyPatch):
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    hold(monkeypatch, 64, 200)
    with DirectoryFile() as file:
        for batch in pieces(ROWS, 100):
            file.add(batch)
        monkeypatch.setattr(pq.ParquetWriter, "write_table", full)
        with pytest.raises(BackendError, match="No space left on device"):
            file.finish()
