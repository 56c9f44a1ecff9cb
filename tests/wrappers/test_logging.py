"""Who called what, when, and how it ended."""

import asyncio
import contextlib
import io
import logging
import sys
import threading
import time
from collections import defaultdict
from typing import Any

import pytest
from blockbuster import BlockBuster

from tests.wrappers.test_base import CALLS, copied_by_pickle, used
from zstore import LatencyStore, LoggingStore, MemoryStore, ReadOnlyStore
from zstore._compat import override
from zstore.errors import (
    BackendError,
    InvalidByteRangeError,
    InvalidTypeError,
    KeyNotFoundError,
    ReadOnlyError,
    ZStoreWarning,
)
from zstore.ranges import RangeByteRequest
from zstore.wrappers.trace import Record


def quiet(store: Any = None, **options: Any) -> LoggingStore[Any]:
    return LoggingStore(store or MemoryStore(), "CRITICAL", **options)


class TestLines:
    async def test_a_call_logs_two_lines(self, caplog: pytest.LogCaptureFixture):
        inner = MemoryStore()
        store = LoggingStore(inner, log_handler=logging.NullHandler())
        await store.set("a/b", b"1")
        first, second = caplog.record_tuples
        name = f"LoggingStore({inner})"
        assert first == (name, logging.INFO, " Calling MemoryStore.set(a/b)")
        assert second == (name, logging.INFO, "Finished MemoryStore.set(a/b) [0.00 s]")

    async def test_batches_name_their_keys_and_listings_their_prefix(
        self, caplog: pytest.LogCaptureFixture
    ):
        store = LoggingStore(MemoryStore(), log_handler=logging.NullHandler())
        await store.get_many(iter(["a", "b"]))
        [key async for key in store.list_prefix("p")]
        [key async for key in store.list()]
        assert caplog.messages[::2] == [
            " Calling MemoryStore.get_many(a,b)",
            " Calling MemoryStore.list_prefix(p)",
            " Calling MemoryStore.list",
        ]
        assert len(caplog.messages) == 6

    async def test_failures_log_both_lines_too(self, caplog: pytest.LogCaptureFixture):
        store = LoggingStore(MemoryStore(), log_handler=logging.NullHandler())
        with pytest.raises(KeyNotFoundError):
            await store.getsize("a")
        assert [message.split()[0] for message in caplog.messages] == [
            "Calling",
            "Finished",
        ]

    async def test_without_a_handler_lines_go_to_standard_output(
        self, monkeypatch: pytest.MonkeyPatch
    ):
        out = io.StringIO()
        monkeypatch.setattr(sys, "stdout", out)
        await LoggingStore(MemoryStore()).exists("a")
        lines = out.getvalue().splitlines()
        assert len(lines) == 2
        assert "- INFO -  Calling MemoryStore.exists(a)" in lines[0]

    @pytest.mark.parametrize("level", ["WARNING", "CRITICAL"])
    async def test_above_info_nothing_is_logged_but_all_is_counted(
        self, level: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
    ):
        store = LoggingStore(MemoryStore(), level)
        monkeypatch.setattr(store, "_operation", None)  # the text of a line is not made
        await store.exists("a")
        [key async for key in store.list()]
        assert caplog.records == []
        assert store.counter == {"exists": 1, "list": 1}

    async def test_two_stores_on_one_place_keep_their_handlers(self):
        inner = MemoryStore()
        one, two = io.StringIO(), io.StringIO()
        first = LoggingStore(inner, "INFO", logging.StreamHandler(one))
        second = LoggingStore(inner, "INFO", logging.StreamHandler(two))
        await first.exists("a")
        await second.exists("b")
        assert one.getvalue().count("exists(a)") == 2
        assert two.getvalue().count("exists(b)") == 2
        assert "exists(b)" not in one.getvalue()
        assert "exists(a)" not in two.getvalue()

    async def test_switching_off_takes_effect_at_once(
        self, caplog: pytest.LogCaptureFixture
    ):
        store = LoggingStore(MemoryStore(), log_handler=logging.NullHandler())
        logging.disable(logging.CRITICAL)
        try:
            await store.exists("a")
        finally:
            logging.disable(logging.NOTSET)
        assert caplog.records == []


