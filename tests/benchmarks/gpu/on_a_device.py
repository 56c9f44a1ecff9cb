"""All that a machine with a GPU is asked, in one command: ``make gpu``.

First whether statistics are right there and what bare copies take, then the tests marked
`gpu`, then the comparison with zarr. Each leaves a dated file in tests/benchmarks/results.

Besides CuPy, NumPy and pytest it needs what `PACKAGES` names. Where nothing can be
installed, gather that elsewhere (``make gpu-packages``) and bring build/gpu along.
"""

import argparse
import importlib.util
import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.benchmarks.gpu.report import dated, machine
from tests.records import BENCHMARKS, ROOT, write
from zstore.gpu import GpuStatus, status

__all__ = ["PACKAGES", "main", "outcomes"]

STEPS = ("check", "test", "compare")

# What to install, and what it is imported as. Without zarr and what it needs, which stands
# last, only our part is measured.
PACKAGES = {
    "blockbuster": "blockbuster",
    "forbiddenfruit": "forbiddenfruit",
    "hypothesis": "hypothesis",
    "sortedcontainers": "sortedcontainers",
    "pytest-asyncio": "pytest_asyncio",
    "pytest-timeout": "pytest_timeout",
    "typing-extensions": "typing_extensions",
    "zarr==3.3.*": "zarr",
    "donfig": "donfig",
    "google-crc32c": "google_crc32c",
    "numcodecs": "numcodecs",
    "packaging": "packaging",
    "pyyaml": "yaml",
}

# Fewer mean that most were not found.
_LEAST_TESTS = 300


def main() -> int:
    """Do the steps that were asked for, whatever becomes of the ones before."""
    arguments = _arguments()
    if arguments.gather is not None:
        return _gather(arguments.gather, arguments.python)
    found = status()
    print(found, flush=True)
    missing = [name for name, module in PACKAGES.items() if not _is_here(module)]
    if missing:
        print(f"not installed: {', '.join(missing)}", flush=True)
    if not found.available:
        print("nothing was run")
        return 1
    results = ["--results", str(arguments.results)]
    if arguments.git:
        results += ["--git", arguments.git]
    benchmark = [sys.executable, "-m", "tests.benchmarks.gpu", *results]
    steps: dict[str, Callable[[], int]] = {
        "check": lambda: _run([*benchmark, "--only", "check", "ceilings", "costs"]),
        "test": lambda: _test(found, arguments),
        "compare": lambda: _run([*benchmark, "--budget-s", str(arguments.budget_s)]),
    }
    failed = {step: steps[step]() for step in STEPS if step in arguments.only}
    for step, code in failed.items():
        print(f"{step}: {'FAILED' if code else 'done'}")
    return int(any(failed.values()))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "python -m tests.benchmarks.gpu.on_a_device", description=__doc__
    )
    parser.add_argument("--only", nargs="+", choices=STEPS, default=STEPS, help="steps")
    parser.add_argument("--results", type=Path, default=BENCHMARKS, help="where files go")
    parser.add_argument("--git", help="the commit, where the sources are in no repository")
    parser.add_argument("--budget-s", type=float, default=420, help="of the comparison")
    parser.add_argument("--at-least", type=int, default=_LEAST_TESTS, help="tests to pass")
    parser.add_argument("--gather", type=Path, help="only put the packages in this folder")
    parser.add_argument("--python", default="3.12", help="of the machine they are for")
    return parser.parse_args()


def _is_here(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


def _gather(folder: Path, python: str) -> int:
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--upgrade", "--no-deps"]
    return _run([*pip, "--python-version", python, "--target", str(folder), *PACKAGES])


def _run(command: list[str], **environment: str) -> int:
    print("$", " ".join(command), flush=True)
    env = {**os.environ, **environment, "PYTHONUNBUFFERED": "1"}
    return subprocess.run(command, check=False, cwd=ROOT, env=env).returncode


def _test(found: GpuStatus, arguments: argparse.Namespace) -> int:
    """Run the tests that are marked, and keep how they ended; return 0 if all passed."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "tests.xml")
        # Modules that need what is not installed here are counted, and stop nothing.
        options = [
            *("-m", "gpu", "-q", "-rfE", "-p", "no:cacheprovider"),
            *("-p", "tests.benchmarks.gpu.absent"),
            *("--continue-on-collection-errors", "--ignore=tests/browser"),
            *("--ignore=tests/widgets", f"--junitxml={log}", "tests"),
        ]
        command = [sys.executable, "-m", "pytest", *options]
        code = _run(command, ZSTORE_REQUIRE_GPU="1")
        ended = dict(outcomes(log.read_text())) if log.exists() else {}
    counts = Counter(outcome.partition(":")[0] for outcome in ended.values())
    path = dated(arguments.results, found, "tests")
    not_passed = {name: said for name, said in ended.items() if said != "passed"}
    about = {"machine": machine(found, arguments.git), "exit_code": code}
    told = {**about, "counts": counts, "not_passed": not_passed}
    write(path, told)
    print(f"GPU tests: {dict(counts)}; written to {path}", flush=True)
    enough = counts["passed"] >= arguments.at_least
    if not enough:
        print(f"fewer than {arguments.at_least} tests passed")
    return int(counts["failed"] > 0 or not enough)


def outcomes(log: str) -> Iterator[tuple[str, str]]:
    """Iterate over the tests of a JUnit log, and how each ended.

    Parameters
    ----------
    log
        What ``pytest --junitxml`` wrote.

    Yields
    ------
    name, outcome
        ``"passed"``, or ``"failed: "``, ``"skipped: "`` or ``"not collected: "`` and why.
    """
    for case in ET.fromstring(log).iter("testcase"):  # noqa: S314 -- pytest wrote it
        name = f"{case.get('classname', '')}::{case.get('name')}"
        outcome = "passed"
        for kind in ("skipped", "error", "failure"):
            said = case.find(kind)
            if said is not None:
                why = said.get("message", "")
                word = "skipped" if kind == "skipped" else "failed"
                if kind == "error" and why.startswith("collection"):
                    why = (said.text or "").strip().rpartition("\n")[2]
                    # Something that a test imports is not installed; all else is a fault.
                    word = "not collected" if "ModuleNotFoundError" in why else word
                outcome = f"{word}: {why.partition(chr(10))[0]}"
        yield name, outcome


if __name__ == "__main__":
    sys.exit(main())
