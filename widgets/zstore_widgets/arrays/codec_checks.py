"""Which arrays may be decoded: nothing that unpickles, nothing of unknown code or size.

The codecs of an array are named by whoever wrote the store, and each is code that runs on
bytes of theirs. All of them are compared with a list, before zarr-python sees the first.
"""

import re
from collections.abc import Mapping
from math import prod
from typing import Any, Final

from zstore.errors import ZStoreError
from zstore.hierarchy import Node
from zstore.hierarchy.documents import is_list, is_object, shown

__all__ = ["MAX_CHUNK_NBYTES", "NotDecodedError", "check_codecs", "unit_of"]

MAX_CHUNK_NBYTES: Final = 64 * 2**20
"""What a chunk may have, decoded; texts count as 16 bytes each."""

_TEXT_NBYTES = 16
_MAX_LEVELS = 8
_INDEX_NBYTES = 16

_PLAIN = frozenset(
    {"adler32", "astype", "bitround", "blosc", "bz2", "crc32", "crc32c", "delta"}
    | {"fixedscaleoffset", "fletcher32", "gzip", "jenkins_lookup3", "lz4", "lzma"}
    | {"packbits", "pcodec", "quantize", "shuffle", "zfpy", "zlib", "zstd"}
)
_TEXTS = frozenset({"vlen-utf8", "vlen-bytes"})
_SHARDING = "sharding_indexed"
_OF_V3 = (
    frozenset({"bytes", "blosc", "gzip", "zstd", "crc32c", "transpose", "endian"})
    | _TEXTS
    | {f"numcodecs.{name}" for name in _PLAIN}
)
# A codec that is told a type of elements: numbers of a fixed size, and never objects.
_TYPE_FIELDS = ("dtype", "astype", "encode_dtype", "decode_dtype")
_NUMBER = re.compile(r"[<>|=]?[biufc?][0-9]{0,2}|bool|u?int[0-9]{1,2}|float[0-9]{2}")


class NotDecodedError(ZStoreError):
    """An array that could be decoded, and is not: it would not be safe."""


def check_codecs(node: Node, document: Mapping[str, Any]) -> None:
    """Raise if the array is not safe to decode.

    Parameters
    ----------
    node
        An array of Zarr.
    document
        Its ``zarr.json`` or ``.zarray``.

    Raises
    ------
    NotDecodedError
        If one of its codecs is not on the list, wherever it stands; if its elements are
        objects; or if one chunk has more than `MAX_CHUNK_NBYTES`.
    """
    if node.format == "n5":
        msg = "zarr-python does not decode arrays of N5; their chunks can be opened"
        raise NotDecodedError(msg)
    if node.format == "zarr2":
        _check_v2(document)
    else:
        _check_v3(document.get("codecs"), 0)
    _check_size(node, document)


def unit_of(node: Node, document: Mapping[str, Any]) -> tuple[int, ...]:
    """Return the shape of what is decoded at once to read a single element.

    A chunk; or the whole shard, where its chunks cannot be read one by one.
    """
    array = node.array
    assert array is not None  # noqa: S101 -- said by the caller
    codecs = document.get("codecs")
    if array.shard_shape is None or (is_list(codecs) and len(codecs) == 1):
        return array.chunk_shape
    return array.shard_shape


def _check_v2(document: Mapping[str, Any]) -> None:
    filters = document.get("filters") or []
    compressor = document.get("compressor")
    steps = [*(filters if is_list(filters) else [filters])]
    steps += [] if compressor is None else [compressor]
    names = [step.get("id") if is_object(step) else None for step in steps]
    for name, step in zip(names, steps, strict=True):
        _check_known(name, _PLAIN | _TEXTS)
        _check_types(name, step)
    if _has_objects(document.get("dtype")) and not _TEXTS & set(names):
        msg = "its elements are objects of Python, which only unpickling could make"
        raise NotDecodedError(msg)
    if is_list(document.get("dtype")) and _has_objects(document.get("dtype")):
        msg = "it has a field of objects of Python, which nothing safe can make"
        raise NotDecodedError(msg)


def _check_v3(codecs: object, level: int) -> None:
    if not is_list(codecs) or level > _MAX_LEVELS:
        msg = f"its codecs are no list, or nested too deep: {shown(codecs)}"
        raise NotDecodedError(msg)
    for codec in codecs:
        name = codec.get("name") if is_object(codec) else codec
        configuration = codec.get("configuration") if is_object(codec) else None
        if name == _SHARDING and is_object(configuration):
            _check_v3(configuration.get("codecs"), level + 1)
            _check_v3(configuration.get("index_codecs", []), level + 1)
            continue
        _check_known(name, _OF_V3)
        _check_types(name, configuration)


def _check_known(name: object, known: frozenset[str]) -> None:
    if name not in known:
        msg = f"the codec {shown(name)} is not on the list of those that are safe to run"
        raise NotDecodedError(msg)


def _check_types(name: object, configuration: object) -> None:
    if not is_object(configuration):
        return
    for field in _TYPE_FIELDS:
        value = configuration.get(field)
        if value is None:
            continue
        if not isinstance(value, str) or not _NUMBER.fullmatch(value):
            msg = f"the codec {shown(name)} asks for elements of type {shown(value)}"
            raise NotDecodedError(msg)


def _has_objects(dtype: object) -> bool:
    if is_list(dtype):
        # A structure: fields of a name and a type, which may be a structure again.
        return any(_has_objects(item) for field in dtype for item in _types_in(field))
    return isinstance(dtype, str) and "O" in dtype.split("[")[0]


def _types_in(field: object) -> list[object]:
    return field[1:2] if is_list(field) else [field]


def _check_size(node: Node, document: Mapping[str, Any]) -> None:
    array = node.array
    assert array is not None  # noqa: S101 -- said by the caller
    itemsize = _TEXT_NBYTES if array.itemsize is None else array.itemsize
    nbytes = prod(unit_of(node, document)) * itemsize
    if array.shard_shape is not None:
        pairs = zip(array.shard_shape, array.chunk_shape, strict=True)
        # The index of a shard is read whole as well.
        nbytes = max(nbytes, prod(a // b for a, b in pairs) * _INDEX_NBYTES)
    if nbytes > MAX_CHUNK_NBYTES:
        size, limit = nbytes // 2**20, MAX_CHUNK_NBYTES // 2**20
        msg = f"one chunk has {size:,} MiB decoded, and no more than {limit} are shown"
        raise NotDecodedError(msg)
