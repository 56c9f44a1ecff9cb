"""Values that attack: rows 3 to 5 and 8 to 11 of the threat model."""

import builtins
import sys
import time
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.attacked import monitor_of_evil_calls, outcome, press_tabs, select
from tests.browser.conftest import Show
from tests.browser.evil import VALUES, evil_store
from tests.browser.host import Host
from tests.widgets.front import Front
from zstore_widgets import explore

# What the browser is given to save, before it is let go.
KEEP_BLOBS = """() => {
  const make = URL.createObjectURL;
  window.blobs = [];
  URL.createObjectURL = (blob) => {
    window.blobs.push(blob);
    return make(blob);
  };
}"""

OPEN_BLOB = "(number) => { window.open(URL.createObjectURL(window.blobs[number])); }"


@pytest.mark.parametrize("key", ["v/pic.svg", "v/page.html", "v/readme.md", "v/table.csv"])
def test_row_03_markup_is_shown_as_text(show: Show, key: str):
    view = explore(evil_store())
    page = show(view)
    pane = select(page, view, key)
    expect(pane).to_contain_text("window.ran")
    press_tabs(page, pane)


def test_row_03_what_opens_in_a_tab_of_its_own_runs_nothing(show: Show):
    view = explore(evil_store())
    page = show(view)
    page.evaluate(KEEP_BLOBS)
    for key in ("v/page.html", "v/pic.svg"):
        # There is no picture that could be opened, and what is saved is no page.
        pane = select(page, view, key)
        assert pane.locator("img, svg image, embed, object, iframe").count() == 0
        with page.expect_download():
            page.get_by_role("button", name="Download the value").click()
    kinds = page.evaluate("() => window.blobs.map((blob) => blob.type)")
    assert kinds == ["application/octet-stream"] * 2
    for number in range(2):
        with page.context.expect_page() as opened, page.expect_event("download"):
            page.evaluate(OPEN_BLOB, number)
        opened.value.close()
    assert page.evaluate("() => window.ran") is None


def test_row_04_content_becomes_no_link(show: Show):
    view = explore(evil_store())
    page = show(view)
    for key in ("v/readme.md", "v/references.json", "v/names.json", "named/"):
        press_tabs(page, select(page, view, key))
        assert page.locator(".zs a[href]").count() == 0


def test_row_05_nothing_is_fetched_and_no_cell_is_a_formula(show: Show):
    view = explore(evil_store())
    page = show(view)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for key in VALUES:
        if key != "v/zarr.json":
            select(page, view, key)
    assert [url for url in asked if not url.startswith(("data:", "blob:"))] == []
    monitor = monitor_of_evil_calls()
    for line in monitor.to_csv().splitlines()[1:]:
        for cell in line.split(","):
            assert cell.lstrip('"')[:1] not in {"=", "@", "\t", "\r"}
    monitor.close()


@pytest.mark.parametrize(
    "key", ["v/deep.json", "v/wide.json", "v/bigint.json", "v/line.txt", "v/names.json"]
)
def test_row_08_a_flood_is_cut(show: Show, host: Host, key: str):
    view = explore(evil_store())
    page = show(view)
    start = time.monotonic()
    pane = select(page, view, key)
    press_tabs(page, pane)
    assert time.monotonic() - start < 240
    assert host.largest <= 256 * 1024
    expect(pane.get_by_role("alert")).to_have_count(0)


def test_row_09_a_bomb_is_not_unpacked():
    front = Front(explore(evil_store()))
    tracemalloc.start()
    try:
        for name, args in [
            ("value_head", {"key": "v/bomb.gz"}),
            ("value_head", {"key": "v/huge.png"}),
            ("value_image", {"key": "v/huge.png"}),
            ("slice", {"path": "bomb"}),
        ]:
            outcome(front, name, args)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    front.view.close()
    assert peak < 64 * 2**20


def test_row_10_nothing_is_unpickled():
    front = Front(explore(evil_store()))
    for key in ("v/object.pkl", "v/object.npy", "pickled/0"):
        outcome(front, "value_head", {"key": key})
    for path in ("pickled", "v", "bomb", "named"):
        for name in ("describe", "slice", "chunk_map", "stored"):
            outcome(front, name, {"path": path})
    front.view.close()
    assert not hasattr(builtins, "PICKLE_RAN")


@pytest.fixture
def opened() -> Iterator[list[str]]:
    """What is opened and connected to while a test runs."""
    events: list[str] = []
    watching = [True]

    def hear(event: str, args: tuple[Any, ...]) -> None:
        if watching[0] and event in {"open", "socket.connect", "socket.getaddrinfo"}:
            events.append(f"{event} {args[0] if event == 'open' else args!r}")

    # It cannot be taken away again, only told to hear nothing.
    sys.addaudithook(hear)
    yield events
    watching[0] = False


def test_row_11_no_reference_in_a_value_is_followed(opened: list[str]):
    front = Front(explore(evil_store()))
    for key in ("v/references.json", "v/page.html", "v/pic.svg", "v/readme.md"):
        outcome(front, "value_head", {"key": key})
        outcome(front, "value_image", {"key": key})
        outcome(front, "value_text", {"key": key, "start": 0, "encoding": "utf-8"})
    front.view.close()
    outside = [each for each in opened if "/etc/" in each or "evil.example" in each]
    assert outside == []
