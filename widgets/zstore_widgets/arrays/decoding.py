"""Arrays that zarr-python decodes: made from metadata that were checked, no others."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from zstore import Store
from zstore.concurrency import run_in_thread
from zstore.errors import AccessDeniedError, CorruptStoreError, KeyNotFoundError
from zstore.hierarchy import MAX_METADATA_NBYTES, ArrayMetadata, Node, parse_node
from zstore.hierarchy.documents import parse_document
from zstore.hierarchy.fetching import fetch
from zstore.keys import prefix_of
from zstore.ranges import RangeByteRequest
from zstore_widgets.arrays.capped_chunks import CappedChunks
from zstore_widgets.arrays.codec_checks import check_codecs, unit_of

if TYPE_CHECKING:
    from zarr import AsyncArray

__all__ = ["Opened", "Values", "open_array", "read_metadata"]

Values = npt.NDArray[Any]

_NAMES: Final = ("zarr.json", ".zarray", ".zattrs", "attributes.json")


@dataclass(frozen=True, slots=True)
class Opened:
    """An array that is safe to decode.

    Attributes
    ----------
    node, metadata
        What its metadata say.
    unit
        Shape of what is decoded at once.
    dtype
        Of its elements.
    fill
        The element that means "nothing here", or None.
    """

    node: Node
    metadata: ArrayMetadata
    unit: tuple[int, ...]
    dtype: "np.dtype[Any]"
    fill: object
    _array: "AsyncArray[Any]"

    async def read(self, selection: tuple[int | slice, ...]) -> Values:
        """Return a part of the array; cancelling ends the requests for it."""
        # Decoding is work, and reading through zarr is bound to one loop: zarr's own.
        from zstore.interop.zarr_loop import on_zarr_loop  # noqa: PLC0415 -- needs zarr

        return np.asarray(await on_zarr_loop(self._getitem(selection)))

    async def _getitem(self, selection: tuple[int | slice, ...]) -> object:
        from zarr.buffer import cpu  # noqa: PLC0415 -- an extra

        # Also where zarr was told to keep what it reads on a GPU.
        place = cpu.buffer_prototype
        try:
            return await self._array.getitem(selection, prototype=place)
        except ExceptionGroup as failures:
            # Later versions of zarr read chunks in a group of tasks: one says enough.
            raise _first(failures) from failures


def _first(failures: ExceptionGroup) -> Exception:
    failure = failures.exceptions[0]
    return _first(failure) if isinstance(failure, ExceptionGroup) else failure


async def read_metadata(store: Store, path: str) -> tuple[Node, dict[str, Any]]:
    """Return the array at `path`, and the document that describes it.

    Raises
    ------
    KeyNotFoundError
        If there is no array.
    AccessDeniedError
        If its metadata are refused.
    CorruptStoreError
        If what is there cannot be understood.
    """
    below = prefix_of(path)
    whole = RangeByteRequest(0, MAX_METADATA_NBYTES + 1)
    contents = await fetch(store, [(below + name, whole) for name in _NAMES])
    refusals = [content for content in contents if isinstance(content, AccessDeniedError)]
    documents = {
        name: content
        for name, content in zip(_NAMES, contents, strict=True)
        if isinstance(content, bytes)
    }
    # A refusal alone says little: buckets refuse what they do not have.
    if refusals and documents.keys() <= {".zattrs"}:
        raise refusals[0]
    node, document = await run_in_thread(_parsed, path, documents)
    if node is None or (node.kind != "array" and node.problem is None):
        raise KeyNotFoundError(below + "zarr.json")
    if node.array is None:
        raise CorruptStoreError(node.problem or f"{path!r} is no array")
    return node, document


def _parsed(path: str, documents: dict[str, bytes]) -> tuple[Node | None, dict[str, Any]]:
    node = parse_node(path, documents)
    if node is None or node.array is None:
        return node, {}
    # In the order in which a node is made of them.
    name = next(name for name in _NAMES if name in documents and name != ".zattrs")
    return node, parse_document(documents[name])


async def open_array(store: Store, path: str) -> Opened:
    """Return the array at `path`, made from the very metadata that were checked.

    Raises
    ------
    KeyNotFoundError, AccessDeniedError, CorruptStoreError
        As `read_metadata` does.
    NotDecodedError
        If it is not safe to decode.
    MissingDependencyError
        If zarr-python is not installed.

    Notes
    -----
    Four requests for keys, at once.
    """
    node, document = await read_metadata(store, path)
    check_codecs(node, document)
    assert node.array is not None  # noqa: S101 -- read_metadata looked
    unit = unit_of(node, document)
    capped = CappedChunks(store, node, document)
    array = await run_in_thread(_zarr_array, capped, path, document)
    fill = _fill_of(array.metadata.fill_value, node.attributes)
    return Opened(node, node.array, unit, array.dtype, fill, array)


def _fill_of(fill: object, attributes: Mapping[str, object]) -> object:
    """Return what the array is filled with, or else what its attributes call missing.

    A zero is what Zarr fills with where nobody said anything.
    """
    if fill is not None and (isinstance(fill, np.void) or fill):
        return fill
    for name in ("_FillValue", "missing_value"):  # CF conventions, 2.5.1
        value = attributes.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return value
    return fill


def _zarr_array(store: Store, path: str, document: dict[str, Any]) -> "AsyncArray[Any]":
    from zstore.interop.zarr import as_zarr  # noqa: I001, PLC0415 -- raises if there is no zarr
    from zarr import AsyncArray  # noqa: PLC0415 -- an extra
    from zarr.storage import StorePath  # noqa: PLC0415 -- an extra

    return AsyncArray.from_dict(StorePath(as_zarr(store), path), document)
