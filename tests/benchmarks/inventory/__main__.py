"""Print the tables of the inventory's bars, beside the peers."""

import argparse
import platform
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

from tests import records
from tests.benchmarks.inventory import (
    hygiene,
    identity,
    local,
    memory,
    requests,
    snapshots,
    speed,
)
from tests.benchmarks.inventory.bench import Bench
from tests.benchmarks.inventory.rows import Row, line
from tests.servers.listing import ListingProcess

__all__ = ["TABLES", "main"]

TABLES: dict[str, Callable[[Bench], Iterator[Row]]] = {
    "requests": requests.run,
    "identity": identity.run,
    "speed": speed.run,
    "local": local.run,
    "memory": memory.run,
    "snapshots": snapshots.run,
    "hygiene": hygiene.run,
}


def main() -> None:
    """Run the tables that were asked for, all by default."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tables", nargs="*", choices=[[], *TABLES], help="all by default")
    parser.add_argument("--quick", action="store_true", help="once, with fewer keys")
    parser.add_argument("--keep", action="store_true", help="all of it in a dated file")
    options = parser.parse_args()
    print(f"Python {platform.python_version()}, {platform.machine()}")
    print(
        "medians of rounds in turn, each in a process of its own; x: zstore over the other"
    )
    path = records.dated(records.BENCHMARKS, "inventory")
    about = {"machine": records.machine(), "quick": options.quick}
    rows: list[Row] = []
    with ListingProcess() as server, tempfile.TemporaryDirectory() as folder:
        bench = Bench(server, Path(folder), quick=options.quick)
        for name in options.tables or TABLES:
            print(f"\n{name}", flush=True)
            for row in TABLES[name](bench):
                rows.append(row)
                print(line(row), flush=True)
                if options.keep:  # at each row: it takes long, and may be interrupted
                    records.write(path, {**about, "rows": [asdict(one) for one in rows]})
    missed = [row for row in rows if row.met is False]
    unmeasured = [row for row in rows if row.met is None]
    print(f"\n{len(missed)} bars missed, {len(unmeasured)} not measured")


if __name__ == "__main__":
    main()
