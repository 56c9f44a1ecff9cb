"""The program in the jail: it makes sure that it is in one, then runs a measure.

Nothing of zstore or of a peer is imported before that.
"""

import errno
import importlib
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

__all__ = ["OPEN", "faults", "main"]

OPEN = 78
"""What it exits with if it is not in a jail."""

_NOBODY = 65534
_REFUSED = {errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOENT}


def _status() -> dict[str, str]:
    lines = Path("/proc/self/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (li.partition(":") for li in lines)}


def _of_process() -> list[str]:
    status = _status()
    names = [name for name in status if name.startswith("Cap")]
    expected = {
        "Uid": [str(_NOBODY)] * 4,
        "Gid": [str(_NOBODY)] * 4,
        "NoNewPrivs": ["1"],
        **{name: ["0" * 16] for name in names},
    }
    found = [
        f"{name} is {status.get(name)}"
        for name, words in expected.items()
        if status.get(name, "").split() != words
    ]
    if not names or not set(os.getgroups()) <= {_NOBODY}:
        found.append(f"groups are {os.getgroups()}, capabilities {names}")
    return found


def _of_mounts(place: Path) -> list[str]:
    found: list[str] = []
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        target, options = line.split()[4:6]
        if "ro" not in options.split(",") and target != str(place):
            found.append(f"{target} is mounted {options}")
    return found


def _of_writes(place: Path) -> list[str]:
    homes = {Path(path).expanduser() for path in ("~root", "~nobody")}
    repository = Path(__file__).parents[2]
    found: list[str] = []
    for folder in {Path("/"), Path("/tmp"), repository, *place.parents, *homes}:  # noqa: S108 -- to be refused
        probe = folder / f"probe-of-the-jail-{os.getpid()}"
        try:
            os.close(os.open(probe, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except OSError as error:
            if error.errno not in _REFUSED:
                found.append(f"writing to {folder} failed strangely: {error}")
        else:
            probe.unlink()
            found.append(f"{folder} can be written to")
    return found


def faults(place: Path) -> list[str]:
    """Return in what this process is not in a jail with `place`; empty if it is in one."""
    if os.path.realpath(place) != str(place):
        return [f"{place} is no plain absolute path"]
    # Where the first is wrong, nothing is tried.
    return _of_process() or _of_mounts(place) or _of_writes(place)


def main(name: str, system: str, place: str, effort: str) -> None:
    """Run a measure by its name, and print its figures as one line of JSON."""
    if found := faults(Path(place)):
        sys.stderr.write("\n".join(["this is no jail:", *found]))
        sys.exit(OPEN)
    area = importlib.import_module(f"tests.reliability.{name.partition('.')[0]}")
    figures = importlib.import_module("tests.reliability.figures")
    (measure,) = [one for one in area.MEASURES if one.name == name]
    answer = measure.run(system, Path(place), figures.Effort(effort))
    sys.stdout.write(f"\n{json.dumps([asdict(figure) for figure in answer])}\n")
    sys.stdout.flush()
    # A call that hangs in a thread does not keep the answer.
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
