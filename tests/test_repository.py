"""What must stay true of the repository around the code."""

import json
import os
import re
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
import pytest
import yaml

ROOT = Path(__file__).parents[1]

TOP_LEVEL = {
    ".ci",
    ".github",
    ".gitignore",
    ".pre-commit-config.yaml",
    "CHANGELOG.md",
    "CITATION.cff",
    "CONTRIBUTING.md",
    "LICENSE",
    "Makefile",
    "README.md",
    "binder",
    "docs",
    "mkdocs.yml",
    "notebooks",
    "pyproject.toml",
    "tests",
    "widgets",
    "zstore",
}

# Where somebody's machine lies, and where its packages come from; each is cut in two, so
# that it does not stand here itself.
MACHINE = [
    "/wo" + "rk/",
    "/ho" + "me/",
    "/opt/" + "py",
    "index" + "-url",
    "find" + "-links",
]

# A module is tested in the file of its name, unless a line here says why not.
NO_TEST_OF_ITS_OWN = {
    "_compat.py": "two imports, which every module uses",
    "buffer/core.py": "what cpu and gpu buffers have in common, tested with both",
    "interop/zarr_sizes.py": "tests/interop/test_zarr_backed.py asks each store of zarr",
    "store/lifecycle.py": "an interface, which tests/contract runs on every store",
    "store/listing.py": "an interface, which tests/contract runs on every store",
    "store/reading.py": "an interface, which tests/contract runs on every store",
    "store/writing.py": "an interface, which tests/contract runs on every store",
    "stores/hooks.py": "an interface, which tests/contract runs on every store",
    "wrappers/forwarding.py": "tests/wrappers/test_base.py goes through every call",
}

# The modules of these packages are parts of one thing, which is tested as a whole.
TESTED_AS_A_WHOLE = {
    "cli",
    "cli/inventory",
    "copying",
    "demo",
    "gpu",
    "hierarchy",
    "inspection",
    "inventory",
    "inventory/asking",
    "inventory/planning",
    "inventory/scanning",
    "inventory/snapshot",
    "opening",
    "stores/base",
    "stores/fsspec",
    "stores/gpu_memory",
    "stores/local",
    "stores/object_store",
    "stores/zip",
    "sync",
    "testing",
}


@cache
def project() -> dict[str, Any]:
    metadata: dict[str, Any] = tomllib.loads(read("pyproject.toml"))["project"]
    return metadata


def read(path: str | Path) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


@cache
def tracked() -> list[str]:
    """Return the files of the repository, with those that are about to join it."""
    if not (ROOT / ".git").exists():
        pytest.skip("this is no clone: git cannot say which files belong to the project")
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    files = [name for name in names.stdout.split("\0") if name]
    return [name for name in files if (ROOT / name).is_file()]


def makefile_targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):.*##", read("Makefile"), re.MULTILINE))


def test_the_top_level_holds_what_people_expect_and_nothing_else():
    assert {name.partition("/")[0] for name in tracked()} == TOP_LEVEL


def test_no_file_knows_a_machine():
    found = []
    for name in tracked():
        content = (ROOT / name).read_bytes().decode("utf-8", errors="replace")
        found += [f"{name}: {word}" for word in MACHINE if word in content]
    assert found == []


def test_no_module_is_a_drawer():
    drawers = {"utils", "util", "helpers", "common", "misc", "data", "info", "manager"}
    assert not [
        name for name in tracked() if drawers & set(Path(name).with_suffix("").parts)
    ]


def test_modules_are_short():
    library = re.compile(r"(?:zstore|widgets)/.*\.py")
    long = [
        f"{name}: {count} lines"
        for name in tracked()
        if library.fullmatch(name) and (count := len(read(name).splitlines())) >= 300
    ]
    assert long == []


def test_every_module_has_its_tests():
    missing = []
    for path in sorted((ROOT / "zstore").rglob("*.py")):
        module = path.relative_to(ROOT / "zstore").with_suffix("")
        name = f"{module.as_posix()}.py"
        whole = module.parent.as_posix() in TESTED_AS_A_WHOLE
        if path.name == "__init__.py" or name in NO_TEST_OF_ITS_OWN:
            continue
        if not found_tests(module.parent if whole else module):
            missing.append(name)
    assert missing == []


def found_tests(module: Path) -> list[Path]:
    """Return the test files of a module or package, named as it is or in its folder."""
    folder = ROOT / "tests" / module.parent
    found = [
        *folder.glob(f"test_{module.name}.py"),
        *folder.glob(f"test_{module.name}_*.py"),
    ]
    return [*found, *(folder / module.name).glob("test_*.py")]


def test_no_reason_outlives_its_module():
    files = [ROOT / "zstore" / name for name in NO_TEST_OF_ITS_OWN]
    folders = [ROOT / "zstore" / name for name in TESTED_AS_A_WHOLE]
    assert all(path.is_file() for path in files)
    assert all(path.is_dir() for path in folders)


