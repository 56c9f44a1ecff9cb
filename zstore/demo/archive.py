"""What lies in a large bucket of several people: plain data, of which nothing is stored."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from math import prod
from typing import Any, Final, NamedTuple

from zstore.demo.key_lines import KeyLines, Line

__all__ = ["Archive", "archive"]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LEAST_LOGS: Final = 50


class Archive(NamedTuple):
    """All keys, and the documents among their values."""

    keys: KeyLines
    documents: dict[str, bytes]


@dataclass(frozen=True)
class _Array:
    """An array over time and a map.

    Attributes
    ----------
    chunk
        Shape of a chunk: time steps, rows, columns.
    grid
        How many chunks there are on the map: downwards, across.
    share
        Thousandths of all keys that are its chunks.
    stored
        Bytes of a chunk as it is stored, on the average.
    since, ndays
        When the first of `nsteps` was written, and how many days they took.
    codecs
        Names of them.
    more, gap
        How many steps were added since; those that are not stored.
    """

    path: str
    dtype: str
    chunk: tuple[int, int, int]
    grid: tuple[int, int]
    share: float
    stored: int
    since: datetime
    ndays: int
    codecs: tuple[str, ...] = ("bytes", "zstd")
    nsteps: int = 1
    more: int = 0
    gap: range = range(0)

    def of(self, nkeys: int) -> "_Array":
        """Return it as it is where there are `nkeys` keys in all."""
        return replace(
            self, nsteps=max(1, int(nkeys * self.share / 1000) // prod(self.grid))
        )

    def nkeys(self) -> int:
        return (self.nsteps + self.more - len(self.gap)) * prod(self.grid) + 1

    def written(self, step: int) -> int:
        """Return when a step was written: microseconds since 1970."""
        return _moment(self.since + timedelta(days=self.ndays) * step / self.nsteps)

    def chunks(self) -> Iterator[Line]:
        rows, columns = self.grid
        tails = tuple(sorted(f"{y}/{x}" for y in range(rows) for x in range(columns)))
        # What is not compressed is of one size.
        varies = len(self.codecs) > 1
        nbytes, spread = (self.stored // 2, self.stored) if varies else (self.stored, 1)
        for step in range(self.nsteps + self.more):
            if step not in self.gap:
                head = f"{self.path}/c/{step}/"
                yield Line(head, tails, nbytes, spread, self.written(step))

    def document(self) -> dict[str, Any]:
        counts = (self.nsteps + self.more, *self.grid)
        return {
            "zarr_format": 3,
            "node_type": "array",
            "shape": [n * length for n, length in zip(counts, self.chunk, strict=True)],
            "data_type": self.dtype,
            "chunk_grid": _named("regular", chunk_shape=self.chunk),
            "chunk_key_encoding": _named("default", separator="/"),
            "fill_value": 0,
            "codecs": [_CODECS[name] for name in self.codecs],
            "dimension_names": ["time", "latitude", "longitude"],
            "attributes": {},
        }


def _named(name: str, **configuration: Any) -> dict[str, Any]:
    return {"name": name, "configuration": configuration}


def _moment(time: datetime) -> int:
    return (time - _EPOCH) // timedelta(microseconds=1)


def _day(year: int, month: int) -> datetime:
    return datetime(year, month, 1, tzinfo=UTC)


_CODECS: Final = {
    "bytes": _named("bytes", endian="little"),
    "zstd": _named("zstd", level=3, checksum=False),
}
_BEGUN: Final = _day(2021, 5)

# It gets the keys that the others leave.
_MAIN: Final = _Array(
    "reanalysis/temperature", "int16",
    (24, 72, 144), (10, 10), 0, 100_000, _day(2024, 1), 850,
)  # fmt: skip
_FORECASTS: Final = [
    _Array(
        f"forecast/{name}", "float32",
        (6, 144, 360), (5, 4), 20, stored, _day(2025, 1), 480,
    )
    for name, stored in (("rain", 30_000), ("wind", 800_000))
]  # fmt: skip
_CLOUDS: Final = _Array(
    "satellite/clouds", "uint8",
    (1, 2000, 2000), (4, 4), 16, 400_000, _day(2024, 7), 360,
)  # fmt: skip
_RADIANCE: Final = _Array(
    "satellite/radiance", "uint16",
    (1, 5500, 5500), (2, 2), 4, 24_000_000, _day(2024, 7), 360,
)  # fmt: skip
_ENSEMBLE: Final = [
    _Array(
        f"ensemble/member_{i:02}/temperature", "float32",
        (10, 144, 720), (5, 2), 0.75, 2_000_000, _day(2023, 3), 90,
    )
    for i in range(20)
]  # fmt: skip
_COPY: Final = _Array(
    "old/temperature_copy", "float32",
    (10, 250, 300), (5, 4), 20, 3_000_000, _BEGUN, 20, ("bytes",),
)  # fmt: skip


def _arrays(nkeys: int, *, later: bool) -> list[_Array]:
    """Return the arrays; `later` the forecasts go on, the gap is filled, the copy gone."""
    clouds = _CLOUDS.of(nkeys)
    middle = clouds.nsteps // 2
    clouds = replace(clouds, gap=range(middle, middle + clouds.nsteps // 25))
    forecasts = [array.of(nkeys) for array in _FORECASTS]
    others = [array.of(nkeys) for array in (_RADIANCE, *_ENSEMBLE, _COPY)]
    arrays = [*forecasts, clouds, *others]
    documents = 1 + len(_groups([_MAIN, *arrays]))
    left = nkeys - documents - _LEAST_LOGS - sum(array.nkeys() for array in arrays)
    main = replace(_MAIN, nsteps=left // prod(_MAIN.grid))
    if not later:
        return [main, *arrays]
    forecasts = [replace(array, more=1 + array.nsteps // 50) for array in forecasts]
    return [main, *forecasts, replace(clouds, gap=range(0)), *others[:-1]]


def _groups(arrays: Sequence[_Array]) -> set[str]:
    """Return the paths of the groups that the arrays lie in."""
    above = [array.path.split("/")[:-1] for array in arrays]
    return {"/".join(names[:i]) for names in above for i in range(len(names) + 1)}


@lru_cache(maxsize=4)
def archive(nkeys: int, *, later: bool) -> Archive:
    """Return an archive of `nkeys` keys, or what has become of it a week later.

    Parameters
    ----------
    nkeys
        At least 1,000.

    Notes
    -----
    About 0.1 s and 5 MB for a million keys. The last few are kept for the next caller.
    """
    group: dict[str, Any] = {"zarr_format": 3, "node_type": "group", "attributes": {}}
    at_first, arrays = _arrays(nkeys, later=False), _arrays(nkeys, later=later)
    found = {path: (group, _moment(_BEGUN)) for path in _groups(at_first)}
    for array in arrays:
        found[array.path] = array.document(), array.written(array.nsteps + array.more - 1)
    documents: dict[str, bytes] = {}
    lines = [line for array in arrays for line in array.chunks()]
    for path, (document, at) in found.items():
        head = f"{path}/" if path else ""
        value = documents[f"{head}zarr.json"] = json.dumps(document).encode()
        lines.append(Line(head, ("zarr.json",), len(value), 1, at))
    nlogs = nkeys - len(_groups(at_first)) - sum(array.nkeys() for array in at_first)
    logs = tuple(f"{i:03}.txt" for i in range(nlogs))
    lines.append(Line("logs/", logs, 5_000, 20_000, _moment(_day(2026, 4))))
    return Archive(KeyLines(lines), documents)
