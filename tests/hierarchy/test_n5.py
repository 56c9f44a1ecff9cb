"""N5, from documents written by its specification."""

import json
from typing import Any

import numpy as np
import pytest

from zstore import MemoryStore
from zstore.hierarchy import parse_node, read_node, scan_chunks

# The example of the specification of N5: a block of 1 x 2 x 3 in a dataset.
DATASET: dict[str, Any] = {
    "dimensions": [100, 200, 300],
    "blockSize": [64, 64, 64],
    "dataType": "uint16",
    "compression": {"type": "gzip", "useZlib": False, "level": -1},
    "resolution": [4, 4, 40],
    "axes": ["x", "y", "z"],
}


def node_of(document: dict[str, Any]) -> Any:
    return parse_node("volume", {"attributes.json": json.dumps(document).encode()})


def test_a_dataset_is_an_array_with_its_axes_reversed():
    node = node_of(DATASET)
    assert (node.kind, node.format, node.problem) == ("array", "n5", None)
    assert node.array.shape == (300, 200, 100)
    assert node.array.chunk_shape == (64, 64, 64)
    assert node.array.dtype == "uint16"
    assert node.array.nbytes == 300 * 200 * 100 * 2
    assert node.array.dimension_names == ("z", "y", "x")
    assert [codec.text for codec in node.array.codecs] == ["gzip(-1)"]
    assert node.array.grid.counts == (5, 4, 2)
    assert node.array.grid.key_of((4, 3, 1)) == "1/3/4"
    assert node.attributes == {"resolution": [4, 4, 40], "axes": ["x", "y", "z"]}


def test_attributes_without_dimensions_are_those_of_a_group():
    node = node_of({"n5": "2.0.0", "title": "a brain"})
    assert (node.kind, node.format, node.array) == ("group", "n5", None)
    assert node.attributes == {"n5": "2.0.0", "title": "a brain"}


@pytest.mark.parametrize(
    ("compression", "texts"),
    [
        ({"compression": {"type": "raw"}}, []),
        ({"compression": {"type": "bzip2", "blockSize": 9}}, ["bzip2(blockSize=9)"]),
        ({"compressionType": "gzip"}, ["gzip"]),
        ({"compression": {"type": "zstd", "level": 3}}, ["zstd(3)"]),
    ],
)
def test_old_and_new_compressions_are_codecs(compression: Any, texts: list[str]):
    document = {**DATASET, **compression}
    if "compression" not in compression:
        del document["compression"]
    assert [codec.text for codec in node_of(document).array.codecs] == texts


async def test_stored_blocks_are_found():
    store = MemoryStore()
    await store.set("v/attributes.json", json.dumps(DATASET).encode())
    for key in ("0/0/0", "1/3/4", "1/3/5", "4/3/1", "0/0"):
        await store.set(f"v/{key}", b"block")
    node = await read_node(store, "v", format="n5")
    assert node is not None
    batches = [chunks async for chunks in scan_chunks(store, node)]
    found = [index for chunks in batches for index in chunks.indices.tolist()]
    assert sorted(found) == [[0, 0, 0], [4, 3, 1]]
    for chunks in batches:
        assert chunks.indices.dtype == chunks.nbytes.dtype == np.int64
        assert set(chunks.nbytes.tolist()) == {5}
