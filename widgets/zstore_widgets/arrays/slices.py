"""Which part of an array is shown: axes, place, range and step, within what may be read."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Final

from zstore.hierarchy import ArrayMetadata
from zstore_widgets.channel import BadRequestError

__all__ = [
    "MAX_CHUNKS",
    "MAX_DECODED_NBYTES",
    "MAX_SAMPLES",
    "MAX_TABLE",
    "Slice",
    "default_axes",
    "plan_slice",
]

MAX_SAMPLES: Final = 512
"""Along one axis of a picture."""

MAX_DECODED_NBYTES: Final = 64 * 2**20
"""What is decoded for one picture."""

MAX_CHUNKS: Final = 1024
"""How many are read for one picture."""

MAX_TABLE: Final = 200
"""Cells of a table."""

_TEXT_NBYTES = 16
_MAX_CHANNELS = 4
_COLOURS = (3, 4)
_IMAGE = 3


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of an array with none to three axes; three are a picture and its colours.

    Attributes
    ----------
    axes
        Those that are shown: rows and columns; columns alone; or nothing.
    index
        Shape (ndim,): where the slice lies on the others.
    windows
        Start and stop along each of `axes`.
    steps
        Along each of `axes`: every how many elements is read.
    nchunks
        How many chunks are read.
    nbytes
        How many bytes those have, decoded.
    is_cut
        Whether it is less than was asked for, because that would be too much.
    """

    axes: tuple[int, ...]
    index: tuple[int, ...]
    windows: tuple[tuple[int, int], ...]
    steps: tuple[int, ...]
    nchunks: int = 0
    nbytes: int = 0
    is_cut: bool = False

    @property
    def samples(self) -> tuple[int, ...]:
        """How many elements are read along each of `axes`."""
        pairs = zip(self.windows, self.steps, strict=True)
        return tuple(-(-(stop - start) // step) for (start, stop), step in pairs)

    @property
    def selection(self) -> tuple[int | slice, ...]:
        """What an array is indexed with; axes come in the order of the array."""
        selection: list[int | slice] = list(self.index)
        for axis, window, step in zip(self.axes, self.windows, self.steps, strict=True):
            selection[axis] = slice(*window, step)
        return tuple(selection)


def default_axes(array: ArrayMetadata) -> tuple[int, ...]:
    """Return the axes that people most likely want to see.

    The last two that have more than one place; but three if the last one holds the red,
    green and blue of an image, and a last one of a few channels is passed over.
    """
    shape = array.shape
    is_last_small = len(shape) > 2 and shape[-1] <= _MAX_CHANNELS < min(shape[-3:-1])  # noqa: PLR2004 -- rows and columns before it
    if is_last_small:
        rows, columns, channels = range(len(shape) - 3, len(shape))
        if shape[-1] in _COLOURS and array.dtype == "uint8":
            return rows, columns, channels
        return rows, columns
    long = [axis for axis, length in enumerate(shape) if length > 1]
    return tuple(long[-2:]) or tuple(range(len(shape)))[-1:]


def plan_slice(
    array: ArrayMetadata,
    unit: tuple[int, ...],
    axes: Sequence[int] | None,
    index: Sequence[int] | None,
    window: Sequence[int] | None,
) -> Slice:
    """Return what is read for a request, cut to what may be read.

    Parameters
    ----------
    array
        Has at least one element.
    unit
        Shape of what is decoded at once.
    axes, index, window
        As the front end sends them; None takes the default. `window` has two numbers for
        each of `axes`.

    Raises
    ------
    BadRequestError
        If there are no such axes.
    """
    shape = array.shape
    chosen = default_axes(array) if axes is None else tuple(axes)
    if len(set(chosen)) != len(chosen) or not set(chosen) <= set(range(len(shape))):
        msg = f"an array of {len(shape)} axes has no axes {list(chosen)}"
        raise BadRequestError(msg)
    if len(chosen) > _IMAGE or (
        len(chosen) == _IMAGE and (shape[chosen[2]] not in _COLOURS or array.itemsize != 1)
    ):
        msg = f"the axes {list(chosen)} are no picture"
        raise BadRequestError(msg)
    if chosen == () and shape:
        chosen = default_axes(array)[-1:]
    places = _places(index, shape)
    windows = _windows(window, [shape[axis] for axis in chosen])
    whole = Slice(chosen, places, windows, (1,) * len(chosen))
    if array.itemsize is None or array.dtype[:1] in "USV":
        return _costed(_cut_to_table(whole), array, unit)
    return _cut_to_budget(whole, array, unit)


def _places(index: Sequence[int] | None, shape: tuple[int, ...]) -> tuple[int, ...]:
    if index is None or len(index) != len(shape):
        return (0,) * len(shape)
    pairs = zip(index, shape, strict=True)
    return tuple(min(max(0, place), length - 1) for place, length in pairs)


def _windows(
    window: Sequence[int] | None, lengths: Sequence[int]
) -> tuple[tuple[int, int], ...]:
    if window is None or len(window) != 2 * len(lengths):
        return tuple((0, length) for length in lengths)
    windows: list[tuple[int, int]] = []
    for start, stop, length in zip(window[::2], window[1::2], lengths, strict=True):
        first = min(max(0, start), length - 1)
        windows.append((first, min(max(first + 1, stop), length)))
    return tuple(windows)


def _cut_to_table(part: Slice) -> Slice:
    """Texts are shown as a table, and only a few of them."""
    limits = (20, 10) if len(part.axes) == 2 else (MAX_TABLE,)  # noqa: PLR2004 -- rows and columns
    windows = tuple(
        (start, min(stop, start + limit))
        for (start, stop), limit in zip(part.windows, limits, strict=False)
    )
    return replace(part, windows=windows, is_cut=windows != part.windows)


def _cut_to_budget(part: Slice, array: ArrayMetadata, unit: tuple[int, ...]) -> Slice:
    while True:
        now = _costed(_stepped(part), array, unit)
        counts = _counts(now, unit)
        small_enough = now.nbytes <= MAX_DECODED_NBYTES and now.nchunks <= MAX_CHUNKS
        # A single chunk was checked by itself.
        if small_enough or prod(counts) <= 1:
            return now
        longest = counts.index(max(counts))
        windows = list(part.windows)
        windows[longest] = _halved(*windows[longest], unit[part.axes[longest]])
        part = replace(part, windows=tuple(windows), is_cut=True)


def _halved(start: int, stop: int, step: int) -> tuple[int, int]:
    """Return about the first half; whole chunks, for a part of one costs as much."""
    middle = (start + stop) // 2
    for aligned in (-(-middle // step) * step, middle // step * step):
        if start < aligned < stop:
            return start, aligned
    return start, max(middle, start + 1)


def _stepped(part: Slice) -> Slice:
    """Read no more than there is room for; a line is read in full, and folded."""
    if len(part.axes) < 2:  # noqa: PLR2004 -- a line
        return part
    steps = tuple(-(-(stop - start) // MAX_SAMPLES) for start, stop in part.windows)
    return replace(part, steps=steps)


def _counts(part: Slice, unit: tuple[int, ...]) -> list[int]:
    """How many chunks are touched along each axis that is shown."""
    counts: list[int] = []
    for axis, (start, stop), step in zip(part.axes, part.windows, part.steps, strict=True):
        touched = (stop - 1) // unit[axis] - start // unit[axis] + 1
        counts.append(min(touched, -(-(stop - start) // step)))
    return counts


def _costed(part: Slice, array: ArrayMetadata, unit: tuple[int, ...]) -> Slice:
    nchunks = prod(_counts(part, unit))
    itemsize = _TEXT_NBYTES if array.itemsize is None else array.itemsize
    return replace(part, nchunks=nchunks, nbytes=nchunks * prod(unit) * itemsize)
