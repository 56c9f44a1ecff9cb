"""ObjectStore on the object stores of this machine: memory, local, and others' own."""

import asyncio
import os
import pickle
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import obstore.store
import pytest

from zstore import ObjectStore, OffsetByteRequest, RangeByteRequest, SuffixByteRequest
from zstore.errors import (
    AccessDeniedError,
    BackendError,
    BackendTimeoutError,
    InvalidByteRangeError,
    InvalidKeyError,
    InvalidTypeError,
    KeyConflictError,
    MissingDependencyError,
    UnsupportedError,
    ZStoreWarning,
)
from zstore.stores.object_store import client


@pytest.fixture
def store() -> ObjectStore:
    return ObjectStore(obstore.store.MemoryStore())


@pytest.fixture
def local(tmp_path: Path) -> ObjectStore:
    return ObjectStore(obstore.store.LocalStore(tmp_path))


async def cursors(store: ObjectStore, *args: Any, **kwargs: Any) -> list[str]:
    return [e.cursor async for b in store.list_entries(*args, **kwargs) for e in b]


def test_what_is_no_object_store_is_refused():
    with pytest.raises(InvalidTypeError, match="object store"):
        ObjectStore(object())  # type: ignore[arg-type]


async def test_urls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    store = ObjectStore.from_url(f"file://{tmp_path}", read_only=True)
    assert store.read_only
    assert str(store) == repr(store) == f"<ObjectStore(LocalStore, {tmp_path})>"
    assert str(ObjectStore.from_url("memory:///")) == "<ObjectStore(MemoryStore)>"
    secret = ObjectStore.from_url("https://me:canary@127.0.0.1/x?token=canary")
    assert "canary" not in str(secret) + repr(secret)
    keys: dict[str, Any] = {"access_key_id": "key", "secret_access_key": "canary"}
    bucket = ObjectStore.from_url("s3://bucket/a/b", **keys)
    assert str(bucket) == "<ObjectStore(S3Store, bucket/a/b)>"

    with pytest.raises(BackendError) as caught:
        ObjectStore.from_url("nonesuch://me:canary@there")
    assert "canary" not in str(caught.value)

    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr("importlib.import_module", missing)
    with pytest.raises(MissingDependencyError, match=r"zstore\[obstore\]"):
        ObjectStore.from_url("memory:///")


def test_equality_and_pickling(tmp_path: Path):
    store = ObjectStore(obstore.store.LocalStore(tmp_path))
    assert pickle.loads(pickle.dumps(store)) == store  # noqa: S301 -- made here
    assert store != store.with_read_only()
    assert store != ObjectStore(obstore.store.MemoryStore())


async def test_a_value_is_not_copied(store: ObjectStore):
    await store.set("k", b"0123456789")
    value = await store.get("k")
    assert value is not None
    assert value.readonly
    assert type(value.as_buffer_like().obj).__name__ == "Bytes"


async def test_what_was_put_in_is_the_stores(store: ObjectStore):
    mine = bytearray(b"before")
    await store.set("k", mine)
    mine[:] = b"after!"
    assert await store.get_bytes("k") == b"before"


async def test_two_loops_and_threads(local: ObjectStore):
    await local.set("k", b"value")
    assert await asyncio.to_thread(asyncio.run, local.get_bytes("k")) == b"value"


async def test_a_forked_child_is_refused(
    store: ObjectStore, monkeypatch: pytest.MonkeyPatch
):
    await store.set("k", b"1")
    monkeypatch.setattr(client, "_started_in", [os.getpid() + 1])
    with pytest.raises(UnsupportedError, match="fork"):
        await store.get("k")


async def test_local_names_are_values_or_folders(local: ObjectStore, tmp_path: Path):
    await local.set("a/b", b"1")
    for write in (local.set, local.set_if_not_exists):
        with pytest.raises(KeyConflictError):
            await write("a", b"")
        with pytest.raises(KeyConflictError):
            await write("a/b/c", b"")
    assert await local.get("a") is None
    assert await local.get("a/b/c") is None
    assert not await local.exists("a")
    await local.delete("a")
    await local.delete("a/b/c")
    assert await local.get_bytes("a/b") == b"1"
    await local.delete("a/b")
    assert list(tmp_path.iterdir()) == []
    await local.set("a", b"1")
    await local.set("x/y", b"1")
    await local.clear()
    assert list(tmp_path.iterdir()) == []


async def test_a_name_that_obstore_keeps_for_itself_is_refused(local: ObjectStore):
    with pytest.raises(InvalidKeyError, match="cannot hold it"):
        await local.set("a#1", b"")
    await local.set("a#b", b"1")
    assert await local.get_bytes("a#b") == b"1"


async def test_a_file_that_may_not_be_read_is_not_missing():
    inner = Answering()
    inner.refusal = RuntimeError("Unable to open file (os error 13)")
    with pytest.raises(AccessDeniedError):
        await ObjectStore(inner).get("k")


