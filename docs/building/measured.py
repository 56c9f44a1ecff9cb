"""What the benchmarks and the battery have found, as tables: their newest files say it.

Without such a file a page says that nothing was measured yet.
"""

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from markdown.extensions.toc import slugify
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from tests.benchmarks.timing import Comparison
from tests.records import BENCHMARKS, ROOT
from tests.reliability.figures import Figure
from tests.reliability.promises import PROMISES
from tests.reliability.table import SAYS
from tests.reliability.table import markdown as table_of

BATTERY = ROOT / "tests" / "reliability" / "results"
NOT_YET = "*Not measured yet: no result of `make {}` is kept.*"

# What a comparison is about, by its name; what no pattern fits comes last.
GROUPS = {
    "Local files": r"[gs]et \d|LocalStore (?!list,|getsize)",
    "Memory": r"MemoryStore (?!list,|getsize)",
    "Zip archives": r"ZipStore ",
    "S3 and HTTP": r"(Fsspec|Object)Store ",
    "Listings and sizes": r"(list|getsize)_|(Local|Memory)Store (list,|getsize)",
    "Facades and wrappers": r"a get through ",
    "Arrays through zarr": r".* through as_zarr",
    "The explorer": r"explorer",
    "Import": r"import\b",
}
OTHER = "Other"

OURS = "zstore"
SYSTEMS = (OURS, "zarr", "obstore", "tensorstore")

