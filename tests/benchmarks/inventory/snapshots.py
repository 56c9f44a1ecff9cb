"""E: what a snapshot takes on disk, and how fast it answers; A4 with it."""

from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.inventory.bench import Bench
from tests.benchmarks.inventory.reports import deliver
from tests.benchmarks.inventory.rows import Measured, Row, missing, seconds, several

__all__ = ["run"]

_MB = 1e6
# Of few keys the cost of the rest would be most.
_NKEYS = 1_000_000
_SHAPES = ("nested", "flat")
_LEVEL = "array_0003"


def run(bench: Bench) -> Iterator[Row]:
    """Print E1 to E5."""
    folders = {shape: bench.new_folder() for shape in _SHAPES}
    for shape, folder in folders.items():
        yield _size(bench, shape, folder)
    yield _writing(bench)
    yield _browsing(bench, folders["nested"])
    yield from _answers(bench, folders["nested"])
    yield _difference(bench, folders["nested"])
    for csv in (False, True):
        yield _report(bench, csv=csv)


def _problem(name: str, what: str, wanted: str, one: Measured) -> Row:
    return Row(name, what, wanted, one.problem, rounds={"zstore": [one]})


def _size(bench: Bench, shape: str, folder: str) -> Row:
    what, wanted = f"snapshot of {shape} {_NKEYS:,}", "<= 7 B a key"
    one = bench.run("sinks.write", folder=folder, nkeys=_NKEYS, name=shape)
    if one.problem:
        return _problem("E1", what, wanted, one)
    nbytes = sum(path.stat().st_size for path in Path(folder, "keys").rglob("*"))
    each = nbytes / _NKEYS
    return Row("E1", what, wanted, f"{each:.2f} B", each <= 7, rounds={"zstore": [one]})


def _writing(bench: Bench) -> Row:
    rounds = [bench.run("sinks.parts", nkeys=_NKEYS) for _ in range(bench.nrounds)]
    what, wanted = "writing keys into a part: CPU a key", "<= 0.3 us"
    if missing({"zstore": rounds}, "zstore"):
        return _problem("E2", what, wanted, rounds[0])
    each = several(rounds, "cpu") / _NKEYS
    met = each <= 0.3e-6
    return Row("E2", what, wanted, f"{each * 1e6:.3g} us", met, rounds={"zstore": rounds})


def _browsing(bench: Bench, folder: str) -> Row:
    one = bench.run("questions.browse", snapshot=folder)
    what, wanted = "21 levels with sizes from a snapshot", "0 requests"
    if one.problem:
        return _problem("A4", what, wanted, one)
    nrequests = one.nlist + one.nhead
    met = nrequests == 0 and one.found["nkeys"] == _NKEYS
    return Row("A4", what, wanted, f"{nrequests} requests", met, rounds={"zstore": [one]})


def _answers(bench: Bench, folder: str) -> Iterator[Row]:
    one = bench.run("questions.answers", snapshot=folder, prefix=_LEVEL)
    for name, what, bar in (
        ("total", "total of all keys, by SQL", 0.040),
        ("range", "total of a range of keys, by SQL", 0.025),
        ("children", "children of the root", 0.015),
    ):
        wanted = f"<= {seconds(bar)}"
        if one.problem:
            yield _problem("E3", what, wanted, one)
        else:
            found = one.found[name]
            rounds = {"zstore": [one]}
            yield Row("E3", what, wanted, seconds(found), found <= bar, rounds=rounds)


def _difference(bench: Bench, old: str) -> Row:
    new = bench.new_folder()
    what, wanted = f"diff of two of {_NKEYS:,}, 1 % changed", "<= 3 s, <= 500 MB"
    made = bench.run("sinks.write", folder=new, nkeys=_NKEYS, changed=100)
    one = made if made.problem else bench.run("questions.compared", old=old, new=new)
    if one.problem:
        return _problem("E4", what, wanted, one)
    is_exact = one.found["nchanged"] == _NKEYS // 100
    met = is_exact and one.wall <= 3 and one.rss <= 500 * _MB
    said = f"{seconds(one.wall)}, {one.rss / _MB:.0f} MB"
    return Row("E4", what, wanted, said, met, rounds={"zstore": [one]})


def _report(bench: Bench, *, csv: bool) -> Row:
    report = bench.new_folder()
    deliver(Path(report), _NKEYS, csv=csv)
    one = bench.run("questions.imported", report=report, snapshot=bench.new_folder())
    bar = 1.5e-6 if csv else 0.6e-6
    what = f"S3 Inventory, {'CSV.gz' if csv else 'Parquet'}: CPU a key"
    wanted = f"<= {bar * 1e6:g} us"
    if one.problem:
        return _problem("E5", what, wanted, one)
    each = one.cpu / _NKEYS
    met = each <= bar and one.found["nkeys"] == _NKEYS
    return Row("E5", what, wanted, f"{each * 1e6:.3g} us", met, rounds={"zstore": [one]})
