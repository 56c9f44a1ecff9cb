"""`open_store`, `copy` and their synchronous twins on real servers."""

from pathlib import Path

import pytest

from tests.opened import VALUES, archive, keys_of
from tests.scripts import run_script
from tests.servers.http import HttpServer, http_process, http_server
from tests.servers.s3 import S3Server, s3_process, s3_server
from zstore import FsspecStore, MemoryStore, ObjectStore, ZipStore, copy, open_store, sync
from zstore.copying import CopyReport
from zstore.errors import InvalidTypeError, StoreExistsError, StoreNotFoundError

__all__ = ["archive", "http_process", "http_server", "s3_process", "s3_server"]


@pytest.fixture(autouse=True)
def no_blocking_calls() -> None:
    """Switched off: what s3fs does to connect is judged in the tests of FsspecStore."""


async def test_s3_opens_with_s3fs(s3_server: S3Server):
    s3_server.put("a/b", "c")
    url, options = f"s3://{s3_server.bucket}", s3_server.fsspec_options
    async with await open_store(url, mode="r", storage_options=options) as opened:
        assert isinstance(opened, FsspecStore)
        assert await keys_of(opened) == ["a/b", "c"]
    async with await open_store(f"{url}/a", mode="r+", storage_options=options) as opened:
        await opened.set("d", b"new")
    assert s3_server.keys == ["a/b", "a/d", "c"]
    with pytest.raises(StoreNotFoundError, match="nothing"):
        await open_store(f"{url}/nothing", mode="r", storage_options=options)
    with pytest.raises(StoreExistsError):
        await open_store(url, mode="w-", storage_options=options, path="a")


async def test_s3_opens_with_obstore_where_s3fs_is_missing(
    s3_server: S3Server, monkeypatch: pytest.MonkeyPatch
):
    s3_server.put("a/b", "c")
    monkeypatch.setattr("zstore.opening.places._has", {"obstore"}.__contains__)
    url, options = f"s3://{s3_server.bucket}/a", s3_server.obstore_options
    async with await open_store(url, mode="r", storage_options=options) as opened:
        assert isinstance(opened, ObjectStore)
        assert await keys_of(opened) == ["b"]


@pytest.mark.parametrize("chain", ["zip::", ""])
async def test_an_archive_on_s3_is_read_by_ranges(
    s3_server: S3Server, archive: Path, chain: str
):
    s3_server.put("zips/x.zip", body=archive.read_bytes())
    url, options = f"s3://{s3_server.bucket}/zips/x.zip", s3_server.fsspec_options
    async with await open_store(chain + url, storage_options=options) as opened:
        assert isinstance(opened, ZipStore)
        assert await opened.get_bytes("a/b") == b"value"
        assert await keys_of(opened) == ["a/b", "c"]
    gets = [request for request in s3_server.faults.requests if request.method == "GET"]
    assert all(request.range for request in gets), gets


async def test_an_archive_on_a_web_server_is_read_by_ranges(
    http_server: HttpServer, archive: Path
):
    http_server.values["zips/x.zip"] = archive.read_bytes()
    http_server.lists = False
    async with await open_store(f"{http_server.url}/zips/x.zip", mode="r") as it:
        assert isinstance(it, ZipStore)
        assert await it.get_bytes("a/b") == b"value"


async def test_a_missing_archive_on_a_web_server_is_not_an_empty_folder(
    http_server: HttpServer,
):
    url = f"{http_server.url}/zips/no.zip"
    with pytest.raises(StoreNotFoundError, match=r"zips/no\.zip does not exist"):
        await open_store(url, mode="r")
    async with await open_store(url) as opened:
        assert isinstance(opened, FsspecStore)


@pytest.mark.parametrize("chain", ["zip::", ""])
@pytest.mark.parametrize("fault", ["whole", "500"])
def test_what_cannot_be_opened_is_closed(http_server: HttpServer, chain: str, fault: str):
    http_server.values["x.zip"] = bytes(200_000)
    http_server.faults.fail(fault)
    url = f"{chain}{http_server.url}/x.zip"
    # What was left open would be said on standard error.
    out = run_script(f"""
        import asyncio, gc
        from zstore import errors, open_store
        from zstore.stores import tries

        tries.TRIES = 1

        async def main():
            for _ in range(2):
                try:
                    await open_store({url!r}, mode="r")
                except errors.BackendError as error:
                    print(type(error).__name__)
                gc.collect()
                await asyncio.sleep(0.05)

        asyncio.run(main())
    """)
    assert out == "BackendError\n" * 2


async def test_a_web_server_that_does_not_list_can_be_opened(http_server: HttpServer):
    http_server.values["data/c"] = b"1"
    http_server.lists = False
    async with await open_store(f"{http_server.url}/data", mode="r") as opened:
        assert await opened.get_bytes("c") == b"1"


async def test_copies_to_s3_and_back(s3_server: S3Server):
    source = MemoryStore()
    await source.set_many({**VALUES, **{f"many/{i}": b"xy" for i in range(20)}})
    url, options = f"s3://{s3_server.bucket}/x", s3_server.fsspec_options
    async with await open_store(url, storage_options=options) as remote:
        assert (await copy(source, remote)).nkeys == 22
        s3_server.faults.requests.clear()
        again = await copy(source, remote, "many", if_exists="skip")
        assert again == CopyReport(skipped=20, skipped_nbytes=40)
        assert {request.method for request in s3_server.faults.requests} == {"GET", "HEAD"}
        s3_server.faults.requests.clear()
        target = MemoryStore()
        assert (await copy(remote, target)).nbytes == 46
        # One listing, and one request for each value: none for sizes.
        assert len(s3_server.faults.requests) == 1 + 22
        inside = await open_store(remote, path="inside")
        with pytest.raises(InvalidTypeError, match="onto or into itself"):
            await copy(remote, inside)
    assert target == source


def test_the_synchronous_twin_opens_and_closes_quietly(s3_server: S3Server):
    s3_server.put("a/b")
    url, options = f"s3://{s3_server.bucket}", s3_server.fsspec_options
    out = run_script(f"""
        from zstore import MemoryStore, sync
        store = sync.open_store({url!r}, mode="r", storage_options={options!r})
        print(store.get_bytes("a/b"), list(store.list()))
        print(sync.copy(store, MemoryStore()).nkeys)
        keys = store.list()
        next(keys)
    """)
    assert out == "b'0123456789' ['a/b']\n1\n"
    with sync.open_store(url, storage_options=options) as store:
        assert store.getsize_prefix("") == 10