def test_the_oldest_python_is_the_same_everywhere():
    oldest = project()["requires-python"].removeprefix(">=")
    major, minor = oldest.split(".")
    jobs = yaml.safe_load(read(".github/workflows/ci.yml"))["jobs"]
    assert jobs["test"]["strategy"]["matrix"]["python"][0] == oldest
    assert read("binder/runtime.txt").strip() == f"python-{oldest}"
    assert f"sys.version_info >= ({major}, {minor})" in read("Makefile")
    assert f"Python {oldest} or later" in read("README.md")


def test_the_changelog_leads_to_the_version():
    headings = re.findall(r"^## \[(.*?)\]", read("CHANGELOG.md"), re.MULTILINE)
    assert headings[0] == "Unreleased"
    # Before the first release there is nothing else; after it, this version comes first.
    assert headings[1:2] in ([], [project()["version"]])


def test_the_citation_is_of_this_version():
    citation = yaml.safe_load(read("CITATION.cff"))
    # What version 1.2.0 of the format requires, and what would grow old.
    assert {"cff-version", "message", "title", "authors"} <= set(citation)
    assert citation["cff-version"] == "1.2.0"
    for name in ("version", "license", "keywords"):
        assert citation[name] == project()[name]
    assert citation["authors"] == project()["authors"]


def test_all_extras_stand_in_the_readme():
    table = read("README.md").partition("## Extras")[2].partition("\n## ")[0]
    cells = re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)
    named = {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}
    assert named == set(project()["optional-dependencies"])


def test_extras_ask_only_for_extras_that_exist():
    extras = project()["optional-dependencies"]
    asked = re.findall(r"zstore\[([^]]*)\]", json.dumps(extras))
    assert {name for names in asked for name in names.split(",")} <= set(extras)


def test_the_core_needs_only_numpy():
    names = {re.split(r"[>=; ]", text)[0] for text in project()["dependencies"]}
    assert names == {"numpy", "typing-extensions"}


def test_the_makefile_names_every_target_that_the_documents_name():
    text = read("README.md") + read("CONTRIBUTING.md") + read(".ci/run")
    named = set(re.findall(r"\bmake ([a-z-]+)\b", text)) - {"sure"}
    assert {"test", "lab"} <= named <= makefile_targets()


def test_ci_runs_make_test_from_anywhere(tmp_path: Path):
    # A make of our own, that only tells where it was called and with what.
    fake = tmp_path / "make"
    fake.write_text('#!/bin/sh\necho "$PWD" "$@"\n')
    fake.chmod(0o755)
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    told = subprocess.run(
        [ROOT / ".ci/run"],
        cwd=tmp_path,
        env={**os.environ, "PATH": path},
        check=True,
        capture_output=True,
        text=True,
    )
    assert told.stdout == f"{ROOT} test\n"


def test_make_test_runs_every_check():
    told = subprocess.run(
        ["make", "--dry-run", "--always-make", "test"],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if "MAKE" not in name},
        check=True,
        capture_output=True,
        text=True,
    )
    checks = [
        "ruff check",
        "ruff format --check",
        "codespell",
        "npm run --silent lint",
        "mypy",
        "pyright",
        "npm run --silent types",
        "lint-imports",
        "npm run --silent test",
        "mkdocs build --strict",
        "pytest tests/docs",
        "coverage run -m pytest",
        "coverage report",
        "pytest tests/browser",
        "pytest --nbval",
        "pytest tests/test_binder.py",
    ]
    places = [told.stdout.find(check) for check in checks]
    assert -1 not in places
    assert places == sorted(places)


def test_the_hooks_are_valid_and_run_from_the_environment():
    config = ROOT / ".pre-commit-config.yaml"
    command = [sys.executable, "-m", "pre_commit", "validate-config", str(config)]
    subprocess.run(command, check=True, capture_output=True)
    hooks = [
        hook
        for repo in yaml.safe_load(config.read_text())["repos"]
        for hook in repo["hooks"]
    ]
    lint = " ".join(project()["optional-dependencies"]["lint"])
    homes = {
        "check-": "pre-commit-hooks",
        "end-": "pre-commit-hooks",
        "trail": "pre-commit-hooks",
    }
    for hook in hooks:
        assert hook["language"] == "system"
        program = hook["entry"].split()[0].removeprefix(".venv/bin/")
        package = next(
            (homes[start] for start in homes if program.startswith(start)), program
        )
        assert package in lint


@pytest.mark.parametrize(
    "path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda p: p.stem
)
def test_a_notebook_is_clean(path: Path):
    notebook: Any = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    assert set(notebook.metadata.language_info) == {"name"}
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    # Run once, from top to bottom.
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    assert not any(cell.metadata for cell in notebook.cells)
    # What is not compared would only grow old.
    assert not any(cell.outputs for cell in cells if "NBVAL_IGNORE_OUTPUT" in cell.source)
    # A notebook that compares nothing is no test.
    assert sum(bool(cell.outputs) for cell in cells) >= 3
