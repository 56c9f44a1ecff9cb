"""C: CPU and wall time of a listing that S3 answers."""

from collections.abc import Iterator

from tests.benchmarks.inventory.bench import Bench
from tests.benchmarks.inventory.rows import Row, missing, ratio_row, seconds, several

__all__ = ["run"]

_LATENCY = 0.03
_SLOW = frozenset({"zarr FsspecStore", "s3fs find"})


def run(bench: Bench) -> Iterator[Row]:
    """Print C1 to C5, C8 and C9."""
    yield from _one_at_a_time(bench)
    yield _linear(bench)
    yield from _many_at_once(bench)
    yield from _answers_soon(bench)
    yield _on_dask(bench)


def _one_at_a_time(bench: Bench) -> Iterator[Row]:
    nkeys = bench.nkeys
    place = {"bucket": f"nested-{nkeys}"}
    measured = bench.turns(
        {
            "obstore": ("peers.obstore_arrow", place),
            "zstore": ("ours.size", place),
            "pages": ("ours.pages", place),
            "inventory": ("scans.scan", place),
            "zarr ObjectStore": ("peers.zarr_size", {**place, "kind": "obstore"}),
            "s3fs find": ("peers.s3fs_find", place),
        },
        once=_SLOW,
    )
    inventory = measured.pop("inventory")
    what = f"getsize_prefix, {nkeys:,} keys: CPU"
    yield ratio_row(("C1", what, 1.4), measured, against="obstore")
    whole = {"zstore": inventory, "obstore": measured["obstore"]}
    what = f"inventory, 1 at once, {nkeys:,} keys: CPU"
    yield ratio_row(("C2", what, 1.7), whole, against="obstore")


def _linear(bench: Bench) -> Row:
    # So often that both see the same number of keys.
    measured = bench.turns(
        {
            "2,500 keys": (
                "ours.size",
                {"bucket": "flat-2500", "kind": "fsspec", "times": 8},
            ),
            "zstore": ("ours.size", {"bucket": "flat-20000", "kind": "fsspec"}),
        }
    )
    what = "getsize_prefix on s3fs, flat 20,000: CPU a key"
    return ratio_row(("C3", what, 1.2), measured, against="2,500 keys")


def _many_at_once(bench: Bench) -> Iterator[Row]:
    nkeys = bench.nkeys
    place = {"bucket": f"nested-{nkeys}"}
    measured = bench.turns(
        {
            "obstore": ("peers.obstore_arrow", place),
            "zstore": ("scans.scan", {**place, "at_once": 16}),
            # As fast as it can be on this machine, the server included.
            "obstore, 16 at once": ("peers.obstore_offsets", {**place, "at_once": 16}),
            "zarr FsspecStore": ("peers.zarr_list", {**place, "kind": "fsspec"}),
        },
        latency=_LATENCY,
        once=_SLOW,
    )
    bar = 0.22 if bench.quick else 0.25
    what = f"inventory, 16 at once, 30 ms, {nkeys:,} keys: wall"
    yield ratio_row(("C4", what, bar), measured, against="obstore", attribute="wall")
    slow = {name: measured[name] for name in ("zstore", "zarr FsspecStore")}
    for attribute, least in (("cpu", 20.0), ("wall", 15.0)):
        yield ratio_row(
            ("C5", f"the same, less {attribute} than a list of zarr", least),
            slow,
            against="zarr FsspecStore",
            attribute=attribute,
            most=False,
        )


def _answers_soon(bench: Bench) -> Iterator[Row]:
    rounds = {
        "zstore": [
            bench.run(
                "scans.cancelled",
                latency=_LATENCY,
                bucket="nested-1000000",
                at_once=16,
                snapshot=bench.new_folder(),
            )
            for _ in range(bench.nrounds)
        ]
    }
    problem = missing(rounds, "zstore")
    for name, what, bar in (
        ("first_progress", "first progress, 30 ms a request", _LATENCY + 0.1),
        ("cancel", "a cancelled scan ends, 30 ms a request", _LATENCY + 0.2),
    ):
        wanted = f"<= {seconds(bar)}"
        if problem:
            yield Row("C8", what, wanted, problem, rounds=rounds)
            continue
        found = sorted(one.found[name] for one in rounds["zstore"])[bench.nrounds // 2]
        yield Row("C8", what, wanted, seconds(found), found <= bar, rounds=rounds)


def _on_dask(bench: Bench) -> Row:
    nkeys = 100_000 if bench.quick else 300_000
    place = {"bucket": f"nested-{nkeys}"}
    turns = bench.turns(
        {
            "asyncio": ("scans.scan", {**place, "at_once": 16}),
            "zstore": (
                "scans.on_dask",
                {**place, "snapshot": bench.new_folder(), "nworkers": 2, "nthreads": 8},
            ),
        },
        latency=_LATENCY,
    )
    row = ratio_row(
        ("C9", f"inventory on Dask 2x8, {nkeys:,} keys: wall", 1.5),
        turns,
        against="asyncio",
        attribute="wall",
    )
    if not missing(turns, "zstore"):
        row.peers["LIST"] = f"{several(turns['zstore'], 'nlist'):.0f}"
    return row
