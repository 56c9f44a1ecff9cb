"""Reports of S3 Inventory, made into snapshots."""

import hashlib
import importlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from zstore.concurrency import batches_in_thread, map_limited, run_in_thread, run_to_the_end
from zstore.errors import (
    BackendError,
    CorruptStoreError,
    KeyNotFoundError,
    MissingDependencyError,
)
from zstore.inventory.asking.database import Database
from zstore.inventory.asking.views import selects
from zstore.inventory.engines import pa, pq
from zstore.inventory.planning import KeyRange
from zstore.inventory.s3_report import FileFormat, Report, ReportFile, parse_report, rows_of
from zstore.inventory.snapshot.key_batches import SCHEMA, check_order, ends_of
from zstore.inventory.snapshot.parts import PartWriter
from zstore.inventory.snapshot.places import open_place
from zstore.inventory.snapshot.writing import SnapshotWriter
from zstore.keys import check_prefix, is_key
from zstore.opening import StoreLike, open_store
from zstore.ranges import RangeByteRequest
from zstore.store import Store
from zstore.stores.failures import from_os_error

__all__ = ["import_report"]

_PIECE_NBYTES: Final = 16 * 2**20
_FETCHED_AT_ONCE: Final = 4
_BEGINNINGS: Final[dict[FileFormat, bytes]] = {
    "CSV": b"\x1f\x8b",  # gzip
    "Parquet": b"PAR1",
    "ORC": b"ORC",
}
_LARGEST_MANIFEST: Final = 64 * 2**20


async def import_report(
    source: StoreLike, manifest_key: str, *, where: StoreLike = None, prefix: str = ""
) -> Store:
    """Write a snapshot of what a report says; see `Inventory.from_s3_inventory`.

    Returns
    -------
    Store
        The place of the snapshot, open.

    Notes
    -----
    The files of the report are fetched into a temporary folder, as large as they are;
    sorting them takes about as much room again.
    """
    check_prefix(prefix)
    bucket = await open_store(source)
    try:
        report = await _read_manifest(bucket, manifest_key)
        place = await open_place(where)
        folder = await run_to_the_end(_make_folder)
        try:
            paths = await _fetch_all(bucket, report, folder)
            await _write_snapshot(place, report, paths, prefix)
        finally:
            await run_to_the_end(shutil.rmtree, folder, True)
        return place
    finally:
        # A store that was opened here is nobody else's.
        if isinstance(source, str | os.PathLike):
            await bucket.aclose()


def _make_folder() -> str:
    return tempfile.mkdtemp(prefix="zstore-report-")


async def _read_manifest(bucket: Store, key: str) -> Report:
    text = await bucket.get(key, byte_range=RangeByteRequest(0, _LARGEST_MANIFEST + 1))
    if text is None:
        raise KeyNotFoundError(key)
    manifest = text.to_bytes()
    if len(manifest) > _LARGEST_MANIFEST:
        msg = f"{key!r} has more than the {_LARGEST_MANIFEST:,} bytes that are read of it"
        raise CorruptStoreError(msg)
    checksum = await bucket.get(key.removesuffix(".json") + ".checksum")
    if checksum is not None:
        said = checksum.to_bytes().strip().lower()
        found = _md5(manifest).hexdigest()
        if said != found.encode():
            msg = f"{key!r} is damaged: its MD5 is {found}, and manifest.checksum differs"
            raise CorruptStoreError(msg)
    return await run_in_thread(parse_report, manifest, key)


def _md5(content: bytes = b"") -> Any:
    return hashlib.md5(content, usedforsecurity=False)


async def _fetch_all(bucket: Store, report: Report, folder: str) -> list[str]:
    """Return paths of the files of a report, checked; of ORC, as Parquet."""

    async def fetch(numbered: tuple[int, ReportFile]) -> str:
        number, file = numbered
        path = str(Path(folder, str(number)))
        await _fetch(bucket, file, path)
        await run_in_thread(_check_format, path, file.key, report.file_format)
        if report.file_format == "ORC":
            await run_to_the_end(_orc_as_parquet, path, file.key, report.columns)
        return path

    return await map_limited(fetch, enumerate(report.files), limit=_FETCHED_AT_ONCE)


async def _fetch(bucket: Store, file: ReportFile, path: str) -> None:
    if not is_key(file.key):
        msg = f"the report names a file {file.key!r}"
        raise CorruptStoreError(msg)
    digest = _md5()
    nbytes = 0
    await run_to_the_end(_append, path, b"", digest)
    while nbytes < file.nbytes:
        piece = RangeByteRequest(nbytes, min(nbytes + _PIECE_NBYTES, file.nbytes))
        try:
            content = await bucket.get(file.key, byte_range=piece)
        except ValueError as error:
            msg = f"{file.key!r} has {nbytes:,} bytes, and the report says {file.nbytes:,}"
            raise CorruptStoreError(msg) from error
        if content is None:
            msg = f"the report names the file {file.key!r}, which is not there"
            raise CorruptStoreError(msg)
        await run_to_the_end(_append, path, content.as_buffer_like(), digest)
        nbytes += len(content)
    if file.md5 is not None and digest.hexdigest() != file.md5.lower():
        msg = f"{file.key!r} is damaged: its MD5 is not {file.md5}, as the report says"
        raise CorruptStoreError(msg)


