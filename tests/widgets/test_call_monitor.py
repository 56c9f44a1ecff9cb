"""The kernel's side of the monitor, spoken to as a page does."""

import asyncio

import numpy as np
import pytest
import zarr

from tests.waiting import until
from tests.widgets.front import Front, KernelError
from tests.widgets.watching import values, watched
from zstore import (
    LoggingStore,
    MemoryStore,
    RangeByteRequest,
    Store,
    as_zarr,
    sync,
)
from zstore.errors import InvalidTypeError
from zstore_widgets import CallMonitor


@pytest.fixture
def array_store() -> LoggingStore[Store]:
    store = MemoryStore()
    array = zarr.create_array(
        as_zarr(store), name="ocean/temp", shape=(40, 60), chunks=(10, 10), dtype="f4"
    )
    array[:] = 1
    return watched(store)


def test_only_a_logging_store_can_be_watched():
    with pytest.raises(InvalidTypeError, match=r"store = LoggingStore\(store\)"):
        CallMonitor(MemoryStore())  # type: ignore[arg-type]


async def test_all_keys_and_ranges_of_one_call_are_told():
    store = watched()
    await store.set("a", b"0123456789")
    await store.get_ranges("a", [RangeByteRequest(0, 2), RangeByteRequest(4, 6)])
    await store.get_many([f"k{number}" for number in range(700)])
    front = Front(CallMonitor(store))
    found = []
    for record in store.trace[1:]:
        args = {"clock": record.clock, "duration": record.seconds}
        answer = await front.call("call_details", **args, method=record.method)
        found.append(answer.result)
    assert found[0]["ranges"] == ["0:2", "4:6"]
    assert found[0]["task"].startswith("Task-")
    assert len(found[1]["keys"]) == 500
    assert found[1]["nhidden"] == 200


async def test_a_call_that_the_trace_forgot_is_said_to_be_older():
    front = Front(CallMonitor(watched()))
    with pytest.raises(KernelError, match="this one is older"):
        await front.call("call_details", clock=1.0, duration=1.0, method="get")


async def test_recordings_are_told_compared_and_estimated():
    store = watched()
    monitor = CallMonitor(store)
    front = Front(monitor)
    watch = front.send("watch")
    with monitor.recording("one by one"):
        await store.get("a")
        await store.get("b")
    with monitor.recording("at once \u202e"):
        await store.get_many(["a", "b"])
    await until(
        lambda: any(
            len(value.get("news", {}).get("recordings", [])) == 2
            for value in values(front, watch)
        )
    )
    front.cancel(watch)
    answer = await front.call("compare_recordings", first=1, second=2)
    assert answer.result["words"].startswith("B: 1 call fewer")
    assert ["  get_many", "0", "1", "+1"] in [list(r) for r in answer.result["rows"]]
    assert [part["methods"] for part in answer.parts] == [["get"], ["get_many"]]
    assumed = {
        "latency": 0.1,
        "bandwidth": 1e6,
        "connections": 8,
        "price_get": 1.0,
        "price_put": 1.0,
        "price_out": 0.0,
    }
    one = await front.call("estimate_calls", source=1, **assumed)
    two = await front.call("estimate_calls", source=2, **assumed)
    assert one.result["seconds"] == pytest.approx(0.2)
    assert two.result["seconds"] == pytest.approx(0.1)
    assert one.result["cost"] == two.result["cost"] == pytest.approx(0.002)
    with pytest.raises(KernelError, match="no recording number 9"):
        await front.call("estimate_calls", source=9, **assumed)
    with pytest.raises(KernelError, match="connections 1 or more"):
        await front.call("estimate_calls", source=0, **{**assumed, "connections": 0})


async def test_the_heat_of_an_array_is_read_without_leaving_a_trace(array_store):
    def read() -> None:
        zarr.open_array(as_zarr(array_store), path="ocean/temp", mode="r")[5:25, 0:15]

    await asyncio.to_thread(read)
    ncalls = len(array_store.trace)
    front = Front(CallMonitor(array_store))
    seen = (await front.call("arrays_seen", source=0)).result
    assert seen == [
        {"path": "ocean/temp", "shape": "40 × 60", "stored": "chunks 10 × 10"}  # noqa: RUF001 -- as it is shown
    ]
    heat = await front.call("chunk_heat", path="ocean/temp", source=0, direction="read")
    assert heat.result["words"] == "6 chunks read, none of them twice"
    assert heat.result["counts"] == [4, 6]
    table = np.frombuffer(heat.buffers[0][0], dtype="<f8").reshape(5, 6)
    assert set(zip(*table[:2].tolist(), strict=True)) == {
        (row, column) for row in (0, 1, 2) for column in (0, 1)
    }
    assert len(array_store.trace) == ncalls
    with pytest.raises(KernelError, match="there is no array at 'ocean'"):
        await front.call("chunk_heat", path="ocean", source=0, direction="read")
    with pytest.raises(KernelError, match="InvalidKeyError"):
        await front.call("chunk_heat", path="a//b", source=0, direction="read")


async def test_exports_are_the_text_of_files():
    store = watched()
    await store.set("a", b"abc")
    monitor = CallMonitor(store)
    front = Front(monitor)
    for form, text in (
        ("csv", monitor.to_csv()),
        ("json lines", monitor.to_json_lines()),
        ("chrome trace", monitor.to_chrome_trace()),
    ):
        answer = await front.call("export_calls", source=0, form=form)
        content = b"".join(buffers[0] for buffers in answer.buffers)
        assert content.decode() == text


def test_text_is_the_same_on_every_run():
    def text() -> str:
        store = watched()
        monitor = CallMonitor(store)
        sync.run(store.set("a", b"abc"))
        sync.run(store.get("a"))
        return monitor.text()

    assert text() == text()
    assert text().splitlines() == [
        "CallMonitor(MemoryStore('memory://'))",
        "method  calls  read  written  errors",
        "get         1   3 B      0 B       0",
        "set         1   0 B      3 B       0",
    ]


async def test_html_has_percentiles_and_no_script():
    store = watched()
    monitor = CallMonitor(store)
    assert "No calls yet" in monitor.html()
    await store.get("<script>alert(1)</script>")
    assert "p90" in monitor.html()
    assert "<script" not in monitor.html()
