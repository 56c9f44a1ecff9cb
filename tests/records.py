"""What was measured, as dated files that say of which machine and versions it is."""

import json
import os
import platform
import re
import subprocess
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

__all__ = ["BENCHMARKS", "ROOT", "dated", "machine", "said", "write"]

ROOT = Path(__file__).parents[1]
BENCHMARKS = ROOT / "tests" / "benchmarks" / "results"
"""Where the benchmarks keep theirs."""

_PACKAGES = (
    "zarr",
    "obstore",
    "tensorstore",
    "fsspec",
    "s3fs",
    "boto3",
    "pyarrow",
    "duckdb",
    "distributed",
    "anywidget",
    "jupyterlab",
)


def machine(git: str | None = None) -> dict[str, object]:
    """Return what a reader needs to know of the machine, and of the versions.

    Parameters
    ----------
    git
        The commit, where the sources lie in no repository.
    """
    return {
        "date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "git": git or said("git", "-C", str(ROOT), "describe", "--always", "--dirty"),
        "python": platform.python_version(),
        "numpy": _version("numpy"),
        "system": platform.platform(),
        "cpus": os.cpu_count(),
        "packages": {name: found for name in _PACKAGES if (found := _version(name))},
    }


def said(*command: str) -> str | None:
    """Return what a command prints; None if it fails, or is not there."""
    try:
        done = subprocess.run(
            command, capture_output=True, check=True, text=True, timeout=20
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def dated(folder: Path, kind: str, *words: str) -> Path:
    """Return the name of a new file of results: kind, date, words, a number if need be."""
    parts = [kind, time.strftime("%Y-%m-%d", time.gmtime()), *words]
    name = "-".join(re.sub("[^A-Za-z0-9]+", "-", part).strip("-") for part in parts)
    path, number = folder / f"{name}.json", 2
    while path.exists():
        path, number = folder / f"{name}-{number}.json", number + 1
    return path


def write(path: Path, found: dict[str, Any]) -> None:
    """Write a file of results, in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(json.dumps(found, indent=1) + "\n")
    part.replace(path)
