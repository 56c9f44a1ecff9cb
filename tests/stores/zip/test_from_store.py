import os
import pickle

import pytest

from tests.stores.zip.archives import CountingStore, by_hand, by_python, member
from zstore import RangeByteRequest, SuffixByteRequest, ZipStore
from zstore._compat import override
from zstore.buffer import Buffer
from zstore.errors import (
    BackendError,
    CorruptStoreError,
    InvalidKeyError,
    StoreNotFoundError,
    UnsupportedError,
    ZStoreWarning,
)
from zstore.ranges import ByteRequest

VALUES = {f"g/{i}": os.urandom(5000) for i in range(50)}
BIG = os.urandom(200_000)


async def stored(data: bytes) -> CountingStore:
    store = CountingStore()
    await store.set("a.zip", data)
    store.requests.clear()
    return store


async def test_two_requests_open_an_archive_and_one_reads_a_value():
    below = await stored(by_python(VALUES))
    async with ZipStore.from_store(below, "a.zip") as store:
        await store.ensure_open()
        assert len(below.requests) == 2
        for count, (key, value) in enumerate(VALUES.items(), start=3):
            assert await store.get_bytes(key) == value
            assert len(below.requests) == count
        assert sorted([key async for key in store.list()]) == sorted(VALUES)
        assert await store.getsize_prefix("g") == 250_000
        assert len(below.requests) == 52
    assert await below.exists("a.zip")


async def test_a_long_directory_takes_a_third_request():
    below = await stored(by_python({f"{i:0100}": b"1" for i in range(2000)}))
    async with ZipStore.from_store(below, "a.zip") as store:
        assert len([key async for key in store.list()]) == 2000
    assert len(below.requests) == 3


async def test_ranges_fetch_their_bytes_only():
    below = await stored(by_python({"big": BIG}))
    async with ZipStore.from_store(below, "a.zip") as store:
        wanted = RangeByteRequest(100_000, 100_010)
        assert await store.get_bytes("big", wanted) == BIG[100_000:100_010]
        assert len(below.requests) == 4
        assert await store.get_bytes("big", SuffixByteRequest(5)) == BIG[-5:]
        assert below.requests[-1].endswith("(start=200028, end=200033)")
        assert len(below.requests) == 5


@pytest.mark.parametrize("compression", [8, 12, 14])
async def test_compressed_values_are_read(compression: int):
    below = await stored(by_python({"a": b"x" * 1000, "e": b""}, compression=compression))
    async with ZipStore.from_store(below, "a.zip") as store:
        assert await store.get_bytes("a") == b"x" * 1000
        assert await store.get_bytes("a", RangeByteRequest(1, 3)) == b"xx"
        assert await store.get_bytes("e") == b""


async def test_large_and_empty_values_are_read():
    below = await stored(by_python({"big": BIG, "empty": b""}))
    async with ZipStore.from_store(below, "a.zip", verify=True) as store:
        for _ in range(2):
            assert await store.get_bytes("big") == BIG
            assert await store.get_bytes("empty") == b""
            assert await store.get_bytes("big", RangeByteRequest(1, 9)) == BIG[1:9]


async def test_a_flipped_bit_is_an_error():
    data = bytearray(by_python({"big": BIG}))
    data[1000] ^= 1
    async with ZipStore.from_store(await stored(bytes(data)), "a.zip") as store:
        with pytest.raises(CorruptStoreError, match="checksum"):
            await store.get("big")


async def test_what_is_no_key_is_refused():
    with pytest.raises(InvalidKeyError):
        ZipStore.from_store(CountingStore(), "../a.zip")


async def test_a_missing_archive_is_not_found():
    with pytest.raises(StoreNotFoundError, match=r"memory://.*/a\.zip does not exist"):
        await ZipStore.from_store(CountingStore(), "a.zip").ensure_open()


