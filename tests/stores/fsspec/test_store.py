"""FsspecStore: what it is made of, and synchronous filesystems."""

import asyncio
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any
from uuid import uuid4

import fsspec
import pytest
from fsspec.implementations.asyn_wrapper import AsyncFileSystemWrapper
from fsspec.implementations.dirfs import DirFileSystem
from fsspec.implementations.memory import MemoryFileSystem

from tests.servers import HttpServer
from zstore import FsspecStore, OffsetByteRequest, RangeByteRequest, SuffixByteRequest
from zstore.errors import (
    AccessDeniedError,
    BackendError,
    InvalidByteRangeError,
    InvalidKeyError,
    InvalidTypeError,
    KeyConflictError,
    MissingDependencyError,
    UnsupportedError,
)


def memory(**arguments: Any) -> FsspecStore:
    return FsspecStore(MemoryFileSystem(), path=f"/{uuid4().hex}/root", **arguments)


async def entries(store: FsspecStore, *args: Any, **kwargs: Any) -> list[str]:
    return [e.cursor async for b in store.list_entries(*args, **kwargs) for e in b]


def test_importing_it_imports_no_fsspec():
    script = (
        "import sys, zstore, zstore.stores.fsspec, zstore.stores.object_store\n"
        "assert not {'fsspec', 's3fs', 'aiohttp', 'obstore'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_the_seed_signature():
    fs = MemoryFileSystem()
    store = FsspecStore(fs, True, "/there", (KeyError,))
    assert store.read_only
    assert store.path == "/there"
    assert store.allowed_exceptions == (KeyError,)
    assert isinstance(store.fs, AsyncFileSystemWrapper)
    assert store.fs.sync_fs is fs
    assert str(store) == repr(store) == "<FsspecStore(MemoryFileSystem, /there)>"
    assert FsspecStore(fs).path == "/"
    assert FsspecStore(store.fs).fs is store.fs


def test_what_is_no_filesystem_is_refused():
    with pytest.raises(TypeError, match="Filesystem needs to support async operations"):
        FsspecStore(object())
    with pytest.raises(InvalidTypeError):
        FsspecStore("memory://")


def test_a_scheme_in_the_path_is_refused():
    with pytest.raises(ValueError, match=r"must not include scheme \(s3://\)"):
        FsspecStore(MemoryFileSystem(), path="s3://bucket")
    with pytest.raises(InvalidKeyError) as caught:
        FsspecStore(MemoryFileSystem(), path="s3://me:canary@bucket")
    assert "canary" not in str(caught.value)


def test_a_missing_package_is_named():
    with pytest.raises((MissingDependencyError, ValueError)):
        FsspecStore.from_url("nonesuch://bucket")
    with pytest.raises(MissingDependencyError, match="zstore"):
        FsspecStore.from_url("dropbox://there")


def test_equality():
    fs = MemoryFileSystem()
    store = FsspecStore(fs, path="/a")
    assert store == FsspecStore(fs, path="/a")
    assert store != FsspecStore(fs, path="/b")
    assert store != FsspecStore(fs, True, path="/a")
    assert store != FsspecStore.from_url("http://127.0.0.1/a")
    assert store != "something else"
    http = FsspecStore.from_url("http://127.0.0.1/a")
    assert http == FsspecStore.from_url("http://127.0.0.1/a")
    assert http != FsspecStore.from_url("http://127.0.0.1/a", {"encoded": True})


async def test_mappers_and_universal_paths(tmp_path: Path, http_server: HttpServer):
    (tmp_path / "k").write_bytes(b"1")
    mapper = FsspecStore.from_mapper(fsspec.get_mapper(str(tmp_path)), read_only=True)
    assert await mapper.get_bytes("k") == b"1"
    assert mapper.read_only
    upath = pytest.importorskip("upath").UPath
    assert await FsspecStore.from_upath(upath(f"file://{tmp_path}")).get_bytes("k") == b"1"
    http_server.values["r/k"] = b"2"
    # Made for blocking calls by its owner; that is no reason to warn.
    remote = FsspecStore.from_upath(upath(f"{http_server.url}/r"))
    assert await remote.get_bytes("k") == b"2"
    await remote.aclose()


async def test_a_folder_within_a_filesystem(tmp_path: Path, http_server: HttpServer):
    inner = DirFileSystem(str(tmp_path), fs=fsspec.filesystem("file"))
    store = FsspecStore(inner, path="sub")
    await store.set("a/b", b"1")
    assert (tmp_path / "sub" / "a" / "b").read_bytes() == b"1"
    http_server.values["r/k"] = b"2"
    options = {"asynchronous": True, "skip_instance_cache": True}
    web = fsspec.filesystem("http", **options)
    remote = FsspecStore(DirFileSystem(f"{http_server.url}/r", fs=web, **options))
    assert await remote.get_bytes("k") == b"2"
    assert remote.with_read_only() == FsspecStore(web, True, f"{http_server.url}/r")
    await remote.aclose()


async def test_local_files_are_written_whole_and_leave_no_folders(tmp_path: Path):
    store = FsspecStore.from_url(f"file://{tmp_path}")
    assert await store.set_if_not_exists("a/b", b"1")
    assert not await store.set_if_not_exists("a/b", b"2")
    with pytest.raises(KeyConflictError):
        await store.set("a", b"")
    with pytest.raises(KeyConflictError):
        await store.set_if_not_exists("a/b/c", b"")
    assert await entries(store, limit=1) == ["a/"]
    await store.delete("a/b")
    assert list(tmp_path.iterdir()) == []
    await store.set("c/d", b"1")
    await store.clear()
    assert await store.is_empty()


async def test_ranges_of_any_filesystem():
    store = memory()
    await store.set("k", b"0123456789")
    await store.set("empty", b"")
    for request, expected in (
        (RangeByteRequest(2, 5), b"234"),
        (RangeByteRequest(8, 20), b"89"),
        (RangeByteRequest(8, 2**60), b"89"),
        (OffsetByteRequest(7), b"789"),
        (SuffixByteRequest(3), b"789"),
        (SuffixByteRequest(15), b"0123456789"),
    ):
        assert await store.get_bytes("k", request) == expected
        assert await store.get("none", byte_range=request) is None
        with pytest.raises(InvalidByteRangeError):
            await store.get("empty", byte_range=request)
    with pytest.raises(InvalidByteRangeError):
        await store.get("k", byte_range=RangeByteRequest(10, 12))


@pytest.mark.parametrize(
    ("answer", "match"), [(b"0123456789", "10 bytes"), (b"2", "1 bytes")]
)
async def test_other_bytes_than_were_asked_for_are_an_error(
    monkeypatch: pytest.MonkeyPatch, answer: bytes, match: str
):
    store = memory()
    await store.set("k", b"0123456789")
    monkeypatch.setattr(MemoryFileSystem, "cat_file", lambda *_, **__: answer)
    store = store.with_read_only()
    with pytest.raises(BackendError, match=match):
        await store.get("k", byte_range=RangeByteRequest(2, 5))


@pytest.mark.parametrize(
    ("raised", "error"),
    [
        (PermissionError("no"), AccessDeniedError),
        (OSError(5, "input/output error"), BackendError),
        (RuntimeError("anything"), BackendError),
    ],
)
async def test_a_failure_is_never_missing_nor_empty(
    monkeypatch: pytest.MonkeyPatch, raised: Exception, error: type[Exception]
):
    def fail(*_: object, **__: object) -> None:
        raise raised

    for name in ("cat_file", "info", "ls", "find", "rm_file", "pipe_file"):
        monkeypatch.setattr(MemoryFileSystem, name, fail)
    store = memory()
    for call in (
        lambda: store.get("k"),
        lambda: store.exists("k"),
        lambda: store.set("k", b""),
        lambda: store.delete("k"),
        lambda: store.getsize_prefix(""),
        lambda: entries(store),
        store.clear,
    ):
        with pytest.raises(error) as caught:
            await call()
        assert caught.value.__cause__ is raised


async def test_create_is_refused_where_it_would_race():
    with pytest.raises(UnsupportedError, match="atomic"):
        await memory().set_if_not_exists("k", b"")


async def test_a_name_is_a_value_or_a_folder_in_memory():
    store = memory()
    await store.set("a/b", b"1")
    with pytest.raises(KeyConflictError):
        await store.set("a", b"")
    with pytest.raises(KeyConflictError):
        await store.set("a/b/c", b"")


async def test_an_archive_can_be_read(tmp_path: Path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.mkdir("empty")
        archive.writestr("r/a/0", b"0123456789")
        archive.writestr("r/b", b"22")
    # Making it reads the directory of the archive.
    store = await asyncio.to_thread(
        FsspecStore.from_url, f"zip://r::file://{tmp_path}/a.zip"
    )
    assert await store.get_bytes("a/0", SuffixByteRequest(3)) == b"789"
    assert sorted([key async for key in store.list()]) == ["a/0", "b"]
    assert await entries(store, after="a") == ["a/", "b"]
    assert await store.getsize_prefix("") == 12
    assert not store.supports_writes
    with pytest.raises(UnsupportedError):
        await store.delete("b")
    store.fs.sync_fs.close()


async def test_a_filesystem_that_caches_files(http_server: HttpServer, tmp_path: Path):
    http_server.values["k"] = b"value"
    options = {"simplecache": {"cache_storage": str(tmp_path)}}
    fs = fsspec.filesystem("simplecache", target_protocol="http", **options["simplecache"])
    store = FsspecStore(fs, path=http_server.url)
    assert await store.get_bytes("k") == b"value"
    assert await store.get_bytes("k", RangeByteRequest(1, 3)) == b"al"
    # fsspec says "not found" to this; the server said something else.
    http_server.faults.fail(500)
    with pytest.raises(BackendError):
        await store.exists("other")


async def test_listings_of_a_filesystem_are_not_remembered(monkeypatch: pytest.MonkeyPatch):
    store = memory()
    forgotten: list[object] = []
    monkeypatch.setattr(store.fs.sync_fs, "dircache", {"a": 1})
    monkeypatch.setattr(
        MemoryFileSystem, "invalidate_cache", lambda *_: forgotten.append(1)
    )
    assert await entries(store) == []
    assert forgotten