class TestIdentity:
    async def test_open_takes_the_options_of_both(self):
        handler = logging.NullHandler()
        store = await LoggingStore.open(
            MemoryStore, None, read_only=True, log_level="ERROR", log_handler=handler
        )
        assert store.read_only
        assert (store.log_level, store.log_handler) == ("ERROR", handler)
        assert store.counter == {}

    def test_defaults_are_those_of_the_seed(self):
        store = LoggingStore(MemoryStore())
        assert (store.log_level, store.log_handler) == ("DEBUG", None)
        assert isinstance(store.counter, defaultdict)
        assert store.counter["never called"] == 0

    def test_it_prints_what_it_wraps(self):
        inner = MemoryStore()
        assert str(LoggingStore(inner)) == f"logging-{inner}"
        assert repr(LoggingStore(inner)) == f"LoggingStore(MemoryStore, '{inner}')"

    def test_a_twin_keeps_the_options(self):
        handler = logging.NullHandler()
        store = LoggingStore(MemoryStore(), "ERROR", handler, max_records=3)
        twin = store.with_read_only()
        assert (twin.log_level, twin.log_handler) == ("ERROR", handler)
        assert twin._trace.max_records == 3

    async def test_a_pickled_copy_starts_anew(self):
        store = LoggingStore(
            MemoryStore(), "ERROR", logging.StreamHandler(io.StringIO()), max_records=3
        )
        store.subscribe(lambda _: None)
        await store.set("a", b"1")
        copied = copied_by_pickle(store)
        assert copied == store
        assert (copied.log_level, copied.log_handler) == ("ERROR", None)
        assert (copied.counter, copied.trace) == ({}, [])
        for _ in range(5):
            assert await copied.get_bytes("a") == b"1"
        assert len(copied.trace) == 3

    def test_the_length_of_the_trace_is_checked(self):
        with pytest.raises(InvalidTypeError):
            quiet(max_records=-1)


class TestCounter:
    @pytest.mark.parametrize("method", CALLS)
    async def test_every_call_counts_and_is_recorded_once(self, method: str):
        store = quiet()
        await store._store.set_many({"a": b"xyz", "b": b"z"})
        await used(store, method, CALLS[method][0])
        assert store.counter == {method: 1}
        (record,) = store.trace
        assert (record.method, record.outcome) == (method, "ok")

    async def test_reading_a_property_is_no_call(self):
        store = quiet()
        for name in ("read_only", "supports_writes", "supports_listing"):
            getattr(store, name)
        assert store == quiet()
        assert store.counter == {}

    async def test_calls_made_of_others_count_as_those(self):
        store = quiet()
        await store.set("a", b"[1]")
        assert await store.get_json("a") == [1]
        [usage async for usage in store.usage()]
        assert store.counter == {"set": 1, "get": 1, "scan": 1}

    async def test_a_listing_counts_when_it_begins(self):
        store = quiet()
        keys = store.list()
        assert store.counter == {}
        [key async for key in keys]
        assert store.counter == {"list": 1}

    async def test_without_a_global_lock_a_lock_keeps_the_count(
        self, monkeypatch: pytest.MonkeyPatch
    ):
        class Held:
            times = 0

            def __enter__(self) -> None:
                self.times += 1

            def __exit__(self, *_: object) -> None:
                pass

        store, lock = quiet(), Held()
        monkeypatch.setattr("zstore.wrappers.logging._FREE_THREADED", True)
        monkeypatch.setattr(store, "_lock", lock)
        await store.get("a")
        assert lock.times == 1
        assert store.counter == {"get": 1}

    async def test_reset_forgets_but_subscribers_stay(self):
        store, told = quiet(), list[Record]()
        store.subscribe(told.append)
        await store.exists("a")
        store.reset()
        assert (store.counter, store.trace) == ({}, [])
        await store.exists("b")
        assert [record.hint for record in told] == ["a", "b"]
        assert store.counter == {"exists": 1}

    def test_threads_lose_no_count(self, no_blocking_calls: BlockBuster):
        no_blocking_calls.deactivate()  # it blames the library for locks of coverage
        store = quiet(max_records=50)
        ncalls, nthreads = 4000, 4

        async def work() -> None:
            for _ in range(ncalls):
                await store.get("a")

        threads = [
            threading.Thread(target=asyncio.run, args=[work()]) for _ in range(nthreads)
        ]
        before = sys.getswitchinterval()
        sys.setswitchinterval(1e-6)
        try:
            for thread in threads:
                thread.start()
            while any(thread.is_alive() for thread in threads):
                assert len(store.trace) <= 50
                time.sleep(0.001)
        finally:
            sys.setswitchinterval(before)
            for thread in threads:
                thread.join()
        assert store.counter == {"get": ncalls * nthreads}


