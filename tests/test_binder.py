"""What Binder makes of `binder/`, made here in the same way.

Takes minutes, most of them pip's, and so has a step of its own: `make binder`.
"""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import nbformat
import pytest

from tests.browser.lab import free_port
from tests.test_repository import ROOT, read, tracked

FIRST = "notebooks/01-explore-a-store.ipynb"
NOTEBOOKS = sorted(ROOT.glob("notebooks/*.ipynb"))
INSTALL_SECONDS = 1200

pytestmark = pytest.mark.timeout(INSTALL_SECONDS + 300)


class Built:
    """A checkout and the environment that was made of it, with Binder's variables."""

    def __init__(self, checkout: Path, prefix: Path) -> None:
        self.checkout = checkout
        self.prefix = prefix
        self.environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("JUPYTER", "PYTHON", "VIRTUAL_ENV"))
        } | {
            "PATH": f"{prefix / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "NB_PYTHON_PREFIX": str(prefix),
            "KERNEL_PYTHON_PREFIX": str(prefix),
            # The settings and the kernels of a developer are not those of Binder.
            **{
                name: str(prefix / "home" / name.lower())
                for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR")
            },
        }

    def run(self, *command: str | Path, seconds: float = 300) -> str:
        """Run a command at the root of the checkout; return what it printed."""
        ended = subprocess.run(
            command,
            cwd=self.checkout,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=seconds,
        )
        if ended.returncode:
            msg = f"{command} ended with {ended.returncode}:\n{ended.stdout}"
            raise AssertionError(msg)
        return ended.stdout


@pytest.fixture(scope="module")
def binder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    """What repo2docker does with `requirements.txt` and `postBuild`, in a fresh venv."""
    folder = tmp_path_factory.mktemp("binder")
    checkout, prefix = folder / "checkout", folder / "env"
    # Only what git knows: no bundle of the widgets and no node_modules.
    for name in tracked():
        (checkout / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, checkout / name)
    subprocess.run([sys.executable, "-m", "venv", prefix], check=True)
    built = Built(checkout, prefix)
    pip = prefix / "bin/pip"
    try:
        built.run(
            *(pip, "install", "--requirement", "binder/requirements.txt"),
            seconds=INSTALL_SECONDS,
        )
    except AssertionError as error:
        skip_without_an_index(str(error))
        raise
    built.run(checkout / "binder/postBuild")
    yield built
    shutil.rmtree(folder)


def skip_without_an_index(said: str) -> None:
    """Skip if pip could reach no index; any other failure is one."""
    if "Retrying (Retry(" in said and "(from versions: none)" in said:
        pytest.skip("pip reaches no index, so there is nothing to install from")


def test_the_first_notebook_runs_and_says_what_it_should(binder: Built):
    binder.run(
        *("jupyter", "nbconvert", "--to", "notebook", "--execute", FIRST),
        *("--output-dir", binder.prefix / "out"),
    )
    ran = code_cells(binder.prefix / "out" / Path(FIRST).name)
    stored = code_cells(ROOT / FIRST)
    assert len(ran) == len(stored)
    compared = 0
    for now, then in zip(ran, stored, strict=True):
        if "NBVAL_IGNORE_OUTPUT" not in then.source:
            assert text_of(now) == text_of(then), then.source
            compared += bool(then.outputs)
    assert compared >= 3
    # The widgets are there with their bundles, which pip made.
    bundles = {path.name for path in (ROOT / "widgets/src/views").glob("*.ts")}
    static = binder.checkout / "widgets/zstore_widgets/static"
    assert {path.with_suffix(".ts").name for path in static.glob("*.js")} == bundles


def test_all_that_the_notebooks_import_is_there(binder: Built):
    assert "import zstore" in imports()
    binder.run("python", "-W", "ignore", "-c", "\n".join(sorted(imports())))