class Answering:
    """Somebody else's object store: the methods, and nothing of obstore."""

    def __init__(self, value: bytes = b"0123456789") -> None:
        self.value = value
        self.asked: list[Any] = []
        self.sent: tuple[int, int] | None = None
        self.paths: list[Sequence[str]] = []
        self.empty: set[str] = set()
        self.refusal: Exception | None = None

    async def get_async(self, path: str, *, options: Any = None) -> Any:
        del path
        if self.refusal:
            raise self.refusal
        self.asked.append(options)
        wanted = (options or {}).get("range")
        if isinstance(wanted, dict) and "suffix" in wanted:
            raise NotSupportedError
        start, stop = self.sent or wanted or (0, len(self.value))
        return Answer(self.value[start:stop], (start, stop), len(self.value))

    async def head_async(self, path: str) -> dict[str, Any]:
        if path in self.empty:
            raise FileNotFoundError(path)
        return {"size": len(self.value)}

    async def put_async(self, *_: object, **__: object) -> None:
        raise NotSupportedError

    async def delete_async(self, paths: str | Sequence[str]) -> None:
        if not isinstance(paths, str):
            raise FileNotFoundError(paths)
        self.asked.append(paths)

    async def list(
        self, prefix: str | None = None, *, offset: str | None = None, chunk_size: int = 50
    ) -> AsyncIterator[Sequence[dict[str, Any]]]:
        del prefix, offset, chunk_size
        for page in self.paths:
            yield [{"path": path, "size": 0, "last_modified": None} for path in page]

    async def list_with_delimiter_async(self, prefix: str | None = None) -> Any:
        del prefix
        raise TimeoutError


class NotSupportedError(Exception):
    pass


class S3Store(Answering):
    """One whose name says that it lists in order."""


class Answer:
    def __init__(self, body: bytes, sent: tuple[int, int], size: int) -> None:
        self.body, self.range, self.meta = body, sent, {"size": size}

    async def bytes_async(self) -> bytes:
        return self.body


async def test_a_suffix_where_there_are_none_is_a_range():
    inner = Answering()
    assert await ObjectStore(inner).get_bytes("k", SuffixByteRequest(3)) == b"789"
    assert inner.asked == [{"range": {"suffix": 3}}, {"range": (7, 10)}]
    inner.empty.add("k")
    assert await ObjectStore(inner).get("k", byte_range=SuffixByteRequest(3)) is None


async def test_other_bytes_than_were_asked_for_are_an_error():
    inner = Answering()
    inner.sent = (0, 3)
    for request in (None, RangeByteRequest(2, 5), OffsetByteRequest(2)):
        with pytest.raises(BackendError, match="3 bytes"):
            await ObjectStore(inner).get("k", byte_range=request)


async def test_what_it_cannot_do_is_said():
    store = ObjectStore(Answering())
    with pytest.raises(UnsupportedError):
        await store.set("k", b"")
    with pytest.raises(BackendTimeoutError):
        await cursors(store)


async def test_a_batch_with_a_missing_key_is_deleted_whole():
    inner = Answering()
    inner.paths = [["a", "b"], ["c"]]
    await ObjectStore(inner).clear()
    assert inner.asked == ["a", "b", "c"]


async def test_markers_of_folders_are_no_keys():
    inner = S3Store()
    # As obstore lists "dir-x", "dir/", "dir/a", "e", "e/", "e/f", "g", "gone/" and "h":
    inner.paths = [
        ["dir-x", "dir"],
        ["dir/a", "e", "e", "e/f"],
        ["g", "gone", "gone/x", "h"],
    ]
    inner.empty.update({"dir", "gone"})
    assert [key async for key in ObjectStore(inner).list()] == [
        "dir-x",
        "dir/a",
        "e",
        "e/f",
        "g",
        "gone/x",
        "h",
    ]


async def test_odd_names_are_left_out():
    inner = Answering()
    inner.paths = [["c:/x", "k"]]
    with pytest.warns(ZStoreWarning, match="no key"):
        assert [key async for key in ObjectStore(inner).list()] == ["k"]


async def test_ranges_on_a_disk(local: ObjectStore):
    await local.set("k", b"0123456789")
    for request in (RangeByteRequest(10, 12), OffsetByteRequest(10), SuffixByteRequest(0)):
        with pytest.raises(InvalidByteRangeError):
            await local.get("k", byte_range=request)
    assert await local.get("none", byte_range=OffsetByteRequest(10)) is None


async def test_a_level_can_be_paged(store: ObjectStore):
    keys = ["a", "a-", "a/1", "a/2", "b/1", "c"]
    await store.set_many(dict.fromkeys(keys, b"1"))
    whole = ["a", "a-", "a/", "b/", "c"]
    assert await cursors(store) == whole
    after, paged = "", []
    while page := await cursors(store, limit=1, after=after):
        after = page[0]
        paged += page
    assert paged == whole
    await store.set("a0", b"")
    assert await cursors(store, limit=3, after="a") == ["a-", "a/", "a0"]
