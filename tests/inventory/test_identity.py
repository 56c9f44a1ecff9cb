"""However a bucket is listed, the same is found: every row, and the same digest."""

import csv
import gzip
import hashlib
import io
import json
from urllib.parse import quote

import pytest

from tests.inventory.buckets import Truth
from tests.inventory.planning.key_spaces import SHAPES
from tests.servers.listing import ListingServer, modified
from zstore import MemoryStore, Store
from zstore.inventory import Inventory

# What the fixture `buckets` has in each.
NKEYS = 8_000


def store_of(server: ListingServer, kind: str, bucket: str) -> Store:
    if kind == "obstore":
        return server.obstore_store(bucket)
    return server.fsspec_store(bucket)


@pytest.mark.parametrize("at_once", [1, 16, 64])
@pytest.mark.parametrize("shape", SHAPES)
async def test_many_at_once_find_what_one_finds(
    shape: str, at_once: int, server: ListingServer, buckets: dict[str, Truth]
):
    # So that there is time for many to be on their way.
    server.latency = 0.005
    store = server.obstore_store(shape)
    with await Inventory.scan(store, max_concurrency=at_once) as inventory:
        buckets[shape].require(inventory)
    # Documents of metadata are read afterwards, 16 at once.
    assert server.most_in_flight <= max(at_once, 16)


@pytest.mark.parametrize(
    ("shape", "at_once"), [("nested", 1), *((shape, 16) for shape in SHAPES), ("skew", 64)]
)
async def test_s3fs_finds_what_obstore_finds(
    shape: str, at_once: int, server: ListingServer, buckets: dict[str, Truth]
):
    async with server.fsspec_store(shape) as store:
        with await Inventory.scan(store, max_concurrency=at_once) as inventory:
            buckets[shape].require(inventory)
    assert server.nhead == 0


@pytest.mark.parametrize("kind", ["obstore", "s3fs"])
async def test_a_prefix_is_a_part_of_the_whole(
    kind: str, server: ListingServer, buckets: dict[str, Truth]
):
    async with store_of(server, kind, "skew") as store:
        with await Inventory.scan(store, "reanalysis/c/1", max_concurrency=8) as inventory:
            expected = [
                row for row in buckets["skew"].rows if row[0].startswith("reanalysis/c/1/")
            ]
            assert inventory.nkeys == len(expected) > 100
            assert inventory.nbytes == sum(row[1] for row in expected)


async def test_a_report_of_s3_inventory_says_the_same(
    server: ListingServer, buckets: dict[str, Truth]
):
    for shape in SHAPES:
        truth = buckets[shape]
        source = MemoryStore()
        key = await put_report(source, truth)
        with await Inventory.from_s3_inventory(source, key) as inventory:
            truth.require(inventory)
    assert server.nlist == 0


async def put_report(source: Store, truth: Truth) -> str:
    """Write a report as S3 Inventory does, and return the key of its manifest."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    # Reports are not sorted.
    for i in reversed(range(len(truth.space))):
        at = f"{modified(i):%Y-%m-%dT%H:%M:%S.000Z}"
        writer.writerow(["bucket", quote(truth.space.key(i)), truth.space.nbytes(i), at])
    content = gzip.compress(text.getvalue().encode())
    await source.set("report/data/1.csv.gz", content)
    checksum = hashlib.md5(content, usedforsecurity=False).hexdigest()
    manifest = {
        "sourceBucket": "bucket",
        "destinationBucket": "arn:aws:s3:::reports",
        "version": "2016-11-30",
        "creationTimestamp": "1767225600000",
        "fileFormat": "CSV",
        "fileSchema": "Bucket, Key, Size, LastModifiedDate",
        "files": [
            {"key": "report/data/1.csv.gz", "size": len(content), "MD5checksum": checksum}
        ],
    }
    await source.set("report/manifest.json", json.dumps(manifest).encode())
    return "report/manifest.json"
