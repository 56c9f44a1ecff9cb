"""What real zarr-python writes is understood as zarr-python itself does."""

import importlib
import itertools
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from zstore import LocalStore, MemoryStore, Store, as_zarr
from zstore.hierarchy import (
    ArrayMetadata,
    Node,
    read_consolidated,
    read_node,
    read_nodes,
    scan_chunks,
)

# Without its types: they are unions of all that a name may stand for.
zarr: Any = importlib.import_module("zarr")

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning", "ignore::FutureWarning")


def array_of(node: Node | None) -> ArrayMetadata:
    assert node is not None
    assert node.problem is None
    assert node.array is not None
    return node.array


async def chunks_of(store: Store, node: Node) -> dict[tuple[int, ...], int]:
    found: dict[tuple[int, ...], int] = {}
    async for chunks in scan_chunks(store, node):
        assert len(chunks) > 0
        for index, nbytes in zip(
            chunks.indices.tolist(), chunks.nbytes.tolist(), strict=True
        ):
            found[tuple(index)] = nbytes
    return found


ENCODINGS = [
    (2, {"name": "v2", "separator": "."}),
    (2, {"name": "v2", "separator": "/"}),
    (3, {"name": "default", "separator": "/"}),
    (3, {"name": "default", "separator": "."}),
    (3, {"name": "v2", "separator": "."}),
    (3, {"name": "v2", "separator": "/"}),
]
SHAPES = [
    ((), ()),
    ((7,), (3,)),
    ((12, 5), (4, 5)),
    ((3, 4, 5), (2, 2, 2)),
    ((0, 4), (1, 4)),
]


@pytest.mark.parametrize(("zarr_format", "encoding"), ENCODINGS)
@pytest.mark.parametrize(("shape", "chunks"), SHAPES)
@pytest.mark.parametrize("path", ["", "deep/er"])
async def test_chunks_are_found_where_zarr_puts_them(
    zarr_format: int,
    encoding: Any,
    shape: tuple[int, ...],
    chunks: tuple[int, ...],
    path: str,
):
    store = MemoryStore()
    array = zarr.create_array(
        as_zarr(store),
        name=path,
        shape=shape,
        chunks=chunks,
        dtype="i4",
        zarr_format=zarr_format,
        chunk_key_encoding=encoding,
    )
    array[...] = np.arange(1, 1 + prod(shape)).reshape(shape)
    # Keys beside the chunks, of the kind that people leave.
    for stray in ("c/01", "c.9.9", "99", "0/x", "README.md", "c/9/9/9/9"):
        await store.set(f"{path}/{stray}".lstrip("/"), b"x")
    node = await read_node(store, path)
    found = array_of(node)
    assert (found.shape, found.chunk_shape, found.dtype) == (shape, chunks, "int32")
    assert found.grid.counts == array.cdata_shape
    assert found.grid.nchunks == array.nchunks
    assert found.nbytes == array.nbytes
    assert node is not None
    stored = await chunks_of(store, node)
    assert set(stored) == set(itertools.product(*map(range, array.cdata_shape)))
    assert len(stored) == array.nchunks_initialized
    for index, nbytes in stored.items():
        key = found.grid.key_of(index)
        assert found.grid.index_of(key) == index
        assert key.startswith(found.grid.prefix)
        assert await store.getsize(f"{path}/{key}".lstrip("/")) == nbytes


async def test_a_shard_is_one_stored_chunk():
    store = MemoryStore()
    array = zarr.create_array(
        as_zarr(store),
        name="s",
        shape=(10, 10),
        shards=(4, 6),
        chunks=(2, 3),
        dtype="f8",
        dimension_names=["y", None],
        fill_value=np.nan,
    )
    array[:5, :5] = 1
    node = await read_node(store, "s")
    found = array_of(node)
    assert found.chunk_shape == (2, 3)
    assert found.shard_shape == found.grid.stored_shape == (4, 6)
    assert [codec.text for codec in found.codecs] == ["bytes(little)", "zstd(0)"]
    assert found.dimension_names == ("y", None)
    assert found.fill_value == "NaN"
    assert node is not None
    assert set(await chunks_of(store, node)) == {(0, 0), (1, 0)}


