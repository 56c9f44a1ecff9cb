"""Chunks that become more than their metadata say are refused before they are decoded."""

import bz2
import gzip
import json
import lzma
import zlib
from typing import Any

import numcodecs  # type: ignore[import-untyped]
import numpy as np
import pytest
import zarr
from zarr.codecs import BloscCodec

from tests.widgets.arrays.test_codec_checks import ArrayHarness, sharded, v2
from tests.widgets.front import Front, KernelError
from zstore import MemoryStore, as_zarr
from zstore_widgets.arrays.capped_chunks import decoded_nbytes

PART = bytes(2**20)
SMALL = b"abc" * 40_000
BYTES = {"name": "bytes", "configuration": {"endian": "little"}}
ENCODERS: dict[str, Any] = {
    "blosc": numcodecs.Blosc().encode,
    "bz2": bz2.compress,
    "gzip": gzip.compress,
    "lz4": numcodecs.LZ4().encode,
    "lzma": lambda content: lzma.compress(content, preset=0),
    "zlib": zlib.compress,
    "zstd": numcodecs.Zstd(level=1).encode,
}


def bomb(name: str) -> bytes:
    """Return 70 MiB of nothing, packed."""
    if name in {"bz2", "gzip", "lzma"}:
        # Made of members that follow each other: quicker to make.
        return bytes(ENCODERS[name](PART)) * 70
    return bytes(ENCODERS[name](PART * 70))


@pytest.mark.parametrize("name", ENCODERS)
async def test_a_bomb_is_not_decoded(name: str):
    store = MemoryStore()
    document = v2(dtype="|u1", filters=None, shape=[4], chunks=[4], compressor={"id": name})
    await store.set("a/.zarray", json.dumps(document).encode())
    await store.set("a/0", bomb(name))
    with pytest.raises(KernelError, match="more than 64 MiB when decoded"):
        await Front(ArrayHarness(store)).call("slice", path="a")


@pytest.mark.parametrize("location", ["start", "end"])
@pytest.mark.parametrize("length", [4, 2])
async def test_a_bomb_in_a_shard_is_not_decoded(location: str, length: int):
    packed = bomb("blosc")
    start = 2 * 16 if location == "start" else 0
    index = np.array([start, len(packed), 2**64 - 1, 2**64 - 1], dtype="<u8").tobytes()
    document = sharded([BYTES, {"name": "blosc"}], [BYTES])
    document["codecs"][0]["configuration"]["index_location"] = location
    document["codecs"][0]["configuration"]["codecs"][1]["configuration"] = {
        "cname": "lz4",
        "clevel": 5,
        "shuffle": "noshuffle",
        "typesize": 1,
        "blocksize": 0,
    }
    store = MemoryStore()
    await store.set("a/zarr.json", json.dumps(document).encode())
    await store.set("a/c/0", index + packed if location == "start" else packed + index)
    with pytest.raises(KernelError, match="more than 64 MiB when decoded"):
        await Front(ArrayHarness(store)).call(
            "slice", path="a", axes=[0], window=[0, length]
        )


@pytest.mark.filterwarnings("ignore::zarr.errors.ZarrUserWarning")
async def test_a_bomb_around_a_shard_is_not_decoded():
    document = sharded([{"name": "bytes"}], [{"name": "bytes"}])
    document["codecs"].append({"name": "gzip", "configuration": {"level": 1}})
    store = MemoryStore()
    await store.set("a/zarr.json", json.dumps(document).encode())
    await store.set("a/c/0", bomb("gzip"))
    with pytest.raises(KernelError, match="more than 64 MiB when decoded"):
        await Front(ArrayHarness(store)).call("slice", path="a")


@pytest.mark.parametrize("location", ["start", "end"])
async def test_a_shard_whose_first_chunk_is_missing_is_no_bomb(location: str):
    store = MemoryStore()
    shards: Any = {"shape": (8,), "index_location": location}
    array = zarr.create_array(
        as_zarr(store),
        name="a",
        shape=(8,),
        dtype="u1",
        chunks=(2,),
        shards=shards,
        compressors=BloscCodec(),
    )
    array[6:] = 7
    front = Front(ArrayHarness(store))
    for window, expected in (([0, 8], [0] * 6 + [7, 7]), ([5, 7], [0, 7])):
        answer = await front.call("slice", path="a", axes=[0], window=window)
        assert answer.result["cells"] == [str(number) for number in expected]


@pytest.mark.parametrize("name", sorted(set(ENCODERS) - {"gzip", "zlib"}))
def test_what_a_chunk_decodes_to_is_measured(name: str):
    assert decoded_nbytes(name, ENCODERS[name](SMALL)) == len(SMALL)


@pytest.mark.parametrize("nbytes", [1, 200, 300, 70_000])
def test_frames_of_zstd_have_sizes_of_several_widths(nbytes: int):
    content = ENCODERS["zstd"](np.arange(nbytes, dtype="u1").tobytes()[:nbytes])
    assert decoded_nbytes("zstd", content) == nbytes


def test_members_that_follow_each_other_are_counted_together():
    assert decoded_nbytes("gzip", bomb("gzip")) > 64 * 2**20
    assert decoded_nbytes("bz2", bz2.compress(SMALL) * 3) == 3 * len(SMALL)


@pytest.mark.parametrize("name", ENCODERS)
@pytest.mark.parametrize("content", [b"", b"x", b"\x28\xb5\x2f\xfd\xff", bytes(70_000)])
def test_damaged_chunks_are_left_to_the_decoder(name: str, content: bytes):
    assert decoded_nbytes(name, content) <= 2**32
