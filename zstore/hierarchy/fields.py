"""Fields of metadata documents, checked: each function is one kind of field."""

from collections.abc import Mapping
from math import prod
from typing import Any, Literal

from zstore.errors import CorruptStoreError
from zstore.hierarchy.codecs import Codec
from zstore.hierarchy.documents import is_list, is_object, shown

__all__ = ["chunk_shape_in", "codec_of", "lengths_in", "order_in", "shape_in", "text_in"]

# NumPy's own limit; no array library takes more.
_MAX_NDIM = 64
_MAX_LENGTH = 2**63
# More elements than a 128-bit machine could address. With this the numbers that follow
# from a shape can be divided and shown by anybody.
_MAX_SIZE = 2**128


def lengths_in(
    document: Mapping[str, Any], name: str, *, least: int = 0
) -> tuple[int, ...]:
    """Return the field `name`: a list of integers, of at most 64.

    Raises
    ------
    CorruptStoreError
        If it is missing or something else, or one is less than `least` or beyond 2**63.
    """
    value = document.get(name)
    if not is_list(value):
        msg = f"its {name} must be a list of integers, not {shown(value)}"
        raise CorruptStoreError(msg)
    if len(value) > _MAX_NDIM:
        msg = f"its {name} has {len(value)} dimensions, of at most {_MAX_NDIM}"
        raise CorruptStoreError(msg)
    lengths: list[int] = []
    for length in value:
        # A bool is an int to Python, and none to JSON.
        if type(length) is not int or not least <= length < _MAX_LENGTH:
            msg = f"its {name} must have integers from {least} on, not {shown(length)}"
            raise CorruptStoreError(msg)
        lengths.append(length)
    return tuple(lengths)


def shape_in(document: Mapping[str, Any], name: str) -> tuple[int, ...]:
    """Return the shape of an array, in elements.

    Raises
    ------
    CorruptStoreError
        If it is none, or has more than 2**128 elements.
    """
    shape = lengths_in(document, name)
    if prod(shape) > _MAX_SIZE:
        msg = f"its {name} {shown(list(shape))} has more than 2**128 elements"
        raise CorruptStoreError(msg)
    return shape


def chunk_shape_in(document: Mapping[str, Any], name: str, ndim: int) -> tuple[int, ...]:
    """Return the shape of a chunk of an array of `ndim` axes, in elements.

    Raises
    ------
    CorruptStoreError
        If it is none, has another number of axes, or more than 2**128 elements.
    """
    lengths = lengths_in(document, name, least=1)
    if len(lengths) != ndim:
        msg = f"its {name} has {len(lengths)} dimensions and the array has {ndim}"
        raise CorruptStoreError(msg)
    return shape_in(document, name)


def text_in(document: Mapping[str, Any], name: str, *allowed: str) -> str:
    """Return the field `name`, one of the texts `allowed`; the first if it is missing.

    Raises
    ------
    CorruptStoreError
        If it is something else.
    """
    value = document.get(name, allowed[0])
    if not isinstance(value, str) or value not in allowed:
        known = " or ".join(repr(text) for text in allowed)
        msg = f"its {name} must be {known}, not {shown(value)}"
        raise CorruptStoreError(msg)
    return value


def order_in(document: Mapping[str, Any]) -> Literal["C", "F"]:
    """Return the field ``order``.

    Raises
    ------
    CorruptStoreError
        If it is neither ``"C"`` nor ``"F"``.
    """
    return "C" if text_in(document, "order", "C", "F") == "C" else "F"


def codec_of(value: object, *, name: str) -> Codec:
    """Return a codec that Zarr v2 (`name` is ``"id"``) or N5 (``"type"``) describes.

    Raises
    ------
    CorruptStoreError
        If it has no name.
    """
    if not is_object(value) or not isinstance(value.get(name), str):
        msg = f"it has a codec without {name!r}: {shown(value)}"
        raise CorruptStoreError(msg)
    configuration = {key: item for key, item in value.items() if key != name}
    return Codec(value[name], configuration)
