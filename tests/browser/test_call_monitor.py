"""The monitor of calls in a browser, fed by zarr in another thread."""

import threading
import time

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Show
from tests.browser.watched_store import filled, read_slice, run, run_apart, watched
from tests.waiting import wait_until
from zstore import LatencyStore
from zstore.wrappers.calls import Call
from zstore_widgets import CallMonitor


def test_before_the_first_call_the_view_says_how_to_make_one(show: Show, screenshot):
    page = show(CallMonitor(watched()))
    expect(page.locator(".zs-calls-empty")).to_contain_text("No calls yet")
    screenshot(page, "calls-empty")


def test_calls_appear_while_another_thread_makes_them(show: Show, screenshot):
    store = watched(LatencyStore(filled(), latency=0.02, jitter=0.03, seed=3))
    page = show(CallMonitor(store))
    expect(page.locator(".zs-calls-empty")).to_be_visible()
    thread = threading.Thread(target=read_slice, args=(store,), kwargs={"rows": 80})
    thread.start()
    expect(page.locator(".zs-calls-rows [role=option]").first).to_be_visible()
    thread.join()
    expect(page.locator(".zs-status-text")).to_contain_text(f"{len(store.trace)} calls")
    expect(page.locator(".zs-calls-rows")).to_contain_text("temp/c/3/3")
    expect(page.locator(".zs-calls-chip", has_text="get")).to_contain_text("35")
    screenshot(page, "calls-waterfall")


def test_a_chosen_row_shows_all_of_the_call(show: Show, screenshot):
    store = watched()

    async def batch() -> None:
        await store.get_many([f"temp/c/{row}/0" for row in range(8)])
        await store.get("nowhere")
        with pytest.raises(TypeError):
            await store.set("bad", None)  # type: ignore[arg-type]
        with pytest.raises(ValueError, match="key"):
            await store.get("../evil\u202e<img src=x onerror=alert(1)>")

    run(batch())
    page = show(CallMonitor(store), dark=True)
    rows = page.locator(".zs-calls-rows [role=option]")
    expect(rows).to_have_count(4)
    expect(rows.nth(1)).to_contain_text("\N{EN DASH} missing")
    expect(rows.nth(2)).to_contain_text("✕")
    expect(rows.nth(3)).to_contain_text("evil\\u202e<img src=x")
    rows.first.click()
    details = page.locator(".zs-calls-details")
    expect(details).to_contain_text("temp/c/7/0")
    expect(details.locator("li")).to_have_count(8)
    screenshot(page, "calls-details-dark")
    page.locator(".zs-calls-rows").press("ArrowDown")
    expect(details).to_contain_text("nowhere")
    page.locator(".zs-calls-rows").press("Escape")
    expect(details).to_have_count(0)


def test_filters_choose_by_method_key_and_error(show: Show):
    store = watched()
    read_slice(store)
    with pytest.raises(ValueError, match="key"):
        run(store.get("a//b"))
    page = show(CallMonitor(store))
    rows = page.locator(".zs-calls-rows [role=option]")
    page.get_by_label("Show calls whose key contains").fill("temp/c/0")
    expect(rows).to_have_count(4)
    page.get_by_label("Show calls whose key contains").fill("")
    page.get_by_role("button", name="Errors only").click()
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("InvalidKeyError")
    page.locator(".zs-calls-chip", has_text="ensure_open").click()
    expect(page.locator(".zs-calls-none")).to_be_visible()
    page.get_by_role("button", name="Show all").click()
    expect(rows).to_have_count(len(store.trace))


