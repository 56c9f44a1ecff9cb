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


def no_calls(_demo: DictStore) -> View:
    return CallMonitor(LoggingStore(MemoryStore()))


def buffer_inspector(_demo: DictStore) -> View:
    return BufferInspector(np.arange(1000, dtype="float32"))


def empty_explorer(_demo: DictStore) -> View:
    return explore(DictStore())


def empty_size_map(_demo: DictStore) -> View:
    return SizeMap(DictStore())


THEME = "(light) => { document.documentElement.dataset.jpThemeLight = light; }"
VIEWS = [size_map, call_monitor, no_calls, buffer_inspector]
EMPTY = [empty_explorer, empty_size_map]


def press_tabs(page: Page) -> list[str]:
    """Look at a view and at what each of its tabs shows; return the faults."""
    view = page.locator(".zs")
    expect(page.locator(".zs[data-ready=true]")).to_have_count(1)
    faults = look(page, "at first")
    for tab in view.get_by_role("tab").all():
        if tab.get_attribute("aria-selected") == "false":
            tab.click()
            faults += look(page, tab.inner_text())
    return faults


def look(page: Page, where: str) -> list[str]:
    """Return the faults of what is shown, once it is there: in light, then in dark."""
    expect(page.locator(".zs .zs-spinner")).to_have_count(0)
    faults = []
    for light in ("true", "false"):
        page.evaluate(THEME, light)
        # Nothing but colours differs in the dark.
        rules = None if light == "true" else ["color-contrast"]
        faults += [f"{where}: {each}" for each in serious_faults(page, rules=rules)]
    return faults


@pytest.mark.parametrize("make", VIEWS)
def test_axe_finds_no_serious_fault(
    show: Show, demo: DictStore, make: Callable[[DictStore], View]
):
    assert press_tabs(show(make(demo))) == []


@pytest.mark.parametrize("make", EMPTY)
def test_axe_finds_no_serious_fault_where_there_is_nothing(
    show: Show, demo: DictStore, make: Callable[[DictStore], View]
):
    assert press_tabs(show(make(demo), width=400)) == []


def test_axe_finds_no_serious_fault_in_the_explorer(show: Show, demo: DictStore):
    view = explore(demo)
    page = show(view)
    assert press_tabs(page) == []
    heading = page.get_by_role("region", name="Details").get_by_role("heading").first
    for key in ("atmosphere/temperature/", "README.md", "ocean/"):
        view.reveal(key)
        expect(heading).to_contain_text(key.rstrip("/").rpartition("/")[2])
        assert press_tabs(page) == [], key


def test_axe_sees_a_fault_where_there_is_one(show: Show):
    page = show(BufferInspector(b"abc"))
    page.evaluate(
        """() => {
          const button = document.createElement("button");
          document.querySelector(".zs").append(button);
        }"""
    )
    assert "button-name" in "".join(serious_faults(page))
    assert serious_faults(page, rules=["color-contrast"]) == []
    page.evaluate("""() => {
      document.querySelector(".zs").style.color = "#888";
      document.querySelector(".zs").style.background = "#777";
    }""")
    assert "color-contrast" in "".join(serious_faults(page, rules=["color-contrast"]))
    assert SCRIPT.is_file()
