"""Chunks that say more than they should: refused before they are decoded.

The metadata of an array bound what a chunk has, and its bytes need not agree: a few
kilobytes can become gigabytes (a decompression bomb). zarr-python decodes what it is given.
So the bytes are looked at on their way to it.
"""

import bz2
import lzma
import struct
import zlib
from collections.abc import Callable, Mapping
from math import prod
from typing import Any, Final, TypeAlias

from zstore import Store
from zstore._compat import override
from zstore.buffer import Buffer, BufferPrototype
from zstore.concurrency import run_in_thread
from zstore.hierarchy import Node
from zstore.ranges import ByteRequest, RangeByteRequest
from zstore.wrappers.base import WrapperStore
from zstore_widgets.arrays.codec_checks import MAX_CHUNK_NBYTES, NotDecodedError

__all__ = ["CappedChunks", "decoded_nbytes"]

Shape: TypeAlias = tuple[int, ...]

# No stream of DEFLATE grows more than this (zlib, "Technical Details").
_DEFLATE_RATIO = 1032
_PIECE = 2**18
_CHECKSUM_NBYTES = 4
_CHECKSUMS = ("crc32c", "crc32", "adler32", "fletcher32", "jenkins_lookup3")


class CappedChunks(WrapperStore[Store]):
    """Hands out the values of a store, but for those that decode to more than 64 MiB.

    Parameters
    ----------
    store
        With the chunks.
    node
        The array that they are of.
    document
        The metadata of it.
    """

    def __init__(self, store: Store, node: Node, document: Mapping[str, Any]) -> None:
        super().__init__(store)
        self._node, self._document = node, document
        array = node.array
        names = [] if array is None else [codec.name for codec in array.codecs]
        names = [name.removeprefix("numcodecs.") for name in names]
        self._skipped = 0
        while names and names[-1] in _CHECKSUMS:
            names.pop()
            # Of Zarr v2, checksums stand before the bytes: then nothing can be told.
            self._skipped += _CHECKSUM_NBYTES
        self._compressor = names[-1] if names else ""
        self._index: _ShardIndex | None = None
        if array is not None and array.shard_shape is not None:
            last = document["codecs"][-1]
            # Whole shards may be packed again; then it is those that are measured.
            if isinstance(last, dict) and last.get("name") == "sharding_indexed":
                shapes = array.shard_shape, array.chunk_shape
                self._index = _ShardIndex(last["configuration"], *shapes)

    @override
    def _with_store(self, store: Store) -> "CappedChunks":
        return type(self)(store, self._node, self._document)

    @override
    async def get(
        self,
        key: str,
        prototype: BufferPrototype | None = None,
        byte_range: ByteRequest | None = None,
    ) -> Buffer | None:
        value = await self._store.get(key, prototype, byte_range)
        if value is None or self._compressor not in _MEASURES:
            return value
        content = memoryview(value.as_buffer_like()).cast("B")
        if await run_in_thread(self._is_too_large, content, byte_range):
            msg = (
                f"the chunk {key!r} would have more than {MAX_CHUNK_NBYTES // 2**20} MiB "
                "when decoded, unlike the metadata say"
            )
            raise NotDecodedError(msg)
        return value

    def _is_too_large(self, content: memoryview, byte_range: ByteRequest | None) -> bool:
        pieces = [content]
        if self._index is not None:
            pieces = self._index.chunks_in(content, byte_range)
        return any(
            decoded_nbytes(self._compressor, piece) > MAX_CHUNK_NBYTES for piece in pieces
        )


