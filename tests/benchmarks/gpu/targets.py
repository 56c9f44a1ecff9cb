"""What the figures should be: the thirteen metrics, each beside the peer and the limit."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from tests.benchmarks.gpu.files import FILE_SIZES
from tests.benchmarks.gpu.holding import SMALL_SIZES
from tests.benchmarks.gpu.session import KIB, MIB, SIZES, Session

__all__ = ["TARGETS", "Target", "Verdict", "verdicts"]

ANY = -1
"""Stands for every size that was measured."""

Bars = Mapping[int, float | None]


def _all(bar: float | None) -> Bars:
    return {ANY: bar}


_SMALL = {KIB: 0.1, 16 * KIB: 0.1}
_FROM_4_MIB = {4 * MIB: 1.5, 64 * MIB: 1.5}


@dataclass(frozen=True, slots=True)
class Target:
    """One thing, and how it should compare.

    Attributes
    ----------
    number, what
        Of the metric, and of its rows.
    sizes
        Of its values, in bytes; `ANY` where it is whatever was measured.
    against
        By the name of another way, what our time may be at most, over that of the way:
        by size, None where it is only to be reported.
    at_most
        What our value may be at most by itself.
    """

    number: int
    what: str
    sizes: tuple[int, ...]
    against: Mapping[str, Bars] = field(default_factory=dict[str, Bars])
    at_most: float | None = None


TARGETS = (
    Target(
        1,
        "set of a host value",
        SIZES,
        {
            "zarr": {KIB: 0.7, 16 * KIB: 0.7, 256 * KIB: 0.7, 4 * MIB: 0.6, 64 * MIB: 0.4},
            "limit": {64 * MIB: 2},
        },
    ),
    Target(2, "set_many of host values", SIZES, {"zarr": _SMALL, "limit": _all(1.5)}),
    Target(3, "from_dict of host values", SIZES, {"zarr": _SMALL, "limit": _all(1.5)}),
    Target(4, "set of a device value", SIZES, {"zarr": _all(1), "limit": {}}),
    Target(5, "get on the device", SIZES, {"zarr": _all(0.7), "limit": _all(5)}),
    Target(5, "get of a range on the device", SIZES, {"zarr": _all(0.7), "limit": _all(5)}),
    Target(
        6,
        "get to the host",
        SIZES,
        {"zarr": {**dict.fromkeys(SIZES, 1.0), 4 * MIB: 0.5, 64 * MIB: 0.5}}
        | {"limit": _FROM_4_MIB},
    ),
    Target(
        7, "get_partial_values to the host", SIZES, {"zarr": _all(0.2), "limit": _all(2)}
    ),
    *(
        Target(8, f"stall of the loop, {when} {call}", (ANY,), {"zarr": _all(0.05)}, 0.005)
        for call in ("set", "get")
        for when in ("first", "later")
    ),
    Target(
        9,
        "device bytes per byte, one by one",
        SMALL_SIZES,
        {"zarr": _all(None)},
    ),
    Target(
        9,
        "device bytes per byte, together",
        SMALL_SIZES,
        {"zarr": {13: 0.1}},
        1.3,
    ),
    Target(
        9,
        "device bytes per byte, together, half deleted",
        SMALL_SIZES,
        {"zarr": _all(None)},
        1.3,
    ),
    Target(10, "pinned memory kept", (ANY,), {"zarr": _all(0.2)}, 64 * MIB),
    Target(
        11,
        "statistics of float32",
        (ANY,),
        {"copy to the host": _all(0.02), "limit": _all(20)},
    ),
    Target(
        12,
        "file to the device",
        FILE_SIZES,
        {"zarr": _all(0.6), "kvikio": _all(1), "limit": _all(None)},
    ),
    # Equal but for the noise of starting a process.
    Target(13, "import", (0,), {"zstore, no CuPy": _all(1.1), "zarr": _all(None)}),
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """A target, and what was measured of it.

    Attributes
    ----------
    number, what, size
        Which.
    against
        The other way; empty where our value counts by itself.
    bar, found
        At most, and measured: a ratio of medians, or a value. None: there is none.
    low, high
        The smallest and largest ratio, or value, of any two rounds.
    unit
        Of `found`.
    """

    number: int
    what: str
    size: int
    against: str
    bar: float | None
    found: float | None
    low: float | None
    high: float | None
    unit: str

    @property
    def says(self) -> Literal["MET", "MISSED", "not measured", ""]:
        """In a word; empty where there is no bar."""
        if self.found is None:
            return "not measured"
        if self.bar is None:
            return ""
        return "MET" if self.found <= self.bar else "MISSED"


def verdicts(session: Session) -> Iterator[Verdict]:
    """Compare what a session found with every target."""
    for target in TARGETS:
        sizes = target.sizes
        if sizes == (ANY,):
            sizes = (session.options.large_nbytes,)
        for size in sizes:
            for way, bars in target.against.items():
                yield _beside(session, target, size, way, bars.get(size, bars.get(ANY)))
            if target.at_most is not None:
                yield _alone(session, target, size, target.at_most)


def _beside(
    session: Session, target: Target, size: int, way: str, bar: float | None
) -> Verdict:
    ours = session.find(target.what, "zstore", size)
    other = session.find(target.what, way, size)
    here = target.number, target.what, size, way, bar
    if ours is None or other is None or min(other.values) <= 0:
        return Verdict(*here, None, None, None, "ratio")
    low = min(ours.values) / max(other.values)
    high = max(ours.values) / min(other.values)
    return Verdict(*here, ours.median / other.median, low, high, "ratio")


def _alone(session: Session, target: Target, size: int, bar: float) -> Verdict:
    ours = session.find(target.what, "zstore", size)
    here = target.number, target.what, size, "", bar
    if ours is None:
        return Verdict(*here, None, None, None, "ratio")
    return Verdict(*here, ours.median, min(ours.values), max(ours.values), ours.unit)