def test_the_server_opens_the_first_notebook(binder: Built):
    port = free_port()
    log = binder.prefix / "lab.log"
    command = ["jupyter", "lab", "--no-browser", "--allow-root", "--ip=127.0.0.1"]
    options = [f"--port={port}", "--ServerApp.port_retries=0", "--IdentityProvider.token="]
    with log.open("wb") as file:
        server = subprocess.Popen(
            [*command, *options],
            cwd=binder.checkout,
            env=binder.environment,
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    try:
        assert landing(f"http://127.0.0.1:{port}/", server, log).endswith(
            f"/lab/tree/{FIRST}"
        )
    finally:
        server.terminate()
        server.wait(20)


def landing(url: str, server: subprocess.Popen[bytes], log: Path) -> str:
    """Return where a server that is about to answer leads to."""
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urlopen(url, timeout=10) as answer:  # noqa: S310 -- http:// on loopback
                return str(answer.url)
        except OSError:
            time.sleep(0.1)
    raise AssertionError(log.read_text())


def test_what_binder_installs_are_extras_that_exist():
    # repo2docker copies the checkout before it installs what begins with a dot.
    lines = [line.partition("#")[0].strip() for line in requirements()]
    extras = [re.fullmatch(r"--editable \.\[([\w,]+)\]", line) for line in lines if line]
    known = tomllib.loads(read("pyproject.toml"))["project"]["optional-dependencies"]
    assert extras
    for extra in extras:
        assert extra is not None
        assert set(extra[1].split(",")) <= set(known)


def test_binder_asks_for_no_package_of_the_system():
    # repo2docker would install them with apt; what we need comes in wheels.
    assert {path.name for path in (ROOT / "binder").iterdir()} == {
        "postBuild",
        "requirements.txt",
        "runtime.txt",
    }


def test_every_way_to_start_opens_the_first_notebook(tmp_path: Path):
    subprocess.run(
        [ROOT / "binder/postBuild"],
        env={**os.environ, "NB_PYTHON_PREFIX": str(tmp_path)},
        check=True,
    )
    config = json.loads((tmp_path / "etc/jupyter/jupyter_server_config.json").read_text())
    assert set(config) == {"ServerApp", "LabApp", "JupyterNotebookApp"}
    for application in config.values():
        assert application == {"default_url": f"/lab/tree/{FIRST}"}


def test_the_badge_opens_jupyterlab_on_the_first_notebook():
    (badge,) = re.findall(r"\]\((https://mybinder\.org/v2/[^)]*)\)", read("README.md"))
    address = urllib.parse.urlsplit(badge)
    assert re.fullmatch(r"/v2/gh/[\w-]+/zstore/HEAD", address.path)
    assert urllib.parse.parse_qs(address.query) == {"urlpath": [f"lab/tree/{FIRST}"]}


def test_only_an_index_out_of_reach_is_a_reason_to_skip():
    unreachable = (
        "WARNING: Retrying (Retry(total=0)) after connection broken\n"
        "ERROR: Could not find a version that satisfies numpy (from versions: none)"
    )
    with pytest.raises(pytest.skip.Exception):
        skip_without_an_index(unreachable)
    skip_without_an_index("ERROR: the widgets are bundled by node, which is not there")
    skip_without_an_index("ERROR: No matching distribution (from versions: none)")


def requirements() -> list[str]:
    return read("binder/requirements.txt").splitlines()


def code_cells(path: Path) -> list[Any]:
    notebook: Any = nbformat.read(path, as_version=4)
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def text_of(cell: Any) -> str:
    """Return what a cell printed and showed as text."""
    said = [
        out.text if out.output_type == "stream" else out.data.get("text/plain", "")
        for out in cell.outputs
        if out.output_type != "error"
    ]
    assert len(said) == len(cell.outputs), cell.outputs
    return "".join(said)


def imports() -> set[str]:
    """Return the import statements of all notebooks but those that a cell tries."""
    found = set()
    for path in NOTEBOOKS:
        for cell in code_cells(path):
            tree = compile(
                cell.source,
                path.name,
                "exec",
                ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT,
            )
            tried = {
                id(each)
                for node in ast.walk(tree)
                if isinstance(node, ast.Try)
                for each in ast.walk(node)
            }
            found |= {
                ast.unparse(node)
                for node in ast.walk(tree)
                if isinstance(node, ast.Import | ast.ImportFrom) and id(node) not in tried
            }
    return found
