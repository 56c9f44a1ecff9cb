"""How `BaseStore` makes few and bounded requests of many parts."""

import asyncio

import pytest

from tests.fakes import DictStore
from zstore._compat import override
from zstore.buffer import Buffer, cpu
from zstore.errors import (
    InvalidByteRangeError,
)
from zstore.ranges import ByteRequest, OffsetByteRequest, RangeByteRequest


class Counting(DictStore):
    """Records what is read."""

    _max_gap_nbytes = 10

    def __init__(self, values: dict[str, bytes] | None = None, *, read_only: bool = False):
        super().__init__(values, read_only=read_only)
        self.requests: list[ByteRequest | None] = []
        self.running = self.most = 0

    @override
    async def _read(self, key: str, request: ByteRequest | None) -> Buffer | None:
        self.requests.append(request)
        self.running += 1
        self.most = max(self.most, self.running)
        # Turns and not seconds: the others begin meanwhile, however slow this machine is.
        for _ in range(100):
            await asyncio.sleep(0)
        self.running -= 1
        return await super()._read(key, request)


NEAR = [RangeByteRequest(0, 5), RangeByteRequest(10, 15), RangeByteRequest(40, 45)]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, [(0, 15), (40, 45)]),
        ({"max_gap_nbytes": 0}, [(0, 5), (10, 15), (40, 45)]),
        ({"max_gap_nbytes": 100}, [(0, 45)]),
        ({"max_gap_nbytes": 100, "max_coalesced_nbytes": 15}, [(0, 15), (40, 45)]),
    ],
)
async def test_ranges_that_lie_close_are_one_request(
    options: dict[str, int], expected: list[tuple[int, int]]
):
    value = bytes(range(60))
    store = Counting({"a": value})
    got = await store.get_ranges("a", NEAR, **options)  # type: ignore[arg-type]
    assert got == [cpu.Buffer(value[r.start : r.end]) for r in NEAR]
    assert sorted(store.requests, key=str) == sorted(
        (RangeByteRequest(*ends) for ends in expected), key=str
    )


async def test_an_offset_is_a_request_of_its_own():
    store = Counting({"a": bytes(range(60))})
    await store.get_ranges("a", [OffsetByteRequest(0), RangeByteRequest(0, 5)])
    assert len(store.requests) == 2


@pytest.mark.parametrize("limit", [1, 3])
async def test_the_number_of_requests_at_once_can_be_chosen(limit: int):
    store = Counting({str(i): b"0123456789" for i in range(20)})
    await store.get_many([str(i) for i in range(20)], max_concurrency=limit)
    assert store.most == limit
    ranges = [RangeByteRequest(i, i + 1) for i in range(10)]
    store.most = 0
    await store.get_ranges("1", ranges, max_concurrency=limit, max_coalesced_nbytes=1)
    assert store.most == limit


async def test_by_default_a_bounded_number_of_requests_runs_at_once():
    store = Counting({str(i): b"0" for i in range(100)})
    await store.get_many([str(i) for i in range(100)])
    assert store.most == Counting._max_concurrency == 16
    await store.get_partial_values(None, [(str(i), None) for i in range(100)])
    assert store.most == 16


async def test_the_error_of_a_merged_range_names_the_range_asked_for():
    store = DictStore({"a": bytes(12)})
    bad = RangeByteRequest(20, 25)
    with pytest.raises(InvalidByteRangeError, match=r"start=20, end=25.* of 12 bytes"):
        await store.get_ranges("a", [RangeByteRequest(5, 10), bad])