def _append(path: str, content: Any, digest: Any) -> None:
    digest.update(content)
    try:
        with Path(path).open("ab") as opened:
            opened.write(content)
    except OSError as error:
        raise from_os_error(path, error) from error


def _check_format(path: str, key: str, file_format: FileFormat) -> None:
    with Path(path).open("rb") as opened:
        if not opened.read(4).startswith(_BEGINNINGS[file_format]):
            msg = f"{key!r} is no file of the format {file_format}, as the report says"
            raise CorruptStoreError(msg)


def _orc_as_parquet(path: str, key: str, columns: Sequence[str]) -> None:
    """Replace a file of ORC, which DuckDB does not read, by the same as Parquet."""
    try:
        orc: Any = importlib.import_module("pyarrow.orc")
    except ImportError as error:
        package = "pyarrow.orc"
        raise MissingDependencyError(package, extra="inventory") from error
    try:
        file = orc.ORCFile(path)
        used = [name for name in columns if name in _ORC_COLUMNS]
        schema = pa.schema([file.schema.field(name) for name in used])
        with pq.ParquetWriter(f"{path}.parquet", schema) as writer:
            for stripe in range(file.nstripes):
                writer.write_batch(file.read_stripe(stripe, columns=used).select(used))
    except (pa.ArrowException, OSError, KeyError) as error:
        msg = f"{key!r} is no ORC with the columns that the report says: {error}"
        raise CorruptStoreError(msg) from error
    Path(f"{path}.parquet").replace(path)


_ORC_COLUMNS: Final = frozenset(
    {"key", "size", "last_modified_date", "is_latest", "is_delete_marker"}
)


async def _write_snapshot(
    place: Store, report: Report, paths: Sequence[str], prefix: str
) -> None:
    begin = partial(
        SnapshotWriter.begin,
        place,
        store=f"s3://{report.bucket}",
        prefix=prefix,
        source="s3-inventory",
    )
    writer = await begin()
    if writer.manifest.parts:
        # An import that died cannot be gone on with: its report may be another.
        writer = await begin(restart=True)
    writer.manifest = replace(writer.manifest, started=report.as_of)
    parts = batches_in_thread(_parts, report, paths, prefix)
    async with aclosing(parts) as found:
        async for part, one in found:
            await writer.add_part(part, one)
    nrequests = len(report.files)
    await writer.checkpoint([], nrequests, at_once=True)
    await writer.finish(nrequests=nrequests, finished=report.as_of)


def _parts(
    report: Report, paths: Sequence[str], prefix: str
) -> Iterator[tuple[PartWriter, KeyRange]]:
    """Sort the keys of a report, and divide them into parts."""
    writer, after, last = PartWriter(), "", ""
    for batch in _sorted(report, paths, prefix):
        _check(batch, last, report)
        last = ends_of(batch)[1]
        writer.add(batch)
        if writer.is_full:
            yield writer, KeyRange(after, last)
            writer, after = PartWriter(), last
    if writer.nkeys:
        yield writer, KeyRange(after)


def _sorted(report: Report, paths: Sequence[str], prefix: str) -> Iterator[Any]:
    where = f"s3://{report.bucket}, as the report says"
    condition, parameters = selects(prefix)
    database = Database(where, paths, {})
    try:
        query = (
            "SELECT key, nbytes, modified FROM"
            f" ({rows_of(report, paths)}) WHERE {condition} ORDER BY key"
        )
        for batch in database.batches(query, parameters):
            if batch.num_rows:
                yield _as_keys(batch, where)
    finally:
        database.close()


def _as_keys(batch: Any, where: str) -> Any:
    if batch.column(0).null_count or batch.column(1).null_count:
        msg = f"the inventory of {where} is damaged: a key or its size is empty"
        raise CorruptStoreError(msg)
    modified = batch.column(2).cast(pa.int64()).cast(SCHEMA.field("modified").type)
    columns = [batch.column(0), batch.column(1), modified]
    return pa.RecordBatch.from_arrays(columns, schema=SCHEMA)


def _check(batch: Any, after: str, report: Report) -> None:
    try:
        check_order(batch, after, report.bucket)
    except BackendError as error:
        msg = f"the report of {report.bucket} names a key twice: {error}"
        raise CorruptStoreError(msg) from error
