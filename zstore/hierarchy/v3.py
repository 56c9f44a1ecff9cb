"""Arrays of Zarr v3, with and without shards.

Sources: Zarr v3 core, "Array metadata"; Zarr v3 sharding codec, version 1.0.
"""

from collections.abc import Mapping
from typing import Any, Literal

from zstore.errors import CorruptStoreError
from zstore.hierarchy.chunk_grid import ChunkGrid, ChunkKeyEncoding
from zstore.hierarchy.codecs import Codec
from zstore.hierarchy.data_types import v3_data_type
from zstore.hierarchy.documents import is_list, is_object, shown
from zstore.hierarchy.fields import chunk_shape_in, shape_in, text_in
from zstore.hierarchy.nodes import ArrayMetadata

__all__ = ["v3_array"]

_SHARDING = "sharding_indexed"


def v3_array(document: Mapping[str, Any]) -> ArrayMetadata:
    """Return what the ``zarr.json`` of an array says.

    Raises
    ------
    CorruptStoreError
        If it does not say what an array needs, or its chunks are laid out in a way that
        is not known. Codecs and data types may be unknown.
    """
    shape = shape_in(document, "shape")
    dtype = v3_data_type(document.get("data_type"))
    name, configuration = _extension(document.get("chunk_grid"), "chunk_grid")
    if name != "regular":
        msg = f"its chunk_grid {shown(name)} is not known"
        raise CorruptStoreError(msg)
    stored_shape = chunk_shape_in(configuration, "chunk_shape", len(shape))
    codecs, chunk_shape = _codecs(document, stored_shape)
    sharded = any(
        _extension(value, "codec")[0] == _SHARDING for value in document["codecs"]
    )
    return ArrayMetadata(
        shape=shape,
        dtype=dtype.name,
        itemsize=dtype.itemsize,
        chunk_shape=chunk_shape,
        shard_shape=stored_shape if sharded else None,
        codecs=codecs,
        fill_value=document.get("fill_value"),
        order=_order(codecs, len(shape)),
        dimension_names=_dimension_names(document, len(shape)),
        grid=ChunkGrid(shape, stored_shape, _encoding(document)),
    )


def _extension(value: object, what: str) -> tuple[str, Mapping[str, Any]]:
    """Return name and configuration of what the specification calls an extension."""
    name: object = value
    configuration: object = None
    if is_object(value):
        name, configuration = value.get("name"), value.get("configuration")
    if configuration is None:
        configuration = {}
    if not isinstance(name, str) or not is_object(configuration):
        msg = f"its {what} has no name, or no configuration: {shown(value)}"
        raise CorruptStoreError(msg)
    return name, configuration


def _codecs(
    document: Mapping[str, Any], shape: tuple[int, ...]
) -> tuple[tuple[Codec, ...], tuple[int, ...]]:
    """Return the codecs, and the shape of what they encode together.

    Inside a shard of `shape` that is the shape of a chunk, in the axes of the array.
    """
    values = document.get("codecs")
    if not is_list(values):
        msg = f"its codecs must be a list, not {shown(values)}"
        raise CorruptStoreError(msg)
    codecs: list[Codec] = []
    axes = tuple(range(len(shape)))
    for value in values:
        name, configuration = _extension(value, "codec")
        if name == _SHARDING:
            # Shards see the axes in the order that the codecs before left them in.
            seen = tuple(shape[axis] for axis in axes)
            inner, part = _codecs(configuration, _part_of(seen, configuration))
            codecs += inner
            lengths = dict(zip(axes, part, strict=True))
            shape = tuple(lengths[axis] for axis in range(len(shape)))
            continue
        codecs.append(Codec(name, configuration))
        if name == "transpose":
            order = _permutation(configuration, len(shape))
            axes = tuple(axes[axis] for axis in order)
    return tuple(codecs), shape


def _part_of(shape: tuple[int, ...], configuration: Mapping[str, Any]) -> tuple[int, ...]:
    part = chunk_shape_in(configuration, "chunk_shape", len(shape))
    if any(whole % step for whole, step in zip(shape, part, strict=True)):
        chunks, shards = shown(list(part)), shown(list(shape))
        msg = f"its chunks of shape {chunks} do not divide its shards of shape {shards}"
        raise CorruptStoreError(msg)
    return part


def _permutation(configuration: Mapping[str, Any], ndim: int) -> list[int]:
    order = configuration.get("order")
    # A draft of the specification had the letters of NumPy.
    if order in ("C", "F"):
        return list(range(ndim))[:: 1 if order == "C" else -1]
    numbers = [axis for axis in order if type(axis) is int] if is_list(order) else []
    if sorted(numbers) != list(range(ndim)) or numbers != order:
        msg = f"its transpose codec has no order of {ndim} axes: {shown(order)}"
        raise CorruptStoreError(msg)
    return numbers


def _order(codecs: tuple[Codec, ...], ndim: int) -> Literal["C", "F"]:
    axes = list(range(ndim))
    for codec in codecs:
        if codec.name == "transpose":
            order = _permutation(codec.configuration, ndim)
            axes = [axes[axis] for axis in order]
    return "F" if ndim > 1 and axes == list(range(ndim))[::-1] else "C"


def _dimension_names(
    document: Mapping[str, Any], ndim: int
) -> tuple[str | None, ...] | None:
    names = document.get("dimension_names")
    if names is None:
        return None
    known = [
        name
        for name in (names if is_list(names) else ())
        if name is None or isinstance(name, str)
    ]
    if len(known) != ndim or known != names:
        msg = f"its dimension_names must be {ndim} texts or nulls, not {shown(names)}"
        raise CorruptStoreError(msg)
    return tuple(known) if any(name is not None for name in known) else None


def _encoding(document: Mapping[str, Any]) -> ChunkKeyEncoding:
    value = document.get("chunk_key_encoding")
    name, configuration = _extension(value, "chunk_key_encoding")
    if name == "default":
        return ChunkKeyEncoding(text_in(configuration, "separator", "/", "."), "c")
    if name == "v2":
        return ChunkKeyEncoding(text_in(configuration, "separator", ".", "/"))
    msg = f"its chunk_key_encoding {shown(name)} is not known"
    raise CorruptStoreError(msg)
