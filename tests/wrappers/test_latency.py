"""How long a store behind a network would take."""

import asyncio
from typing import Any

import pytest

from tests.wrappers.test_base import copied_by_pickle
from zstore import LatencyStore, MemoryStore
from zstore.errors import InvalidTypeError, UnsupportedError
from zstore.ranges import ByteRequest, OffsetByteRequest, RangeByteRequest

LATENCY = 0.25


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that were slept, one after the other; no time passes."""
    sleeps: list[float] = []
    really = asyncio.sleep

    async def sleep(seconds: float) -> None:
        if seconds:
            sleeps.append(seconds)
        await really(0)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    return sleeps


async def filled(nkeys: int = 3, **options: Any) -> LatencyStore[MemoryStore]:
    inner = MemoryStore()
    await inner.set_many({f"k/{i}": b"0123456789" for i in range(nkeys)})
    return LatencyStore(inner, **{"latency": LATENCY, **options})


@pytest.mark.parametrize(
    ("method", "args"),
    [
        ("get", ("k/0",)),
        ("get", ("missing",)),
        ("exists", ("k/0",)),
        ("getsize", ("k/0",)),
        ("set", ("k/0", b"1")),
        ("set_if_not_exists", ("k/0", b"1")),
        ("delete", ("k/0",)),
        ("is_empty", ("k",)),
    ],
)
async def test_a_request_takes_the_latency(slept: list[float], method: str, args: Any):
    await getattr(await filled(), method)(*args)
    assert slept == [LATENCY]


async def test_bytes_in_and_out_take_their_time(slept: list[float]):
    store = await filled(bandwidth=100)
    await store.get("k/0")
    assert slept == [LATENCY, 0.1]
    await store.set("k/0", b"1" * 50)
    assert slept[2:] == [LATENCY, 0.5]
    await store.get("k/0", byte_range=RangeByteRequest(0, 5))
    assert slept[4:] == [LATENCY, 0.05]


async def test_a_batch_takes_one_latency_for_each_round(slept: list[float]):
    store = await filled(20, bandwidth=100)
    keys = [f"k/{i}" for i in range(20)]
    await store.get_many(keys, max_concurrency=5)
    assert slept == pytest.approx([4 * LATENCY, 200 / 100 / 5])
    slept.clear()
    await store.set_many([(key, b"12345") for key in keys])
    assert slept == pytest.approx([2 * LATENCY, 100 / 100 / 16])
    slept.clear()
    await store.get_partial_values(None, [(key, None) for key in keys])
    assert slept[0] == pytest.approx(2 * LATENCY)


async def test_ranges_that_lie_together_are_one_request(slept: list[float]):
    store = await filled()
    ranges: list[ByteRequest] = [
        RangeByteRequest(0, 1),
        RangeByteRequest(4, 5),
        OffsetByteRequest(8),
    ]
    await store.get_ranges("k/0", ranges, max_concurrency=1)
    assert slept == [2 * LATENCY]
    parts = await store.get_ranges("k/0", ranges, max_concurrency=1, max_gap_nbytes=0)
    assert slept[1:] == [3 * LATENCY]
    assert parts is not None
    assert [part.to_bytes() for part in parts] == [b"0", b"4", b"89"]


@pytest.mark.parametrize(
    ("nkeys", "pages"), [(0, 1), (1, 1), (1000, 1), (1001, 2), (4500, 5)]
)
async def test_a_listing_takes_a_latency_for_each_page(
    slept: list[float], nkeys: int, pages: int
):
    store = await filled(nkeys)
    assert len([key async for key in store.list()]) == nkeys
    assert sum(slept) == pages * LATENCY
    for listing in (store.scan("k/"), store.list_entries("k")):
        slept.clear()
        assert sum([len(batch) async for batch in listing]) == nkeys
        assert sum(slept) == pages * LATENCY
    slept.clear()
    assert await store.getsize_prefix("") == 10 * nkeys
    assert sum(slept) == pages * LATENCY


async def test_a_listing_that_is_left_early_costs_its_first_page(slept: list[float]):
    store = await filled(4500)
    keys = store.list()
    await anext(keys)
    await keys.aclose()
    assert slept == [LATENCY]


@pytest.mark.parametrize(("nkeys", "requests"), [(0, 2), (1000, 2), (1001, 4)])
async def test_deleting_a_prefix_lists_it_and_deletes_in_pages(
    slept: list[float], nkeys: int, requests: int
):
    store = await filled(nkeys)
    await store.clear()
    assert sum(slept) == requests * LATENCY
    assert await store.is_empty()


async def test_deleting_where_nothing_can_be_listed_fails_as_in_the_store():
    class Fixed(MemoryStore):
        _can_list = False
        _can_delete = False

    with pytest.raises(UnsupportedError, match="delete_dir"):
        await LatencyStore(Fixed(), latency=0).delete_dir("a")


async def test_jitter_is_added_and_can_be_repeated(slept: list[float]):
    for _ in range(2):
        store = await filled(jitter=0.5, seed=7)
        for _ in range(4):
            await store.exists("k/0")
    first, second = slept[:4], slept[4:]
    assert first == second
    assert len(set(first)) == 4
    assert all(LATENCY <= seconds <= LATENCY + 0.5 for seconds in slept)


async def test_opening_and_closing_make_no_request(slept: list[float]):
    store = await LatencyStore.open(MemoryStore, latency=LATENCY, bandwidth=3, seed=1)
    assert (store.latency, store.bandwidth, store.seed) == (LATENCY, 3, 1)
    await store.aclose()
    assert slept == []


async def test_no_latency_does_not_sleep(slept: list[float]):
    store = await filled(latency=0)
    await store.get("k/0")
    assert slept == []


async def test_a_write_cancelled_on_its_way_has_not_happened():
    store = await filled(latency=30)
    writing = asyncio.create_task(store.set("new", b"1"))
    await asyncio.sleep(0.01)
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    assert not await store._store.exists("new")


async def test_time_really_passes_for_all_calls_at_once(monkeypatch: pytest.MonkeyPatch):
    store = await filled(latency=0.05)
    loop = asyncio.get_running_loop()
    really, asleep, most = asyncio.sleep, 0, 0

    async def sleep(seconds: float) -> None:
        nonlocal asleep, most
        asleep += 1
        most = max(most, asleep)
        await really(seconds)
        asleep -= 1

    monkeypatch.setattr(asyncio, "sleep", sleep)
    started = loop.time()
    await asyncio.gather(*(store.get("k/0") for _ in range(10)))
    assert loop.time() - started >= 0.05
    assert most == 10


def test_presets_say_what_they_are():
    near, far = (
        make(MemoryStore()) for make in (LatencyStore.like_s3, LatencyStore.like_distant_s3)
    )
    assert (near.latency, near.bandwidth) == (0.03, 90e6)
    assert (far.latency, far.bandwidth) == (0.15, 10e6)


def test_options_are_kept():
    store = LatencyStore(MemoryStore(), latency=1, bandwidth=2, jitter=3, seed=4)
    for copied in (store.with_read_only(), copied_by_pickle(store)):
        options = (copied.latency, copied.bandwidth, copied.jitter, copied.seed)
        assert options == (1, 2, 3, 4)


@pytest.mark.parametrize(
    "options",
    [
        {"latency": -1},
        {"latency": float("nan")},
        {"latency": 0, "bandwidth": 0},
        {"latency": 0, "jitter": -0.1},
    ],
)
def test_impossible_numbers_are_refused(options: dict[str, Any]):
    with pytest.raises(InvalidTypeError, match="latency and jitter must be"):
        LatencyStore(MemoryStore(), **options)