# Nothing in a name or a note is Markdown or HTML: keys are tried that look like either.
_AS_TEXT = {ord(char): f"&#{ord(char)};" for char in "\\`*_{}[]()<>#|&~^!"}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the page with every figure of the battery."""
    files.append(File.generated(config, "battery.md", content=battery_page(BATTERY)))
    return files


def on_page_markdown(markdown: str, **_: object) -> str:
    """Put the tables where a page asks for them."""
    if "<!-- benchmarks -->" in markdown:
        markdown = markdown.replace("<!-- benchmarks -->", benchmarks(BENCHMARKS))
    if "<!-- battery -->" in markdown:
        markdown = markdown.replace("<!-- battery -->", battery(BATTERY))
    return markdown


def newest(folder: Path, kind: str) -> tuple[str, dict[str, Any]] | None:
    """Return the name and the content of the newest file of results; None without one.

    Parameters
    ----------
    folder
        Where they are kept.
    kind
        The first word of their names.
    """
    paths = folder.glob(f"{kind}-*.json")
    files = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in paths}
    # A name has a day only; a second file of that day is newer.
    return max(files.items(), key=lambda file: file[1]["machine"]["date"], default=None)


def benchmarks(folder: Path) -> str:
    """Return what the newest benchmarks were run on, and a table for each group."""
    found = newest(folder, "stores")
    if found is None:
        return NOT_YET.format("benchmark")
    name, content = found
    comparisons = [
        Comparison(**{key: value for key, value in one.items() if key != "ratio"})
        for one in content["comparisons"]
    ]
    counts = [len(one.seconds[OURS]) for one in comparisons]
    rounds = " to ".join(str(number) for number in sorted({min(counts), max(counts)}))
    about = (
        f"{_about(content['machine'])} Each way was run in {rounds} rounds. "
        f"Every time of every round is in `tests/benchmarks/results/{name}`."
    )
    blocks = [about]
    for group, members in grouped(comparisons).items():
        blocks += [f"### {group}", "\n".join(speeds(members))]
    return "\n\n".join(blocks)


def grouped(comparisons: Iterable[Comparison]) -> dict[str, list[Comparison]]:
    """Return all comparisons by what they are about, in the order of `GROUPS`."""
    groups: dict[str, list[Comparison]] = {group: [] for group in (*GROUPS, OTHER)}
    for comparison in comparisons:
        fits = (name for name, say in GROUPS.items() if re.match(say, comparison.name))
        groups[next(fits, OTHER)].append(comparison)
    return {group: members for group, members in groups.items() if members}


def speeds(comparisons: Sequence[Comparison]) -> Iterable[str]:
    """Yield the lines of a table: our times, the ratios with their bars, the other ways."""
    # A way that ours is measured against everywhere is in the column of the ratio.
    others = {
        way: None
        for comparison in comparisons
        for way in comparison.seconds
        if way not in (OURS, comparison.against)
    }
    yield _row(["What", "zstore", "Ratio", "Bar", *map(_plain, others)])
    yield "|---|---:|---|---|" + "---:|" * len(others)
    for one in comparisons:
        bar = "" if one.bar is None else f"{one.bar:g}, {SAYS[one.met]}"
        ratio = f"{_times(one.ratio)} {_plain(one.against)}"
        ours = one.best(OURS)
        times = [
            _times(one.best(way) / ours) if way in one.seconds else "" for way in others
        ]
        yield _row([_plain(one.name), _seconds(ours), ratio, bar, *times])


def battery(folder: Path) -> str:
    """Return a table with a row for each promise: the worst figure of each system."""
    found = newest(folder, "battery")
    if found is None:
        return NOT_YET.format("battery")
    name, content = found
    figures = [Figure(**one) for one in content["figures"]]
    lines = [_row(["Promise", *SYSTEMS]), "|---" * (1 + len(SYSTEMS)) + "|"]
    for sign, text in PROMISES.items():
        of_it = [figure for figure in figures if figure.promise == sign]
        # The heading of it on the other page.
        anchor = f"#{slugify(f'{sign}: {text}', '-')}" if of_it else ""
        cells = [_worst(system, of_it) for system in SYSTEMS]
        lines.append(_row([f"[{sign}](battery.md{anchor}): {text}", *cells]))
    about = (
        f"{_about(content['machine'])} [The battery](battery.md) has all {len(figures):,} "
        f"figures; they are kept in `tests/reliability/results/{name}`."
    )
    return "\n".join([about, "", *lines])


def _worst(system: str, figures: Iterable[Figure]) -> str:
    """Return the figure of a system that is the furthest from its bar, as a cell."""
    # What has no bar is only said, on the other page; that a measure failed on a system of
    # others is no figure of theirs.
    own = [
        figure
        for figure in figures
        if figure.system.split()[0] == system and figure.met is not None
        if system == OURS or not re.fullmatch(r"failures of \S+ itself", figure.what)
    ]
    if not own:
        return ""
    worst = max(own, key=_badness)
    where = worst.system.removeprefix(system).strip()
    says = SAYS[worst.met] if system == OURS else ""
    text = _plain(f"{where}: {worst}" if where else str(worst))
    return ", ".join(filter(None, (text, says)))


def _badness(figure: Figure) -> tuple[bool, bool, float, int]:
    """Return how far from its bar a figure is; of equals the most tries are the worst."""
    of, bar, value = figure.of or 0, figure.bar or 0.0, figure.value
    if figure.least:
        share = bar / value if value else math.inf
    else:
        share = value / (of or bar or 1)
    return figure.met is False, not figure.least, share, of


def battery_page(folder: Path) -> str:
    """Return the page with all figures of the newest battery."""
    found = newest(folder, "battery")
    head = "---\nsearch:\n  exclude: true\n---\n\n# The battery\n\n"
    if found is None:
        return head + NOT_YET.format("battery")
    name, content = found
    figures = [
        replace(figure, what=_plain(figure.what), note=_plain(figure.note))
        for figure in (Figure(**one) for one in content["figures"])
    ]
    return (
        f"{head}{_about(content['machine'])} Kept in `tests/reliability/results/{name}`; "
        f"[How fast is it](performance.md#reliability) has the worst of each promise."
        f"\n\n{table_of(figures)}"
    )


def _about(machine: Mapping[str, Any]) -> str:
    versions = {
        "Python": machine["python"],
        "NumPy": machine["numpy"],
        **machine["packages"],
    }
    with_them = ", ".join(f"{name} {version}" for name, version in versions.items())
    return (
        f"Measured on {machine['date'][:10]} at commit `{machine['git']}`, on "
        f"{machine['cpus']} processor cores, `{machine['system']}`, with {with_them}."
    )


def _seconds(value: float) -> str:
    units = (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6), ("ns", 1e-9))
    unit, scale = next((each for each in units if value >= each[1]), units[-1])
    return f"{_digits(value / scale)} {unit}"


def _digits(value: float) -> str:
    """Return a number with three digits that say something, and never as a power of ten."""
    value = float(f"{value:.3g}")
    decimals = 2 - math.floor(math.log10(value)) if value > 0 else 0
    return f"{value:,.{max(0, decimals)}f}"


def _times(value: float) -> str:
    return f"{_digits(value)} \N{MULTIPLICATION SIGN}"


def _plain(text: str) -> str:
    return text.translate(_AS_TEXT)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
