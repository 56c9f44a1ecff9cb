"""Promises about tasks, threads and event loops that use one store at a time."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, TypeVar

from zstore.store import Store
from zstore.testing.promises import Check, can_create, expect, gather, promise, same

__all__ = ["CHECKS"]

T = TypeVar("T")

_THREADS = 6


async def _on_another_loop(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on a new event loop, in a thread of its own."""
    return await asyncio.to_thread(asyncio.run, coroutine)


@promise("writes")
async def one_of_many_tasks_stores_its_value(store: Store) -> None:
    """`set_if_not_exists` is one step: exactly one wins, and its value is there."""
    if not await can_create(store):
        return
    values = [str(i).encode() * 100 for i in range(40)]
    won = await asyncio.gather(*(store.set_if_not_exists("key", v) for v in values))
    same(won.count(True), 1, "the number of tasks that set_if_not_exists() let win")
    same(await store.get_bytes("key"), values[won.index(True)], "get() after the race")


@promise("writes")
async def one_of_many_threads_stores_its_value(store: Store) -> None:
    """Also where each thread runs an event loop of its own."""
    if not await can_create(store):
        return
    keys = [f"race/{i}" for i in range(8)]

    async def race(me: bytes) -> list[str]:
        return [key for key in keys if await store.set_if_not_exists(key, me)]

    runners = [str(i).encode() for i in range(_THREADS)]
    won = await asyncio.gather(*(_on_another_loop(race(me)) for me in runners))
    winners = {key: me for me, mine in zip(runners, won, strict=True) for key in mine}
    same(sorted(key for mine in won for key in mine), keys, "the keys won by all threads")
    for key, me in winners.items():
        same(await store.get_bytes(key), me, f"get({key!r}) after the race")


@promise("writes")
async def a_store_works_on_one_loop_after_another(store: Store) -> None:
    """Nothing in it is bound to the loop that used it first."""
    await store.set("0", b"0")
    for i in (1, 2):

        async def work(me: str = str(i)) -> bytes:
            await store.set(me, me.encode())
            return b"".join([await store.get_bytes(str(j)) for j in range(int(me) + 1)])

        expected = b"012"[: i + 1]
        same(await _on_another_loop(work()), expected, f"what loop {i + 1} read")
    same(await store.get_bytes("2"), b"2", "get() on the first loop again")


@promise("writes")
async def a_store_works_on_several_loops_at_once(store: Store) -> None:
    """Each in a thread of its own."""

    async def work(me: int) -> list[bytes]:
        for i in range(5):
            await store.set(f"{me}/{i}", f"{me}{i}".encode())
        if store.supports_listing:
            same(
                len(await gather(store.list_prefix(f"{me}"))), 5, "list_prefix() of 5 keys"
            )
        values = await store.get_many([f"{me}/{i}" for i in range(5)])
        return [b"" if value is None else value.to_bytes() for value in values]

    results = await asyncio.gather(*(_on_another_loop(work(me)) for me in range(_THREADS)))
    for me, got in enumerate(results):
        same(got, [f"{me}{i}".encode() for i in range(5)], f"what loop {me} read")


@promise("writes")
async def readers_see_one_value_or_the_other_whole(store: Store) -> None:
    """Never a mixture, nor a moment without one."""
    old, new = b"o" * 50_000, b"n" * 70_000
    await store.set("key", old)

    async def write() -> None:
        for value in (new, old) * 8:
            await store.set("key", value)

    async def read() -> None:
        for _ in range(16):
            got = await store.get("key")
            seen = None if got is None else got.to_bytes()
            what = None if seen is None else (len(seen), {*seen})
            expect(seen in (old, new), f"get() during set() gave {what}")

    await asyncio.gather(write(), read(), read())


@promise("writes")
async def a_cancelled_set_has_happened_or_never_will(store: Store) -> None:
    """It cannot land later, over a value that was set after it."""
    for waits in range(6):
        await store.set("key", b"before")
        task = asyncio.create_task(store.set("key", b"cancelled" * 50_000))
        for _ in range(waits):
            await asyncio.sleep(0)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        seen = await store.get_bytes("key")
        expect(seen in (b"before", b"cancelled" * 50_000), "a cancelled set() was torn")
        await store.set("key", b"after")
        await asyncio.sleep(0.02)
        same(
            await store.get_bytes("key"),
            b"after",
            "get() after set() after a cancelled one",
        )


@promise("writes")
async def a_cancelled_call_leaves_the_store_usable(store: Store) -> None:
    """Reads and listings too."""
    await store.set_many({f"k/{i}": bytes(1000) for i in range(30)})
    keys = [f"k/{i}" for i in range(30)]
    for waits in range(4):
        calls: list[Coroutine[Any, Any, object]] = [store.get_many(keys)]
        if store.supports_listing:
            calls += [store.getsize_prefix("k"), gather(store.usage("k"))]
        tasks = [asyncio.create_task(call) for call in calls]
        for _ in range(waits):
            await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        for outcome in await asyncio.gather(*tasks, return_exceptions=True):
            failed = isinstance(outcome, Exception)
            expect(not failed, f"a cancelled call raised {outcome!r}")
        same(await store.getsize("k/29"), 1000, "getsize() after cancelled calls")


CHECKS: tuple[Check, ...] = (
    one_of_many_tasks_stores_its_value,
    one_of_many_threads_stores_its_value,
    a_store_works_on_one_loop_after_another,
    a_store_works_on_several_loops_at_once,
    readers_see_one_value_or_the_other_whole,
    a_cancelled_set_has_happened_or_never_will,
    a_cancelled_call_leaves_the_store_usable,
)
"""Every promise of this module."""
