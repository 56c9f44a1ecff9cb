"""Metrics 8 to 10: what a large value does to the event loop, and what memory is kept."""

import asyncio
import gc
import time
from collections.abc import Awaitable, Callable
from typing import Any

import numpy as np

from tests.benchmarks.gpu.devices import random_bytes
from tests.benchmarks.gpu.session import Row, Session
from tests.benchmarks.gpu.ways import Way

__all__ = ["SMALL_SIZES", "run"]

SMALL_SIZES = (13, 1000, 4097)

_BEAT_S = 0.001


def run(session: Session) -> None:
    """Measure the stalls of the loop, pinned memory and the overhead on the device."""
    for way in session.ways:
        session.device.trim()
        _large_value(session, way)
    for way in session.ways:
        session.device.trim()
        for size in SMALL_SIZES:
            session.run(_overhead(session, way, size))


def _large_value(session: Session, way: Way) -> None:
    size = session.options.large_nbytes
    value = way.on_host(random_bytes(size))
    pinned = session.device.pinned_nbytes()
    store = way.store()

    def stall(what: str, call: Callable[[], Awaitable[object]], *, rounds: int) -> None:
        gaps, seconds = [], []
        for _ in range(rounds):
            longest, took = session.run(_stall(call()))
            session.device.synchronize()
            gaps.append(longest)
            seconds.append(took)
        session.add(Row(f"stall of the loop, {what}", way.name, size, "s", gaps))
        session.add(Row(f"{what} of a large value", way.name, size, "s", seconds))

    def set_it() -> Awaitable[object]:
        return store.set("large", value)  # type: ignore[no-any-return]

    def get_it() -> Awaitable[object]:
        return store.get("large", way.host_prototype)  # type: ignore[no-any-return]

    stall("first set", set_it, rounds=1)
    kept = way.pinned_nbytes(store, pinned)
    session.add(Row("pinned memory kept", way.name, size, "bytes", [kept]))
    stall("later set", set_it, rounds=session.options.rounds)
    stall("first get", get_it, rounds=1)
    stall("later get", get_it, rounds=session.options.rounds)


async def _stall(awaitable: Awaitable[object]) -> tuple[float, float]:
    """Return the longest gap that a heartbeat saw, and how long it took in all."""
    gaps: list[float] = []
    ended = asyncio.Event()

    async def beat() -> None:
        last = time.perf_counter()
        while not ended.is_set():
            await asyncio.sleep(_BEAT_S)
            now = time.perf_counter()
            gaps.append(now - last)
            last = now

    task = asyncio.create_task(beat())
    await asyncio.sleep(20 * _BEAT_S)
    gaps.clear()
    began = time.perf_counter()
    await awaitable
    seconds = time.perf_counter() - began
    await asyncio.sleep(5 * _BEAT_S)
    ended.set()
    await task
    return max(gaps), seconds


async def _overhead(session: Session, way: Way, size: int) -> None:
    """Compare the bytes on the device with those of values, set one by one and together."""
    value = way.on_host(np.full(size, 7, np.uint8))
    few = session.options.max_calls
    # So many that what is left, when half is deleted, is worth moving together.
    many = max(few, session.options.many_nbytes // size)
    for what, count in (("one by one", few), ("together", many)):
        items = [(f"k/{number}", value) for number in range(count)]
        store: Any = way.store()
        await store.set("first", way.on_host(np.zeros(1, np.uint8)))
        session.device.synchronize()
        used, reserved = way.pool_nbytes(store)
        if what == "together":
            await way.set_many(store, items)
        else:
            for key, each in items:
                await store.set(key, each)

        def add(
            moment: str,
            payload: int,
            *,
            store: Any = store,
            before: tuple[int, int] = (used, reserved),
        ) -> None:
            session.device.synchronize()
            gc.collect()
            now = way.pool_nbytes(store)
            names = ("device bytes per byte", "reserved bytes per byte")
            for name, low, high in zip(names, before, now, strict=True):
                values = [(high - low) / payload]
                session.add(Row(f"{name}, {moment}", way.name, size, "ratio", values))

        add(what, size * count)
        for key, _ in items[::2]:
            await store.delete(key)
        # What moves together does so in the background.
        await asyncio.sleep(0.1)
        add(f"{what}, half deleted", size * (count // 2))
