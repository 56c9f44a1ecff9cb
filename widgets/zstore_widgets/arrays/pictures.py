"""From the elements of a slice to numbers that a page can draw."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from zstore_widgets.arrays.decoding import Values
from zstore_widgets.arrays.slices import MAX_TABLE

__all__ = ["Picture", "picture_of"]

_MAX_POINTS: Final = 2000
"""Of a line; more are folded into the least and the largest of neighbours."""

_MAX_TEXT = 200
_COARSE = frozenset({"Y", "M", "W", "D", "h", "m"})
_EXACT = 2**53


@dataclass(frozen=True, slots=True)
class Picture:
    """Numbers to draw, and what is said about them.

    Attributes
    ----------
    content
        Of the type that `facts` name; row by row.
    facts
        As JSON: see `SliceResult` in ``widgets/src/arrays/requests.ts``.
    """

    content: bytes
    facts: dict[str, Any]


def picture_of(values: Values, fill: object, field: str | None, *, folds: bool) -> Picture:
    """Return what is drawn of a slice.

    Parameters
    ----------
    values
        The elements, in the order in which they are drawn.
    fill
        The element that stands for nothing, or None.
    field
        Which field of a structure; the first by default.
    folds
        Whether it is a line, of which neighbours may be folded together.

    Notes
    -----
    Integers beyond 2**53, and times, are sent as differences from the least one: exact if
    those are below 2**53.
    """
    if values.dtype.names:
        name = field if field in values.dtype.names else values.dtype.names[0]
        values = values[name]
        fill = fill[name] if isinstance(fill, np.void) else None
    cells = _texts(values) if values.size <= MAX_TABLE else None
    if values.dtype.kind not in "biufcmM":
        return Picture(b"", {"what": "text", "cells": cells, "column": "float32"})
    what, unit, numbers, base = _numbers(values)
    marks = _fill_numbers(values, fill, base, unit)
    facts: dict[str, Any] = {
        "what": what,
        "unit": unit,
        "base": str(base),
        "cells": cells,
        "fill": None if marks is None or not np.isfinite(marks) else float(marks),
    }
    facts |= _statistics(numbers, facts["fill"])
    if folds:
        numbers = _folded(numbers, facts["fill"])
    facts["column"] = numbers.dtype.name
    facts["drawn"] = list(numbers.shape)
    return Picture(np.ascontiguousarray(numbers).tobytes(), facts)


def _numbers(values: Values) -> tuple[str, str | None, npt.NDArray[Any], int]:
    """Return what the values are, in which unit, as floats above a base."""
    kind = values.dtype.kind
    if kind == "c":
        # A picture has one number for each element.
        return "complex", None, np.abs(values).astype(np.float64), 0
    if kind == "b":
        return "bool", None, values.astype(np.float32), 0
    if kind in "mM":
        values, unit = _in_seconds_or_less(values)
        counts = values.view(np.int64)
        return (
            "time" if kind == "M" else "duration",
            unit,
            *_above_base(counts, np.isnat(values)),
        )
    if values.dtype.itemsize == 8 and kind in "iu":  # noqa: PLR2004 -- 64 bits
        return "integer", None, *_above_base(values, np.zeros(values.shape, bool))
    wide = values.dtype.itemsize > (2 if kind in "iu" else 4)
    what = "integer" if kind in "iu" else "number"
    return what, None, values.astype(np.float64 if wide else np.float32), 0


def _in_seconds_or_less(values: Values) -> tuple[Values, str]:
    unit, step = np.datetime_data(values.dtype)
    if unit in _COARSE or unit == "generic":
        unit = "s"
    if step != 1 or unit not in ("s", "ms", "us", "ns"):
        unit = "s" if unit == "s" else "ns"
    letter = values.dtype.kind
    return values.astype(f"{letter}8[{unit}]"), unit


def _above_base(
    counts: npt.NDArray[Any], absent: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.float64], int]:
    known = counts[~absent]
    least, largest = (int(known.min()), int(known.max())) if known.size else (0, 0)
    base = least if max(abs(least), abs(largest)) > _EXACT else 0
    # Unsigned differences wrap, and so are right over the whole range of 64 bits.
    numbers = (counts - counts.dtype.type(base)).view(np.uint64).astype(np.float64)
    if base == 0 and least < 0:
        numbers = counts.astype(np.float64)
    numbers[absent] = np.nan
    return numbers, base


def _fill_numbers(
    values: Values, fill: object, base: int, unit: str | None
) -> np.float64 | None:
    """Return the number that stands for the fill value, if it is a mark of its own.

    Zero is what writers leave there without a thought, and values like any other.
    """
    try:
        element = np.asarray(fill).astype(values.dtype)
        if unit is not None:
            element = _in_seconds_or_less(element)[0].view(np.int64)
        if element.dtype.kind == "c" or element.ndim or not element:
            return None
        if element.dtype.kind in "iu":
            return np.float64(int(element) - base)
        return np.float64(element)
    except (TypeError, ValueError, OverflowError):
        return None


def _statistics(numbers: npt.NDArray[Any], fill: float | None) -> dict[str, Any]:
    absent = np.isnan(numbers)
    filled = np.zeros(numbers.shape, bool) if fill is None else numbers == fill
    known = numbers[np.isfinite(numbers) & ~filled].astype(np.float64)
    some = known.size > 0
    positive = known[known > 0]
    with np.errstate(over="ignore"):
        mean = float(known.mean()) if some else None
    return {
        "least": float(known.min()) if some else None,
        "largest": float(known.max()) if some else None,
        "mean": mean if mean is not None and np.isfinite(mean) else None,
        "positive": float(positive.min()) if positive.size else None,
        "nans": int(absent.sum()),
        "fills": int(filled.sum()),
        "infinities": int(np.isinf(numbers).sum()),
    }


def _folded(numbers: npt.NDArray[Any], fill: float | None) -> npt.NDArray[Any]:
    """Return one row, or two: the least and the largest of so many neighbours."""
    line = np.where(np.isfinite(numbers), numbers, np.nan)
    if fill is not None:
        line = np.where(line == fill, np.nan, line)
    if line.size <= _MAX_POINTS:
        return line.reshape(1, -1)
    size = -(-line.size // _MAX_POINTS)
    padded = np.full(-(-line.size // size) * size, np.nan, dtype=line.dtype)
    padded[: line.size] = line
    bins = padded.reshape(-1, size)
    return np.stack([np.fmin.reduce(bins, axis=1), np.fmax.reduce(bins, axis=1)])


def _texts(values: Values) -> list[str]:
    """Return elements as texts: all digits of a number, and the start of a long text."""
    flat = values.ravel()
    if flat.dtype.kind == "M":
        # No more of a time than they differ in.
        texts = np.datetime_as_string(flat, "auto").tolist()
        return [text if text == "NaT" else text.replace("T", " ") for text in texts]
    texts = (value if isinstance(value, str) else repr(value) for value in flat.tolist())
    if flat.dtype.kind == "m":
        texts = (str(value) for value in flat)
    return [t if len(t) <= _MAX_TEXT else f"{t[:_MAX_TEXT]}…" for t in texts]
