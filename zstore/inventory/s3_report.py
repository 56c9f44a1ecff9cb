"""The manifest of a report that S3 Inventory writes, and its files as tables.

Source: Amazon S3 user guide, "Locating your inventory list" and "Amazon S3 Inventory list".
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal, TypeAlias, get_args

from zstore.errors import CorruptStoreError
from zstore.inventory.asking.database import file_list

__all__ = ["FileFormat", "Report", "ReportFile", "parse_report", "rows_of"]

FileFormat: TypeAlias = Literal["CSV", "Parquet", "ORC"]
"""What the files of a report are."""

_VERSION: Final = "2016-11-30"
# What is read, by the names that CSV and the other two have for it.
_COLUMNS: Final = {
    "Key": "key",
    "Size": "size",
    "LastModifiedDate": "last_modified_date",
    "IsLatest": "is_latest",
    "IsDeleteMarker": "is_delete_marker",
}
# What is read of CSV as something else than text.
_CSV_TYPES: Final = {
    "size": "BIGINT",
    "last_modified_date": "TIMESTAMPTZ",
    "is_latest": "BOOLEAN",
    "is_delete_marker": "BOOLEAN",
}
_NEEDED: Final = ("key", "size")
_PARQUET_FIELD: Final = re.compile(r"(?:required|optional)\s+\w+\s+(\w+)")
_ORC_FIELD: Final = re.compile(r"(\w+)\s*:")
_MD5: Final = re.compile(r"[0-9a-fA-F]{32}")


@dataclass(frozen=True, slots=True)
class ReportFile:
    """A file of a report: its key, its size, and the MD5 of its bytes in hexadecimal."""

    key: str
    nbytes: int
    md5: str | None


@dataclass(frozen=True, slots=True)
class Report:
    """What the manifest of a report says.

    Attributes
    ----------
    bucket
        What the report is of.
    as_of
        When S3 began to look at the bucket.
    file_format
        What the files are.
    columns
        Of the files, in their order, in the words of Parquet and ORC. Those that are of no
        use here have the name that the report gives them.
    files
        All of them.
    """

    bucket: str
    as_of: datetime
    file_format: FileFormat
    columns: tuple[str, ...]
    files: tuple[ReportFile, ...]


def parse_report(text: bytes, where: str) -> Report:
    """Read the manifest of a report.

    Parameters
    ----------
    text
        The bytes of ``manifest.json``.
    where
        Its key, for messages.

    Raises
    ------
    CorruptStoreError
        If it is none, or of a version, a format or with columns that are not known.
    """
    try:
        document = json.loads(text)
        version, file_format = document["version"], document["fileFormat"]
        if version != _VERSION:
            msg = f"its version is {version!r}, and only {_VERSION!r} is known"
            raise ValueError(msg)  # noqa: TRY301 -- told with all other damage
        if file_format not in get_args(FileFormat):
            msg = f"its files are {file_format!r}, not one of {get_args(FileFormat)}"
            raise ValueError(msg)  # noqa: TRY301 -- told with all other damage
        return Report(
            bucket=str(document["sourceBucket"]),
            as_of=datetime.fromtimestamp(int(document["creationTimestamp"]) / 1000, UTC),
            file_format=file_format,
            columns=_columns(file_format, document["fileSchema"]),
            files=tuple(_file(one) for one in document["files"]),
        )
    except (ValueError, TypeError, LookupError, OverflowError, OSError) as error:
        msg = f"{where!r} is no manifest of an S3 Inventory that can be read: {error}"
        raise CorruptStoreError(msg) from error
    except RecursionError as error:
        msg = f"{where!r} is no manifest of an S3 Inventory: it is nested too deep"
        raise CorruptStoreError(msg) from error


def _columns(file_format: FileFormat, schema: object) -> tuple[str, ...]:
    if not isinstance(schema, str):
        msg = f"its fileSchema is no text: {schema!r}"
        raise TypeError(msg)
    if file_format == "CSV":
        names = [name.strip() for name in schema.split(",")]
        columns = [_COLUMNS.get(name, name) for name in names]
    else:
        field = _PARQUET_FIELD if file_format == "Parquet" else _ORC_FIELD
        columns = field.findall(schema)
    for name in _NEEDED:
        if columns.count(name) != 1:
            msg = f"its fileSchema names {name!r} {columns.count(name)} times: {schema}"
            raise ValueError(msg)
    return tuple(columns)


def _file(document: Mapping[str, Any]) -> ReportFile:
    key, nbytes = str(document["key"]), document["size"]
    md5 = document.get("MD5checksum")
    if md5 is not None and not (isinstance(md5, str) and _MD5.fullmatch(md5)):
        msg = f"MD5checksum is {md5!r}"
        raise ValueError(msg)
    if type(nbytes) is not int or nbytes < 0:
        msg = f"the size of a file is {nbytes!r}"
        raise ValueError(msg)
    return ReportFile(key, nbytes, md5)


def rows_of(report: Report, paths: Sequence[str]) -> str:
    """Return a query for what is in the files of a report.

    Parameters
    ----------
    report
        What its manifest says.
    paths
        The files, on this machine; those of ORC as Parquet.

    Returns
    -------
    str
        In SQL, with the columns `key`, `nbytes` and `modified`, in microseconds. Only the
        latest versions, and no delete markers.
    """
    if not paths:
        return "SELECT ''::VARCHAR AS key, 0::BIGINT AS nbytes, 0 AS modified WHERE false"
    table, names = _table(report, paths)
    key, size = names["key"], names["size"]
    if report.file_format == "CSV":
        # S3 writes a space as a plus, and a plus as %2B. Most keys have neither, and to
        # look for them is cheaper than to decode.
        key = (
            f"CASE WHEN contains({key}, '%') OR contains({key}, '+')"
            f" THEN url_decode(replace({key}, '+', ' ')) ELSE {key} END"
        )
    modified = names.get("last_modified_date", "NULL::TIMESTAMP")
    latest, marker = names.get("is_latest", "true"), names.get("is_delete_marker", "false")
    return (
        f"SELECT {key} AS key, {size}::BIGINT AS nbytes,"
        f" epoch_us({modified}) AS modified FROM {table}"
        f" WHERE coalesce({latest}::BOOLEAN, true)"
        f" AND NOT coalesce({marker}::BOOLEAN, false)"
    )


def _table(report: Report, paths: Sequence[str]) -> tuple[str, dict[str, str]]:
    files = file_list(paths)
    if report.file_format != "CSV":
        used = [name for name in _COLUMNS.values() if name in report.columns]
        return f"read_parquet({files})", {name: name for name in used}
    # By their place, so that no name of the report is part of a query.
    columns = ", ".join(
        f"'c{place}': '{_CSV_TYPES.get(name, 'VARCHAR')}'"
        for place, name in enumerate(report.columns)
    )
    # What is not known of an object, as the size of a delete marker, is empty.
    table = (
        f"read_csv({files}, auto_detect = false, header = false, delim = ',',"
        f" quote = '\"', escape = '\"', nullstr = '', compression = 'gzip',"
        f" columns = {{{columns}}})"
    )
    return table, {
        name: f"c{place}"
        for place, name in enumerate(report.columns)
        if name in _COLUMNS.values()
    }
