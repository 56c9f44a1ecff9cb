"""The bar of a scan says how far it is, and closes itself."""

import io
import sys

import pytest

from zstore import MemoryStore
from zstore.errors import MissingDependencyError
from zstore.inventory import Inventory, ScanProgress, progress_bar
from zstore.inventory.snapshot.rollup import LiveTree


def told(**changes) -> ScanProgress:
    values = {
        "nkeys": 1_500,
        "nbytes": 3 * 2**30,
        "nrequests": 2,
        "nactive": 1,
        "nretries": 0,
        "seconds": 2.0,
        "fraction": 0.25,
        "nkeys_here": 1_000,
        "tree": LiveTree(),
    }
    return ScanProgress(**{**values, **changes})


def last_line(file: io.StringIO) -> str:
    return file.getvalue().split("\r")[-1].rstrip()


def test_it_says_how_far_the_scan_is_and_what_is_left():
    file = io.StringIO()
    bar = progress_bar(file=file)
    bar(told())
    line = last_line(file)
    assert line.startswith("scan:  25%|")
    for text in ("1,500 keys", "3.0 GiB", "500 keys/s", "2 requests", "about 9 s left"):
        assert text in line
    assert "again" not in line
    bar(told(nkeys=400_000, nretries=3))
    assert "3 tried again" in last_line(file)
    assert "about 40 min left" in last_line(file)
    bar.close()


def test_of_a_rest_that_nobody_knows_it_says_nothing():
    file = io.StringIO()
    bar = progress_bar(file=file, desc="my bucket")
    bar(told(fraction=None))
    assert last_line(file).startswith("my bucket:   0%|")
    assert "left" not in last_line(file)
    bar.close()
    bar.close()


async def test_it_is_full_and_closed_at_the_end_of_a_scan():
    file = io.StringIO()
    bar = progress_bar(file=file)
    store = MemoryStore()
    await store.set_many({f"{i}": b"1234" for i in range(600)})
    (await Inventory.scan(store, on_progress=bar)).close()
    line = last_line(file)
    assert "scan: 100%|" in line
    assert "600 keys, 2.3 KiB" in line
    assert "left" not in line
    # A closed bar of tqdm ends its line, and is drawn no more.
    assert file.getvalue().endswith("\n")
    assert bar._bar.disable


def test_without_tqdm_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    with pytest.raises(MissingDependencyError, match=r"tqdm.*zstore\[inventory\]"):
        progress_bar()
