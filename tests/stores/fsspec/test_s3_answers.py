"""FsspecStore on S3: wrong answers and late ones, also to listings."""

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


async def test_an_answer_to_what_was_not_asked_is_got_over(
    patient: FsspecStore, s3_server: S3Server
):
    s3_server.faults.fail("unasked", method="GET", times=2)
    assert await patient.get_bytes("k") == VALUE
    assert await patient.get_bytes("k", RangeByteRequest(2, 9)) == VALUE[2:9]


@pytest.mark.parametrize("fault", ["no-content", "unasked"])
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


async def test_who_may_not_look_has_lost(store: FsspecStore, s3_server: S3Server):
    s3_server.put("root/k")
    s3_server.faults.fail(403, method="HEAD")
    assert not await store.set_if_not_exists("k", b"mine")


async def test_a_listing_has_a_deadline(s3_server: S3Server):
    store = s3_server.fsspec_store(timeout=0.3)
    s3_server.faults.fail("stall")
    with pytest.raises(BackendTimeoutError, match=r"no .*answer within"):
        await store.getsize_prefix("")
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
