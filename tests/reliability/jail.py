"""Running a measure where it can harm nothing: hostile keys reach real paths.

The child has a view of the file system of its own, in which everything but one folder is
read-only; it is nobody, without a capability and without a way to get one, and everything
it starts dies with it. `walls` builds that, and `inmate` looks at it before it starts.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

from tests.reliability.figures import Effort, Figure
from tests.reliability.walls import NO_WALLS

__all__ = ["NoJailError", "jailed", "refusal"]

_HERE = Path(__file__).parent
_REPOSITORY = _HERE.parents[1]


class NoJailError(Exception):
    """There can be no jail on this system: nothing was run."""


def jailed(
    measure: str, system: str, place: Path, effort: Effort, *, limit_s: float = 900
) -> list[Figure]:
    """Run a measure in a jail.

    Parameters
    ----------
    measure
        Its name; up to the first dot it is that of the module in `tests.reliability` whose
        ``MEASURES`` has it.
    system, place, effort
        As of `Measure.run`. The child owns `place`, an existing folder, from then on.
    limit_s
        After so many seconds all that runs in the jail is killed.

    Raises
    ------
    NoJailError
        If the system does not allow it, with the reason.
    RuntimeError
        If the measure failed, or the jail is open.
    subprocess.TimeoutExpired
        If it takes longer.
    """
    place = place.resolve(strict=True)
    done = _within(place, _inmate(measure, system, place, effort), limit_s)
    if done.returncode:
        msg = f"{measure} of {system} ended with {done.returncode}: {done.stderr[-4000:]}"
        raise RuntimeError(msg)
    return [Figure(**fields) for fields in json.loads(done.stdout.splitlines()[-1])]


@cache
def refusal() -> str | None:
    """Return why there can be no jail on this system; None if there can."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            _within(Path(folder).resolve(), [sys.executable, "-c", ""], 60)
        except NoJailError as error:
            return str(error)
    return None


def _within(
    place: Path, command: list[str], limit_s: float
) -> subprocess.CompletedProcess[str]:
    """Run a command in a new jail."""
    done = subprocess.run(
        [*_entry(), *_walls(place), "--", *command],
        cwd=_REPOSITORY,
        env=_environment(place),
        capture_output=True,
        text=True,
        timeout=limit_s,
        check=False,
    )
    if done.returncode == NO_WALLS or done.stderr.startswith("unshare:"):
        raise NoJailError(done.stderr.strip())
    return done


def _entry() -> list[str]:
    command = shutil.which("unshare")
    if sys.platform != "linux" or command is None:
        msg = "a jail needs Linux, and the command unshare of util-linux"
        raise NoJailError(msg)
    spaces = ["--mount", "--propagation=private", "--pid", "--fork", "--kill-child"]
    return [command, *spaces, *([] if os.getuid() == 0 else ["--map-root-user"])]


def _walls(place: Path) -> list[str]:
    # Python and what it imports: as it is named, and where links lead.
    named = [Path(sys.prefix), Path(sys.base_prefix), _REPOSITORY]
    visible = dict.fromkeys([*named, *(path.resolve() for path in named)])
    options = [f"--visible={path}" for path in visible]
    return [sys.executable, "-I", "-S", str(_HERE / "walls.py"), *options, str(place)]


def _inmate(measure: str, system: str, place: Path, effort: Effort) -> list[str]:
    arguments = [measure, system, str(place), effort.value]
    return [sys.executable, "-m", "tests.reliability.inmate", *arguments]


def _environment(place: Path) -> dict[str, str]:
    return {
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "HOME": str(place),
        "TMPDIR": str(place),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
