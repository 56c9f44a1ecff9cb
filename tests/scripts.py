"""Running a script in a Python process of its own."""

import subprocess
import sys
import textwrap

__all__ = ["run_script"]


def run_script(source: str, *arguments: str, timeout: float = 60) -> str:
    """Return what the script prints; fail if it fails, warns or writes to stderr."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(source), *arguments],
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout
