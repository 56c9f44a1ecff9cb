"""Metric 13: what importing costs where CuPy is installed, and where it is hidden."""

import subprocess
import sys

from tests.benchmarks.gpu.session import Row, Session

__all__ = ["run"]

_MODULES = {
    "zstore": "zstore; zstore.GpuMemoryStore; zstore.LocalStore; zstore.buffer.gpu",
    "zarr": "zarr.storage",
}
_HIDDEN = "import sys; sys.modules['cupy'] = None; "
_CODE = "import time; t = time.perf_counter(); import {}; print(time.perf_counter() - t)"


def run(session: Session) -> None:
    """Time imports in processes of their own, in turn."""
    seconds: dict[str, list[float]] = {}
    # The first round reads the files from the disk; a rehearsal does without it.
    first = 1 if session.device.rehearsal else 0
    for number in range(first, session.options.rounds + 1):
        for way in session.ways:
            code = _CODE.format(_MODULES[way.name])
            for name, start in ((way.name, ""), (f"{way.name}, no CuPy", _HIDDEN)):
                took = _run(start + code)
                if number:
                    seconds.setdefault(name, []).append(took)
    for name, values in seconds.items():
        session.add(Row("import", name, 0, "s", values))


def _run(code: str) -> float:
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, check=True, text=True, timeout=100)
    return float(done.stdout)