class _ShardIndex:
    """Where the chunks of a shard lie in it, by the index at one of its ends.

    Source: Zarr v3 sharding codec, "Binary shard format".
    """

    def __init__(
        self, configuration: Mapping[str, Any], shard: Shape, chunk: Shape
    ) -> None:
        codecs = configuration.get("index_codecs") or []
        names = [codec.get("name") for codec in codecs if isinstance(codec, dict)]
        nchunks = prod(a // b for a, b in zip(shard, chunk, strict=True))
        self._at_start = configuration.get("index_location", "end") == "start"
        self._numbers = struct.Struct(f"<{2 * nchunks}Q")
        self._nbytes = self._numbers.size + _CHECKSUM_NBYTES * names.count("crc32c")

    def chunks_in(
        self, content: memoryview, byte_range: ByteRequest | None
    ) -> list[memoryview]:
        """Return the chunks among what was read of a shard."""
        if isinstance(byte_range, RangeByteRequest):
            # One chunk, or the index alone.
            is_index = self._at_start and byte_range.start == 0
            return [] if is_index else [content]
        if byte_range is not None or len(content) < self._nbytes:
            return []
        start = 0 if self._at_start else len(content) - self._nbytes
        numbers = self._numbers.unpack_from(content, start)
        # What is missing lies past every end, and so is empty.
        return [
            content[offset : offset + nbytes]
            for offset, nbytes in zip(numbers[::2], numbers[1::2], strict=True)
            if offset < len(content)
        ]


def decoded_nbytes(compressor: str, content: Any) -> int:
    """Return about how many bytes `content` has once decoded; 0 if that is not known.

    What a header says is believed, for the decoders make room for that. Streams without
    one are decoded in pieces, which are dropped, and no further than `MAX_CHUNK_NBYTES`.
    """
    return _MEASURES[compressor](memoryview(content).cast("B"))


def _of_blosc(content: memoryview) -> int:
    return _number("<4xI", content)


def _of_lz4(content: memoryview) -> int:
    return _number("<I", content)


def _of_zstd(content: memoryview) -> int:
    """RFC 8878, 3.1.1.1: the size of the frame, in a field of four widths."""
    if len(content) < 5 or bytes(content[:4]) != b"\x28\xb5\x2f\xfd":  # noqa: PLR2004 -- the magic number and a byte
        return 0
    descriptor = content[4]
    single = descriptor >> 5 & 1
    start = 5 + (0 if single else 1) + (0, 1, 2, 4)[descriptor & 3]
    width = (1 if single else 0, 2, 4, 8)[descriptor >> 6]
    if not width or len(content) < start + width:
        return 0
    size = int.from_bytes(content[start : start + width], "little")
    return size + 256 if width == 2 else size  # noqa: PLR2004 -- of which 256 are added


def _of_deflate(content: memoryview) -> int:
    if len(content) * _DEFLATE_RATIO <= MAX_CHUNK_NBYTES:
        return 0
    # 32: with a header of zlib or gzip, as it comes.
    return _counted(lambda: zlib.decompressobj(zlib.MAX_WBITS | 32), content)


def _of_bz2(content: memoryview) -> int:
    return _counted(bz2.BZ2Decompressor, content)


def _of_lzma(content: memoryview) -> int:
    return _counted(lzma.LZMADecompressor, content)


def _number(form: str, content: memoryview) -> int:
    if len(content) < struct.calcsize(form):
        return 0
    number: int = struct.unpack_from(form, content)[0]
    return number


def _counted(make: Callable[[], Any], content: memoryview) -> int:
    """Decode in pieces and count; members that follow each other are counted too."""
    total, rest = 0, bytes(content)
    try:
        while rest and total <= MAX_CHUNK_NBYTES:
            decoder = make()
            total += len(decoder.decompress(rest, _PIECE))
            while not decoder.eof and total <= MAX_CHUNK_NBYTES:
                more = getattr(decoder, "unconsumed_tail", b"")
                piece = len(decoder.decompress(more, _PIECE))
                if not piece:
                    return total
                total += piece
            rest = decoder.unused_data if decoder.eof else b""
    except (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError):
        # Damaged, or something else: the decoder will say so.
        return total
    return total


_MEASURES: Final[dict[str, Callable[[memoryview], int]]] = {
    "blosc": _of_blosc,
    "bz2": _of_bz2,
    "gzip": _of_deflate,
    "lz4": _of_lz4,
    "lzma": _of_lzma,
    "zlib": _of_deflate,
    "zstd": _of_zstd,
}
