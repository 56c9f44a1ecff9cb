"""What was measured stands on the pages, as the files of results say it."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from tests.benchmarks.timing import Comparison
from tests.docs.building import ROOT, hook
from tests.reliability.figures import Figure

measured = hook("measured")

TIMES = "\N{MULTIPLICATION SIGN}"
SITE = ROOT / "build/docs"
MACHINE = {
    "date": "2026-11-23T08:00:00Z",
    "git": "abc1234",
    "python": "3.11.9",
    "numpy": "2.4.0",
    "system": "Linux",
    "cpus": 2,
    "packages": {"zarr": "3.1.6"},
}


def keep(folder: Path, name: str, **content: Any) -> None:
    (folder / name).write_text(json.dumps({"machine": MACHINE, **content}))


def comparison(name: str, bar: float | None = 2.0, **peers: list[float]) -> Comparison:
    seconds = {"zstore": [0.004, 0.003], "plain calls": [0.002, 0.004], **peers}
    return Comparison(name, "plain calls", bar, 1000, seconds)


def figure(system: str, value: float, **kwargs: Any) -> Figure:
    said = {"promise": "W1", "what": "torn values", "of": 200, "bar": 0, **kwargs}
    return Figure(system=system, value=value, **said)


def rows(text: str) -> list[list[str]]:
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_a_comparison_is_a_row_with_ratios_of_the_best_rounds(tmp_path: Path):
    found = [
        comparison("get 4 KiB", zarr=[0.03, 0.04]),
        comparison("set 4 KiB", bar=1.4),
        comparison("get 32 MiB", bar=None),
    ]
    keep(
        tmp_path,
        "stores-2026-11-23.json",
        comparisons=[{**asdict(one), "ratio": one.ratio} for one in found],
    )
    text = measured.benchmarks(tmp_path)
    assert "2026-11-23 at commit `abc1234`, on 2 processor cores" in text
    assert "zarr 3.1.6" in text
    assert "in 2 rounds" in text
    assert "### Local files" in text
    assert rows(text) == [
        ["What", "zstore", "Ratio", "Bar", "zarr"],
        ["---", "---:", "---", "---", "---:"],
        ["get 4 KiB", "3.00 µs", f"1.50 {TIMES} plain calls", "2, met", f"10.0 {TIMES}"],
        ["set 4 KiB", "3.00 µs", f"1.50 {TIMES} plain calls", "1.4, **missed**", ""],
        ["get 32 MiB", "3.00 µs", f"1.50 {TIMES} plain calls", "", ""],
    ]


@pytest.mark.parametrize(
    ("name", "group"),
    [
        ("get 4 KiB, 32 wide by gather", "Local files"),
        ("set 4 KiB, one at a time", "Local files"),
        ("list_prefix, 40,000 keys", "Listings and sizes"),
        ("getsize_prefix, 40,000 keys", "Listings and sizes"),
        ("list_dir, 20,000 names", "Listings and sizes"),
        ("MemoryStore list_dir of a leaf in 200,000 keys", "Memory"),
        ("MemoryStore list, 100,000 keys", "Listings and sizes"),
        ("LocalStore getsize_prefix, 100,000 keys", "Listings and sizes"),
        ("ZipStore get 4 KiB", "Zip archives"),
        ("FsspecStore over HTTP get 32 MiB", "S3 and HTTP"),
        ("ObjectStore on S3 set 4 KiB, 32 wide", "S3 and HTTP"),
        ("a get through LoggingStore", "Facades and wrappers"),
        ("write 1,600 raw chunks through as_zarr", "Arrays through zarr"),
        ("explorer: a folder opens", "The explorer"),
        ("import", "Import"),
        ("importing a moon", "Other"),
    ],
)
def test_comparisons_are_grouped_by_what_they_are_about(name: str, group: str):
    [found] = measured.grouped([comparison(name)])
    assert found == group


def test_the_worst_figure_stands_for_a_system(tmp_path: Path):
    found = [
        figure("zstore Local", 0),
        figure("zstore Zip", 0, of=4000),
        figure("zstore Zip", 900, what="acknowledged", bar=200, of=None, least=True),
        figure("zstore Zip", 7, what="said only", bar=None),
        figure("zarr Local", 3),
        figure("zarr Zip", 53),
        figure("tensorstore file", 1, what="failures of writes.kills itself", of=1),
        figure("zarr <b>|*Fsspec*", 0, promise="W2"),
        figure("zstore Local", 60, promise="P3", of=None, bar=50, unit="ms", what="lag"),
    ]
    keep(tmp_path, "battery-2026-11-23.json", figures=[asdict(one) for one in found])
    table = {row[0].partition(":")[0]: row[1:] for row in rows(measured.battery(tmp_path))}
    [written] = [
        row for sign, row in table.items() if sign.startswith("[W1](battery.md#w1-")
    ]
    assert written == [
        "Zip: 0 / 4,000 torn values, met",
        "Zip: 53 / 200 torn values",
        "",
        "",
    ]
    [lag] = [row for sign, row in table.items() if sign.startswith("[P3]")]
    assert lag[0] == "Local: 60 ms lag, **missed**"
    [other] = [row for sign, row in table.items() if sign.startswith("[W2]")]
    assert other[1] == "&#60;b&#62;&#124;&#42;Fsspec&#42;: 0 / 200 torn values"
    assert table["[N1](battery.md)"] == ["", "", "", ""]


def test_every_figure_is_on_the_page_of_the_battery(tmp_path: Path):
    found = [figure("SQLite", 1, note="<script>`*a*"), figure("zstore Zip", 7, bar=None)]
    keep(tmp_path, "battery-2026-11-23.json", figures=[asdict(one) for one in found])
    page = measured.battery_page(tmp_path)
    assert "`tests/reliability/results/battery-2026-11-23.json`" in page
    assert "| SQLite | 1 / 200 |" in page
    assert "&#60;script&#62;&#96;&#42;a&#42;" in page
    assert "| zstore Zip | 7 / 200 |" in page


def test_the_newest_file_counts_whatever_its_name(tmp_path: Path):
    for name, hour in (("stores-1-2.json", 9), ("stores-1.json", 8), ("gpu-2.json", 10)):
        about = {**MACHINE, "date": f"2026-11-23T{hour:02}:00:00Z"}
        (tmp_path / name).write_text(json.dumps({"machine": about}))
    name, _ = measured.newest(tmp_path, "stores")
    assert name == "stores-1-2.json"


def test_what_was_not_measured_is_said_to_be_so(tmp_path: Path):
    for page in (measured.benchmarks, measured.battery, measured.battery_page):
        assert "Not measured yet" in page(tmp_path)


@pytest.mark.skipif(
    not (SITE / "index.html").is_file(), reason="there is no site: run `make docs`"
)
def test_the_site_has_both_pages():
    for name in ("performance", "battery"):
        html = (SITE / f"{name}.html").read_text(encoding="utf-8")
        assert "Measured on" in html or "Not measured yet" in html
        assert "<!-- " not in html.partition("<article")[2].partition("</article>")[0]
