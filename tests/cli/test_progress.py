"""What a person sees who waits."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.console import printed
from zstore.cli import main
from zstore.cli.progress import watched


def test_a_program_that_reads_the_output_sees_none(
    sea: Path, capsys: pytest.CaptureFixture[str]
):
    printed("du", sea)
    assert main(["du", str(sea), "--json"]) == 0
    assert capsys.readouterr().err == ""


def test_lines_follow_each_other_in_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("FORCE_COLOR", "1")
    with watched(quietly=False) as tell:
        tell("12 keys")
    assert "12 keys, Ctrl-C stops" in capsys.readouterr().err


def test_in_a_real_terminal_the_result_stands_alone_at_the_end(sea: Path):
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "zstore.cli", "du", str(sea)],
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm"},
    )
    os.close(theirs)
    shown = b""
    while process.poll() is None or not shown.endswith(b"KiB\r\n"):
        try:
            shown += os.read(ours, 4096)
        except OSError:  # the other end was closed
            break
    os.close(ours)
    assert process.wait(30) == 0
    assert b"keys/s, Ctrl-C stops" in shown
    assert shown.rstrip().endswith(b"10 keys, 2.3 KiB")
