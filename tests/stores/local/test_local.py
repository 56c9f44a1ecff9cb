"""LocalStore beyond the contract: what only a file system has."""

import asyncio
import os
import pickle
import threading
import warnings
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Self

import pytest

from zstore import LocalStore, RangeByteRequest
from zstore.buffer import cpu
from zstore.concurrency import run_in_thread
from zstore.errors import (
    AccessDeniedError,
    InvalidKeyError,
    InvalidTypeError,
    KeyConflictError,
    KeyNotFoundError,
    OutsideRootError,
    StoreExistsError,
    StoreNotFoundError,
    ZStoreWarning,
)
from zstore.keys import RESERVED_SUFFIX
from zstore.stores.local import reading
from zstore.stores.local.beneath import Root, WouldWait

Call = Callable[[LocalStore, str], Coroutine[Any, Any, object]]

CALLS: dict[str, Call] = {
    "get": lambda store, key: store.get(key),
    "exists": lambda store, key: store.exists(key),
    "getsize": lambda store, key: store.getsize(key),
    "set": lambda store, key: store.set(key, b"mine"),
    "set_if_not_exists": lambda store, key: store.set_if_not_exists(key, b"mine"),
    "set_partial_values": lambda store, key: store.set_partial_values([(key, 0, b"mine")]),
    "delete": lambda store, key: store.delete(key),
}


@pytest.fixture(params=["kernel", "portable"])
def root(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch) -> Path:
    """A folder, once with openat2 and once as on systems without it."""
    if request.param == "portable":
        monkeypatch.setattr("zstore.stores.local.beneath._find_openat2", lambda: None)
    path = tmp_path / "store"
    path.mkdir()
    return path


@pytest.fixture
def store(root: Path) -> LocalStore:
    return LocalStore(root)


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    path = tmp_path / "outside"
    path.mkdir()
    (path / "secret").write_bytes(b"secret")
    return path


def contents(path: Path) -> dict[str, bytes]:
    return {
        str(p.relative_to(path)): p.read_bytes() for p in path.rglob("*") if p.is_file()
    }


@pytest.mark.parametrize("root", ["kernel"], indirect=True)
def test_linux_has_the_call_that_keeps_below_a_root(root: Path):
    if os.uname().sysname != "Linux":
        pytest.skip("openat2 is a call of Linux")
    with pytest.raises((WouldWait, FileNotFoundError)) as caught:
        Root(str(root), follow_symlinks=False).open_now("missing")
    assert caught.type is FileNotFoundError or caught.type is WouldWait
    (root / "here").write_bytes(b"x")
    os.close(Root(str(root), follow_symlinks=False).open_now("here"))


async def test_values_are_plain_files(store: LocalStore, root: Path):
    await store.set("a/b/c", b"value")
    assert contents(root) == {"a/b/c": b"value"}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("key", ["link", "folder/secret", "folder/new", "loop/x"])
async def test_no_call_passes_through_a_symbolic_link(
    store: LocalStore, root: Path, outside: Path, call: str, key: str
):
    (root / "link").symlink_to(outside / "secret")
    (root / "folder").symlink_to(outside)
    (root / "loop").symlink_to(root / "loop")
    with pytest.raises(OutsideRootError, match="follow_symlinks=True"):
        await CALLS[call](store, key)
    assert contents(outside) == {"secret": b"secret"}
    assert (root / "link").is_symlink()


@pytest.mark.parametrize("call", ["delete_dir", "list", "list_dir", "scan", "entries"])
async def test_no_prefix_passes_through_a_symbolic_link(
    store: LocalStore, root: Path, outside: Path, call: str
):
    (root / "folder").symlink_to(outside)
    calls: dict[str, Callable[[], Coroutine[Any, Any, object]]] = {
        "delete_dir": lambda: store.delete_dir("folder/"),
        "list": lambda: anext(aiter(store.list_prefix("folder/"))),
        "list_dir": lambda: anext(aiter(store.list_dir("folder/"))),
        "scan": lambda: anext(aiter(store.scan("folder/"))),
        "entries": lambda: anext(aiter(store.list_entries("folder/"))),
    }
    with pytest.raises(OutsideRootError):
        await calls[call]()
    assert contents(outside) == {"secret": b"secret"}


async def test_clear_leaves_what_a_link_points_at(
    store: LocalStore, root: Path, outside: Path
):
    await store.set("a/b", b"1")
    (root / "a" / "link").symlink_to(outside)
    await store.clear()
    assert contents(outside) == {"secret": b"secret"}
    assert root.is_dir()
    assert not (root / "a" / "b").exists()


