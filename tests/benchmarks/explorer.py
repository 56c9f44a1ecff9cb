"""How long the explorer takes to be drawn in JupyterLab, and to open folders."""

from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

from playwright.sync_api import Page

from tests.benchmarks.timing import Comparison
from tests.browser.chromium import NO_CHROMIUM, chromium_path, launched, new_page
from tests.browser.drawing import click, open_folder, run_cell
from tests.browser.lab import LabServer, kernel_eval, run_all

__all__ = ["run"]

_MANY, _FEW = 100_000, 10
_SETUP = f"""
import time, warnings
import anywidget, zarr
from ipywidgets import Widget
from zstore import MemoryStore
from zstore.demo import demo_store
from zstore.sync import run
from zstore_widgets import explore

class Bare(anywidget.AnyWidget):
    _esm = '''export default {{ render({{ model, el }}) {{
      el.className = "bare";
      el.textContent = "one line";
      el.onclick = () => model.send({{}});
      model.on("msg:custom", () => {{ el.textContent = "answered"; }});
    }} }};'''

    def __init__(self):
        super().__init__()
        self.on_msg(lambda *said: self.send({{}}))

async def names():
    return [name async for name in folders.list_dir("many")]

warnings.simplefilter("ignore")  # zarr's tree warns of what is not Zarr
demo = run(demo_store())
folders = MemoryStore(
    {{f"many/{{number:06}}": b"x" for number in range({_MANY})}}
    | {{f"few/{{number}}": b"x" for number in range({_FEW})}}
)"""
_LIST_DIR = """
start = time.perf_counter()
run(names())
print(time.perf_counter() - start)"""
# The one cell of the notebook, without what it showed.
_NEW_CODE = """async (code) => {
  await window.jupyterapp.commands.execute("notebook:clear-all-cell-outputs");
  const cell = window.jupyterapp.shell.currentWidget.content.activeCell;
  cell.model.sharedModel.setSource(code);
}"""
_TREE = ("explore(demo)", ".zs [role=treeitem] .zs-name", "ocean")
_BARE = ("Bare()", ".bare", "one line")
_ZARR = (
    "zarr.open_group(demo.root, mode='r').tree()",
    ".jp-OutputArea-executeResult pre",
    "ocean",
)
_FOLDERS = ("explore(folders)", ".zs [role=treeitem] .zs-name", "few")

Measure = Callable[[Page], float]


def run(folder: Path, *, rounds: int) -> Iterator[Comparison]:
    """Compare with a bare widget and zarr's tree, `list_dir` alone, and a bare request.

    The times are those that a page of JupyterLab sees, up to the frame that shows it;
    that of `list_dir` is the kernel's, and draws nothing.
    """
    path = chromium_path()
    if path is None:
        print(f"explorer: left out. {NO_CHROMIUM}")
        return
    comparisons = _comparisons()
    with closing(LabServer(folder / "lab")) as lab, launched(path) as browser:
        page = new_page(browser)
        lab.write("explorer.ipynb", (_SETUP,))
        lab.open(page, "explorer.ipynb")
        run_all(page)
        for number in range(min(rounds, 5) + 1):
            for comparison, ways in comparisons:
                for name, way in ways.items():
                    seconds = way(page)
                    if number:  # the first round does not count
                        comparison.seconds.setdefault(name, []).append(seconds)
    for comparison, _ in comparisons:
        yield comparison


def _comparisons() -> list[tuple[Comparison, dict[str, Measure]]]:
    return [
        (
            Comparison("explorer of the demo store drawn", "anywidget", None),
            {
                "anywidget": partial(_shown, cell=_BARE),
                "zarr's tree": partial(_shown, cell=_ZARR),
                "zstore": partial(_shown, cell=_TREE),
            },
        ),
        (
            Comparison(f"explorer opens {_MANY:,} children", "list_dir", None),
            {
                "list_dir": _listed,
                "zstore": partial(_opened, name="many", children=_MANY),
            },
        ),
        (
            Comparison(f"explorer opens {_FEW} children", "a request", None),
            {
                "a request": _answered,
                "zstore": partial(_opened, name="few", children=_FEW),
            },
        ),
    ]


def _shown(page: Page, cell: tuple[str, str, str]) -> float:
    """Run a cell in a notebook without widgets, until its output is drawn."""
    code, selector, text = cell
    page.evaluate(_NEW_CODE, code)
    kernel_eval(page, "Widget.close_all()")
    return run_cell(page, selector, text).since_start / 1000


def _opened(page: Page, name: str, children: int) -> float:
    _shown(page, _FOLDERS)
    page.get_by_text("A plain folder").wait_for()  # what is drawn last
    return open_folder(page, name, children).since_start / 1000


def _answered(page: Page) -> float:
    _shown(page, _BARE)
    return click(page, ".bare", "answered").since_start / 1000


def _listed(page: Page) -> float:
    return float(kernel_eval(page, _LIST_DIR))