class TestTrace:
    async def test_a_record_says_what_was_asked_and_given(self):
        store = quiet()
        before = time.time()
        await store.set("a", b"0123456789")
        await asyncio.create_task(store.get("a", None, RangeByteRequest(2, 5)), name="me")
        written, read = store.trace
        assert (written.keys, written.prefix, written.byte_ranges) == (("a",), None, ())
        assert (written.nbytes_in, written.nbytes_out) == (10, 0)
        assert read.byte_ranges == (RangeByteRequest(2, 5),)
        assert (read.nbytes_in, read.nbytes_out) == (0, 3)
        assert (read.outcome, read.task, read.hint) == ("ok", "me", "a")
        assert before - 0.1 <= written.start <= read.start <= time.time() + 0.1
        assert written.clock + written.seconds <= read.clock

    async def test_seconds_are_those_that_passed(self):
        store = quiet(LatencyStore(MemoryStore(), latency=0.05))
        started = time.perf_counter()
        await store.exists("a")
        assert 0.05 <= store.trace[0].seconds <= time.perf_counter() - started

    async def test_batches_are_one_record_with_all_keys(self):
        store = quiet()
        await store.set_many({"a": b"12", "b": b"345"})
        await store.get_many(["a", "b", "c"])
        one = RangeByteRequest(0, 1)
        await store.get_partial_values(None, [("a", one), ("a", None)])
        await store.get_ranges("b", [one, one, one])
        await store.set_partial_values([("a", 0, b"x"), ("b", 1, b"yz")])
        rows = [(row.keys, row.nbytes_in, row.nbytes_out) for row in store.trace]
        assert rows == [
            (("a", "b"), 5, 0),
            (("a", "b", "c"), 0, 5),
            (("a", "a"), 0, 3),
            (("b",), 0, 3),
            (("a", "b"), 3, 0),
        ]
        assert store.trace[2].byte_ranges == (one, None)
        assert store.trace[3].byte_ranges == (one, one, one)
        assert {row.outcome for row in store.trace} == {"ok"}

    async def test_missing_is_told_from_found(self):
        store = quiet()
        await store.set("a", b"")
        await store.get("a")
        await store.get("b")
        await store.exists("b")
        await store.get_many(["b", "c"])
        await store.get_many(["a", "c"])
        await store.get_many([])
        await store.get_ranges("b", [RangeByteRequest(0, 1)])
        await store.is_empty("a")
        await store.set_if_not_exists("a", b"")
        found = [(row.method, row.outcome) for row in store.trace[1:]]
        assert found == [
            ("get", "ok"),
            ("get", "missing"),
            ("exists", "missing"),
            ("get_many", "missing"),
            ("get_many", "ok"),
            ("get_many", "ok"),
            ("get_ranges", "missing"),
            ("is_empty", "ok"),
            ("set_if_not_exists", "ok"),
        ]

    async def test_errors_are_recorded_by_name_and_raised(self):
        store = quiet(ReadOnlyStore(MemoryStore()))
        with pytest.raises(ReadOnlyError):
            await store.set("a", b"1")
        with pytest.raises(KeyNotFoundError):
            await store.getsize("a")
        with pytest.raises(InvalidByteRangeError):
            await store.get("a", byte_range=(0, 1))  # type: ignore[arg-type]
        outcomes = ["ReadOnlyError", "KeyNotFoundError", "InvalidByteRangeError"]
        assert [row.outcome for row in store.trace] == outcomes
        assert store.counter == {"set": 1, "getsize": 1, "get": 1}

    async def test_cancellation_is_recorded(self):
        store = quiet(LatencyStore(MemoryStore(), latency=30))
        for work in (store.get("a"), anext(store.list())):
            task = asyncio.ensure_future(work)
            await asyncio.sleep(0.01)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        assert [row.outcome for row in store.trace] == ["CancelledError"] * 2
        assert all(row.seconds < 30 for row in store.trace)

    async def test_the_ring_is_bounded(self):
        store = quiet(max_records=3)
        for i in range(10):
            await store.exists(str(i))
        assert [row.hint for row in store.trace] == ["7", "8", "9"]
        assert store.counter == {"exists": 10}

    async def test_wrappers_of_wrappers_record_each_their_own(self):
        inner = quiet()
        outer = quiet(inner)
        await outer.set("a", b"1")
        await outer.getsize_prefix("")
        assert outer.counter == inner.counter == {"set": 1, "getsize_prefix": 1}

    def test_calls_outside_of_a_loop_have_no_task(self):
        store = quiet()
        with contextlib.suppress(StopIteration):
            store.get("a").send(None)
        assert store.trace[0].task == ""