async def test_a_listing_says_once_that_it_leaves_out_links(
    store: LocalStore, root: Path, outside: Path
):
    await store.set("a", b"1")
    (root / "link").symlink_to(outside)
    (root / "other").symlink_to(outside)
    with pytest.warns(ZStoreWarning, match="follow_symlinks=True") as caught:
        assert [key async for key in store.list()] == ["a"]
    assert len(caught) == 1
    assert [name async for name in store.list_dir("")] == ["a"]


async def test_links_are_followed_on_request(root: Path, outside: Path):
    (root / "folder").symlink_to(outside)
    (root / "file").symlink_to(outside / "secret")
    (outside / "circle").symlink_to(root)
    async with LocalStore(root, follow_symlinks=True) as store:
        assert await store.get_bytes("folder/secret") == b"secret"
        assert await store.get_bytes("file") == b"secret"
        keys = {key async for key in store.list()}
        assert {"folder/secret", "file"} <= keys
        assert all("circle/folder" not in key for key in keys)
        await store.set("folder/new", b"new")
        assert (outside / "new").read_bytes() == b"new"
        await store.delete("file")
        assert (outside / "secret").exists()


async def test_the_root_may_be_a_link(tmp_path: Path, root: Path):
    link = tmp_path / "latest"
    link.symlink_to(root)
    store = LocalStore(link)
    await store.set("a", b"1")
    assert contents(root) == {"a": b"1"}
    assert [key async for key in store.list()] == ["a"]


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


async def test_unfinished_files_are_no_keys(store: LocalStore, root: Path):
    name = f"0123{RESERVED_SUFFIX}"
    (root / name).write_bytes(b"half")
    assert [key async for key in store.list()] == []
    assert [name async for name in store.list_dir("")] == []
    with pytest.raises(InvalidKeyError, match="reserved"):
        await store.get(name)


async def test_names_that_are_no_keys_are_left_out_and_said(store: LocalStore, root: Path):
    (root / "back\\slash").write_bytes(b"x")
    (root / "new\nline").write_bytes(b"x")
    (root / "good").write_bytes(b"x")
    with pytest.warns(ZStoreWarning, match="no key"):
        assert [key async for key in store.list()] == ["good"]
    assert [[e.name for e in batch] async for batch in store.list_entries()] == [["good"]]


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


def in_child_without_privileges(run: Callable[[], Coroutine[Any, Any, object]]) -> int:
    """Run a coroutine in a forked child as nobody; 0 if it ended well."""
    with warnings.catch_warnings():
        # Python 3.12 warns of threads at a fork; the child starts its own.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        code = 1
        try:
            if os.geteuid() == 0:
                os.setgroups([])
                os.setgid(65534)
                os.setuid(65534)
            asyncio.run(run())
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_a_file_without_permission_is_not_missing(root: Path):
    for path in (root, *root.parents):
        if path.stat().st_uid == os.geteuid() and "pytest" in str(path):
            path.chmod(0o755)
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


async def test_partial_writes_change_the_file_in_place(store: LocalStore, root: Path):
    await store.set("a", b"0123456789")
    inode = (root / "a").stat().st_ino
    await store.set_partial_values([("a", 8, b"xyz"), ("a", 0, b"AB")])
    assert (root / "a").read_bytes() == b"AB234567xyz"
    assert (root / "a").stat().st_ino == inode


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


async def test_a_missing_root_is_an_error_only_for_readers(tmp_path: Path):
    missing = tmp_path / "no" / "such"
    with pytest.raises(StoreNotFoundError, match="such"):
        await LocalStore.open(missing, read_only=True)
    assert not missing.exists()
    store = await LocalStore.open(missing)
    assert missing.is_dir()
    assert [key async for key in store.list()] == []


async def test_a_file_is_no_root(tmp_path: Path):
    path = tmp_path / "file"
    path.write_bytes(b"x")
    with pytest.raises(StoreNotFoundError):
        await LocalStore.open(path, read_only=True)
    with pytest.raises(StoreExistsError, match="a file"):
        await LocalStore.open(path)


async def test_a_root_that_vanishes_is_made_again_by_a_write(store: LocalStore, root: Path):
    await store.set("a", b"1")
    (root / "a").unlink()
    root.rmdir()
    assert await store.get("a") is None
    assert [key async for key in store.list()] == []
    await store.set("b/c", b"2")
    assert contents(root) == {"b/c": b"2"}


