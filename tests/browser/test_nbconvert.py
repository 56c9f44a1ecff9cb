"""An executed notebook as a page without a kernel, without widgets, without a network."""

from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import SCREENSHOTS
from tests.browser.evil import probe

CELLS = (
    """
from zstore import LoggingStore, MemoryStore
from zstore.sync import run
from zstore_widgets import BufferInspector, CallMonitor, SizeMap, explore

store = LoggingStore(MemoryStore())
run(store.set("ocean/temp/0", bytes(2000)))
run(store.set("ocean/<script>window.ran = 1<", b"no script"))
store.reset()
explore(store)""",
    "CallMonitor(store)",
    "sizes = SizeMap(store)\nsizes",
    "BufferInspector(run(store.get('ocean/temp/0')))",
    """
run(store.get("ocean/temp/0"))
run(store.get("ocean/none"))
await sizes.scan()
None""",
    "store",
)


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a notebook that shows each view, made as nbconvert makes it."""
    cells = [nbformat.v4.new_code_cell(cell) for cell in CELLS]
    notebook = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(notebook, kernel_name="python3", timeout=200).execute()
    page, _ = HTMLExporter().from_notebook_node(notebook)
    path = tmp_path_factory.mktemp("nbconvert") / "page.html"
    path.write_text(page)
    return path


@pytest.fixture
def page(chromium: Browser, exported: Path) -> Iterator[Page]:
    """The page, in a browser that has no network."""
    context = chromium.new_context(offline=True, viewport={"width": 1000, "height": 1400})
    opened = context.new_page()
    opened.goto(exported.as_uri())
    yield opened
    context.close()


def test_each_view_shows_its_last_state(page: Page):
    outputs = page.locator(".jp-OutputArea-output.jp-RenderedHTMLCommon")
    # Four views and the store itself.
    expect(outputs).to_have_count(5)
    expect(outputs.nth(0)).to_contain_text("ocean")
    # The calls came three cells after the output.
    expect(outputs.nth(1)).to_contain_text("get")
    expect(outputs.nth(1)).to_contain_text("3.9 KiB")
    # So did the scan.
    expect(outputs.nth(2)).to_contain_text("2 keys")
    expect(outputs.nth(3)).to_contain_text("cpu")
    expect(outputs.nth(4)).to_contain_text("ocean")
    page.screenshot(path=SCREENSHOTS / "nbconvert.png", full_page=True)


def test_it_runs_no_script_and_has_no_widget(page: Page):
    assert probe(page, ".jp-OutputArea-output") == []
    text = Path(page.url.removeprefix("file://")).read_text()
    assert "application/vnd.jupyter.widget-view+json" not in text
    assert "preact" not in text
