import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.stores.zip.archives import by_hand, by_python, member, patched, write
from zstore import MemoryStore, RangeByteRequest, SuffixByteRequest, ZipStore
from zstore.buffer import Buffer
from zstore.errors import (
    InvalidByteRangeError,
    ZStoreWarning,
)
from zstore.stores.zip import sources
from zstore.stores.zip.compression import METHODS

BIG = os.urandom(300_000)
VALUES = {"a": b"1", "g/b": b"0123456789", "g/empty": b"", "g/h/big": BIG}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write(tmp_path / "a.zip", by_python(VALUES))


async def keys_of(store: ZipStore) -> list[str]:
    return sorted([key async for key in store.list()])


def bytes_of(value: Buffer | None) -> bytes | None:
    return None if value is None else value.to_bytes()


@pytest.mark.parametrize("compression", METHODS)
async def test_archives_by_zipfile_are_read(tmp_path: Path, compression: int):
    path = write(tmp_path / "a.zip", by_python(VALUES, compression=compression))
    async with ZipStore(path) as store:
        assert await keys_of(store) == sorted(VALUES)
        for key, value in VALUES.items():
            assert await store.get_bytes(key) == value
            assert await store.getsize(key) == len(value)
        part = await store.get_bytes("g/h/big", RangeByteRequest(1000, 2000))
        assert part == BIG[1000:2000]
        assert await store.get_bytes("g/b", SuffixByteRequest(3)) == b"789"
        assert await store.get("missing") is None
        assert store.warnings == []
        assert store.reclaimable_nbytes == 0


async def test_a_value_is_read_alike_first_and_again(path: Path):
    async with ZipStore(path) as store:
        for _ in range(2):
            part = await store.get_bytes("g/h/big", RangeByteRequest(250_000, 250_010))
            assert part == BIG[250_000:250_010]
            assert await store.get_bytes("g/h/big", RangeByteRequest(5, 7)) == BIG[5:7]
            assert await store.get_bytes("g/h/big") == BIG


@pytest.mark.parametrize("request_", [RangeByteRequest(3, 3), RangeByteRequest(10, 20)])
async def test_a_range_that_asks_for_no_byte_is_an_error(path: Path, request_):
    async with ZipStore(path) as store:
        with pytest.raises(InvalidByteRangeError):
            await store.get("g/b", byte_range=request_)


async def test_a_buffer_is_read_only_however_it_was_read(path: Path):
    async with ZipStore(path) as store:
        for key in VALUES:
            buffer = await store.get(key)
            assert buffer is not None
            assert buffer.readonly


async def test_what_is_not_in_memory_is_read_in_a_thread(path: Path, monkeypatch):
    monkeypatch.setattr(sources.FileSource, "read_now", lambda *_: None)
    async with ZipStore(path) as store:
        assert await store.get_bytes("g/b") == b"0123456789"
        assert await store.get_bytes("g/b", RangeByteRequest(2, 4)) == b"23"


def refuse(error: type[OSError]):
    def preadv(*_):
        raise error

    return preadv


@pytest.mark.parametrize("error", [BlockingIOError, OSError])
async def test_a_read_that_would_wait_is_done_in_a_thread(path: Path, monkeypatch, error):
    monkeypatch.setattr(os, "preadv", refuse(error))
    async with ZipStore(path) as store:
        for _ in range(2):
            assert await store.get_bytes("g/b") == b"0123456789"


async def test_platforms_without_positional_reads_are_served(path: Path, monkeypatch):
    monkeypatch.setattr(sources, "_NOWAIT", None)
    monkeypatch.delattr(os, "pread")
    monkeypatch.delattr(os, "pwrite")
    async with ZipStore(path, mode="a") as store:
        await store.set("new", BIG)
        assert await store.get_many(["a", "new", "g/h/big"]) is not None
        assert await store.get_bytes("new") == BIG
    async with ZipStore(path) as store:
        assert await store.get_bytes("new") == BIG
        assert await store.get_bytes("g/b") == b"0123456789"


async def test_more_than_one_call_can_carry_is_read_in_pieces(path: Path, monkeypatch):
    monkeypatch.setattr(sources, "_MAX_CALL_NBYTES", 70_000)
    async with ZipStore(path, mode="a") as store:
        assert await store.get_bytes("g/h/big") == BIG
        await store.set("new", BIG)
    async with ZipStore(path) as store:
        assert await store.get_bytes("new") == BIG


async def test_local_headers_longer_than_the_directory_tells_cost_a_second_read(tmp_path):
    # A local extra field that the directory does not have, as `zip` writes them.
    one = member(b"a")
    data = bytearray(by_hand((one, bytes(200) + b"value")))
    extra = b"\x99\x99\xc4\x00" + bytes(196)
    data[31 : 31 + 200] = extra
    path = write(tmp_path / "a.zip", patched(bytes(data), 28, "<H", 200))
    for _ in range(2):
        async with ZipStore(path) as store:
            assert await store.get_bytes("a") == b"value"
            assert await store.get_bytes("a", RangeByteRequest(1, 3)) == b"al"


async def test_entries_have_sizes_and_local_times(path: Path):
    before = datetime.now(UTC) - timedelta(hours=1)
    async with ZipStore(path) as store:
        async for batch in store.list_entries("g"):
            found = {entry.cursor: entry for entry in batch}
            assert sorted(found) == ["b", "empty", "h/"]
            assert found["b"].nbytes == 10
            when = found["b"].last_modified
            assert when is not None
            assert before < when < datetime.now(UTC) + timedelta(hours=1)
            assert found["h/"].nbytes is None


async def test_a_time_that_is_none_is_not_shown(tmp_path: Path):
    path = write(tmp_path / "a.zip", by_hand((member(b"a", dos_time=0), b"value")))
    async with ZipStore(path) as store:
        async for (entry,) in store.list_entries():
            assert entry.last_modified is None


async def test_each_key_is_listed_once(tmp_path: Path):
    one, two = member(b"a/b", b"1"), member(b"a/b", b"22")
    folder = member(b"a/", b"")
    data = by_hand((folder, b""), (one, b"1"), (two, b"22"))
    async with ZipStore(write(tmp_path / "a.zip", data)) as store:
        assert await keys_of(store) == ["a/b"]
        assert [name async for name in store.list_dir("")] == ["a"]
        assert await store.getsize_prefix("a") == 2
        assert await store.get_bytes("a/b") == b"22"
        assert not await store.exists("a")
        assert store.reclaimable_nbytes == (30 + 3 + 1) + (30 + 2)


async def test_names_left_out_are_warned_about_once_and_kept(tmp_path: Path):
    data = by_hand((member(b"../x"), b"value"), (member(b"a"), b"value"))
    store = ZipStore(write(tmp_path / "a.zip", data))
    assert store.warnings == []
    assert store.reclaimable_nbytes == 0
    with pytest.warns(ZStoreWarning, match=r"a\.zip: 1 names are no keys"):
        await store.ensure_open()
    assert await keys_of(store) == ["a"]
    assert len(store.warnings) == 1
    await store.aclose()


async def test_a_member_of_a_memory_store_may_be_an_archive(path: Path):
    memory = MemoryStore()
    await memory.set("x/a.zip", path.read_bytes())
    async with ZipStore.from_store(memory, "x/a.zip") as store:
        assert await keys_of(store) == sorted(VALUES)
