"""The explorer in JupyterLab with a busy kernel, a slow store, errors, and other views."""

from pathlib import Path

from playwright.sync_api import expect

from tests.browser.conftest import Report, RunNotebook
from tests.browser.demo_tree import DEMO, row
from tests.browser.lab import (
    blocking_cell,
    kernel_blocked,
    kernel_eval,
    run_all,
    save,
)

SLOW = """
import asyncio
from zstore import MemoryStore
from zstore_widgets import explore

class Slow(MemoryStore):
    holds = False

    async def list_entries(self, prefix="", **kwargs):
        if prefix:
            await asyncio.sleep(2.5)
        while prefix and Slow.holds:
            await asyncio.sleep(0.05)
        async for batch in super().list_entries(prefix, **kwargs):
            yield batch

explorer = explore(Slow({"a/b": b"1", "a/d": b"1", "c": b"2"}))
explorer._channel._patience = 60
explorer"""
FLAKY = """
from zstore import MemoryStore
from zstore_widgets import explore

class Flaky(MemoryStore):
    broken = True

    async def list_entries(self, prefix="", **kwargs):
        if prefix and Flaky.broken:
            raise PermissionError(13, "the door is locked", "/srv/somebody/secret")
        async for batch in super().list_entries(prefix, **kwargs):
            yield batch

explorer = explore(Flaky({"a/b": b"1", "c": b"2"}))
explorer"""
# Each banner that is shown from now on.
BANNERS = """() => {
  window.banners = [];
  new MutationObserver(() => {
    const banner = document.querySelector(".zs-banner");
    if (banner) window.banners.push(banner.textContent);
  }).observe(document.body, { childList: true, subtree: true });
}"""


def test_an_error_stays_in_its_row_and_can_be_tried_again(notebook: RunNotebook):
    page = notebook(FLAKY)
    row(page, "a").dblclick()
    problem = page.get_by_role("treeitem").filter(has_text="the door is locked")
    expect(problem).to_be_visible()
    expect(page.locator(".zs").first).not_to_contain_text("/srv/somebody")
    assert "PermissionError" in kernel_eval(page, "print(repr(explorer.last_error))")
    kernel_eval(page, "Flaky.broken = False")
    page.keyboard.press("ArrowDown")
    expect(problem).to_have_attribute("data-active", "true")
    page.keyboard.press("Enter")
    expect(problem).to_have_count(0)
    expect(row(page, "b")).to_have_attribute("data-active", "true")


def test_it_answers_while_a_cell_computes(
    notebook: RunNotebook, report: Report, tmp_path: Path
):
    page = notebook(DEMO, "explore(store)")
    # From then on no message waits for the main thread of the kernel.
    page.locator(".zs[data-ready=true]").wait_for()
    with kernel_blocked(page, tmp_path / "gate"):
        start = page.evaluate("() => Date.now()")
        row(page, "ocean").dblclick()
        expect(page.locator("[role=treeitem][aria-level='2']").first).to_be_visible()
        milliseconds = page.evaluate("() => Date.now()") - start
    report("a folder opens while a cell sleeps, after", f"{milliseconds:.0f} ms")


def test_a_view_that_has_to_wait_for_a_cell_says_so(notebook: RunNotebook, tmp_path: Path):
    gate = tmp_path / "gate"
    page = notebook(f"{DEMO}\nexplore(store)", blocking_cell(gate), run=False)
    run_all(page, wait=False)
    banner = page.locator(".zs-banner")
    expect(banner).to_have_text("Waiting: the kernel is busy.")
    gate.touch()
    expect(banner).to_have_count(0)
    expect(row(page, "ocean")).to_be_visible()


def test_a_slow_store_is_not_taken_for_a_busy_kernel(notebook: RunNotebook):
    page = notebook(SLOW, run=False)
    page.evaluate(BANNERS)
    run_all(page)
    row(page, "a").dblclick()
    expect(row(page, "b")).to_be_visible()
    assert page.evaluate("() => window.banners") == []


def test_the_focus_stays_on_rows_that_stay(notebook: RunNotebook):
    page = notebook(SLOW)
    expect(row(page, "c")).to_be_visible()
    kernel_eval(page, "Slow.holds = True")
    page.get_by_role("tree", name="Keys of the store").focus()
    active = page.locator("[role=treeitem][data-active=true] .zs-name")
    for key, name in [
        *[("Home", "a"), ("ArrowRight", "a")],
        # "Loading…" stands below it now.
        *[("ArrowRight", "a"), ("ArrowDown", "c"), ("ArrowUp", "a")],
    ]:
        page.keyboard.press(key)
        expect(active).to_have_text(name)
    assert row(page, "b").count() == 0
    kernel_eval(page, "Slow.holds = False")
    expect(row(page, "b")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(active).to_have_text("b")


def test_two_views_of_one_explorer_do_not_disturb_each_other(notebook: RunNotebook):
    page = notebook(DEMO, "explorer = explore(store)\nexplorer", "explorer")
    first, second = page.locator(".zs").nth(0), page.locator(".zs").nth(1)
    expect(row(first, "ocean")).to_be_visible()
    row(second, "ocean").dblclick()
    expect(second.locator("[role=treeitem][aria-level='2']").first).to_be_visible()
    expect(first.locator("[role=treeitem][aria-level='2']")).to_have_count(0)
    # Closed in the kernel, it is gone from the page.
    kernel_eval(page, "explorer.close()")
    expect(page.locator(".zs [role=treeitem]")).to_have_count(0)


def test_a_page_that_is_loaded_again_shows_the_widget_again(notebook: RunNotebook):
    page = notebook(DEMO, "explore(store)")
    expect(row(page, "ocean")).to_be_visible()
    save(page)
    page.reload()
    expect(row(page, "ocean")).to_be_visible(timeout=240_000)
    row(page, "ocean").dblclick()
    expect(page.locator("[role=treeitem][aria-level='2']").first).to_be_visible()


def test_the_output_of_a_live_view_is_not_drawn_again(notebook: RunNotebook):
    page = notebook(DEMO, "explorer = explore(store)\nexplorer")
    row(page, "ocean").dblclick()
    expect(page.locator("[role=treeitem][aria-level='2']").first).to_be_visible()
    page.evaluate("() => { document.querySelector('.zs').dataset.mark = 'same'; }")
    kernel_eval(page, "explorer.reveal('README.md')")
    kernel_eval(page, "1")
    expect(page.locator(".zs[data-mark=same]")).to_have_count(1)
    expect(row(page, "README.md")).to_have_attribute("aria-selected", "true")
    expect(page.locator("[role=treeitem][aria-level='2']").first).to_be_visible()
