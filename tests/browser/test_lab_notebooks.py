"""Tutorials in a real JupyterLab, as a learner opens, runs and uses them."""

import re
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import SCREENSHOTS, RunNotebook
from tests.browser.demo_tree import row

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"

# Until the kernel has replied to each of the cells, or failed at one. Not until JupyterLab
# says so: ipykernel 7.4 takes the end of a cell for that of another if a widget asks for
# something at that moment, and the cell keeps its [*].
RUN_ALL = """async () => {
  const { content, sessionContext } = window.jupyterapp.shell.currentWidget;
  const { kernel } = sessionContext.session;
  const wanted = content.widgets.filter(({ model }) => model.type === "code").length;
  let ended = 0;
  await new Promise((resolve) => {
    kernel.anyMessage.connect(function count(_, { direction, msg }) {
      if (direction !== "recv" || msg.header.msg_type !== "execute_reply") return;
      ended += 1;
      if (ended < wanted && msg.content.status === "ok") return;
      kernel.anyMessage.disconnect(count);
      resolve();
    });
    void window.jupyterapp.commands.execute("notebook:run-all-cells");
  });
  return [ended, wanted];
}"""
# Of the model, since JupyterLab draws only the cells that are near.
PROBLEMS = """() => {
  const { cells } = window.jupyterapp.shell.currentWidget.content.model;
  return [...cells].filter((cell) => cell.type === "code").flatMap((cell) =>
    Array.from({ length: cell.outputs.length }, (_, at) => cell.outputs.get(at).toJSON())
      .filter((out) => out.output_type === "error" || out.name === "stderr")
      .map((out) => [cell.sharedModel.source, out.text ?? `${out.ename}: ${out.evalue}`]));
}"""
SHOW = """async (wanted) => {
  const { content } = window.jupyterapp.shell.currentWidget;
  const at = content.widgets.findIndex(
    ({ model }) => model.type === "code" && model.sharedModel.source.includes(wanted),
  );
  content.activeCellIndex = at;
  await content.scrollToItem(at, "start");
  return at;
}"""


def open_and_run(notebook: RunNotebook, name: str) -> Page:
    """Run a tutorial; return the page when each cell has ended without an error."""
    page = notebook(file=NOTEBOOKS / f"{name}.ipynb", run=False)
    ended, wanted = page.evaluate(RUN_ALL)
    assert page.evaluate(PROBLEMS) == []
    assert ended == wanted > 0
    return page


def widget_of(page: Page, source: str) -> Locator:
    """Go to the cell that has this in it; return the widget below it."""
    at = page.evaluate(SHOW, source)
    assert at >= 0
    widget = page.locator(f".jp-Notebook-cell[data-windowed-list-index='{at}'] .zs")
    widget.wait_for()
    expect(page.locator(".zs[data-ready=true]").first).to_be_visible()
    return widget


def keep_picture(widget: Locator, name: str) -> None:
    """Keep a picture of a widget, for people to look at."""
    SCREENSHOTS.mkdir(exist_ok=True)
    widget.screenshot(path=SCREENSHOTS / f"{name}.png")


def test_the_explorer_of_the_first_tutorial_opens_a_folder_and_an_array(
    notebook: RunNotebook,
):
    page = open_and_run(notebook, "01-explore-a-store")
    explorer = widget_of(page, "explore(store)")
    row(explorer, "ocean").dblclick()
    row(explorer, "temperature").click()
    details = explorer.get_by_role("region", name="Details")
    expect(details).to_contain_text("192")
    keep_picture(explorer, "notebook-01-explorer")


def test_the_monitor_of_the_tutorial_on_slices_shows_the_chunks(notebook: RunNotebook):
    page = open_and_run(notebook, "04-what-a-slice-costs")
    monitor = widget_of(page, "# The view shows times")
    monitor.get_by_role("tab", name="Chunks").click()
    panel = monitor.get_by_role("tabpanel")
    arrays = panel.get_by_role("combobox", name="array")
    named = arrays.get_by_role("option").filter(has_text="tiles").inner_text()
    arrays.select_option(named)
    calls = panel.get_by_role("combobox", name=re.compile("^by"))
    calls.select_option("3. series of tiles")
    expect(panel).to_contain_text("4 chunks read")
    keep_picture(monitor, "notebook-04-chunks")


def test_the_memory_map_of_the_tutorial_shows_the_chosen_value(notebook: RunNotebook):
    page = open_and_run(notebook, "08-gpu-buffers")
    buffer = widget_of(page, 'BufferInspector(noon, dtype="float32")')
    expect(buffer).to_contain_text("16,384 values counted")

    memory = widget_of(page, "BufferInspector(store,")
    rows = memory.get_by_role("listbox", name="Values in memory")
    rows.get_by_role("option").first.click()
    chosen = memory.get_by_role("region", name="The chosen value")
    expect(chosen.get_by_text(re.compile(r"^temperature/\d+$"))).to_be_visible()
    expect(chosen).to_contain_text("16,384 values counted")
    chosen.get_by_label("Seen as").select_option("uint8")
    expect(chosen).to_contain_text("65,536 values counted")
    keep_picture(memory, "notebook-08-memory-map")
