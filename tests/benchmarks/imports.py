"""How long ``import zstore`` takes, in processes of its own."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.timing import Comparison

__all__ = ["run"]

_CODE = "import time; t = time.perf_counter(); import {}; print(time.perf_counter() - t)"


def run(folder: Path, *, rounds: int) -> Iterator[Comparison]:
    """Compare importing zstore with importing zarr; the bar is 100 ms."""
    comparison = Comparison("import", "zarr.storage", None)
    for _ in range(rounds):
        for name, module in (("zstore", "zstore"), ("zarr.storage", "zarr.storage")):
            command = [sys.executable, "-c", _CODE.format(module)]
            out = subprocess.run(command, capture_output=True, check=True, cwd=folder)
            comparison.seconds.setdefault(name, []).append(float(out.stdout))
    yield comparison
