"""FsspecStore on filesystems that it has no special way for."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import fsspec
import pytest
from fsspec.asyn import AsyncFileSystem
from fsspec.implementations.local import LocalFileSystem
from packaging.version import Version

from zstore import FsspecStore, OffsetByteRequest
from zstore.errors import AccessDeniedError, BackendError, UnsupportedError


class PlainFileSystem(LocalFileSystem):  # type: ignore[misc]
    """Local files under another name, so that the common methods are used."""

    cachable = False  # codespell:ignore -- fsspec's name


class OddFileSystem(AsyncFileSystem):  # type: ignore[misc]
    """An asynchronous one, with the habits that some have, on a dict."""

    protocol = "odd"
    cachable = False  # codespell:ignore -- fsspec's name
    root_marker = ""

    def __init__(self, values: dict[str, bytes], **options: Any) -> None:
        super().__init__(**options)
        self.values = values
        self.sizes = True

    async def _info(self, path: str, **_: Any) -> dict[str, Any]:
        if path not in self.values:
            raise FileNotFoundError(path)
        return {"name": path, "type": "file", "size": None}

    async def _cat_file(
        self, path: str, start: int | None = None, end: int | None = None, **_: Any
    ) -> bytes:
        return self.values[path][start:end]

    async def _ls(self, path: str, detail: bool = True, **_: Any) -> Iterator[Any]:
        names = [key for key in self.values if key.rpartition("/")[0] == path]
        folders = {
            f"{path}/{key[len(path) + 1 :].partition('/')[0]}/"
            for key in self.values
            if key.startswith(f"{path}/") and key not in names
        }
        time = datetime(2026, 1, 1)  # noqa: DTZ001 -- without a zone, as some give it
        listed: list[dict[str, Any]] = [
            {"name": name, "type": "file", "size": None, "mtime": time} for name in names
        ]
        # The folder itself is in the answer, and folders end in a slash.
        folders.add(f"{path}/")
        listed += [{"name": name, "type": "directory", "size": 0} for name in folders]
        assert detail
        return iter(listed)

    async def _rm(self, path: str, **_: Any) -> None:
        self.values.pop(path)


async def entries(store: FsspecStore, prefix: str = "", **options: Any) -> list[Any]:
    return [e async for b in store.list_entries(prefix, **options) for e in b]


@pytest.fixture
def plain(tmp_path: Path) -> FsspecStore:
    return FsspecStore(PlainFileSystem(), path=str(tmp_path))


async def test_files_are_found_by_walking(plain: FsspecStore, tmp_path: Path):
    await plain.set_many({"a/b/c": b"333", "a/d": b"1", "e": b"22"})
    (tmp_path / "link").symlink_to(tmp_path / "e")
    assert sorted([key async for key in plain.list()]) == ["a/b/c", "a/d", "e"]
    assert await plain.getsize_prefix("a") == 4
    assert [key async for key in plain.list_prefix("none")] == []
    assert [e.cursor for e in await entries(plain, after="a")] == ["a/", "e"]
    level = await entries(plain, "a")
    assert {entry.name: entry.nbytes for entry in level} == {"b": None, "d": 1}
    times = [entry.last_modified for entry in level if entry.kind == "key"]
    assert times[0] is not None
    assert times[0].tzinfo is UTC
    assert not await plain.exists("a")
    assert await plain.get("a") is None
    assert await plain.get("e/none") is None


async def test_names_are_literal(plain: FsspecStore):
    await plain.set_many({"g/*": b"", "g/1": b"", "g/[1]": b"", "g/?": b""})
    await plain.delete("g/*")
    await plain.delete("g/*")
    assert sorted([key async for key in plain.list_dir("g")]) == ["1", "?", "[1]"]
    await plain.delete_dir("g")
    assert [key async for key in plain.list()] == []


async def test_a_folder_that_may_not_be_listed_is_not_empty(
    plain: FsspecStore, monkeypatch: pytest.MonkeyPatch
):
    def refuse(*_: object, **__: object) -> None:
        raise FileNotFoundError("a") from PermissionError("b")

    monkeypatch.setattr(PlainFileSystem, "ls", refuse)
    refused = FsspecStore(PlainFileSystem(), path=plain.path)
    with pytest.raises((AccessDeniedError, BackendError)):
        await refused.getsize_prefix("")


async def test_an_asynchronous_filesystem():
    values = {"r/a": b"0123456789", "r/d/x*": b"1", "r/d/y": b"22", "other": b""}
    store = FsspecStore(OddFileSystem(values, asynchronous=True), path="r")
    assert await store.get_bytes("a", OffsetByteRequest(8)) == b"89"
    assert await store.getsize("a") == 10
    assert await store.getsize_prefix("") == 13
    assert sorted([key async for key in store.list()]) == ["a", "d/x*", "d/y"]
    level = await entries(store)
    assert [(e.cursor, e.nbytes) for e in level] == [("a", None), ("d/", None)]
    assert level[0].last_modified == datetime(2026, 1, 1, tzinfo=UTC)
    # Its way to delete one file would take this for a pattern.
    with pytest.raises(UnsupportedError, match="pattern"):
        await store.delete("d/x*")
    await store.aclose()


@pytest.mark.skipif(
    Version(fsspec.__version__) < Version("2025.12"),
    reason="this fsspec does not delete one file by `_rm`",
)
async def test_an_asynchronous_filesystem_that_deletes_by_patterns_deletes_a_file():
    values = {"r/y": b"22", "r/z": b""}
    store = FsspecStore(OddFileSystem(values, asynchronous=True), path="r")
    await store.delete("y")
    assert list(values) == ["r/z"]
    await store.aclose()


async def test_what_another_deletes_meanwhile_is_no_error(
    plain: FsspecStore, monkeypatch: pytest.MonkeyPatch
):
    await plain.set_many({"a": b"", "b": b""})
    remove = PlainFileSystem.rm_file

    def twice(self: Any, path: str) -> None:
        remove(self, path)
        remove(self, path)

    monkeypatch.setattr(PlainFileSystem, "rm_file", twice)
    again = FsspecStore(PlainFileSystem(), path=plain.path)
    await again.clear()
    assert await asyncio.to_thread(lambda: list(Path(plain.path).iterdir())) == []
