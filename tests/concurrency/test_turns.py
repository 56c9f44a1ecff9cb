"""Short work for very many items."""

import asyncio

from zstore import MemoryStore
from zstore.concurrency import TURN, in_turns


async def test_others_have_a_turn_after_so_many_items():
    calls = [0]

    async def other() -> None:
        while True:
            calls.append(0)
            await asyncio.sleep(0)

    def work(item: int) -> int:
        calls[-1] += 1
        return -item

    task = asyncio.create_task(other())
    await asyncio.sleep(0)
    found = await in_turns(work, range(5000))
    task.cancel()
    assert found == [-item for item in range(5000)]
    assert sum(calls) == 5000
    assert max(calls) == TURN


async def test_few_items_take_no_turn_and_none_give_none():
    assert await in_turns(str, []) == []
    assert await in_turns(str, [1, 2]) == ["1", "2"]


async def test_a_mapping_may_change_while_its_values_are_stored():
    store = MemoryStore()
    values = {f"k{i}": b"1" for i in range(3 * TURN)}
    task = asyncio.create_task(store.set_many(values))
    await asyncio.sleep(0)
    values["later"] = b"2"
    await task
    assert await store.getsize_prefix("") == 3 * TURN
