"""LocalStore reads regular files only, at once or in a thread."""

import os
from pathlib import Path

import pytest

from tests.privileges import in_child_without_privileges, open_to_all
from zstore import LocalStore, RangeByteRequest
from zstore.buffer import cpu
from zstore.errors import (
    AccessDeniedError,
    KeyConflictError,
    KeyNotFoundError,
)
from zstore.stores.local import reading


@pytest.mark.parametrize("kind", ["folder", "fifo"])
async def test_only_a_regular_file_is_a_value(store: LocalStore, root: Path, kind: str):
    path = root / "odd"
    if kind == "folder":
        path.mkdir()
    else:
        os.mkfifo(path)
    assert await store.get("odd") is None
    assert not await store.exists("odd")
    with pytest.raises(KeyNotFoundError):
        await store.getsize("odd")
    await store.delete("odd")
    assert path.exists()
    assert [key async for key in store.list()] == []


def test_a_file_without_permission_is_not_missing(root: Path):
    open_to_all(root)
    (root / "d").mkdir()
    for name in ("a", "d/b"):
        (root / name).write_bytes(b"1")
        (root / name).chmod(0)
    (root / "d").chmod(0)

    async def run() -> None:
        store = LocalStore(root, read_only=True)
        for key in ("a", "d/b"):
            with pytest.raises(AccessDeniedError, match=key):
                await store.get(key)
        with pytest.raises(AccessDeniedError):
            await store.exists("d/b")
        with pytest.raises(AccessDeniedError):
            _ = [key async for key in store.list()]
        with pytest.raises(AccessDeniedError):
            await store.getsize_prefix("")

    assert in_child_without_privileges(run) == 0
    (root / "d").chmod(0o700)


async def test_permission_errors_of_the_system_are_told_apart(
    store: LocalStore, monkeypatch
):
    await store.set("a", b"1")

    def deny(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(reading, "size_now", deny)
    monkeypatch.setattr(reading, "read_now", deny)
    with pytest.raises(AccessDeniedError):
        await store.get("a")
    with pytest.raises(AccessDeniedError):
        await store.exists("a")
    monkeypatch.setattr("os.scandir", deny)
    with pytest.raises(AccessDeniedError):
        _ = [key async for key in store.list()]


async def test_large_values_come_through_a_thread(store: LocalStore):
    value = os.urandom(3_000_001)
    await store.set("a", value)
    assert await store.get_bytes("a") == value
    part = await store.get("a", byte_range=RangeByteRequest(5, 2_500_000))
    assert part == cpu.Buffer(value[5:2_500_000])


@pytest.mark.parametrize("reason", ["slow disk", "other file system", "other platform"])
async def test_reads_that_would_wait_go_to_a_thread(
    store: LocalStore, monkeypatch, reason: str
):
    await store.set("a", b"0123456789")
    real = os.preadv

    def preadv(fd: int, buffers: list[bytearray], offset: int, flags: int = 0) -> int:
        if flags and reason == "slow disk":
            raise BlockingIOError(11, "Resource temporarily unavailable")
        if flags:
            raise OSError(95, "Operation not supported")
        return real(fd, buffers, offset)

    if reason == "other platform":
        monkeypatch.setattr(reading, "_NOWAIT", None)
        monkeypatch.delattr("os.preadv")
    else:
        monkeypatch.setattr("os.preadv", preadv)
    assert await store.get_bytes("a") == b"0123456789"
    assert await store.get_bytes("a", RangeByteRequest(2, 4)) == b"23"


async def test_a_file_that_shrinks_while_it_is_read_is_an_error(
    store: LocalStore, monkeypatch
):
    await store.set("a", b"0123456789")
    monkeypatch.setattr(reading, "_NOWAIT", None)
    monkeypatch.setattr("os.preadv", lambda *_: 0)
    with pytest.raises(OSError, match="ended at byte 0 of 10"):
        await store.get("a")


async def test_reading_leaves_no_descriptor_open(store: LocalStore):
    await store.set("a/b", b"1")
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(200):
        await store.get("a/b")
        await store.get("a/missing")
        await store.exists("a")
        await store.set("a/b", b"2")
        await store.delete("a/none")
        with pytest.raises(KeyConflictError):
            await store.set("a", b"")
    assert len(list(Path("/proc/self/fd").iterdir())) <= before + 2
