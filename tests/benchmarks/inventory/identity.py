"""B: the same contents, whatever way they were found."""

from collections.abc import Iterator
from typing import Any

from tests.benchmarks.inventory.bench import Bench
from tests.benchmarks.inventory.rows import Measured, Row
from tests.inventory.planning.key_spaces import SHAPES

__all__ = ["run"]


def run(bench: Bench) -> Iterator[Row]:
    """Print B1: one line for each shape. The other bars of B are tests."""
    for shape in SHAPES:
        yield _same(bench, shape)


def _same(bench: Bench, shape: str) -> Row:
    nkeys = 20_000 if bench.quick else 300_000
    place: dict[str, Any] = {"bucket": f"{shape}-{nkeys}", "digest": True}
    rounds = {
        f"{at_once} at once": [bench.run("scans.scan", at_once=at_once, **place)]
        for at_once in (1, 16, 64)
    }
    bench.server.behave(slow_down_share=0.1)
    rounds["10 % SlowDown"] = [bench.run("scans.scan", at_once=16, **place)]
    bench.server.behave(slow_down_share=0.0)
    rounds["resumed"] = [
        bench.run(
            "scans.resumed",
            latency=0.01,
            bucket=place["bucket"],
            snapshot=bench.new_folder(),
            at_once=16,
            share=0.5,
        )
    ]
    rounds["Dask 2x4"] = [
        bench.run(
            "scans.on_dask", snapshot=bench.new_folder(), nworkers=2, nthreads=4, **place
        )
    ]
    what = f"digest of {shape} {nkeys:,}, {len(rounds)} ways"
    told = {name: one.problem for name, [one] in rounds.items() if one.problem}
    digests = {_told(one) for [one] in rounds.values() if not one.problem}
    if not digests:
        return Row("B1", what, "all the same", next(iter(told.values())), rounds=rounds)
    met = not told and {one[:2] for one in digests} == {(nkeys, True)}
    met = met and len(digests) == 1
    said = f"{len(rounds) - len(told)} ways, {len(digests)} digests"
    return Row("B1", what, "all the same", said, met, told, rounds)


def _told(one: Measured) -> tuple[int, bool, str]:
    return one.found["nkeys"], one.found["complete"], one.found["digest"]
