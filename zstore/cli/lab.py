"""``zstore lab``: JupyterLab on a notebook that explores a store."""

import argparse
import asyncio
import importlib.util
import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from zstore.cli.notebook import STORE_VARIABLE, has_secrets, notebook
from zstore.cli.places import Commands, with_store
from zstore.demo import demo_store
from zstore.errors import MissingDependencyError
from zstore.opening.places import is_url
from zstore.store import Store

__all__ = ["add", "run"]

# After Ctrl-C JupyterLab ends its kernels.
_PATIENCE_SECONDS = 10.0


def add(commands: Commands) -> None:
    """Add the subcommand."""
    summary = "Open JupyterLab on a notebook that explores a store."
    parser = commands.add_parser("lab", help=summary, description=summary)
    parser.set_defaults(run=run)
    parser.add_argument(
        "store",
        metavar="STORE",
        nargs="?",
        help="a path or URL, which is only read; by default a small demo store",
    )
    parser.add_argument("--no-browser", action="store_true", help="open no browser")
    parser.add_argument("--port", type=int, metavar="N", help="port of the server")


def run(options: argparse.Namespace) -> int:
    """Write the notebook, start JupyterLab on it, and wait until it ends."""
    _check_installed()
    place = _existing(options.store)
    folder = Path(tempfile.mkdtemp(prefix="zstore-lab-"))
    path = folder / "explore.ipynb"
    path.write_text(json.dumps(notebook(place), indent=1) + "\n", encoding="utf-8")
    # Not removed at the end: what a person wrote into the notebook is theirs.
    print(f"zstore: the notebook is {path}", file=sys.stderr)  # noqa: T201 -- a console script
    environment = dict(os.environ)
    if place is not None and has_secrets(place):
        environment[STORE_VARIABLE] = place
    # Who ends this program means the server with it.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    command = _command(path, options)
    return _wait(subprocess.Popen(command, cwd=folder, env=environment))  # noqa: S603 -- this Python, and JupyterLab


def _check_installed() -> None:
    for package in ("jupyterlab", "anywidget"):
        if importlib.util.find_spec(package) is None:
            raise MissingDependencyError(package, extra="lab")


def _existing(text: str | None) -> str | None:
    """Return a STORE as the notebook names it; there has to be something."""
    if text is None:
        # Written before the server starts, so that a failure is told here.
        asyncio.run(demo_store())
        return None
    with_store(text, _opened)
    # The kernel runs in the folder of the notebook.
    return text if is_url(text) else str(Path(text).resolve())


async def _opened(store: Store) -> None:
    await store.ensure_open()


def _command(path: Path, options: argparse.Namespace) -> list[str]:
    command = [sys.executable, "-m", "jupyterlab"]
    # In the address that it prints as well: not everybody has a browser beside it.
    command.append(f"--LabApp.default_url=/lab/tree/{path.name}")
    # The question after Ctrl-C whether one is sure is answered.
    command += ["-y", "--ServerApp.ip=127.0.0.1"]
    if options.no_browser:
        command.append("--no-browser")
    if options.port is not None:
        command.append(f"--port={options.port}")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        # In a container one often is root, which Jupyter refuses unless it is told.
        command.append("--allow-root")
    return command


def _wait(server: subprocess.Popen[bytes]) -> int:
    """Wait for JupyterLab; Ctrl-C is the way to end it, and no failure."""
    try:
        return server.wait()
    except KeyboardInterrupt:
        server.terminate()
        try:
            server.wait(_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
        return 0
