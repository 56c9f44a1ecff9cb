"""``zstore lab``."""

import importlib.util
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from tests.cli.console import start
from zstore import LocalStore
from zstore._compat import override
from zstore.cli import lab, main


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.mark.timeout(300)
def test_it_starts_jupyterlab_on_a_notebook_and_ends_with_it(sea: Path, tmp_path: Path):
    port = free_port()
    jupyter = {
        name: str(tmp_path / name)
        for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
    }
    options = ["--no-browser", "--port", str(port)]
    changes = {"TMPDIR": str(tmp_path), **jupyter}
    process = start("lab", sea, *options, changes=changes)
    try:
        wait_for(f"http://127.0.0.1:{port}/api", process)
        (path,) = tmp_path.glob("zstore-lab-*/explore.ipynb")
        cells = json.loads(path.read_text())["cells"]
        assert f"place = {str(sea)!r}" in cells[1]["source"].splitlines()
    finally:
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert re.search(r"zstore: the notebook is .*explore\.ipynb\n", err)
    assert f"http://127.0.0.1:{port}/lab/tree/explore.ipynb?token=" in err
    assert "Traceback" not in err
    with pytest.raises(URLError):
        urlopen(f"http://127.0.0.1:{port}/api", timeout=1)


def wait_for(url: str, process: subprocess.Popen[str]) -> None:
    for _ in range(800):
        if process.poll() is not None:
            pytest.fail("JupyterLab ended before it answered")
        try:
            with urlopen(url, timeout=5) as answer:  # noqa: S310 -- our own server
                assert answer.status == 200
                return
        except OSError:
            time.sleep(0.25)
    pytest.fail("JupyterLab did not start")


class Started:
    """What `lab` would have started."""

    def __init__(self, command: list[str], *, cwd: Path, env: dict[str, str]) -> None:
        started.append((command, cwd, env))

    def wait(self, timeout: float | None = None) -> int:
        del timeout
        return 0


handled: list[tuple[object, ...]] = []
started: list[tuple[list[str], Path, dict[str, str]]] = []


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    started.clear()
    monkeypatch.setattr(subprocess, "Popen", Started)
    monkeypatch.setattr(tempfile, "mkdtemp", lambda **_: str(tmp_path))
    monkeypatch.setattr(signal, "signal", lambda *what: handled.append(what))


@pytest.mark.usefixtures("fake")
def test_who_ends_it_ends_the_server_too(sea: Path):
    assert main(["lab", str(sea)]) == 0
    # As Ctrl-C, which the test above sends to a real server.
    assert handled[-1] == (signal.SIGTERM, signal.default_int_handler)


@pytest.mark.usefixtures("fake")
def test_a_secret_goes_by_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    url = "memory://me:hunter2@x/y"
    monkeypatch.setattr(lab, "with_store", lambda *_: None)
    assert main(["lab", url]) == 0
    ((command, _, environment),) = started
    assert environment["ZSTORE_LAB_STORE"] == url
    assert "hunter2" not in (tmp_path / "explore.ipynb").read_text()
    assert "hunter2" not in str(command)


@pytest.mark.usefixtures("fake")
def test_as_root_jupyter_is_told_that_this_is_meant(
    monkeypatch: pytest.MonkeyPatch, sea: Path
):
    for user, allowed in ((0, True), (1000, False)):
        monkeypatch.setattr(os, "geteuid", lambda user=user: user)
        assert main(["lab", str(sea), "--no-browser", "--port", "0"]) == 0
        command = started[-1][0]
        assert command[:3] == [sys.executable, "-m", "jupyterlab"]
        assert ("--allow-root" in command) is allowed
        assert {"--no-browser", "--port=0"} <= set(command)


def test_without_jupyterlab_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, sea: Path, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    assert main(["lab", str(sea)]) == 1
    assert "pip install 'zstore[lab]'" in capsys.readouterr().err


@pytest.mark.usefixtures("fake")
def test_a_store_that_is_not_there_opens_nothing(tmp_path: Path):
    assert main(["lab", str(tmp_path / "none")]) == 1
    assert started == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("fake")
def test_without_a_store_it_opens_the_demo(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    written = []

    async def demo_store() -> LocalStore:
        written.append("demo")
        return LocalStore(tmp_path / "demo.zarr", read_only=True)

    monkeypatch.setattr(lab, "demo_store", demo_store)
    assert main(["lab"]) == 0
    text = (tmp_path / "explore.ipynb").read_text()
    assert written == ["demo"]
    assert "store = await demo_store()" in json.loads(text)["cells"][1]["source"]
    # Of whoever shares the notebook, nothing stands in it.
    assert str(tmp_path) not in text


@pytest.mark.usefixtures("fake")
@pytest.mark.parametrize("hangs", [False, True])
def test_a_server_that_does_not_end_is_killed(
    monkeypatch: pytest.MonkeyPatch, sea: Path, *, hangs: bool
):
    calls: list[str] = []

    class Running(Started):
        @override
        def wait(self, timeout: float | None = None) -> int:
            if not calls:
                raise KeyboardInterrupt
            if hangs and timeout is not None:
                raise subprocess.TimeoutExpired("jupyterlab", timeout)
            return 0

        def terminate(self) -> None:
            calls.append("terminate")

        def kill(self) -> None:
            calls.append("kill")

    monkeypatch.setattr(subprocess, "Popen", Running)
    assert main(["lab", str(sea)]) == 0
    assert calls == (["terminate", "kill"] if hangs else ["terminate"])
