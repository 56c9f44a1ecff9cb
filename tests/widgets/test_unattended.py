"""Notebooks that a program runs, by nbclient as `jupyter execute` does."""

import json

import nbformat
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter

VIEW = """
from zstore_widgets import unattended
from zstore_widgets.view import View

unattended._LONG_SECONDS = 60

class Counter(View):
    number = 0

    def text(self):
        return f"{self.number} calls <so far>"

view = Counter("a store")
view"""


def executed(*cells: str) -> nbformat.NotebookNode:
    """Run cells in a kernel of this Python, with nobody watching."""
    made = [nbformat.v4.new_code_cell(cell) for cell in cells]
    notebook = nbformat.v4.new_notebook(cells=made)
    client = NotebookClient(notebook, kernel_name="python3", timeout=100)
    return client.execute()


@pytest.fixture(scope="module")
def notebook() -> nbformat.NotebookNode:
    return executed(
        VIEW,
        "view.number = 41",
        "view.number += 1\nprint('said by the cell')",
        "import ipywidgets\nbox = ipywidgets.HBox([view])\nview",
        "view.close()\nview.number = 99",
        "0",
    )


def test_an_output_shows_the_state_after_the_last_cell(notebook):
    [output] = notebook.cells[0].outputs
    assert output.data["text/plain"] == "42 calls <so far>"
    assert output.data["text/html"] == "<pre>42 calls &lt;so far&gt;</pre>"
    assert notebook.cells[1].outputs == []
    assert [each.output_type for each in notebook.cells[2].outputs] == ["stream"]


def test_a_closed_view_stays_as_it_was(notebook):
    assert notebook.cells[3].outputs[0].data["text/plain"] == "42 calls <so far>"
    assert [each.get("data") for each in notebook.cells[5].outputs] == [{"text/plain": "0"}]


def test_the_front_end_is_not_written_into_the_notebook(notebook):
    text = json.dumps(notebook)
    assert "vnd.jupyter.widget-view" not in json.dumps(notebook.cells[0])
    assert "preact" not in text
    assert len(text) < 20_000


def test_nbconvert_shows_it_without_scripts(notebook):
    page, _ = HTMLExporter(template_name="lab").from_notebook_node(notebook)
    assert page.count("<pre>42 calls &lt;so far&gt;</pre>") == 2


SLOW = """
import time
from zstore_widgets.view import View

class Remote(View):
    looks = 0

    def text(self):
        time.sleep(0.5)
        self.looks += 1
        return f"{self.looks} looks"

    def html(self):
        time.sleep(0.5)
        return "<p>slow</p>"

view = Remote("a store")
view"""


def test_a_view_that_is_slow_to_look_holds_up_no_further_cell():
    notebook = executed(SLOW, "1", "print(view.looks, view.still)")
    assert notebook.cells[0].outputs[0].data["text/plain"] == "1 looks"
    assert notebook.cells[2].outputs[0].text == "1 1 looks\n"


def test_a_map_of_sizes_is_counted_for_a_page_that_is_not_there():
    notebook = executed("from zstore_widgets import SizeMap\nSizeMap({'a': b'123'})")
    assert "1 key, 3 B" in notebook.cells[0].outputs[0].data["text/plain"]
