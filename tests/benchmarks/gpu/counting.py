"""Metric 11: statistics on the device; and whether they are right."""

from typing import Any

import numpy as np

from tests.benchmarks.gpu.devices import random_bytes
from tests.benchmarks.gpu.session import Prepare, Session
from zstore.buffer import cpu, gpu
from zstore.inspection import LENSES, Statistics, stats

__all__ = ["check", "run"]

_COUNT = 100_003
_BINS = 64


def check(session: Session) -> None:
    """Compare the statistics of every type, on the device, with the host's and NumPy's."""
    for dtype in LENSES:
        numbers = _values(np.dtype(dtype))
        values = numbers.view(np.uint8)
        buffer = gpu.Buffer(session.device.xp.asarray(values))
        ours = session.run(stats(buffer, dtype, bins=_BINS))
        right = _same(ours, _plain(dtype, numbers))
        session.check(f"statistics of {dtype}, {ours}, are those of NumPy", holds=right)
        _compare(session, dtype, values, dtype)
        _compare(session, dtype, values[1:], f"{dtype}, misaligned")
    nothing = np.zeros(0, np.uint8)
    _compare(session, "float32", nothing, "nothing")
    not_numbers = np.full(10, np.nan, np.float32).view(np.uint8)
    _compare(session, "float32", not_numbers, "no numbers")
    session.say(f"statistics of {len(LENSES)} types were compared with those on the host")


def _values(dtype: np.dtype[Any]) -> np.ndarray[Any, np.dtype[Any]]:
    random = np.random.default_rng(0)
    if dtype.kind not in "fc":
        high = 2 if dtype.kind == "b" else 256
        return random.integers(0, high, _COUNT * dtype.itemsize, np.uint8).view(dtype)
    values = random.standard_normal(_COUNT).astype(dtype)
    values[::1009] = np.nan
    values[5:8] = np.inf, -np.inf, 0
    return values


def _plain(dtype: str, values: np.ndarray[Any, np.dtype[Any]]) -> Statistics:
    """Count with NumPy alone."""
    numbers = np.abs(values) if values.dtype.kind == "c" else values * 1
    finite = numbers[np.isfinite(numbers)]
    low, high = finite.min(), finite.max()
    # The bins of narrow floats have rounded edges otherwise.
    binned = finite.astype(np.float64) if finite.dtype.kind == "f" else finite
    return Statistics(
        dtype,
        count=len(values),
        counted=len(values),
        nan=int(np.isnan(numbers).sum()),
        infinite=int(np.isinf(numbers).sum()),
        zeros=int((numbers == 0).sum()),
        minimum=low.item(),
        maximum=high.item(),
        mean=float(finite.mean(dtype=np.float64)),
        histogram=np.histogram(binned, _BINS, (float(low), float(high)))[0].tolist(),
    )


def _compare(session: Session, dtype: str, values: Any, what: str) -> None:
    # The upload starts where an allocation does, so a slice of it is as misaligned.
    shift = 1 if "misaligned" in what else 0
    padded = np.concatenate([np.zeros(shift, np.uint8), values])
    device = gpu.Buffer(session.device.xp.asarray(padded))[shift:]
    theirs = session.run(stats(cpu.Buffer(np.array(values)), dtype, bins=_BINS))
    ours = session.run(stats(device, dtype, bins=_BINS))
    session.check(f"statistics of {what}, {ours}, are {theirs}", holds=_same(ours, theirs))


def _same(ours: Statistics, theirs: Statistics) -> bool:
    exact = ("count", "counted", "nan", "infinite", "zeros", "minimum", "maximum", "rest")
    if any(getattr(ours, name) != getattr(theirs, name) for name in exact):
        return False
    # A value on the edge of a bin may be rounded to either side of it.
    moved = sum(abs(a - b) for a, b in zip(ours.histogram, theirs.histogram, strict=True))
    if theirs.mean is None or ours.mean is None:
        return ours.mean is theirs.mean and not moved
    scale = max(1.0, abs(theirs.mean), abs(float(theirs.maximum or 0)))
    return moved <= 2 and abs(ours.mean - theirs.mean) <= 1e-5 * scale


def run(session: Session) -> None:
    """Compare with copying all to the host and counting there, and with reading twice."""
    device, size = session.device, session.options.large_nbytes
    device.trim()
    numbers = random_bytes(size).view(np.uint32) >> np.uint32(8)
    array = device.xp.asarray(numbers.astype(np.float32).view(np.uint8))
    buffer, other = gpu.Buffer(array), device.empty(size)

    def to_host() -> object:
        values = array.get().view(np.float32)
        low, high = np.nanmin(values), np.nanmax(values)
        zeros, mean = (values == 0).sum(), np.nanmean(values, dtype=np.float64)
        bins = np.histogram(values, _BINS, (float(low), float(high)))[0]
        return np.isnan(values).sum(), np.isinf(values).sum(), zeros, low, high, mean, bins

    def duplicate() -> None:  # reads once and writes once: as much traffic as two reads
        device.duplicate(other, [array])

    jobs: dict[str, Prepare] = {
        "zstore": lambda: lambda: stats(buffer, "float32", bins=_BINS),
        "copy to the host": lambda: to_host,
        "limit": lambda: duplicate,
    }
    session.compare("statistics of float32", size, jobs)
    session.notes.append("limit of statistics: a copy within the device, for two reads")
    ours = session.run(stats(buffer, "float32", bins=_BINS))
    theirs = session.run(stats(cpu.Buffer(array.get()), "float32", bins=_BINS))
    session.check(
        "statistics of a large buffer are those of the host", holds=_same(ours, theirs)
    )
