"""Reports as S3 Inventory writes them: a manifest, its checksum, and files of rows."""

import csv
import gzip
import hashlib
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote_plus

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import orc

from zstore import MemoryStore, Store

__all__ = ["AS_OF", "FORMATS", "MANIFEST", "Entry", "report"]

AS_OF = datetime(2018, 1, 3, 4, tzinfo=UTC)
FORMATS = ("CSV", "Parquet", "ORC")
MANIFEST = "reports/bucket/all/2018-01-03T04-00Z/manifest.json"

_CSV = "Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, LastModifiedDate, ETag"
_ORC = (
    "struct<bucket:string,key:string,version_id:string,is_latest:boolean,"
    "is_delete_marker:boolean,size:bigint,last_modified_date:timestamp,e_tag:string>"
)
_PARQUET = (
    "message s3.inventory {  required binary bucket (STRING);  required binary key"
    " (STRING);  optional binary version_id (STRING);  optional boolean is_latest;"
    "  optional boolean is_delete_marker;  optional int64 size;  optional int64"
    " last_modified_date (TIMESTAMP(MILLIS,true));  optional binary e_tag (STRING);}"
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A version of an object."""

    key: str
    nbytes: int | None
    modified: datetime | None = datetime(2017, 12, 31, 23, 59, 58, tzinfo=UTC)
    is_latest: bool = True
    is_delete_marker: bool = False


async def report(
    files: Sequence[Sequence[Entry]], file_format: str, /, **changes: Any
) -> Store:
    """Return a bucket that a report was delivered to.

    Parameters
    ----------
    files
        The rows of each file.
    file_format
        One of `FORMATS`.
    **changes
        Fields of the manifest that are to be other than they should be.
    """
    bucket = MemoryStore()
    named: list[dict[str, Any]] = []
    for number, entries in enumerate(files):
        content = {"CSV": _csv, "Parquet": _parquet, "ORC": _orc}[file_format](entries)
        suffix = {"CSV": "csv.gz", "Parquet": "parquet", "ORC": "orc"}[file_format]
        key = f"reports/bucket/all/data/{number}.{suffix}"
        await bucket.set(key, content)
        md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
        named.append({"key": key, "size": len(content), "MD5checksum": md5})
    document = {
        "sourceBucket": "bucket",
        "destinationBucket": "arn:aws:s3:::reports",
        "version": "2016-11-30",
        "creationTimestamp": str(int(AS_OF.timestamp() * 1000)),
        "fileFormat": file_format,
        "fileSchema": {"CSV": _CSV, "Parquet": _PARQUET, "ORC": _ORC}[file_format],
        "files": named,
    }
    text = json.dumps(document | changes).encode()
    await bucket.set(MANIFEST, text)
    checksum = hashlib.md5(text, usedforsecurity=False).hexdigest()
    await bucket.set(MANIFEST.replace(".json", ".checksum"), checksum.encode())
    return bucket


def _csv(entries: Sequence[Entry]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    for entry in entries:
        writer.writerow(
            [
                "bucket",
                quote_plus(entry.key, safe="/"),
                "",
                str(entry.is_latest).lower(),
                str(entry.is_delete_marker).lower(),
                "" if entry.nbytes is None else entry.nbytes,
                ""
                if entry.modified is None
                else f"{entry.modified:%Y-%m-%dT%H:%M:%S}.000Z",
                "d41d8cd98f00b204e9800998ecf8427e",
            ]
        )
    return gzip.compress(text.getvalue().encode())


def _columns(entries: Sequence[Entry], kind: Any) -> Any:
    return pa.table(
        {
            "bucket": pa.array(["bucket" for _ in entries], pa.string()),
            "key": pa.array([entry.key for entry in entries], pa.string()),
            "version_id": pa.array([None for _ in entries], pa.string()),
            "is_latest": pa.array([entry.is_latest for entry in entries], pa.bool_()),
            "is_delete_marker": pa.array(
                [entry.is_delete_marker for entry in entries], pa.bool_()
            ),
            "size": pa.array([entry.nbytes for entry in entries], pa.int64()),
            "last_modified_date": pa.array([entry.modified for entry in entries], kind),
            "e_tag": pa.array(["d41d" for _ in entries], pa.string()),
        }
    )


def _parquet(entries: Sequence[Entry]) -> bytes:
    sink = pa.BufferOutputStream()
    table = _columns(entries, pa.timestamp("ms", tz="UTC"))
    pq.write_table(table, sink, compression="snappy")
    content: bytes = sink.getvalue().to_pybytes()
    return content


def _orc(entries: Sequence[Entry]) -> bytes:
    sink = pa.BufferOutputStream()
    orc.write_table(_columns(entries, pa.timestamp("ns")), sink)
    content: bytes = sink.getvalue().to_pybytes()
    return content
