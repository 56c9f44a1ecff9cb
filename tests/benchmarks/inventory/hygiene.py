"""F: exit codes, and servers that throttle."""

from collections.abc import Iterator

from tests.benchmarks.inventory.bench import Bench
from tests.benchmarks.inventory.rows import Row, seconds

__all__ = ["run"]

_LATENCY, _FAR = 0.03, 0.1
# Less than a slow machine asks for, so that it is the server that is measured; from far,
# so that one request at a time is not enough.
_RATE = 30


def run(bench: Bench) -> Iterator[Row]:
    """Print F1, F3 and F4; F2 is a test."""
    yield _exits(bench)
    yield _slowed_down(bench)
    yield _capped(bench)


def _exits(bench: Bench) -> Row:
    times = 20 if bench.quick else 200
    rounds = [
        bench.run(
            "scans.cancelled",
            latency=0.005,
            bucket="nested-100000",
            at_once=8,
            snapshot=bench.new_folder(),
        )
        for _ in range(times)
    ]
    good = sum(not one.problem for one in rounds)
    what = f"{times} processes that cancel a scan"
    peers = {f"failure {n}": one.problem for n, one in enumerate(rounds) if one.problem}
    said = f"{good} ended with 0"
    wanted = f"{times} end with 0"
    return Row("F1", what, wanted, said, good == times, peers, {"zstore": rounds})


def _slowed_down(bench: Bench) -> Row:
    place = {"bucket": "nested-100000", "at_once": 16, "digest": True}
    whole = bench.run("scans.scan", latency=_LATENCY, **place)
    bench.server.behave(slow_down_share=0.1)
    slowed = bench.run("scans.scan", latency=_LATENCY, **place)
    bench.server.behave(slow_down_share=0.0)
    rounds = {"undisturbed": [whole], "zstore": [slowed]}
    what, wanted = "inventory, 10 % SlowDown", "the same, + 503s"
    if whole.problem or slowed.problem:
        return Row("F3", what, wanted, whole.problem or slowed.problem, rounds=rounds)
    met = whole.found["digest"] == slowed.found["digest"] and slowed.found["complete"]
    said = f"{slowed.nlist} LIST, {slowed.n503} 503"
    peers = {"undisturbed": f"{whole.nlist} LIST"}
    return Row("F3", what, wanted, said, met, peers, rounds)


def _capped(bench: Bench) -> Row:
    bucket = "nested-300000" if bench.quick else "nested-1000000"
    bench.server.behave(rate=_RATE)
    one = bench.run("paced.scan", latency=_FAR, bucket=bucket, at_once=64)
    bench.server.behave(rate=None)
    what, wanted = f"inventory, {_RATE} requests a second let in", ">= 80 % of them"
    if one.problem:
        return Row("F4", what, wanted, one.problem, rounds={"zstore": [one]})
    share = one.found["npages"] / one.found["seconds"] / _RATE
    said = f"{share:.0%}, {one.n503} 503"
    met = share >= 0.8 and one.found["complete"]
    peers = {"took": seconds(one.wall)}
    return Row("F4", what, wanted, said, met, peers, {"zstore": [one]})
