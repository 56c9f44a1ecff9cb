"""What a buffer holds, and where: facts, values and statistics, without a copy of it."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from zstore.buffer.core import Buffer
from zstore.buffer.gpu import Buffer as DeviceBuffer
from zstore.buffer.gpu import device_arrays
from zstore.concurrency.threads import run_in_thread
from zstore.errors import InvalidTypeError

__all__ = ["LENSES", "BufferFacts", "Statistics", "buffer_facts", "statistics", "values"]

LENSES = (
    *("uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64"),
    *("float16", "float32", "float64", "complex64", "complex128", "bool"),
)
"""Data types that bytes can be looked at as; big-endian ones by ``newbyteorder``."""

# What is converted and counted in one step, so that a step is short and memory bounded.
_WINDOW_NBYTES = 16 * 1024 * 1024
# A window of such values could add up to more than a float holds.
_LARGE = 1e290


@dataclass(frozen=True, slots=True)
class BufferFacts:
    """Where a buffer is, and whose memory it is.

    Attributes
    ----------
    device
        ``"cpu"``, or ``"cuda:0"`` and so on.
    pointer
        Address of the first byte; 0 of an empty buffer.
    nbytes
        Length in bytes.
    readonly
        Whether it refuses to be written to.
    owner
        What holds the memory: its class.
    owner_nbytes, offset
        Length of that memory, and where in it the buffer starts, in bytes. None where the
        owner does not say.
    alignment
        The largest power of two, up to 4096, that divides the pointer.
    """

    device: str
    pointer: int
    nbytes: int
    readonly: bool
    owner: str
    owner_nbytes: int | None
    offset: int | None
    alignment: int

    @property
    def is_view(self) -> bool:
        """Whether it is a part of a larger piece of memory."""
        return self.owner_nbytes is not None and self.owner_nbytes > self.nbytes


@dataclass(frozen=True, slots=True)
class Statistics:
    """The values of a buffer, seen as numbers of one type.

    Attributes
    ----------
    dtype
        As in `values`.
    count, counted
        How many values there are, and how many were counted so far.
    nan, infinite, zeros
        How many are not a number, infinite, zero.
    minimum, maximum, mean
        Of the finite values; None if there is none. Of complex numbers: of the magnitude.
    histogram
        Counts of the finite values in bins of equal width; empty until all were counted.
    rest
        Bytes at the end that fill no value.
    """

    dtype: str
    count: int
    counted: int
    nan: int = 0
    infinite: int = 0
    zeros: int = 0
    minimum: float | int | None = None
    maximum: float | int | None = None
    mean: float | None = None
    histogram: list[int] = field(default_factory=list[int])
    rest: int = 0

    @property
    def complete(self) -> bool:
        """Whether every value was counted, and the histogram made."""
        return self.counted == self.count and (bool(self.histogram) or self.mean is None)


def buffer_facts(buffer: Buffer) -> BufferFacts:
    """Say where a buffer is; no copy, no call to a device.

    Parameters
    ----------
    buffer
        Of any kind.
    """
    if isinstance(buffer, DeviceBuffer):
        array = buffer.as_array_like()
        device, pointer = f"cuda:{array.device.id}", int(array.data.ptr)
        memory = array.data.mem
        owner, owner_nbytes = type(memory).__name__, int(memory.size)
        start = int(memory.ptr)
    else:
        view = buffer.as_buffer_like()
        device, pointer = "cpu", _address(view)
        owner = "nothing" if view.obj is None else type(view.obj).__name__
        whole = None if view.obj is None else memoryview(view.obj)
        owner_nbytes = None if whole is None else whole.nbytes
        start = pointer if whole is None else _address(whole)
    offset = pointer - start if len(buffer) else 0
    inside = owner_nbytes is not None and 0 <= offset <= owner_nbytes - len(buffer)
    return BufferFacts(
        device=device,
        pointer=pointer,
        nbytes=len(buffer),
        readonly=buffer.readonly,
        owner=owner,
        owner_nbytes=owner_nbytes,
        offset=offset if inside else None,
        alignment=min(pointer & -pointer, 4096) if pointer else 1,
    )


def values(
    buffer: Buffer, dtype: str, start: int = 0, count: int = 1024
) -> npt.NDArray[Any]:
    """Return some of the values of a buffer, in host memory.

    Parameters
    ----------
    buffer
        Of any kind; from a device only these values are copied.
    dtype
        One of `LENSES`, with ``">"`` before it for big-endian bytes.
    start, count
        The first value and how many, in values; fewer at the end.

    Raises
    ------
    InvalidTypeError
        If `dtype` is none of these.
    """
    lens = _lens(dtype)
    whole = len(buffer) // lens.itemsize
    first, last = min(start, whole), min(start + count, whole)
    part = buffer[first * lens.itemsize : last * lens.itemsize]
    seen: npt.NDArray[Any] = part.as_numpy_array().view(lens)
    return seen


async def statistics(
    buffer: Buffer, dtype: str = "uint8", *, bins: int = 64
) -> AsyncGenerator[Statistics, None]:
    """Count the values of a buffer, step by step.

    Parameters
    ----------
    buffer
        Of any kind; the values of a device are counted there.
    dtype, bins
        As in `values`; bins of the histogram.

    Yields
    ------
    Statistics
        After each step, the last one complete. Stop at any moment by closing it.

    Raises
    ------
    InvalidTypeError
        If `dtype` is not known.

    Notes
    -----
    Reads the buffer twice, in windows of 16 MiB, each in a worker thread; needs a few
    windows of memory. To the host go the sums and the bins.
    """
    lens = _lens(dtype)
    module = device_arrays() if isinstance(buffer, DeviceBuffer) else np
    step = max(1, _WINDOW_NBYTES // lens.itemsize)
    count = len(buffer) // lens.itemsize
    edges = [(first, min(first + step, count)) for first in range(0, count, step)]
    so_far = Statistics(dtype, count, 0, rest=len(buffer) % lens.itemsize)
    for first, last in edges:
        window = buffer[first * lens.itemsize : last * lens.itemsize]
        so_far = await run_in_thread(_count, module, window, lens, so_far)
        yield so_far
    low, high = so_far.minimum, so_far.maximum
    if low is None or high is None:
        yield so_far
        return
    histogram = np.zeros(bins, np.int64)
    span = (float(low), float(high))
    for first, last in edges:
        window = buffer[first * lens.itemsize : last * lens.itemsize]
        histogram += await run_in_thread(_bin, module, window, lens, bins, span)
    yield replace(so_far, histogram=[int(each) for each in histogram])


def _lens(dtype: str) -> np.dtype[Any]:
    name = dtype.removeprefix(">").removeprefix("<") if isinstance(dtype, str) else dtype
    if name not in LENSES:
        msg = f"dtype must be one of {', '.join(LENSES)}, got {dtype!r}"
        raise InvalidTypeError(msg)
    lens = np.dtype(name)
    return lens.newbyteorder(">") if dtype.startswith(">") else lens


def _address(view: memoryview) -> int:
    if not view.nbytes:
        return 0
    # From a view without its shape: it may have any format.
    flat = view.cast("B") if view.contiguous and view.format != "B" else view
    return int(np.frombuffer(flat, np.uint8).__array_interface__["data"][0])


def _typed(module: Any, window: Buffer, lens: np.dtype[Any]) -> Any:
    raw = window.as_array_like()
    # Devices load no value across its alignment; a copy starts at an aligned address.
    if module is not np and int(raw.data.ptr) % lens.alignment:
        raw = raw.copy()
    array = raw.view(lens)
    if lens.kind == "c":
        # A magnitude that no float holds is counted as infinite.
        with np.errstate(over="ignore"):
            return module.abs(array)
    return array.astype(lens.newbyteorder("=")) if lens.byteorder == ">" else array


def _finite(module: Any, array: Any) -> Any:
    return array[module.isfinite(array)] if array.dtype.kind == "f" else array


def _count(
    module: Any, window: Buffer, lens: np.dtype[Any], so_far: Statistics
) -> Statistics:
    array = _typed(module, window, lens)
    finite = _finite(module, array)
    nan = int(module.isnan(array).sum()) if array.dtype.kind == "f" else 0
    infinite = int(array.size - finite.size) - nan
    before = so_far.counted - so_far.nan - so_far.infinite
    low, high, mean = so_far.minimum, so_far.maximum, so_far.mean
    if finite.size:
        least, most = finite.min().item(), finite.max().item()
        low = least if low is None else min(low, least)
        high = most if high is None else max(high, most)
        # The sum of the largest floats is no float, but their mean is.
        scale = 2.0**-64 if max(abs(least), abs(most)) > _LARGE else 1.0
        part = finite if scale == 1.0 else finite * scale
        here = float(part.sum(dtype="f8")) / finite.size / scale
        share = finite.size / (before + finite.size)
        mean = here if mean is None else mean * (1 - share) + here * share
    return replace(
        so_far,
        counted=so_far.counted + int(array.size),
        nan=so_far.nan + nan,
        infinite=so_far.infinite + infinite,
        zeros=so_far.zeros + int((array == 0).sum()),
        minimum=low,
        maximum=high,
        mean=mean,
    )


def _bin(
    module: Any,
    window: Buffer,
    lens: np.dtype[Any],
    bins: int,
    span: tuple[float, float],
) -> npt.NDArray[np.int64]:
    finite = _finite(module, _typed(module, window, lens)).astype("f8")
    # Not by `histogram`, which refuses ranges of fewer floats than bins; and in halves, so
    # that the span of the largest floats is no infinity.
    low, width = span[0] / 2, span[1] / 2 - span[0] / 2
    if width > 0:
        places = ((finite / 2 - low) / width * bins).astype("i8").clip(0, bins - 1)
    else:
        places = module.full(finite.size, bins // 2, "i8")
    counts = module.bincount(places, minlength=bins)
    host: npt.NDArray[np.int64] = counts if module is np else module.asnumpy(counts)
    return host.astype(np.int64)
