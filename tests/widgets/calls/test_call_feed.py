"""The stream of calls to a page."""

import asyncio
import json
import time

import numpy as np
import pytest

from tests.waiting import until
from tests.widgets.front import Front
from tests.widgets.watching import keys, values, watched
from zstore import MemoryStore
from zstore._compat import override
from zstore.buffer import Buffer
from zstore.ranges import ByteRequest
from zstore_widgets import CallMonitor
from zstore_widgets.calls.feed import MAX_IN_VIEW
from zstore_widgets.channel import MAX_MESSAGE_NBYTES


async def test_a_page_gets_what_was_and_what_comes():
    store = watched()
    await store.set("before", b"abc")
    front = Front(CallMonitor(store))
    number = front.send("watch")
    await until(lambda: "before" in keys(front, number))
    await store.get("before")
    await store.get("after")
    await until(lambda: "after" in keys(front, number))
    assert keys(front, number) == ["before", "before", "after"]
    (message, buffers), *_ = [
        each for each in front.parts_of(number) if "keys" in each[0]["value"]
    ]
    row = np.frombuffer(buffers[0], dtype="<f8").reshape(8, -1)[:, 0]
    names = message["value"]["names"]
    assert [names[int(row[2])], names[int(row[3])]] == ["set", "ok"]
    assert row[4:].tolist() == [1, 3, 0, 0]
    front.cancel(number)


async def test_a_store_is_subscribed_to_only_while_a_page_watches():
    store = watched()
    front = Front(CallMonitor(store))
    assert store._trace._subscribers == ()
    number = front.send("watch")
    await until(lambda: store._trace._subscribers)
    front.cancel(number)
    await until(lambda: not store._trace._subscribers)


class Gated(MemoryStore):
    """Gives out no value before the gate is open."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()

    @override
    async def _read(self, key: str, request: ByteRequest | None) -> Buffer | None:
        await self.gate.wait()
        return await super()._read(key, request)


async def test_calls_under_way_are_counted_when_another_one_ends():
    gated = Gated()
    store = watched(gated)
    front = Front(CallMonitor(store))
    number = front.send("watch")
    await until(lambda: values(front, number))
    slow = asyncio.create_task(store.get("slow"))
    await asyncio.sleep(0)
    await store.ensure_open()
    await until(lambda: any(value.get("nopen") == 1 for value in values(front, number)))
    gated.gate.set()
    await slow
    await until(lambda: "slow" in keys(front, number))
    assert [v["nopen"] for v in values(front, number) if "nopen" in v][-1] == 0
    front.cancel(number)


async def test_batches_come_at_most_five_times_a_second():
    store = watched()
    front = Front(CallMonitor(store))
    number = front.send("watch")
    await until(lambda: values(front, number))

    def nheads() -> int:
        return len([value for value in values(front, number) if "ncalls" in value])

    before, nheads_before = time.monotonic(), nheads()
    while nheads() < nheads_before + 4:
        await store.get("a")
        await asyncio.sleep(0.001)
    found = nheads() - nheads_before
    assert found <= (time.monotonic() - before) / 0.2 + 2
    front.cancel(number)


async def test_no_message_is_too_large_however_hostile_the_keys_are():
    store = watched()
    evil = ["\x00" * 1000, "\u202e" * 500, "\U000e0001" * 900, "a" * 5000, "\ud800" * 300]
    for number in range(6_000):
        with pytest.raises(ValueError, match="key"):
            await store.get(f"{evil[number % len(evil)]}//")
    front = Front(CallMonitor(store))
    number = front.send("watch")
    await until(lambda: len(keys(front, number)) == 6_000)
    for message, buffers in front.messages:
        size = len(json.dumps(message, ensure_ascii=False).encode())
        assert size + sum(map(len, buffers)) <= MAX_MESSAGE_NBYTES
    front.cancel(number)


async def test_a_burst_is_cut_to_what_the_page_keeps():
    store = watched()
    await store.get("a")
    burst = [store.trace[0]._replace(keys=(str(at),)) for at in range(50_000)]
    front = Front(CallMonitor(store))
    number = front.send("watch")
    await until(lambda: values(front, number))
    pending = next(iter(front.view._feed._watchers))
    for record in burst:
        pending.add(record)
    await until(lambda: "49999" in keys(front, number))
    told = keys(front, number)
    assert told[-MAX_IN_VIEW:] == [str(at) for at in range(40_000, 50_000)]
    assert len(told) < 20_000
    front.cancel(number)


async def test_a_reset_in_the_kernel_reaches_the_page():
    store = watched()
    await store.get("a")
    await store.get("b")
    front = Front(CallMonitor(store))
    number = front.send("watch")
    await until(lambda: len(keys(front, number)) == 2)
    store.reset()
    await store.get("c")
    await until(lambda: any(value.get("reset") for value in values(front, number)))
    front.cancel(number)


async def test_the_still_follows_when_the_store_is_quiet():
    store = watched()
    monitor = CallMonitor(store)
    front = Front(monitor)
    number = front.send("watch")
    await until(lambda: values(front, number))
    await store.get("a")
    await until(lambda: "get " in monitor.still)
    front.cancel(number)


async def test_listening_costs_little_per_call(capsys):
    store = watched()
    await store.set("a", b"abc")

    async def per_call() -> float:
        start = time.thread_time()
        for _ in range(20_000):
            await store.get("a")
        return (time.thread_time() - start) / 20_000 * 1e6

    alone = min([await per_call() for _ in range(3)])
    front = Front(CallMonitor(store))
    number = front.send("watch")
    await until(lambda: values(front, number))
    listening = min([await per_call() for _ in range(3)])
    pending = next(iter(front.view._feed._watchers))
    record = store.trace[-1]
    start = time.thread_time()
    for _ in range(20_000):
        pending.add(record)
    adding = (time.thread_time() - start) / 20_000 * 1e6
    front.cancel(number)
    with capsys.disabled():
        print(  # noqa: T201 -- a figure, and no assertion
            f"\n  a get: {alone:.2f} us, {listening:.2f} us while it is watched; "
            f"the subscriber alone: {adding:.2f} us"
        )
    # Of the processor of this thread, and beside what this machine needs alone.
    assert listening < 20 * alone