@pytest.mark.parametrize("data", [b"", b"no zip", bytes(10**6)])
async def test_what_is_no_archive_is_refused(data: bytes):
    with pytest.raises(CorruptStoreError, match=r"a\.zip: no end record"):
        await ZipStore.from_store(await stored(data), "a.zip").ensure_open()


async def test_what_a_dead_writer_left_is_ignored():
    below = await stored(by_python(VALUES) + bytes(100_000))
    store = ZipStore.from_store(below, "a.zip")
    with pytest.warns(ZStoreWarning, match="not committed"):
        await store.ensure_open()
    assert await store.exists("g/7")


async def test_names_that_are_no_keys_are_said():
    below = await stored(by_hand((member(b"../x"), b"value")))
    with pytest.warns(ZStoreWarning, match="no keys"):
        await ZipStore.from_store(below, "a.zip").ensure_open()


async def test_it_is_read_only_and_pickled_with_its_store():
    below = await stored(by_python({"a": b"1"}))
    store = ZipStore.from_store(below, "a.zip")
    assert store.read_only
    with pytest.raises(UnsupportedError, match="path of its own"):
        store.with_read_only(False)
    copy = pickle.loads(pickle.dumps(store))  # noqa: S301 -- made here
    assert await copy.get_bytes("a") == b"1"
    assert str(store) == f"zip://{below}/a.zip"


@pytest.mark.parametrize("close_store", [False, True])
@pytest.mark.parametrize("wait", [False, True])
async def test_the_store_below_is_closed_if_that_was_asked(close_store: bool, wait: bool):
    below = await stored(by_python({"a": b"1"}))
    store = ZipStore.from_store(below, "a.zip", close_store=close_store)
    assert await store.get_bytes("a") == b"1"
    if wait:
        await store.aclose()
    else:
        store.close()
    assert below._is_closed == close_store


class Odd(CountingStore):
    """Answers some requests as services do on a bad day, or always."""

    odd = ""

    @override
    async def _read(self, key: str, request: ByteRequest | None) -> Buffer | None:
        if self.odd == "no suffix" and isinstance(request, SuffixByteRequest):
            raise UnsupportedError(self, "suffix requests")
        if self.odd == "failing":
            raise BackendError(key, "500")
        if self.odd == "vanished":
            return None
        value = await super()._read(key, request)
        assert value is not None
        return value[: len(value) // 2] if self.odd == "short" else value


async def odd(state: str, data: bytes) -> Odd:
    store = Odd()
    await store.set("a.zip", data)
    store.odd = state
    return store


async def test_services_without_suffix_requests_are_asked_by_offsets():
    below = await odd("no suffix", by_python(VALUES))
    async with ZipStore.from_store(below, "a.zip") as store:
        assert await store.get_bytes("g/7") == VALUES["g/7"]
        assert len(below.requests) == 3


async def test_an_archive_that_changes_while_it_is_opened_is_an_error():
    below = await odd("short", by_python(VALUES))
    with pytest.raises(BackendError, match="while it was opened"):
        await ZipStore.from_store(below, "a.zip").ensure_open()


async def test_a_failure_while_opening_is_a_failure():
    below = await odd("failing", by_python(VALUES))
    store = ZipStore.from_store(below, "a.zip")
    with pytest.raises(BackendError, match="500"):
        await store.ensure_open()
    below.odd = ""
    assert await store.exists("g/7")


@pytest.mark.parametrize(
    ("state", "error", "message"),
    [
        ("vanished", BackendError, "it vanished from"),
        ("short", CorruptStoreError, "shorter than it was"),
        ("failing", BackendError, "500"),
    ],
)
async def test_an_archive_that_changes_below_is_an_error(state, error, message):
    below = await odd("", by_python(VALUES))
    async with ZipStore.from_store(below, "a.zip") as store:
        await store.ensure_open()
        below.odd = state
        with pytest.raises(error, match=message):
            await store.get("g/7")
