"""A run in a dated file, and in a table."""

import json
import os
import platform
import re
import subprocess
import time
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from tests.benchmarks.gpu.session import Session, human
from tests.benchmarks.gpu.targets import Verdict, verdicts
from zstore.gpu import GpuStatus

__all__ = ["ROOT", "dated", "machine", "print_table", "write"]

ROOT = Path(__file__).parents[3]


def machine(status: GpuStatus, git: str | None = None) -> dict[str, object]:
    """Return what a reader needs to know of the machine, and of the versions.

    Parameters
    ----------
    status
        Of the GPU.
    git
        The commit, where the sources lie in no repository.
    """
    return {
        "date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "git": git or _said("git", "-C", str(ROOT), "describe", "--always", "--dirty"),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "system": platform.platform(),
        "cpus": os.cpu_count(),
        "cupy": status.cupy_version,
        "cuda_driver": status.driver,
        "cuda_runtime": status.runtime,
        "devices": list(status.devices),
        "nvidia_smi": _said(
            "nvidia-smi",
            "--query-gpu=name,driver_version,pcie.link.gen.current,pcie.link.gen.max,"
            "pcie.link.width.current,memory.total",
            "--format=csv,noheader",
        ),
    }


def _said(*command: str) -> str | None:
    try:
        done = subprocess.run(
            command, capture_output=True, check=True, text=True, timeout=20
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def dated(folder: Path, status: GpuStatus, *what: str) -> Path:
    """Return the name of a new file of results."""
    device = status.devices[0] if status.devices else "none"
    words = ["gpu", time.strftime("%Y-%m-%d", time.gmtime()), device, *what]
    name = "-".join(re.sub("[^A-Za-z0-9]+", "-", word).strip("-") for word in words)
    path, number = folder / f"{name}.json", 2
    while path.exists():
        path, number = folder / f"{name}-{number}.json", number + 1
    return path


def write(path: Path, session: Session, about: dict[str, object]) -> None:
    """Write all that a session found so far, in one step."""
    found: dict[str, Any] = {
        "machine": about,
        "ways": {way.name: way.version for way in session.ways},
        "options": asdict(session.options),
        "rows": [{**asdict(row), "median": row.median} for row in session.rows],
        "promises": session.promises,
        "targets": [{**asdict(each), "says": each.says} for each in verdicts(session)],
        "notes": session.notes,
        "failures": session.failures,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(json.dumps(found, indent=1) + "\n")
    part.replace(path)


def print_table(session: Session) -> None:
    """Print a line a target and peer, then the answers, notes and failures."""
    found = list(verdicts(session))
    session.say("our median over that of the other, or our value; <= what it should be")
    lines: dict[str, list[Verdict]] = {}
    for each in found:
        if each.found is not None or each.bar is not None:
            beside = f"{each.what} / {each.against}" if each.against else each.what
            lines.setdefault(f"{each.number:2} {beside:49}", []).append(each)
    for start, of_sizes in lines.items():
        cells = ";  ".join(_cell(verdict) for verdict in of_sizes)
        measured = any(verdict.found is not None for verdict in of_sizes)
        session.say(f"{start} {cells if measured else 'not measured'}")
    for question, answers in session.promises.items():
        said = ";  ".join(f"{way}: {answer}" for way, answer in answers.items())
        session.say(f"{question}:  {said}")
    for note in session.notes:
        session.say(f"note: {note}")
    for failure in session.failures:
        session.say(f"FAILURE: {failure}")
    counts = Counter(verdict.says for verdict in found if verdict.bar is not None)
    said = ", ".join(f"{counts[word]} {word}" for word in ("MET", "MISSED", "not measured"))
    session.say(f"targets: {said}; {len(session.failures)} failures")


def _cell(verdict: Verdict) -> str:
    words = [human(verdict.size, "bytes")] if verdict.size else []
    if verdict.found is not None:
        words.append(human(verdict.found, verdict.unit))
    if verdict.bar is not None:
        words += [f"<= {human(verdict.bar, verdict.unit)}", verdict.says]
    return " ".join(words)
