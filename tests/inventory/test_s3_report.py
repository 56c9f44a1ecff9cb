"""A manifest of S3 Inventory is read, or refused with what is wrong."""

import json
from typing import Any

import pytest

from tests.inventory.reports import AS_OF, FORMATS, MANIFEST, Entry, report
from zstore.errors import CorruptStoreError
from zstore.inventory.s3_report import parse_report, rows_of


async def text_of(file_format: str, **changes: Any) -> bytes:
    bucket = await report([[Entry("a", 1)]], file_format, **changes)
    text = await bucket.get(MANIFEST)
    assert text is not None
    return text.to_bytes()


@pytest.mark.parametrize("file_format", FORMATS)
async def test_a_manifest_of_each_format_is_read(file_format: str):
    found = parse_report(await text_of(file_format), MANIFEST)
    assert found.bucket == "bucket"
    assert found.as_of == AS_OF
    assert found.file_format == file_format
    assert found.columns[1] == "key"
    assert found.columns[3:7] == (
        "is_latest",
        "is_delete_marker",
        "size",
        "last_modified_date",
    )
    [file] = found.files
    assert file.key.startswith("reports/bucket/all/data/0.")
    assert len(file.md5 or "") == 32


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"version": "2030-01-01"}, "2030-01-01"),
        ({"fileFormat": "Avro"}, "Avro"),
        ({"fileSchema": "Bucket, Key"}, "'size' 0 times"),
        ({"fileSchema": "Bucket, Key, Key, Size"}, "'key' 2 times"),
        ({"fileSchema": None}, "no text"),
        ({"creationTimestamp": "soon"}, "soon"),
        ({"creationTimestamp": "9" * 30}, "manifest"),
        ({"files": [{"key": "x", "size": "many"}]}, "many"),
        ({"files": [{"key": "x", "size": -1}]}, "-1"),
        ({"files": [{"key": "x", "size": 1, "MD5checksum": "'; --"}]}, "MD5checksum"),
        ({"files": 5}, "manifest"),
        ({"files": ["x"]}, "manifest"),
    ],
)
async def test_what_cannot_be_read_is_named(changes: dict[str, Any], reason: str):
    text = await text_of("CSV", **changes)
    with pytest.raises(CorruptStoreError, match=reason):
        parse_report(text, MANIFEST)


@pytest.mark.parametrize("text", [b"", b"{}", b"[]", b"5", b"\xff", b"[" * 100_000])
def test_what_is_no_manifest_is_refused(text: bytes):
    with pytest.raises(CorruptStoreError, match="no manifest"):
        parse_report(text, MANIFEST)


async def test_columns_that_are_not_known_are_passed_over_and_are_no_sql():
    document = json.loads(await text_of("CSV"))
    document["fileSchema"] += ", Future, '; DROP TABLE x; --"
    found = parse_report(json.dumps(document).encode(), MANIFEST)
    assert found.columns[-2:] == ("Future", "'; DROP TABLE x; --")
    assert "DROP" not in rows_of(found, ["x.csv.gz"])


async def test_a_report_without_files_has_no_rows():
    found = parse_report(await text_of("Parquet", files=[]), MANIFEST)
    assert "WHERE false" in rows_of(found, [])
