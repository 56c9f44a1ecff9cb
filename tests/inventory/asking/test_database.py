"""A database reads the files it was given, and nothing else of the machine."""

import gc
import tempfile
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from zstore.errors import BackendError, CorruptStoreError, InvalidTypeError, SnapshotError
from zstore.inventory.asking.database import BATCH_NROWS, Database, file_list


def file_at(path: Path, **columns: Any) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), path)
    return str(path)


def view(path: str) -> dict[str, str]:
    return {"found": f"FROM read_parquet({file_list([path])})"}


@pytest.fixture
def numbers(tmp_path: Path) -> Database:
    path = file_at(tmp_path / "in" / "a.parquet", n=list(range(200_000)))
    return Database("s3://b", [path], view(path))


@pytest.mark.parametrize(
    "query",
    [
        "FROM read_parquet('{outside}')",
        "FROM read_text('{outside}')",
        "FROM read_csv('{outside}')",
        "FROM glob('{folder}/*')",
        "FROM '{outside}'",
        "SELECT getenv('HOME')",
        "FROM read_text('http://127.0.0.1:9/x')",
    ],
)
def test_a_query_reads_no_other_file(numbers: Database, tmp_path: Path, query: str):
    outside = file_at(tmp_path / "secret.parquet", word=["secret"])
    with pytest.raises(duckdb.Error):
        numbers.select(query.format(outside=outside, folder=tmp_path), {})
    numbers.close()


@pytest.mark.parametrize(
    "query",
    [
        "COPY found TO '{folder}/out.parquet'",
        "CREATE TABLE mine AS FROM found",
        "DROP VIEW found",
        "SET threads = 1",
        "SET enable_external_access = true",
        "ATTACH '{folder}/x.db'",
        "INSTALL httpfs",
        "SELECT 1; SELECT 2",
        "",
    ],
)
def test_only_one_query_that_reads_is_run(numbers: Database, tmp_path: Path, query: str):
    with pytest.raises(InvalidTypeError, match="one query"):
        numbers.select(query.format(folder=tmp_path), {})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in"]
    assert numbers.rows("SELECT count(*) FROM found") == [(200_000,)]
    numbers.close()


def test_variables_of_the_program_are_no_tables(numbers: Database):
    mine = pa.table({"a": [1]})
    assert mine.num_rows == 1
    with pytest.raises(duckdb.Error, match="mine"):
        numbers.select("FROM mine", {})
    numbers.close()


def test_the_settings_stay_as_they_are(numbers: Database):
    for setting in ("enable_external_access = true", "lock_configuration = false"):
        with pytest.raises(CorruptStoreError, match="configuration"):
            numbers.execute(f"SET {setting}")
    numbers.close()


@pytest.mark.parametrize(
    "name",
    [
        "it's",
        "we[i]rd",
        "st*r",
        "wh?t",
        "a{b,c}",
        "ö",
        "50%",
        "$x",
        "**",
        "a[",
        "[a-z]",
        "b]",
    ],
)
def test_a_path_is_taken_as_it_is_written(tmp_path: Path, name: str):
    # What a pattern would find instead.
    for other in ("weird", "star", "what", "ab", "deep/er"):
        file_at(tmp_path / other / "a.parquet", n=[0])
    path = file_at(tmp_path / name / "a.parquet", n=[1, 2])
    database = Database("s3://b", [path], view(path))
    assert database.rows("SELECT sum(n) FROM found") == [(3,)]
    database.close()


def test_batches_come_in_the_order_of_the_file_a_few_rows_at_once(numbers: Database):
    seen: list[int] = []
    sizes: list[int] = []
    for batch in numbers.batches("SELECT n FROM found WHERE n >= $n", {"n": 10}):
        seen += batch.column(0).to_pylist()
        sizes.append(batch.num_rows)
    assert seen == list(range(10, 200_000))
    assert max(sizes) <= BATCH_NROWS
    numbers.close()


def test_what_does_not_fit_into_memory_goes_to_the_disk_and_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    database = Database("s3://b", [], {}, memory="40MB")
    [folder] = tmp_path.iterdir()
    database.execute(
        "CREATE TABLE t AS SELECT md5(range::VARCHAR) AS m FROM range(2000000)"
    )
    assert list(folder.iterdir())
    assert database.rows("SELECT count(*) FROM t") == [(2_000_000,)]
    database.close()
    database.close()
    assert not list(tmp_path.iterdir())


def test_a_database_that_is_forgotten_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    database = Database("s3://b", [], {})
    assert list(tmp_path.iterdir())
    del database
    gc.collect()
    assert not list(tmp_path.iterdir())


def test_a_closed_database_says_so(numbers: Database):
    numbers.close()
    for ask in (numbers.rows, numbers.execute):
        with pytest.raises(SnapshotError, match="s3://b was closed"):
            ask("SELECT 1")
    with pytest.raises(SnapshotError, match="closed"):
        numbers.select("SELECT 1", {})
    with pytest.raises(SnapshotError, match="closed"):
        next(numbers.batches("SELECT 1"))


def test_a_damaged_file_is_told_when_it_is_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    path = tmp_path / "a.parquet"
    path.write_bytes(b"PAR1 this is none PAR1")
    with pytest.raises(CorruptStoreError, match="s3://b"):
        Database("s3://b", [str(path)], view(str(path)))
    # Nothing of the attempt is left.
    assert [found.name for found in tmp_path.iterdir()] == ["a.parquet"]


def test_a_damaged_page_is_told_when_it_is_read(tmp_path: Path):
    path = Path(file_at(tmp_path / "a.parquet", n=list(range(50_000))))
    content = bytearray(path.read_bytes())
    content[100:5000] = bytes(4900)
    path.write_bytes(content)
    database = Database("s3://b", [str(path)], view(str(path)))
    with pytest.raises(CorruptStoreError, match="damaged"):
        database.rows("SELECT sum(n) FROM found")
    with pytest.raises(CorruptStoreError, match="damaged"):
        list(database.batches("FROM found"))
    database.close()


def test_a_file_that_has_gone_is_a_failure_of_the_backend(tmp_path: Path):
    path = file_at(tmp_path / "a.parquet", n=[1])
    database = Database("s3://b", [path], view(path))
    Path(path).unlink()
    with pytest.raises(BackendError, match="s3://b"):
        database.rows("FROM found")
    database.close()
