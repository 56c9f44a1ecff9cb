"""C6 and C7: a local tree of 100,000 files, in the page cache."""

from collections.abc import Iterator
from typing import Any

from tests.benchmarks.inventory.bench import Bench
from tests.benchmarks.inventory.rows import Row, ratio_row

__all__ = ["run"]

_SLOW = frozenset({"zarr LocalStore"})


def run(bench: Bench) -> Iterator[Row]:
    """Compare what is counted, listed and looked at again."""
    place = {"path": str(bench.tree), "kind": "local"}
    find = ["find", place["path"], "-type", "f", "-printf", "%s\\t%T@\\t%P\\n"]
    measured = bench.turns(
        {
            "find": ("peers.command", {"words": find}),
            "du": ("peers.command", {"words": ["du", "-sb", place["path"]]}),
            "zstore": ("ours.size", place),
            "pages": ("ours.pages", place),
            "obstore": ("peers.obstore_local", place),
            "zarr LocalStore": ("peers.zarr_size", place),
        },
        once=_SLOW,
    )
    pages = measured.pop("pages")
    yield ratio_row(
        ("C6", "getsize_prefix, 100,000 files: CPU", 1.5), measured, against="find"
    )
    sorted_pages = {"zstore": pages, "find": measured["find"]}
    what = "sorted pages of 100,000 files: CPU"
    yield ratio_row(("C6", what, 2.0), sorted_pages, against="find")
    slow = {name: measured[name] for name in ("zstore", "zarr LocalStore")}
    yield ratio_row(
        ("C6", "getsize_prefix, less CPU than zarr", 8.0),
        slow,
        against="zarr LocalStore",
        most=False,
    )
    yield _again(bench, place)


def _again(bench: Bench, place: dict[str, Any]) -> Row:
    snapshot = bench.new_folder()
    bench.run("scans.scan", snapshot=snapshot, **place)
    measured = bench.turns(
        {
            "full scan": ("scans.scan", place),
            "zstore": ("scans.refreshed", {**place, "snapshot": snapshot}),
        }
    )
    what = "scan again, nothing changed, 9 files a folder: CPU"
    return ratio_row(("C7", what, 8.0), measured, against="full scan", most=False)
