"""Counting the values of one window, by NumPy or by any module like it.

Nothing here knows devices: `xp` is the module whose arrays come in, and `fetch` brings a
small one to the host. The functions avoid what makes CuPy wait: a window whose values
are all finite costs one fetch.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Fetch", "Window", "bin_values", "count_values", "numbers"]

Fetch = Callable[[Any], npt.NDArray[Any]]
"""Copies an array to the host."""

# The sum of a window of the largest floats is no float; of these parts of them it is.
_SCALE = 2.0**-64


@dataclass(slots=True)
class Window:
    """What was counted: how many values of which kind, their ends, mean of the finite."""

    size: int
    zeros: int
    nan: int = 0
    infinite: int = 0
    minimum: Any = None
    maximum: Any = None
    mean: float = 0.0

    @property
    def finite(self) -> int:
        """How many values are finite."""
        return self.size - self.nan - self.infinite


def numbers(xp: Any, raw: Any, lens: np.dtype[Any], pointer: int) -> Any:
    """Return bytes as real numbers in the order of this machine.

    Parameters
    ----------
    xp
        The array module.
    raw
        Bytes, shape (n * lens.itemsize,), dtype uint8.
    lens
        Their type. Of complex numbers the magnitude is returned, of truth values bool.
    pointer
        Address of the first byte. A device loads no value across a multiple of its size,
        and a load that does breaks its context, so a misaligned window is copied first;
        a copy starts at an aligned address.
    """
    if lens.kind == "b":
        # Any byte may come, and only two of them are a bool.
        return raw != 0
    native = lens.newbyteorder("=")
    if lens != native:
        return _magnitude(xp, _swapped(xp, raw, lens).view(native))
    if pointer % lens.itemsize:
        raw = raw.copy()
    return _magnitude(xp, raw.view(native))


def _swapped(xp: Any, raw: Any, lens: np.dtype[Any]) -> Any:
    if xp is np:
        return raw.view(lens).astype(lens.newbyteorder("="))
    # CuPy has no types of the other order. The parts of a complex number change places,
    # which does not change its magnitude.
    return xp.ascontiguousarray(raw.reshape(-1, lens.itemsize)[:, ::-1]).reshape(-1)


def _magnitude(xp: Any, array: Any) -> Any:
    return xp.abs(array) if array.dtype.kind == "c" else array


def count_values(xp: Any, array: Any, fetch: Fetch) -> Window:
    """Count what `numbers` returned, at least one value.

    Notes
    -----
    Fetches 16 bytes and two values, and twice as much where not all values are finite.
    """
    kind = array.dtype
    if kind.kind == "b":
        # As numbers they add up ten times as fast.
        array = array.view("u1")
    (nonzero, total), (least, most) = _fetched(
        xp,
        fetch,
        (xp.count_nonzero(array), array.sum(dtype="f8")),
        (array.min(), array.max()),
    )
    window = Window(array.size, array.size - int(nonzero))
    mean = float(total) / array.size
    # The sum of finite values may be infinite; with any others it always is, or NaN.
    if not np.isfinite(total):
        (nfinite, nan, total, parts), (least, most) = _finite_only(xp, array, fetch)
        window.nan = int(nan)
        window.infinite = array.size - int(nfinite) - window.nan
        whole = np.isfinite(total)
        mean = float(total if whole else parts) / (int(nfinite) or 1)
        mean = mean if whole else mean / _SCALE
    if window.finite:
        window.minimum, window.maximum = kind.type(least).item(), kind.type(most).item()
        # Rounding may lead out of the range, and even to infinity.
        window.mean = min(max(mean, float(least)), float(most))
    return window


def _finite_only(xp: Any, array: Any, fetch: Fetch) -> tuple[Any, Any]:
    # Not by picking the finite ones: their number would have to be known on the host.
    finite = xp.isfinite(array)
    kept = xp.where(finite, array, array.dtype.type(0))
    total = parts = kept.sum(dtype="f8")
    if array.dtype.itemsize == total.dtype.itemsize:
        # Only these can add up to more than a float holds.
        parts = (kept * _SCALE).sum()
    nan = xp.count_nonzero(xp.isnan(array))
    figures = (xp.count_nonzero(finite), nan, total, parts)
    infinity = array.dtype.type(np.inf)
    least = xp.where(finite, array, infinity).min()
    return _fetched(xp, fetch, figures, (least, xp.where(finite, array, -infinity).max()))


def _fetched(xp: Any, fetch: Fetch, figures: Any, ends: Any) -> tuple[Any, Any]:
    """Bring counts and sums, as floats, and two values as they are, by one copy."""
    row = xp.stack([xp.asarray(figure, dtype="f8") for figure in figures])
    pair = xp.stack(ends)
    host = fetch(xp.concatenate([row.view("u1"), pair.view("u1")]))
    return host[: row.nbytes].view("f8"), host[row.nbytes :].view(pair.dtype)


def bin_values(
    xp: Any, array: Any, bins: int, ends: tuple[float, float], *, finite: bool
) -> Any:
    """Count what `numbers` returned in bins of equal width.

    Parameters
    ----------
    xp, array
        As in `count_values`.
    bins, ends
        How many, and the least and the largest finite value, which differ.
    finite
        Whether all values of the window are finite; others are not counted.

    Returns
    -------
    array
        Of `xp`, shape (bins,), of counts.
    """
    if array.dtype.itemsize == 1:
        # There are 256 of them: how often each comes says it all.
        every = xp.bincount(array.view("u1").astype("i4"), minlength=256).astype("f8")
        known = xp.arange(256, dtype="u1").view("i1" if array.dtype.kind == "i" else "u1")
        places = _places(xp, known, bins, ends).astype(np.intp)
        return xp.bincount(places, weights=every, minlength=bins)
    places = _places(xp, array, bins, ends)
    if not finite:
        places = xp.where(xp.isfinite(array), places, bins)
    return xp.bincount(places.astype(np.intp), minlength=bins + 1)[:bins]


def _places(xp: Any, array: Any, bins: int, ends: tuple[float, float]) -> Any:
    # Not by `histogram`, which refuses ranges of fewer floats than bins; and in halves, so
    # that the span of the largest floats is no infinity.
    low = ends[0] / 2
    places = array.astype("f8")
    places /= 2
    places -= low
    places /= ends[1] / 2 - low
    places *= bins
    return xp.clip(places, 0, bins - 1)
