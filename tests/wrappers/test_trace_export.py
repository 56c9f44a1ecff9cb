"""Traces for other programs."""

import json
from typing import Any

from zstore import LoggingStore, MemoryStore
from zstore.ranges import OffsetByteRequest, RangeByteRequest, SuffixByteRequest
from zstore.wrappers.trace import Record
from zstore.wrappers.trace_export import as_chrome_trace, as_json_lines


def record(clock: float, seconds: float, name: str = "a", **other: Any) -> Record:
    row = Record(
        1.7e9 + clock, clock, seconds, "get", (name,), None, (), 0, 5, 0, "ok", "Task-1"
    )
    return row._replace(**other)


def test_each_line_is_one_record():
    records = [
        record(1.0, 0.5),
        record(2.0, 0.5, "ü\n", byte_ranges=(None, RangeByteRequest(1, 2))),
        record(
            3.0, 0.5, byte_ranges=(OffsetByteRequest(3), SuffixByteRequest(4)), outcome="X"
        ),
    ]
    text = as_json_lines(records)
    assert text.endswith("\n")
    rows = [json.loads(line) for line in text.splitlines()]
    assert len(rows) == 3
    assert [set(row) for row in rows] == [set(Record._fields)] * 3
    assert rows[0]["keys"] == ["a"]
    assert rows[1]["keys"] == ["ü\n"]
    assert rows[1]["byte_ranges"] == [None, {"start": 1, "end": 2}]
    assert rows[2]["byte_ranges"] == [{"offset": 3}, {"suffix": 4}]
    assert rows[2]["outcome"] == "X"
    assert as_json_lines([]) == ""


def test_impossible_arguments_are_exported_too():
    odd = record(1.0, 0.5, byte_ranges=((0, 4), RangeByteRequest, {1}), keys=(7, "\ud800"))
    row = json.loads(as_json_lines([odd]))
    assert row["byte_ranges"][0] == [0, 4]
    assert row["keys"] == [7, "\ud800"]
    assert json.loads(as_chrome_trace([odd]))


def test_the_chrome_trace_has_complete_events_in_microseconds():
    trace = json.loads(as_chrome_trace([record(1.5, 0.25, prefix="p"), record(3.0, 0.5)]))
    assert trace["displayTimeUnit"] == "ms"
    events = [event for event in trace["traceEvents"] if event["ph"] == "X"]
    assert len(events) == 2
    first = events[0]
    assert (first["name"], first["cat"]) == ("get", "ok")
    assert (first["ts"], first["dur"]) == (1.5e6, 0.25e6)
    assert first["args"]["prefix"] == "p"
    assert first["args"]["task"] == "Task-1"
    for event in events:
        assert isinstance(event["pid"], int)
        assert isinstance(event["tid"], int)


def test_calls_at_once_stand_on_lanes_of_their_own():
    #   a: 0----2   b: 1--------4   c: 2---3   d: 3----5   e: 10-11
    rows = [
        record(0, 2, "a"),
        record(1, 3, "b"),
        record(2, 1, "c"),
        record(3, 2, "d"),
        record(10, 1, "e"),
    ]
    events = json.loads(as_chrome_trace(reversed(rows)))["traceEvents"]
    lanes = {e["args"]["keys"][0]: e["tid"] for e in events if e["ph"] == "X"}
    assert lanes == {"a": 1, "b": 2, "c": 1, "d": 1, "e": 1}
    names = {e["tid"]: e["args"]["name"] for e in events if e["ph"] == "M"}
    assert names == {1: "lane 1", 2: "lane 2"}


def test_no_two_events_of_a_lane_overlap():
    rows = [record(i * 0.37 % 7, 0.1 + i * 0.13 % 1, str(i)) for i in range(200)]
    events = json.loads(as_chrome_trace(rows))["traceEvents"]
    ends: dict[int, float] = {}
    for event in [event for event in events if event["ph"] == "X"]:
        assert event["ts"] >= ends.get(event["tid"], 0) - 1e-3
        ends[event["tid"]] = event["ts"] + event["dur"]
    assert len(ends) > 1


async def test_a_store_exports_its_trace():
    store = LoggingStore(MemoryStore(), "CRITICAL")
    await store.set("a", b"123")
    await store.get("a")
    rows = [json.loads(line) for line in store.to_json_lines().splitlines()]
    assert [row["method"] for row in rows] == ["set", "get"]
    events = json.loads(store.to_chrome_trace())["traceEvents"]
    assert [event["name"] for event in events if event["ph"] == "X"] == ["set", "get"]
