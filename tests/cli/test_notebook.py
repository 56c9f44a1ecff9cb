"""The notebook that ``zstore lab`` opens."""

import ast
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from zstore.cli.notebook import STORE_VARIABLE, has_secrets, notebook

PLACES = [
    "/data/run.zarr",
    "C:\\data",
    "s3://bucket/a",
    "'); import os; os.abort()  #",
    '"""\n__import__("os").abort()',
    "a\u202eb\x1b",
    "{place}",
]
SECRETS = [
    "https://me:hunter2@host/a",
    "https://host/a?signature=hunter2",
    "s3://hunter2@bucket/a",
]


def code_of(place: str) -> str:
    cells: list[dict[str, Any]] = notebook(place)["cells"]
    return "\n".join(cell["source"] for cell in cells if cell["cell_type"] == "code")


@pytest.mark.parametrize("place", [*PLACES, *SECRETS])
def test_it_is_a_valid_notebook(place: str):
    nbformat.validate(nbformat.from_dict(notebook(place)))


@pytest.mark.parametrize("place", PLACES)
def test_a_store_is_a_text_and_never_code(place: str):
    parsed = ast.parse(code_of(place))
    assigned = [node for node in parsed.body if isinstance(node, ast.Assign)]
    assert isinstance(assigned[0].value, ast.Constant)
    assert assigned[0].value.value == place
    assert not [n for n in ast.walk(parsed) if isinstance(n, ast.Name) and n.id == "os"]


@pytest.mark.parametrize("place", SECRETS)
def test_what_is_secret_is_not_written_down(place: str):
    assert has_secrets(place)
    assert "hunter2" not in str(notebook(place))
    assert STORE_VARIABLE in code_of(place)


def test_it_shows_every_view_in_a_cell_of_its_own():
    cells = [cell["source"] for cell in notebook("x")["cells"]]
    last_lines = [source.splitlines()[-1] for source in cells]
    assert {"explore(store)", "SizeMap(store)", "CallMonitor(watched)"} <= set(last_lines)


def test_it_runs_from_top_to_bottom(sea: Path):
    ready = nbformat.from_dict(notebook(str(sea)))
    NotebookClient(ready, timeout=100, kernel_name="python3").execute()
    outputs = [out for cell in ready.cells for out in cell.get("outputs", [])]
    explorer, sizes, calls, names = [out["data"] for out in outputs]
    # No page is there, so each view leaves its static form.
    assert all("text/html" in view for view in (explorer, sizes, calls))
    assert "temp" in explorer["text/html"]
    assert names["text/plain"] == "['.zattrs', '.zgroup', 'ocean', 'plain', 'readme.txt']"
