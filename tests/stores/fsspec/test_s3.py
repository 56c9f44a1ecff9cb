"""FsspecStore on S3: s3fs, and moto behind a door that counts and fails."""

import asyncio

import pytest

from tests.servers import SECRET, S3Server
from zstore import (
    FsspecStore,
    OffsetByteRequest,
    RangeByteRequest,
    SuffixByteRequest,
)
from zstore.errors import (
    BackendError,
    InvalidByteRangeError,
    ZStoreWarning,
)

ODD_KEYS = ["a b", "a%20b", "a#b", "a?versionId=1", "g/*", "g/[x]", "ü/é", "+/&=", "g/1"]


async def test_a_get_is_one_request(store: FsspecStore, s3_server: S3Server):
    s3_server.put("root/k")
    value = await store.get("k")
    assert value is not None
    assert value.readonly
    assert value.to_bytes() == b"0123456789"
    assert s3_server.faults.counts == {"GET": 1}


async def test_a_range_is_one_request(store: FsspecStore, s3_server: S3Server):
    s3_server.put("root/k")
    for request, expected in (
        (RangeByteRequest(2, 5), b"234"),
        (RangeByteRequest(8, 20), b"89"),
        (OffsetByteRequest(7), b"789"),
        (SuffixByteRequest(3), b"789"),
        (SuffixByteRequest(15), b"0123456789"),
    ):
        s3_server.faults.requests.clear()
        assert await store.get_bytes("k", request) == expected
        assert s3_server.faults.counts == {"GET": 1}


async def test_a_range_behind_the_end_is_an_error(store: FsspecStore, s3_server: S3Server):
    s3_server.put("root/k")
    for request in (RangeByteRequest(10, 12), OffsetByteRequest(10), OffsetByteRequest(99)):
        with pytest.raises(InvalidByteRangeError) as caught:
            await store.get("k", byte_range=request)
        assert caught.value.__cause__ is not None


async def test_an_empty_value_has_no_ranges(store: FsspecStore, s3_server: S3Server):
    s3_server.put("root/k", body=b"")
    assert await store.get_bytes("k") == b""
    for request in (RangeByteRequest(0, 5), OffsetByteRequest(0), SuffixByteRequest(3)):
        with pytest.raises(InvalidByteRangeError):
            await store.get("k", byte_range=request)


async def test_a_range_of_no_bytes_is_refused_before_any_request(
    store: FsspecStore, s3_server: S3Server
):
    for request in (RangeByteRequest(5, 5), SuffixByteRequest(0)):
        with pytest.raises(InvalidByteRangeError):
            await store.get("k", byte_range=request)
    assert not s3_server.faults.requests


async def test_keys_are_literal(store: FsspecStore, s3_server: S3Server):
    await store.set_many({key: key.encode() for key in ODD_KEYS})
    assert sorted(s3_server.keys) == sorted(f"root/{key}" for key in ODD_KEYS)
    for key in ODD_KEYS:
        assert await store.get_bytes(key) == key.encode()
        assert await store.getsize(key) == len(key.encode())
    assert sorted([key async for key in store.list()]) == sorted(ODD_KEYS)
    await store.delete("g/*")
    await store.delete("g/[x]")
    assert [key async for key in store.list_prefix("g/")] == ["g/1"]


async def test_create_is_atomic(store: FsspecStore, s3_server: S3Server):
    values = [str(i).encode() for i in range(8)]
    wrote = await asyncio.gather(*[store.set_if_not_exists("k", v) for v in values])
    assert sum(wrote) == 1
    assert await store.get_bytes("k") == values[wrote.index(True)]
    # Nobody looks before; who is refused asks whose value it is.
    assert s3_server.faults.counts["HEAD"] == 7


