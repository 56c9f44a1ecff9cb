"""A folder that holds zstore and what an extra declares, and no other package.

Made of links to what is installed here, so that each extra is tried alone in a second
and without a network. What only happens to be installed is not found from there.
"""

import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement

from tests.records import ROOT

__all__ = ["link", "needed", "run"]

# Where the sources lie: zstore is installed so that it can be edited.
_OURS = (ROOT / "zstore", ROOT / "widgets" / "zstore_widgets")


def needed(name: str, extras: frozenset[str]) -> dict[str, Distribution]:
    """Return the distributions that one with these extras needs, itself among them."""
    found: dict[str, Distribution] = {}
    seen: set[tuple[str, frozenset[str]]] = set()
    todo = [(name, extras)]
    while todo:
        now = todo.pop()
        if now not in seen:
            seen.add(now)
            found[now[0]] = distribution(now[0])
            todo += _requirements(found[now[0]], now[1])
    return found


def _requirements(
    of: Distribution, extras: frozenset[str]
) -> Iterator[tuple[str, frozenset[str]]]:
    for text in of.requires or ():
        requirement = Requirement(text)
        marker = requirement.marker
        wanted = marker is None or any(
            marker.evaluate({"extra": extra}) for extra in (extras or {""})
        )
        if wanted:
            yield requirement.name, frozenset(requirement.extras)


def link(extras: frozenset[str], folder: Path) -> None:
    """Fill an empty folder with links to zstore and to all that the extras need."""
    for of in needed("zstore", extras).values():
        for file in of.files or ():
            top = file.parts[0]
            at = Path(str(of.locate_file(top)))
            # Scripts lie outside, and an editable install has a file of its own.
            if ".." not in file.parts and not top.endswith((".pth", "__pycache__")):
                _link(folder / top, at)
    for package in _OURS:
        _link(folder / package.name, package)


def _link(path: Path, target: Path) -> None:
    if not path.is_symlink():
        path.symlink_to(target)


def run(folder: Path, script: str, *arguments: str) -> str:
    """Run a script that finds only what is in the folder, and Python; return its output."""
    begin = f"import sys; sys.path.insert(0, {str(folder)!r})\n"
    ended = subprocess.run(
        [sys.executable, "-I", "-S", "-c", begin + script, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
        cwd=folder,
    )
    if ended.returncode:
        msg = f"the script ended with {ended.returncode}:\n{ended.stdout}\n{ended.stderr}"
        raise AssertionError(msg)
    return ended.stdout
