import tracemalloc
import zlib
from typing import Any

import pytest

from tests.stores.zip.archives import member
from zstore.errors import CorruptStoreError
from zstore.stores.zip.compression import (
    BZIP2,
    DEFLATED,
    LZMA,
    MAX_RATIO,
    METHODS,
    STORED,
    check,
    pack,
    unpack,
)
from zstore.stores.zip.records import Member

VALUE = bytes(range(256)) * 300


def packed(method: int, value: bytes, **fields: Any) -> tuple[Member, bytes]:
    data, flags = pack(method, value)
    one = member(b"a", value, method=method, packed_nbytes=len(data), flags=flags)
    return one._replace(**fields), bytes(data)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("value", [b"", b"x", VALUE])
def test_a_value_comes_back(method: int, value: bytes):
    one, data = packed(method, value)
    check("a", one, MAX_RATIO)
    assert bytes(unpack("a", one, data)) == value


def test_lzma_without_an_end_mark_comes_back():
    # As other tools write it: the size is known, so nothing marks the end.
    one, data = packed(LZMA, VALUE, flags=0)
    assert unpack("a", one, data) == VALUE


@pytest.mark.parametrize("method", METHODS)
def test_a_wrong_checksum_is_an_error(method: int):
    one, data = packed(method, VALUE, crc=7)
    with pytest.raises(
        CorruptStoreError, match=r"'a' has the checksum [0-9a-f]{8}, not 00000007"
    ):
        unpack("a", one, data)


@pytest.mark.parametrize("method", [DEFLATED, BZIP2, LZMA])
@pytest.mark.parametrize("nbytes", [0, 100, len(VALUE) - 1])
def test_more_bytes_than_claimed_are_an_error(method: int, nbytes: int):
    one, data = packed(method, VALUE, nbytes=nbytes)
    with pytest.raises(CorruptStoreError, match=f"more than the {nbytes} bytes it claims"):
        unpack("a", one, data)


@pytest.mark.parametrize("method", [DEFLATED, BZIP2, LZMA])
def test_fewer_bytes_than_claimed_are_an_error(method: int):
    one, data = packed(method, VALUE, nbytes=len(VALUE) + 1)
    with pytest.raises(CorruptStoreError, match=f"has {len(VALUE)} and not the"):
        unpack("a", one, data)


@pytest.mark.parametrize("method", [DEFLATED, BZIP2, LZMA])
def test_a_value_cut_short_is_an_error(method: int):
    one, data = packed(method, VALUE)
    with pytest.raises(CorruptStoreError):
        unpack("a", one, data[: len(data) // 2])


@pytest.mark.parametrize("method", [DEFLATED, BZIP2, LZMA])
@pytest.mark.parametrize("data", [b"", b"\xff" * 100, b"BZh9" + bytes(50), bytes(50)])
def test_what_is_not_compressed_is_an_error(method: int, data: bytes):
    one, _ = packed(method, VALUE)
    with pytest.raises(CorruptStoreError):
        unpack("a", one, data)


@pytest.mark.parametrize("method", [DEFLATED, BZIP2, LZMA])
def test_a_small_claim_costs_no_memory_for_what_is_behind_it(method: int):
    bomb, flags = pack(method, bytes(2**26))
    one = member(b"a", b"0123456789", method=method, packed_nbytes=len(bomb), flags=flags)
    tracemalloc.start()
    with pytest.raises(CorruptStoreError, match="more than the 10 bytes"):
        unpack("a", one, bomb)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2**24


def test_a_large_claim_costs_no_memory_that_is_not_there():
    one = member(b"a", zlib.compress(b"x"), method=DEFLATED, nbytes=2**50)
    data, _ = pack(DEFLATED, b"x")
    tracemalloc.start()
    with pytest.raises(CorruptStoreError, match="1 and not the"):
        unpack("a", one, data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2**20


def test_a_huge_dictionary_is_refused():
    one, data = packed(LZMA, VALUE)
    with pytest.raises(CorruptStoreError, match="cannot be decompressed"):
        unpack("a", one, data[:5] + b"\xff\xff\xff\xff" + data[9:])


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"flags": 1}, "encrypted"),
        ({"flags": 0x41}, "encrypted"),
        ({"method": 93}, "unknown method, 93"),
        ({"nbytes": 9}, "in 5 bytes, but claims 9"),
        ({"method": DEFLATED, "nbytes": 2**40}, "max_ratio"),
    ],
)
def test_what_cannot_be_read_is_refused_first(fields, message):
    with pytest.raises(CorruptStoreError, match=message):
        check("a", member(b"a", **fields), MAX_RATIO)


def test_deflate_never_exceeds_the_default_ratio():
    one, data = packed(DEFLATED, bytes(2**26))
    assert len(data) * 1000 < 2**26
    check("a", one, MAX_RATIO)


def test_a_small_value_may_have_any_ratio():
    check("a", member(b"a", b"12345", method=BZIP2, nbytes=2**20), 10)
    with pytest.raises(CorruptStoreError, match="the 10 times that are let through"):
        check("a", member(b"a", b"12345", method=BZIP2, nbytes=2**20 + 1), 10)


def test_stored_values_are_not_copied():
    one, _ = packed(STORED, VALUE)
    view = memoryview(VALUE)
    assert unpack("a", one, view) is view