class TestListings:
    async def test_a_listing_is_one_record_when_it_ends(self):
        store = quiet()
        await store._store.set_many({f"k/{i}": b"12" for i in range(7)})
        keys = store.list_prefix("k")
        await anext(keys)
        assert store.trace == []
        [key async for key in keys]
        [entry async for entry in store.list_entries("k")]
        [batch async for batch in store.scan()]
        for row in store.trace:
            assert (row.nitems, row.outcome, row.nbytes_out) == (7, "ok", 0)
        assert [row.prefix for row in store.trace] == ["k", "k", ""]

    async def test_a_listing_that_is_left_is_stopped(self):
        store = quiet()
        await store._store.set_many({f"k/{i}": b"12" for i in range(7)})
        async with contextlib.aclosing(store.list()) as keys:
            await anext(keys)
            await anext(keys)
        (row,) = store.trace
        assert (row.outcome, row.nitems) == ("stopped", 2)

    async def test_a_listing_that_fails_says_how(self):
        class Broken(MemoryStore):
            @override
            async def _list(self, prefix: str) -> Any:
                yield ["a"]
                raise BackendError(prefix, "gone")

        store = quiet(Broken())
        with pytest.raises(BackendError):
            [key async for key in store.list()]
        (row,) = store.trace
        assert (row.outcome, row.nitems) == ("BackendError", 1)

    async def test_the_time_of_the_caller_does_not_count(self):
        store = quiet()
        await store._store.set_many({"a": b"", "b": b""})
        started, of_the_caller = time.perf_counter(), 0.0
        async for _ in store.list():
            began = time.perf_counter()
            await asyncio.sleep(0.05)
            of_the_caller += time.perf_counter() - began
        took = time.perf_counter() - started
        assert store.trace[0].seconds <= took - of_the_caller
        slow = quiet(LatencyStore(store._store, latency=0.1))
        [key async for key in slow.list()]
        assert slow.trace[0].seconds >= 0.1


class TestSubscribers:
    async def test_subscribers_hear_of_each_call(self):
        store, told = quiet(), list[Record]()
        store.subscribe(told.append)
        await store.exists("a")
        [key async for key in store.list()]
        assert told == store.trace
        store.unsubscribe(told.append)
        await store.exists("b")
        assert len(told) == 2

    async def test_a_failing_subscriber_never_breaks_a_call(self):
        store = quiet()
        store.subscribe(lambda record: record.no_such_field)  # type: ignore[attr-defined]
        with pytest.warns(ZStoreWarning, match="no_such_field"):
            await store.set("a", b"1")
        assert await store.get_bytes("a") == b"1"


class TestLog:
    async def test_a_block_is_one_call_of_its_function(
        self, caplog: pytest.LogCaptureFixture
    ):
        store = LoggingStore(MemoryStore(), log_handler=logging.NullHandler())

        def rebuild() -> None:
            with store.log("some/key"):
                pass

        rebuild()
        assert store.counter == {"rebuild": 1}
        assert caplog.messages[0] == " Calling MemoryStore.rebuild(some/key)"
        assert len(caplog.messages) == 2
        assert store.trace[0].keys == ("some/key",)

    async def test_a_block_that_fails_is_recorded(self):
        store = quiet()
        with pytest.raises(LookupError), store.log():
            raise LookupError
        (row,) = store.trace
        assert (row.method, row.outcome, row.keys) == (
            "test_a_block_that_fails_is_recorded",
            "LookupError",
            (),
        )
