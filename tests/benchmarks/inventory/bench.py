"""What all tables measure with: a server, a tree, and ways that take turns."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias

from tests.benchmarks.inventory.rows import Measured
from tests.benchmarks.inventory.trees import plant
from tests.servers.listing import ListingProcess

__all__ = ["Bench", "Ways"]

_ROOT = Path(__file__).parents[3]
_LONG_SECONDS = 3600

Ways: TypeAlias = Mapping[str, tuple[str, Mapping[str, Any]]]
"""By the name of the row: the function in `ways`, and its arguments."""


@dataclass(frozen=True)
class Bench:
    """One run.

    Attributes
    ----------
    server
        The fake of S3, in a process of its own.
    folder
        For what is written; it is removed at the end.
    quick
        Measure once, and with a tenth of the keys.
    """

    server: ListingProcess
    folder: Path
    quick: bool = False

    @property
    def nkeys(self) -> int:
        """How many keys a large bucket has."""
        return 100_000 if self.quick else 1_000_000

    @property
    def nrounds(self) -> int:
        """How often each way takes its turn."""
        return 1 if self.quick else 3

    @cached_property
    def tree(self) -> Path:
        """A folder with 100,000 files, nine to a folder."""
        root = self.folder / "tree"
        plant(root, 100_000)
        return root

    def new_folder(self) -> str:
        """Return an empty folder, as an argument of a way."""
        return tempfile.mkdtemp(dir=self.folder)

    def run(self, way: str, *, latency: float = 0, **arguments: Any) -> Measured:
        """Measure one way once; `latency` is that of the server, in seconds."""
        self.server.behave(latency=latency)
        self.server.reset()
        done = self._child(way, {"url": self.server.url, **arguments})
        counts = self.server.counts()
        done.nlist, done.n503 = counts.nlist, counts.n503
        done.nhead, done.nget = counts.nhead, counts.nget
        return done

    def turns(
        self, ways: Ways, *, latency: float = 0, once: frozenset[str] = frozenset()
    ) -> dict[str, list[Measured]]:
        """Let several ways take turns, so that noise hits all alike.

        Parameters
        ----------
        ways
            What is measured.
        latency
            Of the server, in seconds.
        once
            Those that take so long that they have one turn only.
        """
        found: dict[str, list[Measured]] = {name: [] for name in ways}
        for number in range(self.nrounds):
            for name, (way, arguments) in ways.items():
                if number == 0 or name not in once:
                    found[name].append(self.run(way, latency=latency, **arguments))
        return found

    @staticmethod
    def _child(way: str, arguments: Mapping[str, Any]) -> Measured:
        module = "tests.benchmarks.inventory.child"
        command = [sys.executable, "-W", "ignore", "-m", module, way, json.dumps(arguments)]
        try:
            done = subprocess.run(
                command,
                cwd=_ROOT,
                check=False,
                capture_output=True,
                text=True,
                timeout=_LONG_SECONDS,
            )
        except subprocess.TimeoutExpired:
            return Measured(problem=f"took more than {_LONG_SECONDS} s")
        if done.returncode:
            return Measured(problem=_reason(done.stderr) or f"ended with {done.returncode}")
        return Measured(**json.loads(done.stdout.splitlines()[-1]))


def _reason(stderr: str) -> str:
    """Return the last line that a way left, in short."""
    return stderr.strip().rpartition("\n")[2][:90]
