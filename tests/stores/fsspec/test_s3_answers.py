"""FsspecStore on S3: wrong answers, lost ones, and late ones."""

import traceback
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import s3fs

from tests.servers import S3Server
from zstore import FsspecStore, RangeByteRequest
from zstore.errors import (
    BackendError,
    BackendTimeoutError,
    CorruptStoreError,
    UnsupportedError,
)

VALUE = bytes(range(256)) * 4


@pytest.fixture
async def patient(
    s3_server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[FsspecStore]:
    """A store that tries again, at once."""
    monkeypatch.setattr(s3fs.S3FileSystem, "retries", 3)
    s3_server.put("k", body=VALUE)
    opened = s3_server.fsspec_store()
    yield opened
    await opened.aclose()


@pytest.mark.parametrize("fault", ["500", "dropped", "reset-body", "cut", "unasked"])
async def test_what_passes_is_got_over(
    patient: FsspecStore, s3_server: S3Server, fault: str
):
    s3_server.faults.fail(fault, method="GET", times=2)
    assert await patient.get_bytes("k") == VALUE
    assert await patient.get_bytes("k", RangeByteRequest(2, 9)) == VALUE[2:9]


@pytest.mark.parametrize(
    "fault", ["html", "error-200", "no-content", "unasked", "cut-unframed", "cut-chunked"]
)
async def test_what_is_no_whole_value_is_an_error(
    store: FsspecStore, s3_server: S3Server, fault: str
):
    s3_server.put("root/k", body=VALUE)
    s3_server.faults.fail(fault, method="GET")
    with pytest.raises(BackendError):
        await store.get("k")


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("html", "no listing"),
        ("xml-no-token", "no token"),
        ("xml-fewer", "names announced"),
        ("again", "came twice"),
        ("xml-cut", "k"),
        ("empty", "k"),
    ],
)
async def test_a_listing_in_part_is_an_error(
    store: FsspecStore, s3_server: S3Server, fault: str, reason: str
):
    s3_server.put(*(f"root/k{number}" for number in range(9)))
    s3_server.list_in_pages_of(3)
    s3_server.faults.fail(fault, query="list-type=2", after=fault != "html")
    with pytest.raises(BackendError, match=reason):
        await store.getsize_prefix("")


async def test_more_to_list_is_listed_whatever_is_said(
    store: FsspecStore, s3_server: S3Server
):
    s3_server.put(*(f"root/k{number}" for number in range(9)))
    s3_server.list_in_pages_of(3)
    s3_server.faults.fail("xml-end", query="list-type=2")
    assert len([key async for key in store.list()]) == 9


@pytest.mark.parametrize("fault", ["lost", "500-after", "unheard"])
async def test_whose_answer_is_lost_has_won_all_the_same(
    patient: FsspecStore, s3_server: S3Server, fault: str
):
    s3_server.put("theirs", body=b"mine")
    s3_server.faults.fail(fault, method="PUT", path="/ours", times=1)
    s3_server.faults.fail(fault, method="PUT", path="/theirs", times=1)
    assert await patient.set_if_not_exists("ours", b"mine")
    # The same value, but of another writer.
    assert not await patient.set_if_not_exists("theirs", b"mine")
    assert not await patient.set_if_not_exists("ours", b"mine")


async def test_who_may_not_look_has_lost(store: FsspecStore, s3_server: S3Server):
    s3_server.put("root/k")
    s3_server.faults.fail(403, method="HEAD")
    assert not await store.set_if_not_exists("k", b"mine")


async def test_a_server_that_says_nothing_is_an_error(s3_server: S3Server):
    s3_server.put("k", body=VALUE)
    store = s3_server.fsspec_store(timeout=0.3)
    s3_server.faults.fail("stall")
    for call in (
        lambda: store.get("k"),
        lambda: store.exists("k"),
        lambda: store.set("k", b""),
        lambda: store.set_if_not_exists("k", b""),
        lambda: store.delete("k"),
        lambda: store.getsize_prefix(""),
    ):
        with pytest.raises(BackendTimeoutError, match=r"no .*answer within"):
            await call()
    await store.aclose()


@pytest.mark.parametrize("fault", ["flip", "short-honest", "empty", "other-etag"])
async def test_damage_is_found_by_the_checksum(s3_server: S3Server, fault: str):
    s3_server.put("k", body=VALUE)
    store = s3_server.fsspec_store(verify=True)
    assert await store.get_bytes("k", RangeByteRequest(2, 9)) == VALUE[2:9]
    s3_server.faults.fail(fault, method="GET")
    for request in (None, RangeByteRequest(2, 9)):
        with pytest.raises(CorruptStoreError, match="damaged"):
            await store.get("k", byte_range=request)
    await store.aclose()


def test_only_s3_can_be_verified(tmp_path: Path):
    for url in (f"file://{tmp_path}", "memory://x", "http://127.0.0.1:1"):
        with pytest.raises(UnsupportedError, match="checksums"):
            FsspecStore.from_url(url, verify=True)


async def test_the_deadline_goes_along(s3_server: S3Server):
    store = s3_server.fsspec_store(timeout=7, verify=True)
    copy = store.with_read_only()
    assert (copy.timeout, copy.verify) == (7, True)
    assert s3_server.fsspec_store(timeout=None).timeout is None


async def test_how_often_it_was_tried_is_said(patient: FsspecStore, s3_server: S3Server):
    s3_server.faults.fail(500)
    with pytest.raises(BackendError, match="after 3 tries in") as caught:
        await patient.get("k")
    assert "after 3 tries" in "".join(traceback.format_exception(caught.value))
    assert s3_server.faults.counts["GET"] == 3
