"""The explorer in a real JupyterLab, and in Notebook 7, as a person uses it."""

from pathlib import Path

from playwright.sync_api import expect

import zstore_widgets
from tests.browser.conftest import Report, RunNotebook, Screenshot
from tests.browser.demo_tree import DEMO, row
from tests.browser.drawing import open_folder, run_cell
from tests.browser.lab import (
    kernel_eval,
    save,
    use_theme,
)

WIDE = """
from zstore_widgets import explore
explorer = explore({f"wide/{number:06}": b"x" for number in range(100_000)})
explorer"""
# The kernel is told of a selection after a moment, not at each row that is passed.
TOLD = """
import time
for _ in range(600):
    if any("ensemble" in key for key in explorer.selection):
        break
    time.sleep(0.1)
print(explorer.selection)"""


def test_a_person_opens_expands_filters_and_sorts(
    notebook: RunNotebook, screenshot: Screenshot, report: Report
):
    page = notebook(DEMO, "explore(store)", run=False)
    page.evaluate(
        "() => window.jupyterapp.commands.execute('notebook:run-cell-and-select-next')"
    )
    drawn = run_cell(page, ".zs [role=treeitem] .zs-name", "ocean")
    milliseconds = f"{drawn.since_end:.0f} ms"
    report("explore() of the demo store is drawn after its cell", milliseconds)
    bundle = Path(zstore_widgets.__file__).parent / "static" / "store_explorer.js"
    report("the bundle of the widgets", f"{bundle.stat().st_size / 1000:.1f} kB")

    tree = page.get_by_role("tree", name="Keys of the store")
    expect(row(page, "atmosphere")).to_be_visible()
    row(page, "atmosphere").dblclick()
    expect(row(page, "temperature")).to_be_visible()
    screenshot(page, "lab-explorer-light")

    tree.focus()
    page.keyboard.press("/")
    page.keyboard.type("READ")
    expect(row(page, "README.md")).to_be_visible()
    expect(row(page, "ocean")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(row(page, "ocean")).to_be_visible()

    page.get_by_role("combobox", name="Sort by").select_option("size")
    expect(row(page, "zarr.json").first).to_be_visible()
    use_theme(page, "JupyterLab Dark")
    screenshot(page, "lab-explorer-dark")


def test_each_kind_of_value_has_its_preview(notebook: RunNotebook):
    page = notebook(DEMO, "explore(store)")
    row(page, "README.md").click()
    details = page.get_by_role("region", name="Details")
    details.get_by_role("tab", name="Value").click()
    expect(details).to_contain_text("climate")
    row(page, "zarr.json").click()
    details.get_by_role("tab", name="Value").click()
    expect(details).to_contain_text("node_type")
    row(page, "pictures").dblclick()
    picture = page.get_by_role("treeitem").filter(has_text=".png").first
    picture.click()
    details.get_by_role("tab", name="Value").click()
    expect(details.locator("img[src^='data:image/png']")).to_be_visible()
    row(page, "tables").dblclick()
    page.get_by_role("treeitem").filter(has_text=".csv").first.click()
    details.get_by_role("tab", name="Value").click()
    expect(details).to_contain_text(",")


def test_an_array_is_shown_as_a_picture_and_as_its_chunks(
    notebook: RunNotebook, screenshot: Screenshot
):
    page = notebook(DEMO, "explore(store)")
    row(page, "atmosphere").dblclick()
    row(page, "temperature").click()
    details = page.get_by_role("region", name="Details")
    expect(details).to_contain_text("float32")
    details.get_by_role("tab", name="Value").click()
    expect(details.locator("canvas").first).to_be_visible()
    expect(details.locator(".zs-spinner")).to_have_count(0)
    screenshot(page, "lab-explorer-array-light")
    details.get_by_role("tab", name="Chunks").click()
    expect(details).to_contain_text("chunks present")
    use_theme(page, "JupyterLab Dark")
    screenshot(page, "lab-explorer-chunks-dark")


def test_typing_in_the_tree_changes_no_cell(notebook: RunNotebook):
    page = notebook(DEMO, "explore(store)", "1 + 1")
    cells = page.locator(".jp-Notebook .jp-Cell")
    before = cells.count()
    expect(row(page, "ocean")).to_be_visible()
    page.get_by_role("tree", name="Keys of the store").focus()
    # Commands of a notebook: new cells, delete, cut, save, change to Markdown, restart.
    page.keyboard.type("abddxym00")
    for key in ("ArrowDown", "ArrowUp", "Home", "End", " ", "*", "Escape"):
        page.keyboard.press(key)
    page.keyboard.press("Shift+ArrowDown")
    # What a command would do is done when the next command was.
    save(page)
    assert cells.count() == before
    assert page.locator(".jp-MarkdownCell").count() == 0
    assert page.locator(".jp-Dialog").count() == 0


def test_the_keyboard_reaches_every_row(notebook: RunNotebook):
    page = notebook(DEMO, "explorer = explore(store)\nexplorer")
    tree = page.get_by_role("tree", name="Keys of the store")
    expect(row(page, "ocean")).to_be_visible()
    tree.focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    expect(row(page, "latitude")).to_be_visible()
    page.keyboard.press("ArrowRight")
    active = page.locator("[role=treeitem][data-active=true]")
    expect(active).to_have_attribute("aria-level", "2")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("[role=treeitem][aria-level='2']")).to_have_count(0)
    page.keyboard.type("e")
    expect(row(page, "ensemble")).to_have_attribute("aria-selected", "true")
    assert "ensemble" in kernel_eval(page, TOLD)
    # A letter would go on with the name that is being typed, but for what comes between.
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("c")
    expect(page.locator(".zs")).to_contain_text("Copied the key")
    assert page.evaluate("() => navigator.clipboard.readText()").startswith("ensemble")


def test_a_hundred_thousand_children_open_and_scroll(notebook: RunNotebook, report: Report):
    page = notebook(WIDE)
    expect(row(page, "wide")).to_be_visible()
    drawn = open_folder(page, "wide", 100_000)
    report("100,000 children are open after", f"{drawn.since_start:.0f} ms")
    expect(row(page, "000003")).to_be_visible()
    page.get_by_role("tree", name="Keys of the store").focus()
    page.keyboard.press("End")
    expect(row(page, "099999")).to_be_visible()
    assert page.locator(".zs *").count() < 2_000


def test_a_store_at_the_end_of_a_cell_is_an_explorer(notebook: RunNotebook):
    page = notebook(DEMO, "store")
    expect(row(page, "ocean")).to_be_visible()


def test_notebook_7_shows_the_explorer(notebook: RunNotebook, screenshot: Screenshot):
    page = notebook(DEMO, "explore(store)", app="notebook")
    row(page, "ocean").dblclick()
    expect(page.locator("[role=treeitem][aria-level='2']").first).to_be_visible()
    row(page, "README.md").click()
    details = page.get_by_role("region", name="Details")
    details.get_by_role("tab", name="Value").click()
    expect(details).to_contain_text("climate")
    screenshot(page, "notebook7-explorer")
