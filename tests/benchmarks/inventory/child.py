"""One measurement: ``python -m tests.benchmarks.inventory.child WAY ARGUMENTS``.

A way is named by its module in `ways` and its function. The function does what is not
measured, and returns what is; that may return an awaitable. Arguments are given, and what
was found is printed, as JSON.
"""

import asyncio
import importlib
import inspect
import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

__all__ = ["main"]


def _cpu() -> float:
    """Return the seconds of this process, and of those that it started and that ended."""
    spent = [
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    ]
    return sum(one.ru_utime + one.ru_stime for one in spent)


def _resident(field: str) -> int:
    """Return a size in bytes out of what the kernel says of this process."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) * 1024
    return 0


def _forget_the_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5")


async def _awaited(outcome: Any) -> Any:
    return await outcome


def main() -> None:
    """Measure one way, and print what it took."""
    module, _, name = sys.argv[1].partition(".")
    way = getattr(
        importlib.import_module(f"tests.benchmarks.inventory.ways.{module}"), name
    )
    action = way(**json.loads(sys.argv[2]))
    held = _resident("VmRSS")
    _forget_the_peak()
    cpu, start = _cpu(), time.perf_counter()
    outcome = action()
    if inspect.isawaitable(outcome):
        outcome = asyncio.run(_awaited(outcome))
    wall, cpu = time.perf_counter() - start, _cpu() - cpu
    told = {
        "wall": wall,
        "cpu": cpu,
        "rss": max(0, _resident("VmHWM") - held),
        "found": outcome or {},
    }
    print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
