"""The console script, in a process of its own as people run it, and in this one."""

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

from zstore.cli import main

__all__ = ["Done", "printed", "printed_json", "start", "zstore"]

Done = subprocess.CompletedProcess[str]


def _environment(changes: dict[str, str]) -> dict[str, str]:
    # Under coverage or a terminal of the tester, a pipe stays a pipe.
    plain = {name: value for name, value in os.environ.items() if "COLOR" not in name}
    return {**plain, "PYTHONUTF8": "1", **changes}


def zstore(*arguments: str | Path, **changes: str) -> Done:
    """Run it to its end; `changes` are environment variables."""
    return subprocess.run(
        [sys.executable, "-m", "zstore.cli", *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
        env=_environment(changes),
    )


def start(
    *arguments: str | Path,
    script: Path | None = None,
    changes: dict[str, str] | None = None,
) -> subprocess.Popen[str]:
    """Start it, or a `script` around it, to be ended by the caller."""
    program = ["-m", "zstore.cli"] if script is None else [str(script)]
    with _hearing_interrupts():
        return subprocess.Popen(
            [sys.executable, *program, *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env=_environment(changes or {}),
        )


@contextmanager
def _hearing_interrupts() -> Iterator[None]:
    # Started in the background, the tests ignore Ctrl-C, and so would what they start: a
    # signal with a handler is back at its default in a new program, an ignored one is not.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def printed(*arguments: str | Path) -> str:
    """Return what it prints, run in this process; fail if it fails or complains."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        status = main([str(argument) for argument in arguments])
    assert (status, err.getvalue()) == (0, ""), err.getvalue()
    # To a pipe there are no colours, and nothing else that acts in a terminal.
    assert all(line.isprintable() for line in out.getvalue().splitlines())
    return out.getvalue()


def printed_json(*arguments: str | Path) -> Any:
    """Return what it prints with ``--json``."""
    return json.loads(printed(*arguments, "--json"))
