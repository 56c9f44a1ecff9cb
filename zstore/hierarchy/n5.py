"""Arrays of N5, which N5 calls datasets.

Source: N5, "File-system specification": the document ``attributes.json``. N5 counts the
axis that varies fastest first, so everything that has an axis is reversed here, as the
N5 store of zarr-python 2 did.
"""

from collections.abc import Mapping
from typing import Any

from zstore.errors import CorruptStoreError
from zstore.hierarchy.chunk_grid import ChunkGrid, ChunkKeyEncoding
from zstore.hierarchy.codecs import Codec
from zstore.hierarchy.data_types import v3_data_type
from zstore.hierarchy.documents import is_list, shown
from zstore.hierarchy.fields import chunk_shape_in, codec_of, shape_in
from zstore.hierarchy.nodes import ArrayMetadata

__all__ = ["is_n5_array", "n5_array", "n5_attributes"]

_OWN = frozenset({"dimensions", "blockSize", "dataType", "compression", "compressionType"})


def is_n5_array(document: Mapping[str, Any]) -> bool:
    """Tell whether ``attributes.json`` is that of an array; otherwise of a group."""
    return "dimensions" in document


def n5_attributes(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of ``attributes.json`` is not about how the array is stored."""
    return {name: value for name, value in document.items() if name not in _OWN}


def n5_array(document: Mapping[str, Any]) -> ArrayMetadata:
    """Return what the ``attributes.json`` of an array says.

    Raises
    ------
    CorruptStoreError
        If it does not say what an array needs.
    """
    shape = shape_in(document, "dimensions")[::-1]
    if not shape:
        msg = "its dimensions are empty, and an array of N5 has at least one"
        raise CorruptStoreError(msg)
    chunk_shape = chunk_shape_in(document, "blockSize", len(shape))[::-1]
    dtype = v3_data_type(document.get("dataType"))
    return ArrayMetadata(
        shape=shape,
        dtype=dtype.name,
        itemsize=dtype.itemsize,
        chunk_shape=chunk_shape,
        shard_shape=None,
        codecs=_codecs(document),
        # Blocks that are not there are zeros; the document has no field for it.
        fill_value=0,
        order="C",
        dimension_names=_dimension_names(document, len(shape)),
        grid=ChunkGrid(shape, chunk_shape, ChunkKeyEncoding("/", reverses=True)),
    )


def _codecs(document: Mapping[str, Any]) -> tuple[Codec, ...]:
    value = document.get("compression")
    # Until N5 1.0 there was only the name.
    if value is None and "compressionType" in document:
        value = {"type": document["compressionType"]}
    if value is None:
        msg = f"it has no compression: {shown(dict(document))}"
        raise CorruptStoreError(msg)
    codec = codec_of(value, name="type")
    return () if codec.name == "raw" else (codec,)


def _dimension_names(
    document: Mapping[str, Any], ndim: int
) -> tuple[str | None, ...] | None:
    names = document.get("axes")
    # A habit of OME and others, no rule of N5.
    if not is_list(names) or len(names) != ndim:
        return None
    return tuple(names[::-1]) if all(isinstance(name, str) for name in names) else None
