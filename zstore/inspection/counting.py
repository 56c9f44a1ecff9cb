"""The statistics of a buffer's values, counted where the buffer lies."""

import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from zstore.buffer import Buffer, gpu
from zstore.concurrency import run_in_thread
from zstore.errors import InvalidTypeError
from zstore.gpu.driver import Driver
from zstore.gpu.engines import open_engine
from zstore.inspection.arithmetic import Window, bin_values, count_values, numbers
from zstore.inspection.lenses import lens_of
from zstore.inspection.records import Statistics

__all__ = ["WINDOW_NBYTES", "statistics", "stats"]

WINDOW_NBYTES = 16 * 1024 * 1024
"""What is converted and counted in one step, so that a step is short and memory bounded."""

# A step on a device lasts microseconds for each MiB, and some hundreds to begin with.
_DEVICE_WINDOWS = 4
# Each is 8 bytes while it is sorted into its bin.
_WINDOW_VALUES = 16 * 1024 * 1024
_BLOCK_VALUES = 64 * 1024
_MAX_BINS = 65_536


async def statistics(
    buffer: Buffer, dtype: str = "uint8", *, bins: int = 64
) -> AsyncGenerator[Statistics, None]:
    """Count the values of a buffer, step by step.

    Parameters
    ----------
    buffer
        Of any kind; the values of a device are counted there.
    dtype, bins
        As in `values`; bins of the histogram, at most 65,536.

    Yields
    ------
    Statistics
        After each step, the last one complete. Stop at any moment by closing it.

    Raises
    ------
    InvalidTypeError
        If `dtype` is not known, or `bins` is no such number.
    GpuUnavailable, DeviceMemoryError
        If the buffer lies on a device that fails, or has no room for a few windows.

    Notes
    -----
    Reads the buffer twice, in windows of 16 MiB in a worker thread, or of 64 MiB on the
    thread of a device; needs memory for a few windows of floats. To the host go some
    32 bytes a window, and the bins once.
    """
    lens = lens_of(dtype)
    if not isinstance(bins, int) or not 1 <= bins <= _MAX_BINS:
        msg = f"bins must be a number from 1 to {_MAX_BINS}, got {bins!r}"
        raise InvalidTypeError(msg)
    count = len(buffer) // lens.itemsize
    so_far = Statistics(dtype, count, 0, rest=len(buffer) % lens.itemsize)
    if not count:
        yield so_far
        return
    counter = await _counter(buffer, lens)
    for first, last in counter.windows(count):
        window = await counter.call(counter.count, first, last)
        so_far = counter.measured(_joined(so_far, window))
        yield so_far
    low, high = so_far.minimum, so_far.maximum
    if low is None or high is None:
        return
    ends = float(low), float(high)
    if not ends[0] / 2 < ends[1] / 2:
        histogram = [0] * bins
        histogram[bins // 2] = count - so_far.nan - so_far.infinite
        yield replace(so_far, histogram=histogram)
        return
    every = not so_far.nan and not so_far.infinite
    add = partial(counter.add_to_bins, bins=bins, ends=ends, finite=every)
    total = None
    for first, last in counter.windows(count):
        total = await counter.call(add, total, first, last)
    histogram = await counter.call(counter.fetch, total)
    yield counter.measured(replace(so_far, histogram=[int(each) for each in histogram]))


async def stats(buffer: Buffer, dtype: str = "uint8", *, bins: int = 64) -> Statistics:
    """Count the values of a buffer; see `statistics`, of which this is the last step."""
    async with aclosing(statistics(buffer, dtype, bins=bins)) as steps:
        every = [step async for step in steps]
    return every[-1]


@dataclass(slots=True)
class _Counter:
    """Counts windows of one buffer, in the thread that its memory belongs to.

    Attributes
    ----------
    buffer, lens
        What is counted, and as which type.
    run
        Calls a function in that thread.
    driver
        Of the device; None on the host.
    """

    buffer: Buffer
    lens: np.dtype[Any]
    run: Callable[..., Awaitable[Any]]
    driver: Driver | None = None
    device_nbytes: int = 0
    host_nbytes: int = 0
    seconds: float = 0.0

    @property
    def xp(self) -> Any:
        return np if self.driver is None else self.driver.xp

    def windows(self, count: int) -> Iterator[tuple[int, int]]:
        """Return the first value of each window, and the first behind it."""
        nbytes = WINDOW_NBYTES * (1 if self.driver is None else _DEVICE_WINDOWS)
        step = max(1, min(nbytes // self.lens.itemsize, _WINDOW_VALUES))
        for first in range(0, count, step):
            yield first, min(first + step, count)

    async def call(self, function: Callable[..., Any], *args: Any) -> Any:
        start = time.perf_counter()
        try:
            return await self.run(function, *args)
        finally:
            self.seconds += time.perf_counter() - start

    def count(self, first: int, last: int) -> Window:
        # Any bytes may come: floats that overflow, or signal when they are looked at.
        with np.errstate(all="ignore"):
            return count_values(self.xp, self._numbers(first, last), self.fetch)

    def add_to_bins(self, total: Any, first: int, last: int, **how: Any) -> Any:
        # A host is faster where what it makes on the way stays in its cache.
        step = _BLOCK_VALUES if self.driver is None else last - first
        with np.errstate(all="ignore"):
            for start in range(first, last, step):
                array = self._numbers(start, min(start + step, last))
                counts = bin_values(self.xp, array, **how)
                total = counts if total is None else total + counts
        return total

    def _numbers(self, first: int, last: int) -> Any:
        size = self.lens.itemsize
        window, pointer = self.buffer[first * size : last * size], 0
        if isinstance(window, gpu.Buffer):
            pointer = int(window.ptr)
        self.device_nbytes += len(window)
        return numbers(self.xp, window.as_array_like(), self.lens, pointer)

    def fetch(self, array: Any) -> npt.NDArray[Any]:
        if self.driver is None:
            host: npt.NDArray[Any] = array
        else:
            host = self.driver.xp.asnumpy(array)
            self.host_nbytes += host.nbytes
        return host

    def measured(self, counted: Statistics) -> Statistics:
        """Return it with what it took so far."""
        return replace(
            counted,
            device_nbytes=self.device_nbytes,
            host_nbytes=self.host_nbytes,
            seconds=self.seconds,
        )


async def _counter(buffer: Buffer, lens: np.dtype[Any]) -> _Counter:
    if not isinstance(buffer, gpu.Buffer):
        return _Counter(buffer, lens, run_in_thread)
    engine = await open_engine(buffer.device_id)
    # What the caller's stream has been given may be what fills the buffer.
    with engine.device.explained():
        engine.driver.follow_caller()
    return _Counter(buffer, lens, engine.run, engine.driver)


def _joined(so_far: Statistics, window: Window) -> Statistics:
    low, high, mean = so_far.minimum, so_far.maximum, so_far.mean
    if window.finite:
        before = so_far.counted - so_far.nan - so_far.infinite
        share = window.finite / (before + window.finite)
        mean = window.mean if mean is None else mean * (1 - share) + window.mean * share
        low = window.minimum if low is None else min(low, window.minimum)
        high = window.maximum if high is None else max(high, window.maximum)
    return replace(
        so_far,
        counted=so_far.counted + window.size,
        nan=so_far.nan + window.nan,
        infinite=so_far.infinite + window.infinite,
        zeros=so_far.zeros + window.zeros,
        minimum=low,
        maximum=high,
        mean=mean,
    )
