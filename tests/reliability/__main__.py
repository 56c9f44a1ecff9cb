"""Run the battery, print every figure as it comes, and keep the table: ``make battery``."""

import argparse
import sys
import time
from dataclasses import asdict

from tests import records
from tests.reliability.battery import MEASURES, run
from tests.reliability.figures import Effort, Figure
from tests.reliability.table import markdown

__all__ = ["main"]

RESULTS = records.ROOT / "tests" / "reliability" / "results"


def main() -> int:
    """Run what was asked for; return 1 if a promise of ours is not kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "only", nargs="*", help=f"names, or starts of them, of {', '.join(MEASURES)}"
    )
    parser.add_argument("--short", action="store_true", help="the form of `make test`")
    options = parser.parse_args()
    found: list[Figure] = []
    start = time.monotonic()
    for figure in run(Effort.SHORT if options.short else Effort.LONG, options.only):
        found.append(figure)
        says = {True: "met", False: "MISSED", None: ""}[figure.met]
        print(f"{figure.promise:3} {figure.system:24} {figure} {says}", flush=True)
    missed = [f for f in found if f.met is False and _is_ours(f.system)]
    print(f"\n{len(found)} figures in {time.monotonic() - start:.0f} s")
    print(f"{len(missed)} bars missed by zstore")
    for figure in missed:
        print(f"  {figure.promise} {figure.system}: {figure}")
    if not options.only and not options.short:
        _keep(found)
    return int(bool(missed))


def _is_ours(system: str) -> bool:
    return system.startswith("zstore")


def _keep(found: list[Figure]) -> None:
    about = records.machine()
    path = records.dated(RESULTS, "battery")
    records.write(path, {"machine": about, "figures": [asdict(each) for each in found]})
    lines = "\n".join(f"- {name}: {value}" for name, value in about.items())
    table = path.with_suffix(".md")
    table.write_text(f"# The battery\n\n{lines}\n\n{markdown(found)}")
    print(f"written to {path.name} and {table.name} in {RESULTS}")


if __name__ == "__main__":
    sys.exit(main())