def test_a_root_is_a_path():
    with pytest.raises(InvalidTypeError, match="'root' must be a string or Path instance"):
        LocalStore(5)  # type: ignore[arg-type]


def test_a_store_says_where_it_is(tmp_path: Path):
    store = LocalStore(tmp_path)
    assert str(store) == f"file://{tmp_path.as_posix()}"
    assert repr(store) == f"LocalStore('file://{tmp_path.as_posix()}')"


async def test_a_relative_root_lists_keys_that_repeat_its_name(tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    store = LocalStore("a")
    await store.set("a/a/k", b"1")
    assert [key async for key in store.list()] == ["a/a/k"]


async def test_the_copy_in_another_process_is_equal(store: LocalStore):
    await store.set("a", b"1")
    twin = pickle.loads(pickle.dumps(store))  # noqa: S301 -- made here
    assert twin == store
    assert await twin.get_bytes("a") == b"1"
    assert twin != LocalStore(store.root, follow_symlinks=True)


async def test_one_of_many_writers_in_threads_creates_a_key(store: LocalStore):
    winners: list[int] = []

    async def compete(number: int) -> None:
        if await store.set_if_not_exists("key", str(number).encode()):
            winners.append(number)

    threads = [
        threading.Thread(target=lambda n=n: asyncio.run(compete(n))) for n in range(8)
    ]
    await run_in_thread(
        lambda: [t.start() for t in threads] and [t.join() for t in threads]
    )
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


async def test_files_that_vanish_during_a_listing_are_passed_over(
    store: LocalStore, root: Path, monkeypatch
):
    await store.set_many({"a": b"1", "b": b"22"})

    class Gone:
        """A directory entry whose file was deleted since."""

        def __init__(self, entry: os.DirEntry[str]) -> None:
            self.name, self.path = entry.name, entry.path
            self.is_file, self.is_dir = entry.is_file, entry.is_dir

        def stat(self, *, follow_symlinks: bool) -> os.stat_result:
            return Path(self.path).stat(follow_symlinks=follow_symlinks)

    class Listing(list[Gone]):
        def __enter__(self) -> Self:
            return self

        def __exit__(self, *_: object) -> None:
            (root / "a").unlink(missing_ok=True)

    real = os.scandir
    monkeypatch.setattr("os.scandir", lambda path: Listing(Gone(e) for e in real(path)))
    assert [batch async for batch in store.scan()] == [[("b", 2)]]
    monkeypatch.undo()
    assert await store.getsize_prefix("") == 2


@pytest.mark.parametrize("root", ["kernel"], indirect=True)
async def test_a_thousand_levels_work(store: LocalStore):
    key = "/".join("d" * 1000) + "/key"
    await store.set(key, b"1")
    assert await store.get_bytes(key) == b"1"
    assert [k async for k in store.list()] == [key]
    assert await store.getsize_prefix("d") == 1
    await store.delete_dir("d")
    assert await store.is_empty()


async def test_pages_of_a_large_level_fit_together(store: LocalStore, root: Path):
    names = [f"{number:05}" for number in range(5000)]
    await run_in_thread(lambda: [(root / name).write_bytes(b"x") for name in names])
    (root / "00001-sub").mkdir()
    (root / "00001-sub" / "key").write_bytes(b"")
    seen: list[str] = []
    after = ""
    while True:
        batches = store.list_entries(limit=700, after=after)
        page = [entry async for batch in batches for entry in batch]
        if not page:
            break
        seen += [entry.cursor for entry in page]
        after = page[-1].cursor
    assert seen == sorted([*names, "00001-sub/"])
    everything = [e async for batch in store.list_entries() for e in batch]
    assert sorted(e.cursor for e in everything) == seen


async def test_entries_say_when_a_value_was_written(store: LocalStore, root: Path):
    await store.set("a", b"123")
    os.utime(root / "a", (1_000_000_000, 1_000_000_000))
    [[entry]] = [batch async for batch in store.list_entries()]
    assert (entry.name, entry.kind, entry.nbytes) == ("a", "key", 3)
    assert entry.last_modified is not None
    assert entry.last_modified.timestamp() == 1_000_000_000


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


def test_nothing_is_said_when_all_is_well(tmp_path: Path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        asyncio.run(LocalStore(tmp_path).set("a", b"1"))
