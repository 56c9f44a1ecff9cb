"""The sdist and the wheel hold what they should, and work where nothing else is."""

import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.records import ROOT
from tests.test_binder import skip_without_an_index
from tests.test_repository import tracked

SMOKE = Path(__file__).with_name("smoke.py")
SECONDS = 600

pytestmark = pytest.mark.timeout(SECONDS)


def run(*command: str | Path, cwd: Path) -> str:
    """Run a command with no settings of a developer's; return what it printed."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    ended = subprocess.run(
        command,
        cwd=cwd,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=SECONDS,
    )
    if ended.returncode:
        skip_without_an_index(ended.stdout)
        msg = f"{command} ended with {ended.returncode}:\n{ended.stdout}"
        raise AssertionError(msg)
    return ended.stdout


def pythons() -> Iterator[str]:
    """Return this Python, and the newest that this machine has besides."""
    yield sys.executable
    names = [f"python3.{minor}" for minor in range(20, sys.version_info.minor, -1)]
    # Where pyenv keeps the ones that it has not put in front.
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
    for name in names:
        inside = map(str, versions.glob(f"*/bin/{name}"))
        for found in (shutil.which(name), *inside):
            if found and not subprocess.run([found, "-c", ""], check=False).returncode:
                yield found
                return


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What git knows, and nothing that was built."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in tracked():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def sdist(checkout: Path) -> Path:
    """The sdist of the checkout."""
    run(sys.executable, "-m", "hatchling", "build", "-t", "sdist", cwd=checkout)
    return next((checkout / "dist").glob("*.tar.gz"))


@pytest.fixture(scope="module")
def wheel(sdist: Path) -> Path:
    """The wheel that pip builds of the sdist."""
    run(*(sys.executable, "-m", "pip", "wheel", "--no-deps", sdist), cwd=sdist.parent)
    return next(sdist.parent.glob("*.whl"))


def test_the_sdist_holds_what_a_wheel_and_its_tests_are_made_of(sdist: Path):
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"pyproject.toml", "README.md", "LICENSE", "zstore/py.typed"} <= names
    assert {"widgets/package-lock.json", "widgets/build.mjs"} <= names
    assert not [name for name in names if "node_modules" in name or ".venv" in name]


def test_the_wheel_holds_the_packages_and_their_bundles_only(wheel: Path):
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.partition("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {
        "zstore",
        "zstore_widgets",
    }
    bundles = {path.stem for path in (ROOT / "widgets/src/views").glob("*.ts")}
    static = {Path(name).stem for name in names if re.search(r"/static/.*\.js$", name)}
    assert static == bundles
    sources = {str(p.relative_to(ROOT)) for p in (ROOT / "zstore").rglob("*.py")}
    assert sources <= set(names)
    assert {"zstore/py.typed", "zstore_widgets/py.typed"} <= set(names)


@pytest.mark.parametrize("python", list(pythons()))
def test_the_wheel_works_alone(python: str, wheel: Path, tmp_path: Path):
    run(python, "-m", "venv", tmp_path / "env", cwd=tmp_path)
    inside = tmp_path / "env" / "bin" / "python"
    run(inside, "-m", "pip", "install", wheel, cwd=tmp_path)
    run(inside, "-m", "pip", "check", cwd=tmp_path)
    assert "works on Python 3." in run(inside, SMOKE, cwd=tmp_path)
