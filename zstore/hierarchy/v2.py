"""Arrays of Zarr v2.

Source: Zarr v2, "Arrays": the documents ``.zarray`` and ``.zattrs``.
"""

from collections.abc import Mapping
from typing import Any

from zstore.errors import CorruptStoreError
from zstore.hierarchy.chunk_grid import ChunkGrid, ChunkKeyEncoding
from zstore.hierarchy.codecs import Codec
from zstore.hierarchy.data_types import v2_data_type
from zstore.hierarchy.documents import is_list, shown
from zstore.hierarchy.fields import chunk_shape_in, codec_of, order_in, shape_in, text_in
from zstore.hierarchy.nodes import ArrayMetadata

__all__ = ["v2_array"]


def v2_array(document: Mapping[str, Any], attributes: Mapping[str, Any]) -> ArrayMetadata:
    """Return what ``.zarray`` says, with the names of axes that ``.zattrs`` has.

    Raises
    ------
    CorruptStoreError
        If it does not say what an array needs.
    """
    shape = shape_in(document, "shape")
    chunk_shape = chunk_shape_in(document, "chunks", len(shape))
    codecs = _codecs(document)
    dtype = v2_data_type(document.get("dtype"), tuple(codec.name for codec in codecs))
    separator = text_in(document, "dimension_separator", ".", "/")
    return ArrayMetadata(
        shape=shape,
        dtype=dtype.name,
        itemsize=dtype.itemsize,
        chunk_shape=chunk_shape,
        shard_shape=None,
        codecs=codecs,
        fill_value=document.get("fill_value"),
        order=order_in(document),
        dimension_names=_dimension_names(attributes, len(shape)),
        grid=ChunkGrid(shape, chunk_shape, ChunkKeyEncoding(separator)),
    )


def _codecs(document: Mapping[str, Any]) -> tuple[Codec, ...]:
    filters, compressor = document.get("filters"), document.get("compressor")
    if filters is not None and not is_list(filters):
        msg = f"its filters must be a list or null, not {shown(filters)}"
        raise CorruptStoreError(msg)
    steps = [*(filters or ()), *(() if compressor is None else (compressor,))]
    return tuple(codec_of(step, name="id") for step in steps)


def _dimension_names(
    attributes: Mapping[str, Any], ndim: int
) -> tuple[str | None, ...] | None:
    names = attributes.get("_ARRAY_DIMENSIONS")
    # A habit of xarray, no rule of Zarr: what is something else is just an attribute.
    if not is_list(names) or len(names) != ndim or not names:
        return None
    return tuple(names) if all(isinstance(name, str) for name in names) else None
