"""LocalStore writes whole values or nothing, and removes no more than it should."""

import asyncio
import os
import threading
from pathlib import Path

import pytest

from tests.stores.local.calls import CALLS, contents
from zstore import LocalStore
from zstore.concurrency import run_in_thread
from zstore.errors import (
    InvalidKeyError,
    KeyConflictError,
)
from zstore.keys import RESERVED_SUFFIX
from zstore.stores.local import unnamed


async def test_an_empty_folder_gives_way_to_a_value(store: LocalStore, root: Path):
    (root / "a").mkdir()
    await store.set("a", b"1")
    assert await store.get_bytes("a") == b"1"
    (root / "b").mkdir()
    assert await store.set_if_not_exists("b", b"2")


async def test_a_folder_with_keys_refuses_a_value_of_its_name(
    store: LocalStore, root: Path
):
    await store.set("a/b", b"1")
    for call in (store.set, store.set_if_not_exists):
        with pytest.raises(KeyConflictError, match="'a'"):
            await call("a", b"2")
        with pytest.raises(KeyConflictError, match="'a/b/c'"):
            await call("a/b/c", b"2")
    assert contents(root) == {"a/b": b"1"}


async def test_delete_removes_the_folders_it_leaves_empty(store: LocalStore, root: Path):
    await store.set("a/b/c", b"1")
    await store.set("a/d", b"2")
    await store.delete("a/b/c")
    assert not (root / "a" / "b").exists()
    await store.delete("a/d")
    assert list(root.iterdir()) == []


async def test_delete_never_removes_a_folder(store: LocalStore, root: Path):
    await store.set("a/b", b"1")
    await store.delete("a")
    assert contents(root) == {"a/b": b"1"}


async def test_delete_dir_removes_unfinished_files_and_keeps_the_root(
    store: LocalStore, root: Path
):
    await store.set("a/b", b"1")
    (root / "a" / f"0123{RESERVED_SUFFIX}").write_bytes(b"half")
    await store.delete_dir("")
    assert list(root.iterdir()) == []
    await store.delete_dir("missing")


async def test_delete_dir_takes_the_key_of_the_very_name(store: LocalStore, root: Path):
    await store.set_many({"ab": b"1", "abc": b"2", "x/ab/c": b"3", "x/abc": b"4"})
    await store.delete_dir("ab")
    await store.delete_dir("x/ab")
    assert contents(root) == {"abc": b"2", "x/abc": b"4"}


async def test_a_failed_write_leaves_the_old_value_and_no_file(
    store: LocalStore, root: Path, monkeypatch
):
    await store.set("a", b"old")

    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    for name in ("write", "replace"):
        with monkeypatch.context() as patch:
            patch.setattr(f"os.{name}", fail)
            with pytest.raises(OSError, match="No space left"):
                await store.set("a", b"new")
    assert contents(root) == {"a": b"old"}


async def test_a_name_too_long_for_the_file_system_is_no_key(store: LocalStore):
    for call in CALLS.values():
        with pytest.raises(InvalidKeyError, match="too long"):
            await call(store, "x" * 300)
    # A name as long as the file system takes works: the unfinished file is named shorter.
    await store.set("y" * 255, b"1")
    assert await store.get_bytes("y" * 255) == b"1"


async def test_partial_writes_change_the_file_in_place(store: LocalStore, root: Path):
    await store.set("a", b"0123456789")
    inode = (root / "a").stat().st_ino
    await store.set_partial_values([("a", 8, b"xyz"), ("a", 0, b"AB")])
    assert (root / "a").read_bytes() == b"AB234567xyz"
    assert (root / "a").stat().st_ino == inode


async def test_a_root_that_vanishes_is_made_again_by_a_write(store: LocalStore, root: Path):
    await store.set("a", b"1")
    (root / "a").unlink()
    root.rmdir()
    assert await store.get("a") is None
    assert [key async for key in store.list()] == []
    await store.set("b/c", b"2")
    assert contents(root) == {"b/c": b"2"}


async def test_one_of_many_writers_in_threads_creates_a_key(store: LocalStore):
    winners: list[int] = []

    async def compete(number: int) -> None:
        if await store.set_if_not_exists("key", str(number).encode()):
            winners.append(number)

    threads = [
        threading.Thread(target=lambda n=n: asyncio.run(compete(n))) for n in range(8)
    ]

    def run_all() -> None:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    await run_in_thread(run_all)
    assert len(winners) == 1
    assert await store.get_bytes("key") == str(winners[0]).encode()


async def test_writers_and_removers_of_one_folder_do_not_hurt_each_other(
    store: LocalStore,
):
    async def turn(number: int) -> None:
        for _ in range(30):
            await store.set(f"a/b/{number}", b"1")
            await store.delete(f"a/b/{number}")

    await asyncio.gather(*(turn(number) for number in range(8)))
    assert [key async for key in store.list()] == []


async def test_a_cancelled_write_has_happened_or_never_will(store: LocalStore, root: Path):
    for _ in range(50):
        await store.set("key", b"old")
        task = asyncio.create_task(store.set("key", b"cancelled" * 1000))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await store.set("key", b"newest")
        assert await store.get_bytes("key") == b"newest"
    assert contents(root) == {"key": b"newest"}


@pytest.mark.parametrize("why", ["no such flag", "no such file system", "no /proc"])
async def test_new_files_are_whole_also_where_they_need_a_name_at_once(
    store: LocalStore, root: Path, monkeypatch, why: str
):
    real_open, real_link = os.open, os.link

    def refuse(path: str, flags: int, *args: object, **options: object) -> int:
        if path == ".":
            raise OSError(95, "Operation not supported")
        return real_open(path, flags, *args, **options)  # type: ignore[arg-type]

    def lost(source: str, *args: object, **options: object) -> None:
        if source.startswith("/proc/"):
            raise FileNotFoundError(2, "No such file or directory")
        real_link(source, *args, **options)  # type: ignore[arg-type]

    if why == "no such flag":
        monkeypatch.setattr(unnamed, "_NEW", 0)
    elif why == "no such file system":
        monkeypatch.setattr("os.open", refuse)
    else:
        monkeypatch.setattr("os.link", lost)
    assert await store.set_if_not_exists("a/b", b"1")
    assert not await store.set_if_not_exists("a/b", b"2")
    await store.set("c", b"3")
    assert contents(root) == {"a/b": b"1", "c": b"3"}


async def test_a_key_that_appears_while_a_new_file_is_written_is_met(
    store: LocalStore, root: Path, monkeypatch
):
    await store.ensure_open()
    real = unnamed.fill

    def fill(fd: int, data: memoryview) -> None:
        real(fd, data)
        (root / "key").write_bytes(b"first")

    monkeypatch.setattr(unnamed, "fill", fill)
    assert not await store.set_if_not_exists("key", b"second")
    assert contents(root) == {"key": b"first"}
    (root / "key").unlink()
    await store.set("key", b"third")
    assert contents(root) == {"key": b"third"}


async def test_a_writer_of_a_new_key_that_dies_leaves_nothing(
    store: LocalStore, root: Path, monkeypatch
):
    await store.ensure_open()
    if not unnamed._NEW:
        pytest.skip("the system has no files without a name")

    def die(fd: int, data: memoryview) -> None:
        os.write(fd, data[:2])
        assert list(root.iterdir()) == []
        raise MemoryError

    monkeypatch.setattr(unnamed, "fill", die)
    with pytest.raises(MemoryError):
        await store.set("key", b"12345")
    assert list(root.iterdir()) == []
