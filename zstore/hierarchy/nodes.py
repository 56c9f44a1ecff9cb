"""What a group or an array of a store is, as plain data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import prod
from typing import Literal, TypeAlias

from zstore.hierarchy.chunk_grid import ChunkGrid
from zstore.hierarchy.codecs import Codec

__all__ = ["ArrayMetadata", "Format", "Node"]

Format: TypeAlias = Literal["zarr2", "zarr3", "n5"]
"""Whose rules a node follows."""


@dataclass(frozen=True, slots=True)
class ArrayMetadata:
    """What the metadata of an array say.

    Attributes
    ----------
    shape
        In elements; () for a single value.
    dtype
        As people say it: ``"float32"``, ``"datetime64[s]"``, ``"string"``, ``"S10"``,
        ``"{a: int32, b: float64}"``; ``"object"`` where only a pickle could say.
    itemsize
        Bytes of an element before encoding; None if that varies or is not known.
    chunk_shape
        Of what the codecs encode together: of the chunks inside a shard, if there are
        shards. In elements.
    shard_shape
        Of what is stored under one key, if that holds several chunks; None if not.
    codecs
        In the order of encoding; those inside a shard stand in place of the sharding.
    fill_value
        Of chunks that are not stored: a JSON value; None if there is none.
    order
        ``"C"`` or ``"F"``: how the elements of a chunk follow each other.
    dimension_names
        Shape (ndim,), None for an axis without a name; None if no axis has one. Of Zarr
        v2 as xarray writes them, in the attribute ``_ARRAY_DIMENSIONS``.
    grid
        Of what is stored under one key each.
    """

    shape: tuple[int, ...]
    dtype: str
    itemsize: int | None
    chunk_shape: tuple[int, ...]
    shard_shape: tuple[int, ...] | None
    codecs: tuple[Codec, ...]
    fill_value: object
    order: Literal["C", "F"]
    dimension_names: tuple[str | None, ...] | None
    grid: ChunkGrid

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """Number of elements; may be larger than any machine number."""
        return prod(self.shape)

    @property
    def nbytes(self) -> int | None:
        """Bytes of all elements before encoding; None if `itemsize` is."""
        return None if self.itemsize is None else self.size * self.itemsize


@dataclass(frozen=True, slots=True)
class Node:
    """A group or an array, as the metadata of a store say.

    Attributes
    ----------
    path
        Where it lies: ``""`` is the root of the store; no trailing ``/``.
    kind
        What it is, or most likely is where there is a `problem`.
    format
        Whose rules it follows.
    attributes
        What its writer attached: JSON values. Numbers that JSON has not, as ``NaN``, and
        those too large to keep are texts.
    array
        What the metadata of an array say; None for a group, and for an array with a
        `problem` that leaves nothing to say.
    documents
        The keys that it was read from.
    consolidated
        Whether it repeats the metadata of all nodes below; see `read_consolidated`.
    problem
        A sentence, if its metadata are there and cannot be understood in full.
    """

    path: str
    kind: Literal["group", "array"]
    format: Format
    attributes: Mapping[str, object] = field(default_factory=dict[str, object])
    array: ArrayMetadata | None = None
    documents: tuple[str, ...] = ()
    consolidated: bool = False
    problem: str | None = None

    @property
    def name(self) -> str:
        """The last segment of `path`; ``""`` for the root."""
        return self.path.rpartition("/")[2]
