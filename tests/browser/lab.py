"""A throw-away JupyterLab, and a person in front of it.

Everything that Jupyter would keep in the home folder goes to a temporary one, so that
settings, workspaces and running servers of a developer stay as they are.
"""

import json
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
from playwright.sync_api import Page

__all__ = [
    "LabServer",
    "blocking_cell",
    "free_port",
    "kernel_blocked",
    "kernel_eval",
    "kernel_start",
    "run_all",
    "save",
    "use_theme",
]

START_SECONDS = 240
KERNEL = "zstore-tests"

# JupyterLab shows an idle kernel before there is a session, and forgets a "Run All" that
# comes then. So its own promises are awaited, and commands given to its application.
READY = """async () => {
  await window.jupyterapp.restored;
  const panel = window.jupyterapp.shell.currentWidget;
  await panel.context.ready;
  await panel.sessionContext.ready;
  await panel.sessionContext.session.kernel.info;
}"""
HAS_PANEL = """(name) => {
  const panel = window.jupyterapp?.shell?.currentWidget;
  return panel?.sessionContext && panel.context?.path === name;
}"""
OPEN = """async ([path, id]) => {
  await window.jupyterapp.restored;
  const kernel = id === null ? undefined : { id };
  await window.jupyterapp.commands.execute("docmanager:open", { path, kernel });
}"""
KERNEL_ID = "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.id"
COMMAND = "async ([id, args]) => { await window.jupyterapp.commands.execute(id, args); }"
LEAVE = """async (ends) => {
  const panel = window.jupyterapp?.shell?.currentWidget;
  if (ends) await panel?.sessionContext?.shutdown();
  if (panel?.context?.model) panel.context.model.dirty = false;
  panel?.dispose();
}"""
# What a test leaves in the kernel that the next will use.
FORGET = """
from ipywidgets import Widget
Widget.close_all()
get_ipython().run_line_magic("reset", "-f")"""
BLOCK = """
import pathlib, time
started = time.monotonic()
while not pathlib.Path({!r}).exists() and time.monotonic() < started + 300:
    time.sleep(0.02)"""
# Not the status of the kernel: it is idle too when a thread beside a cell has answered.
EXECUTE_BLOCKING = """async (code) => {
  const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
  const future = kernel.requestExecute({ code, store_history: false });
  window.cellRuns = true;
  future.done.finally(() => { window.cellRuns = false; });
  await new Promise((resolve) => { future.onIOPub = resolve; });
}"""
EXECUTE = """async ([code, wait]) => {
  const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
  const future = kernel.requestExecute({ code, store_history: false });
  let text = "";
  future.onIOPub = ({ header, content }) => {
    if (header.msg_type === "stream") text += content.text;
    if (header.msg_type === "execute_result") text += content.data["text/plain"];
    if (header.msg_type === "error") text += `${content.ename}: ${content.evalue}`;
  };
  if (wait) await future.done;
  return text.trim();
}"""