DTYPES = [
    ("bool", "bool"),
    ("int8", "int8"),
    (">u2", "uint16"),
    ("float16", "float16"),
    ("float64", "float64"),
    ("complex64", "complex64"),
    ("datetime64[s]", "datetime64[s]"),
    ("datetime64[10ms]", "datetime64[10ms]"),
    ("timedelta64[D]", "timedelta64[D]"),
    # NumPy 2.5 deprecates what arrays may have been written with.
    pytest.param(
        "M8", "datetime64", marks=pytest.mark.filterwarnings("ignore:The 'generic'")
    ),
    ("U10", "U10"),
    ("S10", "S10"),
    ("V7", "V7"),
    ([("a", "i4"), ("b", [("c", "f8")])], "{a: int32, b: {c: float64}}"),
    (np.dtypes.StringDType(), "string"),
]


@pytest.mark.parametrize("zarr_format", [2, 3])
@pytest.mark.parametrize(("dtype", "name"), DTYPES, ids=str)
async def test_a_data_type_has_the_name_people_say(zarr_format: int, dtype: Any, name: str):
    store = MemoryStore()
    array = zarr.create_array(
        as_zarr(store), shape=(4,), chunks=(2,), dtype=dtype, zarr_format=zarr_format
    )
    found = array_of(await read_node(store))
    assert found.dtype == name
    varies = name == "string"
    assert found.itemsize == (None if varies else array.dtype.itemsize)
    assert found.nbytes == (None if varies else 4 * array.dtype.itemsize)


async def test_codecs_read_as_people_write_them():
    store = MemoryStore()
    settings: dict[str, Any] = {"shape": (4, 4), "chunks": (2, 2), "dtype": "f4"}
    blosc = zarr.codecs.BloscCodec(cname="lz4", clevel=5, shuffle="shuffle")
    transpose = zarr.codecs.TransposeCodec(order=(1, 0))
    lent = as_zarr(store)
    zarr.create_array(lent, name="b", compressors=blosc, filters=[transpose], **settings)
    zarr.create_array(lent, name="n", compressors=None, **settings)
    numcodecs: Any = importlib.import_module("numcodecs")
    settings |= {"zarr_format": 2, "order": "F"}
    zarr.create_array(
        lent,
        name="v",
        compressors=numcodecs.Blosc("zstd", clevel=3, shuffle=2),
        filters=[numcodecs.Delta("f4")],
        **settings,
    )
    nodes = await read_nodes(store, ["b", "n", "v"])
    texts = {
        path: [codec.text for codec in array_of(node).codecs]
        for path, node in nodes.items()
    }
    assert texts == {
        "b": ["transpose(1, 0)", "bytes(little)", "blosc(lz4, 5, shuffle)"],
        "n": ["bytes(little)"],
        "v": ["delta(<f4, <f4)", "blosc(zstd, 3, bitshuffle)"],
    }
    assert [array_of(node).order for node in nodes.values()] == ["F", "C", "F"]


@pytest.mark.parametrize("zarr_format", [2, 3])
async def test_consolidated_metadata_say_what_the_documents_say(zarr_format: int):
    store = MemoryStore()
    lent = as_zarr(store)
    group = zarr.create_group(
        lent, path="top", zarr_format=zarr_format, attributes={"title": "all"}
    )
    group.create_group("in/side", attributes={"n": 1})
    group.create_array("in/side/a", shape=(4,), chunks=(2,), dtype="i2")
    assert await read_consolidated(store, "top") is None
    zarr.consolidate_metadata(lent, path="top")
    nodes = await read_consolidated(store, "top")
    assert nodes is not None
    assert next(iter(nodes)) == "top"
    read = await read_nodes(store, nodes)
    for path, node in nodes.items():
        own = read[path]
        assert own is not None
        assert (node.kind, node.array, node.problem) == (own.kind, own.array, None)
        assert dict(node.attributes) == dict(own.attributes)
    assert set(nodes) == {"top", "top/in", "top/in/side", "top/in/side/a"}
    assert [node.consolidated for node in nodes.values()] == [True, False, False, False]
    top = read["top"]
    assert top is not None
    assert top.consolidated


async def test_arrays_that_other_programs_wrote_are_understood(shared: Path):
    store = LocalStore(shared / "zarr-v2-implementations", read_only=True)
    keys = [key async for key in store.list()]
    paths = sorted({key.rpartition("/")[0] for key in keys if key.endswith("/.zarray")})
    assert len(paths) >= 4
    nodes = await read_nodes(store, paths, format="zarr2")
    for path, node in nodes.items():
        found = array_of(node)
        told = zarr.open_array(str(store.root / path), mode="r")
        assert found.shape == told.shape
        assert found.chunk_shape == told.chunks
        assert found.dtype == told.dtype.name
        assert found.itemsize == told.dtype.itemsize
        assert node is not None
        assert len(await chunks_of(store, node)) == told.nchunks_initialized
