"""A report of S3 Inventory becomes a snapshot of the same keys, or says why not."""

import asyncio
import json
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.inventory.reports import AS_OF, FORMATS, MANIFEST, Entry, report
from tests.inventory.written import opened
from zstore import LocalStore, MemoryStore, Store
from zstore.errors import (
    CorruptStoreError,
    InvalidKeyError,
    KeyNotFoundError,
    SnapshotError,
)
from zstore.inventory.inventory import Inventory
from zstore.inventory.snapshot.manifest import FINISHED, Manifest

NAMES = [
    "a b",
    "a+b",
    "a%20b",
    "100%",
    'quote"d',
    "it's",
    "comma,ed",
    "é/ö/\N{GRINNING FACE}",
    "a//b",
    "folder/",
    "'; DROP TABLE keys; --",
    "foo",
    "foo-",
    "foo/x",
    "foobar",
]


async def imported(bucket: Store, **options: Any) -> Inventory:
    return await Inventory.from_s3_inventory(bucket, MANIFEST, **options)


def keys_of(inventory: Inventory) -> list[str]:
    found: list[str] = inventory.to_arrow().column("key").to_pylist()
    return found


@pytest.mark.parametrize("file_format", FORMATS)
async def test_every_key_is_there_once_whatever_its_name(file_format: str):
    entries = [Entry(name, size) for size, name in enumerate(NAMES)]
    bucket = await report([entries[::2], [], entries[1::2]], file_format)
    with await imported(bucket) as inventory:
        assert keys_of(inventory) == sorted(NAMES)
        table = inventory.to_arrow()
        sizes = dict(zip(NAMES, range(len(NAMES)), strict=True))
        pairs = zip(*(table.column(at).to_pylist() for at in range(2)), strict=True)
        assert dict(pairs) == sizes
        assert set(table.column("modified").to_pylist()) == {entries[0].modified}
        assert inventory.complete
        assert inventory.store == "s3://bucket"
        assert inventory.started == inventory.as_of == AS_OF
        assert inventory.manifest.source == "s3-inventory"
        assert inventory.nrequests == 3
        assert inventory.total("foo").nkeys == 2


@pytest.mark.parametrize("file_format", FORMATS)
async def test_only_the_latest_versions_count_and_no_delete_markers(file_format: str):
    entries = [
        Entry("kept", 5),
        Entry("kept", 4, is_latest=False),
        Entry("deleted", None, is_delete_marker=True),
        Entry("deleted", 7, is_latest=False),
        Entry("old", None, modified=None, is_latest=False, is_delete_marker=True),
    ]
    with await imported(await report([entries], file_format)) as inventory:
        assert keys_of(inventory) == ["kept"]
        assert inventory.nbytes == 5


@pytest.mark.parametrize("file_format", FORMATS)
async def test_only_what_the_prefix_selects_is_taken(file_format: str):
    entries = [Entry(name, 1) for name in NAMES]
    with await imported(await report([entries], file_format), prefix="foo") as inventory:
        assert keys_of(inventory) == ["foo", "foo/x"]
        assert inventory.prefix == "foo"
        assert inventory.total("foo").complete
        assert not inventory.total().complete


@settings(max_examples=15)
@given(
    keys=st.sets(st.text("ab/-%+ é", min_size=1, max_size=5), max_size=20),
    file_format=st.sampled_from(FORMATS),
)
def test_the_snapshot_is_the_one_that_a_scan_writes(keys: set[str], file_format: str):
    entries = [Entry(key, len(key)) for key in keys]

    async def both() -> tuple[str, str]:
        bucket = await report([entries[:7], entries[7:]], file_format)
        rows = [(key, len(key), None) for key in sorted(keys)]
        with await imported(bucket) as mine, await opened(rows) as scanned:
            difference = await asyncio.to_thread(scanned.diff, mine)
            assert await asyncio.to_thread(difference.keys) == []
            return mine.digest(), scanned.digest()

    mine, scanned = asyncio.run(both())
    assert mine == scanned


async def test_a_report_of_nothing_is_a_snapshot_of_nothing():
    nothing: list[list[list[Entry]]] = [[], [[]]]
    for files in nothing:
        with await imported(await report(files, "CSV")) as inventory:
            assert inventory.complete
            assert inventory.total().nkeys == 0


async def test_a_snapshot_is_written_where_the_user_says_and_can_be_replaced(
    tmp_path: Path,
):
    place = tmp_path / "snapshot"
    bucket = await report([[Entry("a", 1)]], "CSV")
    (await imported(bucket, snapshot=place)).close()
    later = await report([[Entry("a", 1), Entry("b", 2)]], "Parquet")
    (await imported(later, snapshot=place)).close()
    with await Inventory.open(place) as inventory:
        assert keys_of(inventory) == ["a", "b"]
    assert len([key async for key in LocalStore(place).list_prefix("keys")]) == 1


