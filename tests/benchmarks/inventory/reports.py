"""A report as S3 Inventory writes it, of keys from a formula.

Source: Amazon S3 user guide, "Locating your inventory list".
"""

import gzip
import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyarrow as pa
import pyarrow.parquet as pq

from tests.benchmarks.inventory.ways.sinks import batches

__all__ = ["deliver"]

_BUCKET = "measured"
_PARQUET = (
    "message s3.inventory { required binary bucket (UTF8); required binary key (UTF8);"
    " optional int64 size; optional int64 last_modified_date (TIMESTAMP_MILLIS); }"
)
_CSV = "Bucket, Key, Size, LastModifiedDate"


def deliver(folder: Path, nkeys: int, *, csv: bool) -> None:
    """Write a report of so many keys into a folder, in one file."""
    found = batches("nested", nkeys)
    name = "report.csv.gz" if csv else "report.parquet"
    (_write_csv if csv else _write_parquet)(folder / name, found)
    content = (folder / name).read_bytes()
    manifest: Mapping[str, Any] = {
        "sourceBucket": _BUCKET,
        "destinationBucket": f"arn:aws:s3:::{_BUCKET}",
        "version": "2016-11-30",
        "creationTimestamp": "1767225600000",
        "fileFormat": "CSV" if csv else "Parquet",
        "fileSchema": _CSV if csv else _PARQUET,
        "files": [
            {
                "key": name,
                "size": len(content),
                "MD5checksum": hashlib.md5(content, usedforsecurity=False).hexdigest(),
            }
        ],
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))


def _write_parquet(path: Path, found: Iterable[Any]) -> None:
    table = pa.Table.from_batches(found)
    table = table.rename_columns(["key", "size", "last_modified_date"])
    bucket = pa.array([_BUCKET] * table.num_rows)
    time = table.column(2).cast(pa.timestamp("ms", tz="UTC"))
    table = table.set_column(2, "last_modified_date", time).add_column(0, "bucket", bucket)
    pq.write_table(table, path, compression="snappy")


def _write_csv(path: Path, found: Iterable[Any]) -> None:
    with gzip.open(path, "wt", compresslevel=1) as file:
        for batch in found:
            keys, sizes, times = (column.to_pylist() for column in batch.columns)
            file.writelines(
                f'"{_BUCKET}","{quote(key)}","{size}","{time:%Y-%m-%dT%H:%M:%S.000Z}"\n'
                for key, size, time in zip(keys, sizes, times, strict=True)
            )
