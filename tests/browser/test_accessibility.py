"""No view has a serious fault of accessibility, light and dark, in each of its states."""

from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import SCRIPT, serious_faults
from tests.browser.conftest import Show
from tests.fakes import DictStore
from zstore import LoggingStore, MemoryStore
from zstore.demo import write_demo
from zstore.sync import run
from zstore_widgets import BufferInspector, CallMonitor, SizeMap, explore
from zstore_widgets.view import View


@pytest.fixture(scope="module")
def demo() -> DictStore:
    """The demo store, in memory."""
    store = DictStore()
    run(write_demo(store))
    return store


def explorer(demo: DictStore) -> View:
    return explore(demo)


def size_map(demo: DictStore) -> View:
    return SizeMap(demo)


def call_monitor(demo: DictStore) -> View:
    log = LoggingStore(demo, log_level="ERROR")
    monitor = CallMonitor(log)
    with monitor.recording("chunks"):
        for index in range(3):
            run(log.get(f"atmosphere/temperature/c/{index}/0/0"))
        run(log.get("atmosphere/temperature/zarr.json"))
        run(log.get("none"))
    return monitor


def buffer_inspector(_demo: DictStore) -> View:
    return BufferInspector(np.arange(1000, dtype="float32"))


VIEWS = [explorer, size_map, call_monitor, buffer_inspector]


def press_tabs(page: Page) -> list[str]:
    """Look at a view and at what each of its tabs shows; return the faults."""
    expect(page.locator(".zs[data-ready=true]")).to_have_count(1)
    page.wait_for_timeout(500)
    faults = serious_faults(page)
    for tab in page.locator(".zs").get_by_role("tab").all():
        tab.click()
        page.wait_for_timeout(400)
        faults += [f"{tab.inner_text()}: {each}" for each in serious_faults(page)]
    return faults


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("make", VIEWS)
def test_axe_finds_no_serious_fault(
    show: Show, demo: DictStore, make: Callable[[DictStore], View], dark: bool
):
    page = show(make(demo), dark=dark)
    assert press_tabs(page) == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("key", ["atmosphere/temperature/", "README.md", "ocean/"])
def test_axe_finds_no_serious_fault_in_the_details(
    show: Show, demo: DictStore, key: str, dark: bool
):
    view = explore(demo)
    page = show(view, dark=dark)
    view.reveal(key)
    name = key.rstrip("/").rpartition("/")[2]
    heading = page.get_by_role("region", name="Details").get_by_role("heading").first
    expect(heading).to_contain_text(name)
    assert press_tabs(page) == []


@pytest.mark.parametrize("make", [explorer, size_map])
def test_axe_finds_no_serious_fault_in_an_empty_store(
    show: Show, make: Callable[[DictStore], View]
):
    page = show(make(DictStore()), width=400)
    assert press_tabs(page) == []


def test_axe_finds_no_serious_fault_where_nothing_was_called_yet(show: Show):
    page = show(CallMonitor(LoggingStore(MemoryStore())))
    assert press_tabs(page) == []


def test_axe_sees_a_fault_where_there_is_one(show: Show):
    page = show(BufferInspector(b"abc"))
    page.evaluate(
        """() => {
          const button = document.createElement("button");
          document.querySelector(".zs").append(button);
        }"""
    )
    assert "button-name" in "".join(serious_faults(page))
    assert SCRIPT.is_file()
