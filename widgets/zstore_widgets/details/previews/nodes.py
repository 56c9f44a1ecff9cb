"""What the metadata of a group or an array say, as JSON for the page."""

import json
from typing import Any

from zstore.display import format_count, visible
from zstore.hierarchy import ArrayMetadata, Node

__all__ = ["node_facts"]

_FORMATS = {"zarr2": "Zarr v2", "zarr3": "Zarr v3", "n5": "N5"}
_MAX_NAME = 60
_MAX_TEXT = 200
_MAX_PROBLEM = 600
_MAX_CODECS = 32
_EXACT = 2**53


def node_facts(node: Node) -> dict[str, Any]:
    """Return what is to be shown of `node`: texts fit to be shown, and numbers.

    Numbers beyond what JavaScript counts are near to what they should be; numbers that
    are only shown are texts.
    """
    return {
        "kind": node.kind,
        "format": _FORMATS[node.format],
        # Without the path, which may be long: the page knows it.
        "documents": [key.rpartition("/")[2] for key in node.documents],
        "consolidated": node.consolidated,
        "problem": None if node.problem is None else visible(node.problem, _MAX_PROBLEM),
        "array": None if node.array is None else _array_facts(node.array),
    }


def _array_facts(array: ArrayMetadata) -> dict[str, Any]:
    names = array.dimension_names
    return {
        "shape": [_count(length) for length in array.shape],
        "names": names
        and [None if name is None else visible(name, _MAX_NAME) for name in names],
        "dtype": visible(array.dtype, _MAX_TEXT),
        "itemsize": _number(array.itemsize),
        "chunk_shape": [_count(length) for length in array.chunk_shape],
        "shard_shape": array.shard_shape
        and [_count(length) for length in array.shard_shape],
        "chunk_nbytes": _number(_nbytes_of(array.chunk_shape, array.itemsize)),
        "nchunks": _number(array.grid.nchunks),
        "codecs": [visible(codec.text, _MAX_TEXT) for codec in array.codecs[:_MAX_CODECS]],
        "fill_value": _fill_text(array.fill_value),
        "order": array.order,
        "size": _number(array.size),
        "nbytes": _number(array.nbytes),
    }


def _nbytes_of(shape: tuple[int, ...], itemsize: int | None) -> int | None:
    if itemsize is None:
        return None
    for length in shape:
        itemsize *= length
    return itemsize


def _count(number: int) -> str:
    return visible(format_count(number), _MAX_NAME)


def _number(number: int | None) -> float | None:
    if number is None or abs(number) <= _EXACT:
        return number
    return float(min(number, 10**300))


def _fill_text(value: object) -> str | None:
    if value is None:
        return None
    # NaN and the infinities are texts in metadata; other texts get their quotes.
    if value in ("NaN", "Infinity", "-Infinity"):
        return str(value)
    pieces: list[str] = []
    for piece in json.JSONEncoder(ensure_ascii=False).iterencode(value):
        pieces.append(piece)
        if len(pieces) > _MAX_TEXT:
            break
    return visible("".join(pieces), _MAX_TEXT)
