"""The ring of records, and those who listen."""

import asyncio
import threading
import time
import warnings
from typing import Any

import pytest

from zstore._compat import override
from zstore.errors import InvalidTypeError, ZStoreWarning
from zstore.wrappers.trace import Record, Result, Trace

OK: Result = ("ok", 0, 0)


def add(trace: Trace, key: str, clock: float | None = None) -> None:
    when = time.perf_counter() if clock is None else clock
    trace.add({"method": "get", "keys": (key,)}, when, 0.5, OK)


def test_the_ring_keeps_the_last_records():
    trace = Trace(3)
    for i in range(10):
        add(trace, str(i))
    assert [record.keys for record in trace.records()] == [("7",), ("8",), ("9",)]
    trace.clear()
    assert trace.records() == []


def test_a_ring_of_no_records_keeps_none_but_tells_them():
    trace, told = Trace(0), list[Record]()
    trace.subscribe(told.append)
    add(trace, "a")
    assert trace.records() == []
    assert [record.hint for record in told] == ["a"]


@pytest.mark.parametrize("bad", [-1, 1.5, None, True])
def test_the_length_of_the_ring_is_a_number(bad: Any):
    with pytest.raises(InvalidTypeError, match="max_records"):
        Trace(bad)


def test_what_was_not_said_of_a_call_has_a_default():
    trace = Trace(1)
    trace.add({"method": "list"}, 1.0, 0.5, ("stopped", 0, 7))
    (record,) = trace.records()
    assert record[1:] == (1.0, 0.5, "list", (), None, (), 0, 0, 7, "stopped", "")


def test_the_start_is_the_time_of_day():
    trace = Trace(10)
    for _ in range(3):
        before = time.time()
        add(trace, "a")
        assert before - 0.05 <= trace.records()[-1].start <= time.time() + 0.05


def test_a_clock_that_was_set_is_noticed(monkeypatch: pytest.MonkeyPatch):
    trace = Trace(10)
    add(trace, "a", clock=100.0)
    really = time.time
    monkeypatch.setattr(time, "time", lambda: really() + 3600)
    add(trace, "b", clock=100.5)
    add(trace, "c", clock=101.5)
    starts = [record.start for record in trace.records()]
    assert starts[1] - starts[0] == pytest.approx(0.5, abs=0.01)
    assert starts[2] - starts[0] == pytest.approx(3601.5, abs=0.1)


async def test_records_name_their_task():
    trace = Trace(10)

    async def work() -> None:
        add(trace, "a")

    await asyncio.create_task(work(), name="a worker")
    assert trace.records()[0].task == "a worker"


def test_subscribers_come_and_go():
    trace, told = Trace(10), list[Record]()
    trace.subscribe(told.append)
    trace.subscribe(told.append)
    add(trace, "a")
    assert len(told) == 1
    trace.unsubscribe(told.append)
    trace.unsubscribe(print)
    add(trace, "b")
    assert len(told) == 1


def test_a_failing_subscriber_is_dropped_and_the_others_are_told():
    trace, told = Trace(10), list[Record]()

    def fail(_: Record) -> None:
        msg = "no view any more"
        raise LookupError(msg)

    trace.subscribe(fail)
    trace.subscribe(told.append)
    with pytest.warns(ZStoreWarning, match="no view any more"):
        add(trace, "a")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        add(trace, "b")
    assert [record.hint for record in told] == ["a", "b"]


def test_records_can_be_read_while_threads_add_some():
    trace = Trace(500)

    def work() -> None:
        for _ in range(3000):
            add(trace, "a")

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        assert {record.keys for record in trace.records()} <= {("a",)}
    assert len(trace.records()) == 500


def test_reading_begins_again_if_a_record_came_meanwhile():
    trace = Trace(5)
    add(trace, "a")

    class Disturbed(list[Any]):
        times = 0

        @override
        def __iter__(self) -> Any:
            type(self).times += 1
            if self.times == 1:
                msg = "deque mutated during iteration"
                raise RuntimeError(msg)
            return super().__iter__()

    trace._rows = Disturbed(trace._rows)  # type: ignore[assignment]
    assert len(trace.records()) == 1
