"""`run`, `iterate` and the loop thread below them."""

import asyncio
import concurrent.futures
import threading
from collections.abc import AsyncGenerator, Generator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.waiting import LONG
from zstore import MemoryStore
from zstore.errors import (
    CallTimeoutError,
    InvalidTypeError,
    KeyNotFoundError,
    SyncError,
    UnsupportedError,
)
from zstore.sync import LoopThread, SyncStore, iterate, run
from zstore.sync.loop import loop_thread


@pytest.fixture
def store() -> SyncStore:
    return SyncStore(MemoryStore())


@pytest.fixture
def loop() -> Generator[LoopThread, None, None]:
    thread = LoopThread()
    yield thread
    thread.close()


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """What a coroutine sets when it begins: no call is out of time before."""
    event = threading.Event()
    wait = concurrent.futures.wait

    def patient(futures: list[Any], timeout: float | None = None) -> Any:
        assert event.wait(LONG)
        return wait(futures, timeout)

    monkeypatch.setattr("zstore.sync.loop.wait", patient)
    return event


class TestRun:
    def test_returns_the_result(self):
        assert run(asyncio.sleep(0, "result")) == "result"

    def test_uses_one_thread_for_all(self):
        async def where() -> threading.Thread:
            return threading.current_thread()

        with ThreadPoolExecutor(8) as pool:
            threads = set(pool.map(lambda _: run(where()), range(64)))
        assert len(threads) == 1
        (thread,) = threads
        assert thread.daemon
        assert thread is not threading.current_thread()

    def test_takes_coroutines_only(self):
        with pytest.raises(InvalidTypeError, match="takes a coroutine, got int"):
            run(3)  # type: ignore[arg-type]  # the point of the test

    def test_cancels_what_takes_too_long(self, begun: threading.Event):
        ends: list[str] = []

        async def slow() -> None:
            begun.set()
            try:
                await asyncio.sleep(60)
            finally:
                ends.append("cancelled")

        with pytest.raises(CallTimeoutError, match=r"slow\(\) did not end within 0\.05 s"):
            run(slow(), timeout=0.05)
        assert ends == ["cancelled"]

    def test_lets_the_coroutine_raise_its_own_timeout(self):
        async def fails() -> None:
            raise TimeoutError

        with pytest.raises(TimeoutError) as caught:
            run(fails(), timeout=30)
        assert not isinstance(caught.value, CallTimeoutError)

    def test_returns_the_result_of_a_write_that_could_not_be_cancelled(
        self, begun: threading.Event
    ):
        async def write() -> str:
            begun.set()
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                return "written"
            return "never"

        assert run(write(), timeout=0.05) == "written"

    def test_refuses_to_wait_for_itself(self, store: SyncStore):
        async def callback() -> None:
            store.get("a")

        with pytest.raises(
            SyncError, match=r"get\(\) was called synchronously on the event"
        ):
            run(callback())

    def test_works_in_a_worker_thread_of_its_own_loop(self, store: SyncStore):
        store.set("a", b"value")

        async def callback() -> bytes:
            return await asyncio.to_thread(store.get_bytes, "a")

        assert run(callback(), timeout=30) == b"value"

    @pytest.mark.parametrize("error", [SystemExit, KeyboardInterrupt])
    def test_outlives_what_ends_other_loops(self, error: type[BaseException]):
        async def leave() -> None:
            raise error

        with pytest.raises(error):
            run(leave(), timeout=30)
        assert run(asyncio.sleep(0, "still here"), timeout=30) == "still here"

    def test_says_so_where_there_are_no_threads(self, monkeypatch: pytest.MonkeyPatch):
        def cannot(_: threading.Thread) -> None:
            raise RuntimeError

        monkeypatch.setattr("zstore.sync.loop._threads", {})
        monkeypatch.setattr(threading.Thread, "start", cannot)
        with pytest.raises(UnsupportedError, match="use `await` instead"):
            run(asyncio.sleep(0))


class TestIterate:
    def test_gives_the_items_in_order(self):
        assert list(iterate(_numbers(5), at_once=2)) == [0, 1, 2, 3, 4]
        assert list(iterate(_numbers(5))) == [0, 1, 2, 3, 4]
        assert list(iterate(_numbers(0))) == []

    def test_closes_the_iterator_when_left_early(self):
        closed = threading.Event()
        for number in iterate(_numbers(5, closed)):
            if number == 2:
                break
        assert closed.wait(30)

    def test_fetches_no_more_than_asked(self):
        fetched: list[int] = []

        async def numbers() -> AsyncGenerator[int, None]:
            for i in range(100):
                fetched.append(i)
                yield i

        first = iterate(numbers(), at_once=10)
        next(first)
        assert len(fetched) <= 10
        first.close()

    def test_gives_the_first_item_of_a_slow_iterator_soon(self):
        async def slow() -> AsyncGenerator[int, None]:
            yield 0
            await asyncio.sleep(0.03)
            yield 1
            await asyncio.Event().wait()
            yield 2

        items = iterate(slow(), at_once=1000)
        assert [next(items), next(items)] == [0, 1]
        items.close()

    def test_raises_what_the_iterator_raises(self):
        async def fails() -> AsyncGenerator[int, None]:
            yield 0
            raise KeyNotFoundError("k")

        items = iterate(fails())
        assert next(items) == 0
        with pytest.raises(KeyNotFoundError):
            next(items)

    def test_takes_iterators_that_cannot_be_closed(self):
        class Numbers:
            def __aiter__(self):
                return self

            async def __anext__(self) -> int:
                return 1

        items = iterate(Numbers())
        assert next(items) == 1
        items.close()

    def test_can_be_abandoned_on_the_loop_itself(self):
        closed = threading.Event()
        items = iterate(_numbers(5, closed))
        next(items)

        async def abandon() -> None:
            items.close()

        run(abandon())
        assert closed.wait(30)


async def _numbers(
    count: int, closed: threading.Event | None = None
) -> AsyncGenerator[int, None]:
    try:
        for i in range(count):
            yield i
    finally:
        if closed is not None:
            closed.set()


class TestLoopThread:
    def test_cancels_what_is_running_when_it_closes(self, loop: LoopThread):
        started, ended = threading.Event(), threading.Event()

        async def waits() -> None:
            try:
                started.set()
                await asyncio.sleep(60)
            finally:
                ended.set()

        loop.let_run(waits())
        assert started.wait(30)
        loop.close()
        assert ended.is_set()
        assert not loop.is_running

    def test_stays_closed(self, loop: LoopThread):
        loop.close()
        loop.close()
        with pytest.raises(SyncError, match=r"after the loop of zstore\.sync was closed"):
            loop.run(asyncio.sleep(0))

    def test_cannot_be_closed_from_itself(self, loop: LoopThread):
        async def close() -> None:
            loop.close()

        loop.run(close())
        assert loop.run(asyncio.sleep(0, 1)) == 1

    def test_is_made_once_by_threads_that_race(self, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr("zstore.sync.loop._threads", {})
        barrier = threading.Barrier(8)

        def get(_: int) -> LoopThread:
            barrier.wait()
            return loop_thread()

        with ThreadPoolExecutor(8) as pool:
            found = set(pool.map(get, range(8)))
        assert len(found) == 1
        found.pop().close()
