"""Ranges that are listed at once, and the files of those that are done."""

import asyncio
from collections.abc import AsyncGenerator

from tests.inventory.paged import PagedStore
from zstore import MemoryStore
from zstore._compat import override
from zstore.buffer import Buffer
from zstore.entries import KeyPage
from zstore.inventory import Inventory

KEYS = [f"g{i % 7}/a{i % 3}/c/{i}/{i % 4}" for i in range(2000)]


class RangedStore(PagedStore):
    """Counts the ranges that are listed."""

    nranges = 0

    @override
    async def _pages(
        self, prefix: str, after: str, until: str | None
    ) -> AsyncGenerator[KeyPage, None]:
        self.nranges += 1
        async for page in super()._pages(prefix, after, until):
            yield page


class HeldPlace(MemoryStore):
    """Takes no file of keys until it is released."""

    def __init__(self) -> None:
        super().__init__()
        self.reached, self.released = asyncio.Event(), asyncio.Event()

    @override
    async def _write(self, key: str, value: Buffer, *, overwrite: bool) -> bool:
        if key.startswith("keys/"):
            self.reached.set()
            await self.released.wait()
        return await super()._write(key, value, overwrite=overwrite)


async def ranges_while_held(at_once: int) -> tuple[int, int]:
    """Return how many ranges were begun when the first file came, and after a while."""
    store, place = RangedStore(), HeldPlace()
    await store.set_many(dict.fromkeys(KEYS, b"1"))
    scan = asyncio.create_task(
        Inventory.scan(store, snapshot=place, max_concurrency=at_once)
    )
    await place.reached.wait()
    before = store.nranges
    # Pages come from memory: each takes some turns of the loop, and no time.
    for _ in range(10_000):
        await asyncio.sleep(0)
    after = store.nranges
    place.released.set()
    with await scan as inventory:
        assert inventory.complete
        assert inventory.nkeys == len(KEYS)
    return before, after


async def test_the_next_ranges_do_not_wait_for_the_files_of_the_last_ones():
    before, after = await ranges_while_held(at_once=4)
    assert after > before


async def test_a_place_that_is_slower_than_the_listing_is_waited_for():
    at_once = 4
    _, after = await ranges_while_held(at_once)
    # As many as may be listed wait for their files, one more is being written.
    assert after <= 2 * at_once + 1
