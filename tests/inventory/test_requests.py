"""How many requests a scan costs, as the server counts them."""

import asyncio
from pathlib import Path

import pytest

from tests.inventory.buckets import Truth
from tests.inventory.planning import key_spaces
from tests.inventory.planning.key_spaces import SHAPES
from tests.servers.listing import ListingServer
from tests.waiting import LONG
from zstore import Store
from zstore.errors import ZStoreWarning
from zstore.inventory import Inventory, ScanProgress

# What the fixture `buckets` has in each.
NKEYS = 20_111


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tell of every page, and try again at once."""
    monkeypatch.setattr("zstore.inventory.scanning.telling._SECONDS", 0.0)
    monkeypatch.setattr("zstore.inventory.scanning.patience._FIRST_PAUSE", 0.001)


@pytest.mark.parametrize("shape", SHAPES)
async def test_one_by_one_it_is_a_request_for_each_thousand_keys(
    shape: str, server: ListingServer, buckets: dict[str, Truth]
):
    store = server.obstore_store(shape)
    with await Inventory.scan(store, max_concurrency=1) as inventory:
        assert inventory.complete
        assert inventory.nrequests == server.nlist == buckets[shape].npages == 21
    assert server.nhead == 0


async def test_s3fs_asks_for_pages_only(server: ListingServer):
    server.buckets["few"] = key_spaces.shape("skew", 4_011)
    async with server.fsspec_store("few") as store:
        with await Inventory.scan(store, max_concurrency=1) as inventory:
            assert inventory.complete
            assert inventory.nrequests == 5
    assert (server.nlist, server.nhead) == (5, 0)


@pytest.mark.parametrize("at_once", [4, 16, 64])
@pytest.mark.parametrize("shape", SHAPES)
async def test_many_at_once_ask_for_little_in_vain(
    shape: str, at_once: int, server: ListingServer, buckets: dict[str, Truth]
):
    server.latency = 0.005
    store = server.obstore_store(shape)
    with await Inventory.scan(store, max_concurrency=at_once) as inventory:
        assert inventory.complete
        assert inventory.nrequests == server.nlist
    assert server.nlist <= 1.1 * buckets[shape].npages + 5 * at_once
    assert server.nhead == 0


async def cancelled(store: Store, snapshot: Path, nkeys: int, at_once: int) -> None:
    """Scan until so many keys were found."""
    some = asyncio.Event()

    def look(progress: ScanProgress) -> None:
        if progress.nkeys >= nkeys:
            some.set()

    scan = asyncio.create_task(
        Inventory.scan(store, snapshot=snapshot, max_concurrency=at_once, on_progress=look)
    )
    async with asyncio.timeout(LONG):
        await some.wait()
    scan.cancel()
    with pytest.raises(asyncio.CancelledError):
        await scan


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("at_once", [1, 4])
async def test_cancelling_and_going_on_costs_a_few_requests(
    shape: str,
    at_once: int,
    server: ListingServer,
    buckets: dict[str, Truth],
    tmp_path: Path,
):
    store = server.obstore_store(shape)
    with await Inventory.scan(store, max_concurrency=at_once):
        undisturbed = server.nlist
    server.reset()
    await cancelled(store, tmp_path, NKEYS // 2, at_once)
    first = server.nlist
    with await Inventory.scan(store, snapshot=tmp_path, max_concurrency=at_once) as whole:
        buckets[shape].require(whole)
        # What was on its way when it was cancelled came in vain.
        assert 0 <= server.nlist - whole.nrequests <= at_once
    assert first < server.nlist <= undisturbed + 4 * at_once


@pytest.mark.parametrize("retries", [0, 5])
async def test_one_by_one_a_refused_request_costs_one_more(
    retries: int, server: ListingServer, buckets: dict[str, Truth]
):
    server.slow_down_share = 0.1
    # Flat: two documents to read, which may be refused too.
    store = server.obstore_store("flat", retries=retries)
    with await Inventory.scan(store, max_concurrency=1) as inventory:
        buckets["flat"].require(inventory)
    n503 = server.nlist - buckets["flat"].npages
    assert 0 < n503 <= server.n503 <= n503 + server.nget


@pytest.mark.parametrize("shape", SHAPES)
async def test_many_that_are_refused_find_the_same(
    shape: str, server: ListingServer, buckets: dict[str, Truth]
):
    server.slow_down_share = 0.1
    store = server.obstore_store(shape, retries=5)
    with await Inventory.scan(store, max_concurrency=16) as inventory:
        buckets[shape].require(inventory)
    assert server.n503
    assert server.nlist - server.n503 <= 1.1 * buckets[shape].npages + 5 * 16


async def test_a_burst_of_refusals_is_survived(
    server: ListingServer, buckets: dict[str, Truth], monkeypatch: pytest.MonkeyPatch
):
    # Several that are in flight are refused at once; no client tries again by itself.
    monkeypatch.setattr("zstore.inventory.scanning.patience._FIRST_PAUSE", 0.2)
    server.fail("503", after=10, times=4)
    told: list[ScanProgress] = []
    with await Inventory.scan(
        server.obstore_store("hashed"), max_concurrency=16, on_progress=told.append
    ) as inventory:
        buckets["hashed"].require(inventory)
    assert told[-1].nretries == 4


async def test_a_server_that_throttles_for_ever_leaves_a_partial_result(
    server: ListingServer, buckets: dict[str, Truth], tmp_path: Path
):
    server.fail("503", after=10)
    store = server.obstore_store("hashed")
    with pytest.warns(ZStoreWarning, match="not complete"):
        partial = await Inventory.scan(store, snapshot=tmp_path, max_concurrency=4)
    with partial:
        assert not partial.complete
        assert 0 < partial.nkeys < NKEYS
        assert not partial.total().complete
    # Each of the ranges at work is tried five times in a row.
    assert server.nlist <= 10 + 4 * 5
    server.heal()
    with await Inventory.scan(store, snapshot=tmp_path, max_concurrency=4) as whole:
        buckets["hashed"].require(whole)
