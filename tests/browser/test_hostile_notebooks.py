"""Rows 13 and 16 of the threat model in Lab: what a saved notebook holds and does."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from ipywidgets.embed import embed_data
from playwright.sync_api import Page, expect

from tests.browser.conftest import RunNotebook
from tests.browser.evil import evil_store, probe
from tests.browser.lab import LabServer, save
from zstore_widgets import explore

STATE = "application/vnd.jupyter.widget-state+json"
ATTACK = "<img src=x onerror='window.ran = 1'><script>window.ran = 1</script>"
EXPLORE = "from zstore_widgets import explore\nexplore({'a/b': b'1'})"
PATH = "() => window.jupyterapp.shell.currentWidget.context.path"
TRUSTED = "() => window.jupyterapp.shell.currentWidget.content.activeCell.model.trusted"
TRUST = """() => {
  window.jupyterapp.shell.currentWidget.content.activeCell.model.trusted = true;
}"""


def forge(path: Path) -> None:
    """Put the saved state of an explorer into a notebook: ours, but for what is text."""
    view = explore(evil_store())
    data, _ = view._repr_mimebundle_() or ({}, {})
    data |= {"text/html": f"<p>saved</p>{ATTACK}"}
    saved = embed_data(views=[view], drop_defaults=False)["manager_state"]
    view.close()
    for model in saved["state"].values():
        if model["model_module"] == "anywidget":
            model["state"] |= dict.fromkeys(("title", "still", "revealed"), ATTACK)
    notebook: Any = nbformat.read(path, as_version=4)
    notebook.metadata["widgets"] = {STATE: saved}
    notebook.cells[0].outputs = [nbformat.v4.new_output("display_data", data)]
    nbformat.write(notebook, path)


@pytest.fixture
def forged(lab: LabServer, lab_page: Page) -> Iterator[Page]:
    """A notebook that somebody else has saved, opened and not run."""
    forge(lab.write("forged.ipynb", ("explore(store)",)))
    lab.open(lab_page, "forged.ipynb")
    yield lab_page
    lab.leave(lab_page)


def test_row_13_a_forged_notebook_shows_the_still_form_without_scripts(forged: Page):
    output = forged.locator(".jp-OutputArea-output")
    expect(output).to_have_attribute("data-mime-type", "text/html")
    expect(output).to_contain_text("saved")
    assert not forged.evaluate(TRUSTED)
    assert forged.locator(".zs").count() == 0
    assert forged.locator(".jp-OutputArea-output script").count() == 0
    assert forged.evaluate("() => window.ran") is None


# What ran before any of our code is not ours to stop: the model of anywidget imports the
# module that a saved state names, and JupyterLab gives it every saved state when it opens
# a notebook. So the notebooks that we save hold none (below), and here the module is ours.
def test_row_13_forged_state_is_text_in_a_notebook_that_is_trusted(forged: Page):
    forged.evaluate(TRUST)
    expect(forged.locator(".zs")).to_contain_text("onerror")
    assert probe(forged) == []


def test_row_16_a_notebook_is_saved_without_state(notebook: RunNotebook, lab: LabServer):
    page = notebook(EXPLORE)
    expect(page.get_by_role("treeitem").filter(has_text="a")).to_be_visible()
    save(page)
    saved = json.loads((lab.notebooks / page.evaluate(PATH)).read_text())
    assert "widgets" not in saved["metadata"]
    (output,) = saved["cells"][0]["outputs"]
    kinds = {"text/plain", "text/html", "application/vnd.jupyter.widget-view+json"}
    assert set(output["data"]) == kinds
    assert "_esm" not in json.dumps(saved)