def test_pause_freezes_the_view_and_not_the_recording(show: Show):
    store = watched()
    run(store.get("temp/zarr.json"))
    page = show(CallMonitor(store))
    rows = page.locator(".zs-calls-rows [role=option]")
    page.get_by_label("in view").select_option("all")
    expect(rows).to_have_count(1)
    page.get_by_role("button", name="Pause").click()
    run(store.get("salt/zarr.json"))
    expect(page.locator(".zs-status-text")).to_contain_text("2 calls")
    expect(rows).to_have_count(1)
    page.get_by_role("button", name="Paused").click()
    expect(rows).to_have_count(2)
    page.get_by_role("button", name="Clear").click()
    expect(page.locator(".zs-calls-empty")).to_be_visible()
    assert len(store.trace) == 2


def test_the_overview_chooses_a_span_of_time(show: Show):
    store = watched()
    # The trace of three calls, however long this machine took to make them.
    start = time.perf_counter() - 1
    for at, key in enumerate("abc"):
        call: Call = {"method": "get", "keys": (key,)}
        store._trace.add(call, start + 0.2 * at, 0.001, ("ok", 0, 1))
    page = show(CallMonitor(store))
    rows = page.locator(".zs-calls-rows [role=option]")
    expect(rows).to_have_count(3)
    box = page.locator(".zs-calls-overview svg").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.7, box["y"] + 10)
    page.mouse.up()
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("b")
    page.get_by_label("in view").select_option("all")
    expect(rows).to_have_count(3)


def test_a_burst_of_100_000_calls_stays_bounded(show: Show, host, screenshot, capsys):
    store = watched()
    page = show(CallMonitor(store))
    expect(page.locator(".zs-calls-empty")).to_be_visible()

    async def burst() -> float:
        start = time.perf_counter()
        for number in range(99_999):
            await store.get("temp/zarr.json" if number % 2 else "temp/c/0/0")
        await store.get("the/end")
        return time.perf_counter() - start

    shown = run_apart(burst())
    rows = page.locator(".zs-calls-rows [role=option]")
    last = rows.filter(has_text="the/end")
    expect(page.locator(".zs-status-text")).to_contain_text(
        "100,000 calls · the last 10,000 shown"
    )
    expect(rows.first).to_contain_text("50 calls")
    page.locator(".zs-calls-rows").press("End")
    expect(last).to_contain_text("50 calls")
    assert host.largest <= 256 * 1024
    assert page.locator(".zs *").count() < 2_000
    screenshot(page, "calls-burst")
    last.click()
    expect(page.locator(".zs-calls-none")).to_have_count(0)
    expect(rows.first).to_contain_text("get")
    page.evaluate("window.unmount()")
    wait_until(lambda: store._trace._subscribers == ())
    hidden = run_apart(burst())
    with capsys.disabled():
        print(  # noqa: T201 -- a figure, and no assertion
            f"\n  a call: {shown * 10:.2f} us with the view shown, "
            f"{hidden * 10:.2f} us without; largest message {host.largest:,} bytes"
        )


def test_an_error_of_the_stream_is_said_and_can_be_tried_again(
    show: Show, screenshot, monkeypatch
):
    store = watched()
    run(store.get("temp/zarr.json"))

    def refuse(subscriber: object) -> None:
        msg = f"no room for {type(subscriber).__name__}"
        raise OSError(msg)

    monkeypatch.setattr(store, "subscribe", refuse)
    page = show(CallMonitor(store))
    expect(page.locator(".zs-problem")).to_contain_text("OSError: no room for method")
    screenshot(page, "calls-error")
    monkeypatch.undo()
    page.get_by_role("button", name="Retry").click()
    expect(page.locator(".zs-calls-rows [role=option]")).to_have_count(1)
    expect(page.locator(".zs-problem")).to_have_count(0)


def test_a_narrow_cell_keeps_method_key_and_bar(show: Show, screenshot):
    store = watched(LatencyStore(filled(), latency=0.005, jitter=0.02, seed=1))
    read_slice(store, rows=80)
    page = show(CallMonitor(store), width=400)
    expect(page.locator(".zs-calls-rows [role=option]").first).to_be_visible()
    screenshot(page, "calls-narrow")
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert not wide
