"""A line of a table, and whether its bar is met."""

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Measured", "Row", "line", "missing", "ratio_row", "seconds", "several"]


@dataclass(slots=True)
class Measured:
    """One run of one way, in a process of its own.

    Attributes
    ----------
    wall, cpu
        Seconds; `cpu` of the process and of those that it started.
    rss
        Bytes: the most that was held, above what was held before it began.
    nlist, nhead, nget, n503
        What the server counted meanwhile.
    found
        What the way says that it found.
    problem
        Why there are no numbers; empty if there are.
    """

    wall: float = math.nan
    cpu: float = math.nan
    rss: float = math.nan
    nlist: int = 0
    nhead: int = 0
    nget: int = 0
    n503: int = 0
    found: dict[str, Any] = field(default_factory=dict[str, Any])
    problem: str = ""


@dataclass(slots=True)
class Row:
    """One line.

    Attributes
    ----------
    bar
        Its name in the list of bars, such as ``"C1"``.
    what
        What was done.
    wanted
        The bar, in words.
    ours
        What we did, in words.
    met
        Whether the bar is met; None if there is none, or nothing was measured.
    peers
        What others did, in words.
    rounds
        What was measured, by way.
    """

    bar: str
    what: str
    wanted: str
    ours: str
    met: bool | None = None
    peers: dict[str, str] = field(default_factory=dict[str, str])
    rounds: dict[str, list[Measured]] = field(default_factory=dict[str, list[Measured]])


def line(row: Row) -> str:
    """Return a row as a line of text."""
    verdict = {None: "", True: "met", False: "MISSED"}[row.met]
    peers = "  ".join(f"{name} {value}" for name, value in row.peers.items())
    left = f"{row.bar:3} {row.what:49} {row.ours:>21}  bar {row.wanted:22}"
    return f"{left} {verdict:6}  {peers}".rstrip()


def several(rounds: Sequence[Measured], attribute: str) -> float:
    """Return the median of an attribute over the rounds; NaN if one failed."""
    values: list[float] = [getattr(one, attribute) for one in rounds]
    return statistics.median(values)


def missing(measured: Mapping[str, Sequence[Measured]], way: str) -> str:
    """Return why a way has no numbers; empty if it has."""
    return next((one.problem for one in measured[way] if one.problem), "")


def seconds(value: float) -> str:
    """Return a time with its unit."""
    if math.isnan(value):
        return "-"
    for unit, scale in (("s", 1.0), ("ms", 1e-3)):
        if value >= scale:
            return f"{value / scale:.3g} {unit}"
    return f"{value * 1e6:.3g} us"


def ratio_row(
    head: tuple[str, str, float],
    measured: dict[str, list[Measured]],
    *,
    against: str,
    attribute: str = "cpu",
    most: bool = True,
) -> Row:
    """Return a row about our share of what another way took, round by round.

    Parameters
    ----------
    head
        The name of the bar, what was done, and the bar itself.
    measured
        The rounds of each way; ours is ``"zstore"``.
    against
        The way that ours is divided by.
    attribute
        Of `Measured`.
    most
        Whether the bar is the most that is allowed; otherwise the ratio is turned round,
        and the bar is the least.
    """
    name, what, bar = head
    wanted = f"{'<=' if most else '>='} {bar:g} x {against}"
    peers = {
        way: seconds(several(rounds, attribute)) + _times(measured, way, against, attribute)
        for way, rounds in measured.items()
        if way != "zstore"
    }
    problem = missing(measured, "zstore") or missing(measured, against)
    if problem:
        return Row(name, what, wanted, problem, None, peers, measured)
    found = _ratio(measured, "zstore", against, attribute)
    found = found if most else 1 / found
    met = found <= bar if most else found >= bar
    took = seconds(several(measured["zstore"], attribute))
    return Row(name, what, wanted, f"{found:.3g} x ({took})", met, peers, measured)


def _ratio(
    measured: Mapping[str, list[Measured]], way: str, against: str, attribute: str
) -> float:
    # A slow peer has fewer rounds than ours.
    pairs = zip(measured[way], measured[against], strict=False)
    ratios: list[float] = [
        getattr(one, attribute) / getattr(other, attribute) for one, other in pairs
    ]
    return statistics.median(ratios)


def _times(
    measured: Mapping[str, list[Measured]], way: str, against: str, attribute: str
) -> str:
    problem = missing(measured, way)
    if problem:
        return f" ({problem})"
    return f" ({_ratio(measured, way, against, attribute):.3g} x)"
