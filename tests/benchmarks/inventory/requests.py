"""A: how many requests, counted by the server; no latency, no luck."""

import math
from collections.abc import Iterator
from typing import Any

from tests.benchmarks.inventory.bench import Bench
from tests.benchmarks.inventory.rows import Measured, Row
from tests.inventory.planning.key_spaces import SHAPES

__all__ = ["run"]

_LATENCY = 0.03


def run(bench: Bench) -> Iterator[Row]:
    """Print A1 to A8; A6 and A7 are tests of the planner, A9 is one of Dask."""
    yield _size(bench)
    yield _count(bench)
    yield _level(bench)
    for nkeys in (100_000, 1_000_000)[: 1 if bench.quick else 2]:
        for shape in SHAPES:
            yield _scan(bench, shape, nkeys)
    yield _resumed(bench)


def _said(one: Measured) -> str:
    gets = f" {one.nget} GET" if one.nget else ""
    return one.problem or f"{one.nlist} LIST {one.nhead} HEAD{gets}"


def _size(bench: Bench) -> Row:
    nkeys = 2_011 if bench.quick else 20_111
    bucket, pages = f"nested-{nkeys}", math.ceil(nkeys / 1000)
    rounds = {
        name: [bench.run(way, bucket=bucket, kind=kind)]
        for name, way, kind in (
            ("zstore", "ours.size", "obstore"),
            ("zstore on s3fs", "ours.size", "fsspec"),
            ("zarr FsspecStore", "peers.zarr_size", "fsspec"),
            ("zarr ObjectStore", "peers.zarr_size", "obstore"),
        )
    }
    ours = [rounds["zstore"][0], rounds["zstore on s3fs"][0]]
    met = all(not one.problem and one.nlist <= pages and not one.nhead for one in ours)
    peers = {name: _said(one) for name, [one] in rounds.items() if name != "zstore"}
    what = f"getsize_prefix, {nkeys:,} keys"
    return Row("A1", what, f"{pages} LIST 0 HEAD", _said(ours[0]), met, peers, rounds)


def _count(bench: Bench) -> Row:
    nkeys = 20_111
    one = bench.run("ours.usage", bucket=f"nested-{nkeys}")
    pages = math.ceil(nkeys / 1000)
    met = not one.problem and (one.nlist, one.nhead) == (pages, 0)
    what = f"count and bytes, {nkeys:,} keys"
    return Row("A2", what, f"{pages} LIST", _said(one), met, rounds={"zstore": [one]})


def _level(bench: Bench) -> Row:
    # A flat array has all its chunks on one level.
    page: dict[str, Any] = {"bucket": "flat-100002", "prefix": "temperature/", "limit": 100}
    rounds = {
        name: [bench.run(way, kind=kind, **page)]
        for name, way, kind in (
            ("zstore", "ours.first_page", "obstore"),
            ("zstore on s3fs", "ours.first_page", "fsspec"),
            ("zarr FsspecStore", "peers.zarr_level", "fsspec"),
            ("zarr ObjectStore", "peers.zarr_level", "obstore"),
        )
    }
    ours = [rounds["zstore"][0], rounds["zstore on s3fs"][0]]
    met = all(not one.problem and one.nlist == 1 for one in ours)
    peers = {name: _said(one) for name, [one] in rounds.items() if name != "zstore"}
    what = "first 100 rows of 100,001 siblings"
    return Row("A3", what, "1 LIST", _said(ours[0]), met, peers, rounds)


def _scan(bench: Bench, shape: str, nkeys: int) -> Row:
    at_once = 16
    most = math.floor(1.10 * math.ceil(nkeys / 1000) + 5 * at_once)
    one = bench.run(
        "scans.scan", latency=_LATENCY, bucket=f"{shape}-{nkeys}", at_once=at_once
    )
    met = None
    if not one.problem:
        # A document of metadata is read by a GET; that is no key measured by a request.
        met = one.nlist <= most and not one.nhead and one.found["nkeys"] == nkeys
    what = f"inventory, {at_once} at once, {shape} {nkeys:,}"
    return Row(
        "A5", what, f"<= {most} LIST 0 HEAD", _said(one), met, rounds={"zstore": [one]}
    )


def _resumed(bench: Bench) -> Row:
    at_once, bucket = 8, "nested-100000"
    place: dict[str, Any] = {"bucket": bucket, "at_once": at_once}
    whole = bench.run("scans.scan", latency=_LATENCY, **place, digest=True)
    twice = bench.run(
        "scans.resumed",
        latency=_LATENCY,
        **place,
        snapshot=bench.new_folder(),
        share=0.4,
    )
    rounds = {"undisturbed": [whole], "zstore": [twice]}
    most = whole.nlist + 4 * at_once
    met = None
    if not (whole.problem or twice.problem):
        same = twice.found["digest"] == whole.found["digest"]
        met = same and twice.nlist <= most
    peers = {"undisturbed": _said(whole)}
    what = "cancelled at 40 %, and resumed"
    return Row("A8", what, f"<= {most} LIST", _said(twice), met, peers, rounds)
