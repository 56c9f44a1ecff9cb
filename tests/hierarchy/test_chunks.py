"""Chunks are told from whatever else a listing names."""

import json
from collections.abc import AsyncGenerator

import numpy as np
import pytest

from zstore import MemoryStore
from zstore._compat import override
from zstore.entries import SizeBatch
from zstore.hierarchy import Node, parse_node, scan_chunks


class Telling(MemoryStore):
    """Tells what it is given, as a server may tell anything."""

    def __init__(self, batches: list[SizeBatch]) -> None:
        super().__init__()
        self._batches = batches
        self.scanned: list[str] = []

    @override
    async def _scan(self, prefix: str) -> AsyncGenerator[SizeBatch, None]:
        self.scanned.append(prefix)
        for batch in self._batches:
            yield batch


def array_of(shape: list[int], chunks: list[int]) -> Node:
    document = {
        "zarr_format": 3,
        "node_type": "array",
        "shape": shape,
        "data_type": "uint8",
        "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": chunks}},
        "chunk_key_encoding": {"name": "default"},
        "codecs": ["bytes"],
    }
    node = parse_node("a", {"zarr.json": json.dumps(document).encode()})
    assert node is not None
    assert node.problem is None
    return node


async def test_a_batch_without_chunks_is_passed_over():
    store = Telling(
        [[("a/c/x", 1)], [], [("a/c/9/9", 2), ("a/c/01/0", 3)], [("a/c/0/1", 4)]]
    )
    found = [chunks async for chunks in scan_chunks(store, array_of([4, 4], [2, 2]))]
    assert [chunks.indices.tolist() for chunks in found] == [[[0, 1]]]
    assert [chunks.nbytes.tolist() for chunks in found] == [[4]]
    assert store.scanned == ["a/c/"]


async def test_any_number_may_be_told():
    largest = 2**63 - 1
    keys = [f"a/c/{largest - 1}", f"a/c/{largest}", "a/c/9999999999999999999"]
    store = Telling([[(key, 10**30) for key in keys]])
    (chunks,) = [found async for found in scan_chunks(store, array_of([largest], [1]))]
    assert chunks.indices.tolist() == [[largest - 1]]
    assert chunks.nbytes.tolist() == [largest]
    assert chunks.nbytes.dtype == np.int64


async def test_the_only_chunk_of_a_single_value_is_no_folder():
    store = MemoryStore()
    for key in ("a/c", "a/c/0", "a/cc", "a/c.0", "a/0"):
        await store.set(key, key.encode())
    found = [chunks async for chunks in scan_chunks(store, array_of([], []))]
    assert [chunks.indices.shape for chunks in found] == [(1, 0)]
    assert [chunks.nbytes.tolist() for chunks in found] == [[len("a/c")]]


async def test_the_scan_ends_with_its_reader():
    store = Telling([[(f"a/c/{n}", 1)] for n in range(10)])
    chunks = scan_chunks(store, array_of([10], [1]))
    assert (await anext(chunks)).indices.tolist() == [[0]]
    await chunks.aclose()
    with pytest.raises(StopAsyncIteration):
        await anext(chunks)