async def test_a_listing_is_one_request_for_each_thousand_keys(s3_server: S3Server):
    s3_server.put(*[f"x/{i:04}" for i in range(2001)], body=b"12")
    store = s3_server.fsspec_store()
    for prefix in ("", "x/"):
        s3_server.faults.requests.clear()
        assert await store.getsize_prefix(prefix) == 4002
        assert s3_server.faults.counts == {"GET": 3}
    await store.aclose()


async def test_a_page_of_a_level_is_one_request(store: FsspecStore, s3_server: S3Server):
    s3_server.put(*[f"root/x/{i:03}" for i in range(50)])
    pages = [batch async for batch in store.list_entries("x", limit=5, after="007")]
    names = [entry.name for batch in pages for entry in batch]
    assert names == ["008", "009", "010", "011", "012"]
    assert s3_server.faults.counts == {"GET": 1}


async def test_a_deletion_is_one_request_for_each_thousand_keys(
    store: FsspecStore, s3_server: S3Server
):
    s3_server.put("root/x", "root/xy", *[f"root/x/{i:04}" for i in range(1001)])
    await store.delete_dir("x")
    # The listing, the key "x" itself, and what is below it.
    assert s3_server.faults.counts == {"GET": 2, "DELETE": 1, "POST": 2}
    assert s3_server.keys == ["root/xy"]


async def test_a_level_has_sizes_times_and_an_order(
    store: FsspecStore, s3_server: S3Server
):
    s3_server.put("root/a", "root/a-", "root/a/1", "root/a/2", "root/b/1", "root/c", "no")
    entries = [e async for batch in store.list_entries() for e in batch]
    assert [entry.cursor for entry in entries] == ["a", "a-", "a/", "b/", "c"]
    assert [entry.nbytes for entry in entries] == [10, 10, None, None, 10]
    assert entries[0].last_modified is not None
    assert entries[0].last_modified.tzinfo is not None
    after = ""
    paged: list[str] = []
    while page := [e async for b in store.list_entries(limit=1, after=after) for e in b]:
        after = page[0].cursor
        paged.append(after)
    assert paged == ["a", "a-", "a/", "b/", "c"]


async def test_markers_and_odd_names_are_no_keys(store: FsspecStore, s3_server: S3Server):
    s3_server.put("root/", "root/d/", "root/d/k", "root/e/", "root/f//g")
    with pytest.warns(ZStoreWarning, match="no key"):
        assert [key async for key in store.list()] == ["d/k"]
    assert [name async for name in store.list_dir("d")] == ["k"]
    assert [key async for key in store.list_prefix("e")] == []
    assert not await store.exists("d")
    with pytest.raises(FileNotFoundError):
        await store.getsize("d")


async def test_repr_and_str_name_the_place_and_no_secret(store: FsspecStore):
    for text in (repr(store), str(store), repr(store.with_read_only())):
        assert text == f"<FsspecStore(S3FileSystem, {store.path})>"
        assert SECRET not in text


async def test_large_values_are_written_in_parts(
    store: FsspecStore, s3_server: S3Server, monkeypatch: pytest.MonkeyPatch
):
    # The least that S3 takes for a part that is not the last.
    monkeypatch.setattr("zstore.stores.fsspec.s3_writing._PART_NBYTES", 5 * 2**20)
    value = bytes(range(256)) * (5 * 2**12) + b"the last part"
    await store.set("k?versionId=1", value)
    assert await store.get_bytes("k?versionId=1") == value
    assert s3_server.keys == ["root/k?versionId=1"]
    assert s3_server.faults.counts["POST"] == 2
    assert s3_server.faults.counts["PUT"] == 2


async def test_parts_of_a_write_that_fails_are_dropped(
    store: FsspecStore, s3_server: S3Server, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("zstore.stores.fsspec.s3_writing._PART_NBYTES", 5)
    s3_server.faults.fail(500, method="PUT")
    with pytest.raises(BackendError):
        await store.set("k", b"0123456789")
    assert s3_server.faults.counts["DELETE"] == 1
    assert "Uploads" not in s3_server.client.list_multipart_uploads(Bucket=s3_server.bucket)