async def test_a_snapshot_of_another_bucket_is_not_replaced():
    place = MemoryStore()
    bucket = await report([[Entry("a", 1)]], "CSV")
    (await imported(bucket, snapshot=place)).close()
    other = await report([[Entry("a", 1)]], "CSV", sourceBucket="other")
    with pytest.raises(SnapshotError, match="s3://other"):
        await imported(other, snapshot=place)


async def test_a_manifest_that_is_not_there_is_a_missing_key():
    with pytest.raises(KeyNotFoundError):
        await imported(MemoryStore())
    with pytest.raises(InvalidKeyError):
        await Inventory.from_s3_inventory(MemoryStore(), "../manifest.json")


async def test_a_manifest_that_differs_from_its_checksum_is_refused():
    bucket = await report([[Entry("a", 1)]], "CSV")
    text = await bucket.get(MANIFEST)
    assert text is not None
    await bucket.set(MANIFEST, text.to_bytes() + b" ")
    with pytest.raises(CorruptStoreError, match="MD5"):
        await imported(bucket)
    # Without a checksum it is believed.
    await bucket.delete(MANIFEST.replace(".json", ".checksum"))
    (await imported(bucket)).close()


async def first_file(bucket: Store) -> str:
    text = await bucket.get(MANIFEST)
    assert text is not None
    key: str = json.loads(text.to_bytes())["files"][0]["key"]
    return key


@pytest.mark.parametrize("damage", ["missing", "changed", "short", "long"])
@pytest.mark.parametrize("file_format", FORMATS)
async def test_a_file_that_is_not_the_one_of_the_report_is_refused(
    file_format: str, damage: str
):
    bucket = await report([[Entry("a", 1)]], file_format)
    key = await first_file(bucket)
    value = await bucket.get(key)
    assert value is not None
    content = value.to_bytes()
    if damage == "missing":
        await bucket.delete(key)
    else:
        changed = {
            "changed": content[:-1] + b"\0" * (content[-1:] != b"\0") or b"\1",
            "short": content[:-4],
            "long": content + b"more",
        }[damage]
        await bucket.set(key, changed[: len(content)] if damage == "changed" else changed)
    if damage == "long":
        # The bytes that the report speaks of are all there.
        (await imported(bucket)).close()
        return
    with pytest.raises(CorruptStoreError, match=key):
        await imported(bucket)


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "", "a\0b"])
async def test_a_report_names_no_file_outside(name: str):
    bucket = await report([], "CSV", files=[{"key": name, "size": 3}])
    with pytest.raises(CorruptStoreError, match="names a file"):
        await imported(bucket)


@pytest.mark.parametrize("file_format", FORMATS)
async def test_a_key_that_is_named_twice_is_told(file_format: str):
    bucket = await report([[Entry("a", 1)], [Entry("a", 2)]], file_format)
    with pytest.raises(CorruptStoreError, match="'a'"):
        await imported(bucket)


@pytest.mark.parametrize("file_format", FORMATS)
async def test_an_object_without_a_size_is_told(file_format: str):
    bucket = await report([[Entry("a", None)]], file_format)
    with pytest.raises(CorruptStoreError, match="size is empty"):
        await imported(bucket)


@pytest.mark.parametrize("claimed", ["Parquet", "ORC", "CSV"])
async def test_files_of_another_format_than_the_report_says_are_told(claimed: str):
    other = "Parquet" if claimed == "CSV" else "CSV"
    schema = json.loads(await _text(await report([], claimed)))["fileSchema"]
    bucket = await report([[Entry("a", 1)]], other, fileFormat=claimed, fileSchema=schema)
    with pytest.raises(CorruptStoreError):
        await imported(bucket)


async def _text(bucket: Store) -> bytes:
    text = await bucket.get(MANIFEST)
    assert text is not None
    return text.to_bytes()


async def test_a_row_that_is_no_row_is_told():
    bucket = await report([[Entry("a", 1)]], "CSV", fileSchema="Bucket, Key, Size")
    with pytest.raises(CorruptStoreError, match="s3://bucket"):
        await imported(bucket)


async def test_times_before_1970_and_without_are_kept():
    entries = [Entry("a", 1, datetime.fromisoformat("1969-12-31T00:00:00+00:00"))]
    entries.append(Entry("b", 1, None))
    for file_format in FORMATS:
        with await imported(await report([entries], file_format)) as inventory:
            modified = inventory.to_arrow().column("modified").to_pylist()
            assert modified == [entries[0].modified, None]


async def test_nothing_temporary_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    place = MemoryStore()
    bucket = await report([[Entry("a", 1)], [Entry("a", 1)]], "ORC")
    with pytest.raises(CorruptStoreError):
        await imported(bucket, snapshot=place)
    assert not list(tmp_path.iterdir())
    assert not await place.exists(FINISHED)
    inventory = await imported(await report([[Entry("a", 1)]], "ORC"), snapshot=place)
    await asyncio.to_thread(inventory.close)
    assert not list(tmp_path.iterdir())
    text = await place.get(FINISHED)
    assert text is not None
    assert Manifest.from_json(text.to_bytes(), "it").complete
