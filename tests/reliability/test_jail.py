"""The jail itself; what is in it is tested by `test_battery`."""

import errno
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.reliability.figures import Effort, Figure
from tests.reliability.inmate import OPEN
from tests.reliability.jail import jailed, refusal
from tests.reliability.measures import Measure

__all__ = ["MEASURES"]


def _writes(system: str, place: Path, _: Effort) -> Iterator[Figure]:
    folders = {"/", "/tmp", "/dev/shm", "~root", str(Path(__file__).parent)}  # noqa: S108 -- to be refused
    for folder in [*folders, str(place.parent), str(place)]:
        target = Path(folder).expanduser() / "written"
        try:
            target.write_bytes(b"x")
        except OSError as error:
            number = float(error.errno or -1)
        else:
            number = 0.0
        yield Figure(promise="N1", system=system, what=folder, value=number)


def _fails(*_: object) -> list[Figure]:
    msg = "of itself"
    raise OSError(msg)


def _forks(system: str, place: Path, _: Effort) -> list[Figure]:
    child = [sys.executable, "-c", "import time; time.sleep(600)", str(place)]
    subprocess.Popen(child, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return [Figure(promise="N1", system=system, what="home", value=os.getuid())]


MEASURES = tuple(
    Measure(
        name=f"test_jail.{run.__name__.lstrip('_')}",
        promises=("N1",),
        systems=("none",),
        run=run,
        jailed=True,
    )
    for run in (_writes, _fails, _forks)
)


def run(name: str, place: Path) -> list[Figure]:
    if reason := refusal():
        pytest.skip(f"no jail on this system: {reason}")
    return jailed(f"test_jail.{name}", "none", place, Effort.SHORT, limit_s=60)


def test_in_the_jail_only_its_place_can_be_written_to(tmp_path: Path):
    (tmp_path / "place").mkdir()
    place = tmp_path / "place"
    numbers = {figure.what: int(figure.value) for figure in run("writes", place)}
    assert numbers.pop(str(place)) == 0
    assert (place / "written").read_bytes() == b"x"
    # ENOENT where the jail hides a folder.
    assert set(numbers.values()) <= {errno.EROFS, errno.EACCES, errno.ENOENT}
    assert numbers["/"] in {errno.EROFS, errno.EACCES}
    assert not (tmp_path / "written").exists()


def test_a_measure_that_fails_says_why(tmp_path: Path):
    with pytest.raises(RuntimeError, match="OSError: of itself"):
        run("fails", tmp_path)


def test_what_a_measure_leaves_running_dies_with_the_jail(tmp_path: Path):
    (figure,) = run("forks", tmp_path)
    assert figure.value == 65534
    commands = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline")]
    assert not [line for line in commands if bytes(tmp_path) in line]


@pytest.mark.parametrize("name", ["names.evil", "test_jail.writes"])
def test_outside_of_a_jail_nothing_runs(tmp_path: Path, name: str):
    arguments = [name, "none", str(tmp_path), "short"]
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "tests.reliability.inmate", *arguments],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == OPEN
    assert "this is no jail:" in done.stderr
    assert "zstore" not in done.stderr
    assert list(tmp_path.iterdir()) == []
