"""Print our times beside those of the peers, and whether the bars are met."""

import argparse
import platform
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from tests import records
from tests.benchmarks import (
    archives,
    arrays,
    explorer,
    imports,
    listings,
    local,
    memory,
    overheads,
    remote,
)
from tests.benchmarks.gpu import command as gpu
from tests.benchmarks.timing import Comparison

GROUPS = {
    "local": local.run,
    "memory": memory.run,
    "zip": archives.run,
    "remote": remote.run,
    "listings": listings.run,
    "overheads": overheads.run,
    "arrays": arrays.run,
    "explorer": explorer.run,
    "import": imports.run,
}


def _seconds(value: float) -> str:
    for unit, scale in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if value >= scale:
            return f"{value / scale:.3g} {unit}"
    return f"{value / 1e-9:.3g} ns"


def _line(comparison: Comparison) -> str:
    times = "  ".join(
        f"{name} {_seconds(comparison.best(name))}" for name in comparison.seconds
    )
    verdict = {None: "", True: "met", False: "MISSED"}[comparison.met]
    bar = "" if comparison.bar is None else f"bar {comparison.bar:g}"
    return (
        f"{comparison.name:48} {comparison.ratio:7.3f}x {comparison.against:13}"
        f"(median {comparison.median_ratio:.3f}x)  {bar:9} {verdict:7}  {times}"
    )


def main() -> None:
    """Run the groups that were asked for, all by default."""
    if sys.argv[1:2] == ["gpu"]:  # it has options of its own, and needs no other peer
        sys.exit(gpu.main(sys.argv[2:]))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "groups", nargs="*", choices=[[], *GROUPS], help="all by default; gpu by itself"
    )
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--keep", action="store_true", help="every time in a dated file")
    options = parser.parse_args()
    print(f"Python {platform.python_version()}, {platform.machine()}")
    print(f"best of {options.rounds} rounds; ratio: zstore over the way named behind it\n")
    comparisons: list[Comparison] = []
    for group in options.groups or GROUPS:
        with tempfile.TemporaryDirectory() as folder:
            for comparison in GROUPS[group](Path(folder), rounds=options.rounds):
                comparisons.append(comparison)
                print(_line(comparison), flush=True)
    if options.keep:
        path = records.dated(records.BENCHMARKS, "stores")
        found = [{**asdict(each), "ratio": each.ratio} for each in comparisons]
        records.write(path, {"machine": records.machine(), "comparisons": found})
    missed = [comparison.name for comparison in comparisons if comparison.met is False]
    print(f"\n{len(missed)} bars missed" + (f": {', '.join(missed)}" if missed else ""))
    sys.exit(0)


if __name__ == "__main__":
    main()