class LabServer:
    """A JupyterLab server on the loopback interface; also serves Notebook 7.

    Parameters
    ----------
    folder
        Where it keeps its notebooks, settings and log.

    Attributes
    ----------
    url
        Where it answers.
    seconds
        How long it took to start.
    """

    def __init__(self, folder: Path) -> None:
        self.notebooks = folder / "notebooks"
        self._kernel: str | None = None
        self._folder = folder
        self._log = folder / "lab.log"
        self._token = secrets.token_hex(16)
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._prepare()
        start = time.monotonic()
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                self._command(port),
                env=os.environ | self._environment(),
                stdout=log,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
            )
        try:
            self._wait()
        except BaseException:
            self.close()
            raise
        self.seconds = time.monotonic() - start

    def close(self) -> None:
        """End the server, which ends its kernels."""
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    @property
    def log(self) -> str:
        """What the server and its kernels printed."""
        return self._log.read_text(errors="replace")

    def write(self, name: str, cells: tuple[str, ...]) -> Path:
        """Write a notebook of code cells that this Python will run."""
        made = [nbformat.v4.new_code_cell(cell) for cell in cells]
        return self._write(name, nbformat.v4.new_notebook(cells=made))

    def copy(self, notebook: Path, name: str) -> Path:
        """Write a copy of a notebook without its outputs, that this Python will run."""
        copied: Any = nbformat.read(notebook, as_version=4)
        for cell in copied.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        return self._write(name, copied)

    def open(self, page: Page, name: str, *, app: str = "lab") -> None:
        """Open a notebook in JupyterLab or, as ``app="notebook"``, in Notebook 7.

        A page that shows JupyterLab goes on to show it, and with the kernel that it has:
        loading the one and starting the other takes seconds.
        """
        if app == "lab" and page.url.startswith(self.url):
            page.evaluate(OPEN, [name, self._kernel])
        else:
            place = f"lab/tree/{name}?reset&" if app == "lab" else f"notebooks/{name}?"
            page.goto(f"{self.url}/{place}token={self._token}")
        page.wait_for_function(HAS_PANEL, arg=name, timeout=240_000)
        page.evaluate(READY)
        if app == "lab":
            self._kernel = page.evaluate(KERNEL_ID)

    def leave(self, page: Page, *, app: str = "lab") -> None:
        """Close the notebook that a page shows, and forget what it left in its kernel.

        That of JupyterLab stays for the next notebook, others are shut down.
        """
        if not page.url.startswith(self.url):
            return
        if app == "lab":
            kernel_eval(page, FORGET)
        page.evaluate(LEAVE, app != "lab")

    def _write(self, name: str, notebook: Any) -> Path:
        notebook.metadata["kernelspec"] = {"name": KERNEL, "display_name": "Python 3"}
        path = self.notebooks / name
        nbformat.write(notebook, path)
        return path

    def _command(self, port: int) -> list[str]:
        return [
            *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
            *("--ip=127.0.0.1", f"--port={port}", "--ServerApp.port_retries=0"),
            f"--ServerApp.root_dir={self.notebooks}",
            f"--IdentityProvider.token={self._token}",
            "--LabApp.extension_manager=readonly",
            "--LabApp.expose_app_in_browser=True",
            "--JupyterNotebookApp.expose_app_in_browser=True",
        ]

    def _environment(self) -> dict[str, str]:
        folders = {
            "JUPYTER_CONFIG_DIR": "config",
            "JUPYTER_DATA_DIR": "data",
            "JUPYTER_RUNTIME_DIR": "runtime",
            "JUPYTERLAB_SETTINGS_DIR": "settings",
            "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
            "IPYTHONDIR": "ipython",
            # Where the demo store is kept.
            "XDG_CACHE_HOME": "cache",
        }
        return {name: str(self._folder / each) for name, each in folders.items()}

    def _prepare(self) -> None:
        self.notebooks.mkdir(parents=True)
        # A question about news would lie over the page: answered before it is asked.
        settings = self._folder / "settings/@jupyterlab/apputils-extension"
        settings.mkdir(parents=True)
        answer = {"fetchNews": "false", "checkForUpdates": False}
        (settings / "notification.jupyterlab-settings").write_text(json.dumps(answer))
        # By its path: whatever kernels this machine has, the tests run on this Python.
        kernel = self._folder / "data/kernels" / KERNEL
        kernel.mkdir(parents=True)
        argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        spec = {"argv": argv, "display_name": "Python 3", "language": "python"}
        (kernel / "kernel.json").write_text(json.dumps(spec))

    def _wait(self) -> None:
        status = f"{self.url}/api/status?token={self._token}"
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                with urllib.request.urlopen(status, timeout=2):  # noqa: S310 -- http://
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        ended = self._process.poll()
        how = "gave no answer" if ended is None else f"ended with {ended}"
        msg = f"JupyterLab {how} within {START_SECONDS} s; its log:\n{self.log[-4000:]}"
        raise RuntimeError(msg)


def run_all(page: Page, *, wait: bool = True) -> None:
    """Run every cell, and wait for the end of the last."""
    command = COMMAND if wait else COMMAND.replace("await", "void")
    page.evaluate(command, ["notebook:run-all-cells", {}])


def use_theme(page: Page, name: str) -> None:
    """Change the theme, such as to "JupyterLab Dark"."""
    shown = f"body[data-jp-theme-light={str('Light' in name).lower()}]"
    if page.locator(shown).count() > 0:
        return
    page.evaluate(COMMAND, ["apputils:change-theme", {"theme": name}])
    page.wait_for_selector(shown, state="attached")
    # While the styles are loaded, a splash lies over the page.
    page.wait_for_selector("#jupyterlab-splash", state="detached")


def save(page: Page) -> None:
    """Save the notebook."""
    page.evaluate(COMMAND, ["docmanager:save", {}])


def kernel_eval(page: Page, code: str) -> str:
    """Run code in the kernel outside of any cell; return what it printed."""
    text: str = page.evaluate(EXECUTE, [code, True])
    return text


def kernel_start(page: Page, code: str) -> None:
    """Let the kernel run code, and do not wait."""
    page.evaluate(EXECUTE, [code, False])


def blocking_cell(gate: Path) -> str:
    """Return code that blocks the thread of the kernel until a file is there."""
    return BLOCK.format(str(gate))


@contextmanager
def kernel_blocked(page: Page, gate: Path) -> Iterator[None]:
    """Let the kernel run a cell that blocks its thread until the `with` is left.

    The cell waits for the file ``gate``, which is not there yet.
    """
    page.evaluate(EXECUTE_BLOCKING, blocking_cell(gate))
    try:
        yield
        assert page.evaluate("window.cellRuns")
    finally:
        gate.touch()
    page.wait_for_function("() => !window.cellRuns")


def free_port() -> int:
    """Return a port of the loopback interface that nothing uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
