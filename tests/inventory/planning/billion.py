"""What it takes to list 10^9 keys: ``python -m tests.inventory.planning.billion``.

Prints the table of the documentation. The planner is the real one; the keys are computed,
the clock is virtual, and what a request takes is assumed as printed. A minute or two.
"""

import argparse
import time
from collections.abc import Iterable
from dataclasses import dataclass

from tests.inventory.planning.key_spaces import SHAPES, KeySpace, Shape, shape
from tests.inventory.planning.virtual_clock import (
    LATENCY,
    Run,
    Server,
    list_at_once,
    list_by_slices,
)
from zstore.inventory.planning import Pace, Planner

__all__ = ["main"]

SLOTS = 16
CPU_PER_KEY = 4.5e-6
REQUESTS_PER_SECOND = 5_500
DOLLARS_PER_REQUEST = 0.005 / 1_000
DOLLARS_PER_CORE_HOUR = 0.05

ASSUMPTIONS = f"""\
- A page of 1,000 keys is answered after {LATENCY * 1000:.0f} ms, however many requests are
  in flight; the bucket answers {REQUESTS_PER_SECOND:,} requests a second at most.
- A core takes {CPU_PER_KEY * 1e6:.1f} us to take in a key: listing, roll-up and Parquet.
  A worker is one core with {SLOTS} requests in flight.
- One worker is this process; more are of a cluster, with tasks of up to 64 pages.
- LIST costs {DOLLARS_PER_REQUEST * 1000:.3f} USD per 1,000 requests, a core
  {DOLLARS_PER_CORE_HOUR:.2f} USD an hour. The workers are in the region of the bucket, so
  that nothing is paid for moving data.
- Nothing is known of the keys before.
"""


@dataclass(frozen=True)
class Row:
    """What one number of workers takes."""

    workers: int
    run: Run
    cpu_seconds: float

    def cells(self) -> list[str]:
        """Return the cells of the table."""
        hours = self.run.seconds / 3600
        requests = self.run.nrequests * DOLLARS_PER_REQUEST
        cores = self.workers * hours * DOLLARS_PER_CORE_HOUR
        return [
            f"{self.workers}",
            f"{self.run.nrequests:,}",
            f"{self.run.nrequests / -(-self.run.nkeys // 1_000):.3f}",
            f"{self.run.parallelism:,.0f}",
            f"{self.run.seconds:,.0f} s = {hours:.2f} h",
            f"{requests:.2f} + {cores:.2f}",
            f"{self.cpu_seconds:.0f} s",
        ]


HEADER = [
    "Workers",
    "LIST requests",
    "of pages",
    "In flight, mean",
    "Time",
    "USD: requests + cores",
    "CPU of this simulation",
]


def measure(space: KeySpace, workers: int) -> Row:
    """Simulate the listing of a key space by some workers."""
    nslots = workers * SLOTS
    seconds = LATENCY + 1_000 * CPU_PER_KEY
    server = Server(lambda: seconds)
    started = time.process_time()
    if workers == 1:
        run = list_at_once(space, Planner(), nslots, server=server, pace=Pace(nslots))
    else:
        run = list_by_slices(space, Planner(steals=False), nslots, server=server)
    run.seconds = max(run.seconds, run.nrequests / REQUESTS_PER_SECOND)
    return Row(workers, run, time.process_time() - started)


def table(header: list[str], rows: Iterable[list[str]]) -> str:
    """Return a table in Markdown."""
    lines = [header, ["---:"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def main(arguments: list[str] | None = None) -> None:
    """Print the assumptions and a table for each shape."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nkeys", type=int, default=10**9)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 16, 256])
    parser.add_argument("--shape", choices=SHAPES, nargs="+", default=["nested"])
    options = parser.parse_args(arguments)
    print(ASSUMPTIONS)  # noqa: T201 -- it is for this
    names: list[Shape] = options.shape
    for name in names:
        space = shape(name, options.nkeys)
        rows = [measure(space, workers).cells() for workers in options.workers]
        text = table(HEADER, rows)
        print(f"{options.nkeys:,} keys, {name}:\n\n{text}\n")  # noqa: T201 -- as above


if __name__ == "__main__":
    main()
