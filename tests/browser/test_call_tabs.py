"""The tabs of the monitor beside the list of calls, and its exports."""

import csv
import io
import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Show
from tests.browser.watched_store import filled, open_tab, read_slice, run, watched
from zstore import LatencyStore
from zstore_widgets import CallMonitor

AXE = Path(__file__).parents[2] / "widgets/node_modules/axe-core/axe.min.js"


def test_charts_have_words(show: Show, screenshot):
    store = watched(LatencyStore(filled(), latency=0.01, jitter=0.04, seed=3))
    read_slice(store, rows=80)
    page = show(CallMonitor(store))
    open_tab(page, "Charts")
    expect(page.locator(".zs-calls-chart svg").first).to_have_attribute(
        "aria-label", re.compile(f"^Latency of {len(store.trace)} calls")
    )
    expect(page.locator(".zs-calls-chart")).to_have_count(3)
    screenshot(page, "calls-charts")


def test_two_recordings_stand_side_by_side(show: Show, screenshot):
    store = watched(LatencyStore(filled(), latency=0.01))
    monitor = CallMonitor(store)
    page = show(monitor)
    open_tab(page, "Compare")
    expect(page.locator(".zs-calls-empty")).to_contain_text("No recordings yet")
    keys = [f"temp/c/{row}/0" for row in range(8)]

    async def one_by_one() -> None:
        for key in keys:
            await store.get(key)

    with monitor.recording("one by one"):
        run(one_by_one())
    with monitor.recording("all at once"):
        run(store.get_many(keys))
    words = page.locator(".zs-calls-words")
    expect(words).to_contain_text("7 calls fewer · as many bytes read")
    expect(page.locator(".zs-table")).to_contain_text("get_many")
    screenshot(page, "calls-compare")


def test_an_estimate_follows_its_assumptions(show: Show, screenshot):
    store = watched()

    async def ten() -> None:
        for number in range(10):
            await store.get(f"temp/c/0/{number}")

    run(ten())
    page = show(CallMonitor(store))
    open_tab(page, "Estimate")
    verdict = page.locator(".zs-calls-verdict")
    expect(verdict).to_contain_text("300 ms")
    page.get_by_label("latency").fill("100")
    expect(verdict).to_contain_text("1 s")
    screenshot(page, "calls-estimate")
    page.get_by_label("connections").fill("0")
    expect(page.locator(".zs-problem")).to_contain_text("connections 1 or more")


def test_chunks_that_a_slice_hits_are_counted_and_coloured(show: Show, screenshot):
    store = watched()
    monitor = CallMonitor(store)
    page = show(monitor)
    open_tab(page, "Chunks")
    expect(page.locator(".zs-calls-empty")).to_contain_text("No array")
    read_slice(store)
    words = page.locator(".zs-calls-words")
    expect(words).to_contain_text("8 chunks read, none of them twice")
    read_slice(store, rows=8)
    expect(words).to_contain_text("8 chunks read, 4 of them twice")
    pad = page.locator(".zs-pad")
    box = pad.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 4, box["y"] + 4)
    expect(page.locator(".zs-tip")).to_contain_text("touched 2 times, first as number 1")
    screenshot(page, "calls-chunks")
    before = len(store.trace)
    page.get_by_role("button", name="Refresh").click()
    page.get_by_label("that was").select_option("written")
    expect(words).to_contain_text("no chunk written")
    assert len(store.trace) == before


def test_rows_are_saved_as_files(show: Show):
    store = watched()
    run(store.get("temp/zarr.json"))
    with pytest.raises(ValueError, match="key"):
        run(store.get("=HYPERLINK(1)//"))
    page = show(CallMonitor(store))
    saved = {}
    for name in ("CSV", "JSON lines", "Chrome trace"):
        with page.expect_download() as download:
            page.get_by_role("button", name=name).click()
        saved[name] = download.value.path().read_text()
    rows = list(csv.DictReader(io.StringIO(saved["CSV"])))
    assert [row["key"] for row in rows] == ["temp/zarr.json", "'=HYPERLINK(1)//"]
    assert json.loads(saved["JSON lines"].splitlines()[0])["method"] == "get"
    assert len(json.loads(saved["Chrome trace"])["traceEvents"]) >= 2


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_no_fault_in_any_tab(show: Show, *, dark: bool):
    store = watched()
    monitor = CallMonitor(store)
    for label in ("one", "two"):
        with monitor.recording(label):
            read_slice(store)
    page = show(monitor, dark=dark)
    page.evaluate(AXE.read_text())
    places = {
        "Calls": ".zs-calls-rows [role=option]",
        "Charts": ".zs-calls-chart",
        "Chunks": ".zs-pad",
        "Compare": ".zs-calls-picture",
        "Estimate": ".zs-calls-verdict",
    }
    for name, place in places.items():
        open_tab(page, name)
        expect(page.locator(place).first).to_be_visible()
        found = page.evaluate("axe.run('.zs').then((all) => all.violations)")
        assert [(each["id"], each["nodes"][0]["html"]) for each in found] == [], name
