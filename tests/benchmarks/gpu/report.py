"""A run in a dated file, and in a table."""

from collections import Counter
from dataclasses import asdict
from pathlib import Path

from tests import records
from tests.benchmarks.gpu.session import Session, human
from tests.benchmarks.gpu.targets import Verdict, verdicts
from zstore.gpu import GpuStatus

__all__ = ["dated", "machine", "print_table", "write"]


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
        **records.machine(git),
        "cupy": status.cupy_version,
        "cuda_driver": status.driver,
        "cuda_runtime": status.runtime,
        "devices": list(status.devices),
        "nvidia_smi": records.said(
            "nvidia-smi",
            "--query-gpu=name,driver_version,pcie.link.gen.current,pcie.link.gen.max,"
            "pcie.link.width.current,memory.total",
            "--format=csv,noheader",
        ),
    }


def dated(folder: Path, status: GpuStatus, *what: str) -> Path:
    """Return the name of a new file of results."""
    device = status.devices[0] if status.devices else "none"
    return records.dated(folder, "gpu", device, *what)


def write(path: Path, session: Session, about: dict[str, object]) -> None:
    """Write all that a session found so far, in one step."""
    found = {
        "machine": about,
        "ways": {way.name: way.version for way in session.ways},
        "options": asdict(session.options),
        "rows": [{**asdict(row), "median": row.median} for row in session.rows],
        "promises": session.promises,
        "targets": [{**asdict(each), "says": each.says} for each in verdicts(session)],
        "notes": session.notes,
        "failures": session.failures,
    }
    records.write(path, found)


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
