"""A store at the end of a cell, in a notebook that was run and is then only read."""

from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter

from tests.display.stores import ocean
from zstore import LocalStore, sync


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A notebook that shows a store, after it was run."""
    folder = tmp_path_factory.mktemp("notebook")
    sync.run(LocalStore(folder / "sea.zarr").set_many(ocean()))
    lines = ["import zstore", "zstore.LocalStore('sea.zarr', read_only=True)"]
    cells = [nbformat.v4.new_code_cell("\n".join(lines))]
    notebook = nbformat.v4.new_notebook(cells=cells)
    # What a page shows that has no state of widgets: the static forms.
    client = NotebookClient(
        notebook,
        timeout=100,
        kernel_name="python3",
        resources={"metadata": {"path": str(folder)}},
        store_widget_state=False,
    )
    return client.execute()


def outputs(executed: Any) -> dict[str, Any]:
    (cell,) = executed.cells
    (data,) = [out.data for out in cell.outputs if out.output_type == "execute_result"]
    return dict(data)


def test_the_notebook_holds_a_text_and_a_page(executed: Any):
    data = outputs(executed)
    assert data["text/plain"].splitlines()[0] == (
        "LocalStore('file://sea.zarr'): 1 group, 1 folder, 1 key in the first level"
    )
    assert data["text/html"].startswith("<div")


def test_nbconvert_shows_the_tree(executed: Any):
    page, _ = HTMLExporter().from_notebook_node(executed)
    assert "<summary>" in page
    assert "ocean/" in page
    assert "readme.txt" in page


def test_no_absolute_path_is_saved(executed: Any, tmp_path: Path):
    assert str(tmp_path.parent.parent) not in nbformat.writes(executed)
