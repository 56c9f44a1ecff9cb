"""D: how much memory above what the imports and the open store take."""

from collections.abc import Iterator
from typing import Any

from tests.benchmarks.inventory.bench import Bench
from tests.benchmarks.inventory.rows import Measured, Row, missing, several

__all__ = ["run"]

_MB = 1e6


def run(bench: Bench) -> Iterator[Row]:
    """Print D1 to D4; D5 is a test."""
    yield from _nested(bench)
    yield _most(
        ("D2", f"inventory, 16 at once, flat {bench.nkeys:,}", 30),
        {"zstore": _rounds(bench, "scans.scan", bucket=f"flat-{bench.nkeys}", at_once=16)},
    )
    tree = str(bench.tree)
    local = {
        "zstore": _rounds(bench, "ours.size", path=tree, kind="local"),
        "pages": _rounds(bench, "ours.pages", path=tree, kind="local"),
        "zarr LocalStore": [bench.run("peers.zarr_size", path=tree, kind="local")],
    }
    yield _most(("D3", "getsize_prefix, 100,000 files", 10), local)
    nrows = bench.nkeys if bench.quick else 100 * bench.nkeys
    sink = {"zstore": [bench.run("sinks.write", folder=bench.new_folder(), nkeys=nrows)]}
    yield _most(("D4", f"{nrows:,} rows into a snapshot", 500), sink)


def _rounds(bench: Bench, way: str, **arguments: Any) -> list[Measured]:
    return [bench.run(way, **arguments) for _ in range(bench.nrounds)]


def _nested(bench: Bench) -> Iterator[Row]:
    bucket: dict[str, Any] = {"bucket": f"nested-{bench.nkeys}"}
    measured = {
        "zstore": _rounds(bench, "scans.scan", **bucket, at_once=16),
        "obstore": _rounds(bench, "peers.obstore_arrow", **bucket),
        "getsize_prefix": _rounds(bench, "ours.size", **bucket),
        "s3fs find": [bench.run("peers.s3fs_find", **bucket)],
        "zarr FsspecStore": [bench.run("peers.zarr_list", **bucket, kind="fsspec")],
        "tensorstore": [bench.run("tensors.names", **bucket)],
    }
    yield _most(("D1", f"inventory, 16 at once, nested {bench.nkeys:,}", 60), measured)
    tenth = _rounds(bench, "scans.scan", bucket=f"nested-{bench.nkeys // 10}", at_once=16)
    what = f"growth from {bench.nkeys // 10:,} to {bench.nkeys:,} keys"
    problem = missing(measured, "zstore")
    if problem:
        yield Row("D1", what, "<= 30 MB", problem)
    else:
        grown = several(measured["zstore"], "rss") - several(tenth, "rss")
        said = f"{grown / _MB:.0f} MB"
        rounds = {"a tenth": tenth}
        yield Row("D1", what, "<= 30 MB", said, grown <= 30 * _MB, rounds=rounds)


def _most(head: tuple[str, str, float], measured: dict[str, list[Measured]]) -> Row:
    name, what, bar = head
    told = {
        way: missing(measured, way) or f"{several(rounds, 'rss') / _MB:.0f} MB"
        for way, rounds in measured.items()
    }
    problem = missing(measured, "zstore")
    met = None if problem else several(measured["zstore"], "rss") <= bar * _MB
    return Row(name, what, f"<= {bar:g} MB", told.pop("zstore"), met, told, measured)
