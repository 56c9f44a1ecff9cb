"""Nothing that unpickles is decoded, and nothing of a size that nobody can hold."""

import builtins
import json
import pickle
from typing import Any

import pytest

from tests.widgets.front import Front, KernelError
from zstore import MemoryStore
from zstore._compat import override
from zstore_widgets.arrays.requests import Arrays
from zstore_widgets.root import Root
from zstore_widgets.view import View

PICKLE = {"id": "pickle", "protocol": 5}
TEXTS = {"id": "vlen-utf8"}


class ArrayHarness(View):
    """A view with nothing but arrays."""

    def __init__(self, store: MemoryStore) -> None:
        super().__init__("arrays", [Arrays(Root(store))])


class Bomb:
    """Leaves a mark when it is unpickled."""

    @override
    def __reduce__(self) -> tuple[Any, ...]:
        return exec, ("import builtins; builtins.PICKLE_RAN = True",)


def v2(**changes: Any) -> dict[str, Any]:
    return {
        "zarr_format": 2,
        "shape": [1],
        "chunks": [1],
        "dtype": "|O",
        "compressor": None,
        "fill_value": 0,
        "filters": [TEXTS],
        "order": "C",
    } | changes


def v3(**changes: Any) -> dict[str, Any]:
    return {
        "zarr_format": 3,
        "node_type": "array",
        "shape": [4],
        "data_type": "uint8",
        "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": [4]}},
        "chunk_key_encoding": {"name": "default", "configuration": {"separator": "/"}},
        "codecs": [{"name": "bytes"}],
        "fill_value": 0,
        "attributes": {},
    } | changes


def sharded(inner: Any, index: Any) -> dict[str, Any]:
    configuration = {"chunk_shape": [2], "codecs": inner, "index_codecs": index}
    return v3(codecs=[{"name": "sharding_indexed", "configuration": configuration}])


async def asked(document: dict[str, Any], chunk: bytes = b"") -> str:
    """Return the sentence with which an array is refused."""
    store = MemoryStore()
    name = ".zarray" if document["zarr_format"] == 2 else "zarr.json"
    await store.set(f"a/{name}", json.dumps(document).encode())
    await store.set("a/0", chunk)
    await store.set("a/c/0", chunk)
    with pytest.raises(KernelError) as caught:
        await Front(ArrayHarness(store)).call("slice", path="a")
    assert caught.value.kind == "NotDecodedError"
    return caught.value.message


@pytest.mark.parametrize(
    "document",
    [
        v2(filters=[PICKLE]),
        v2(filters=[TEXTS, PICKLE]),
        v2(filters=[PICKLE, TEXTS]),
        v2(filters=[TEXTS], compressor=PICKLE),
        v2(filters=[{"id": "msgpack2"}]),
        v2(filters=[{"id": "json2"}]),
        v3(codecs=[{"name": "bytes"}, {"name": "numcodecs.pickle"}]),
        v3(codecs=["bytes", "numcodecs.pickle"]),
        v3(codecs=[{"name": "bytes"}, {"name": "my.own"}]),
        sharded([{"name": "numcodecs.pickle"}], [{"name": "bytes"}]),
        sharded([{"name": "bytes"}], [{"name": "bytes"}, {"name": "numcodecs.pickle"}]),
    ],
)
async def test_a_codec_that_is_not_on_the_list_is_never_run(document: dict[str, Any]):
    sentence = await asked(document, pickle.dumps(Bomb()))
    assert "codec" in sentence
    assert not hasattr(builtins, "PICKLE_RAN")


@pytest.mark.parametrize(
    "document",
    [
        v2(filters=None),
        v2(filters=[{"id": "delta", "dtype": "<i4"}]),
        v2(dtype=[["n", "<i4"], ["o", "|O"]], filters=None),
        v2(dtype=[["n", [["o", "|O"]]]], filters=[TEXTS]),
    ],
)
async def test_objects_that_only_unpickling_makes_are_refused(document: dict[str, Any]):
    assert "objects of Python" in await asked(document, pickle.dumps(Bomb()))
    assert not hasattr(builtins, "PICKLE_RAN")


@pytest.mark.parametrize("filters", [["pickle"], [{"id": ["pickle"]}], "pickle", [[]]])
async def test_filters_that_are_none_are_refused(filters: object):
    store = MemoryStore()
    await store.set("a/.zarray", json.dumps(v2(filters=filters)).encode())
    await store.set("a/0", pickle.dumps(Bomb()))
    with pytest.raises(KernelError):
        await Front(ArrayHarness(store)).call("slice", path="a")
    assert not hasattr(builtins, "PICKLE_RAN")


async def test_a_codec_that_asks_for_objects_is_refused():
    filters = [{"id": "astype", "encode_dtype": "|O", "decode_dtype": "|O"}]
    assert "'|O'" in await asked(v2(dtype="<f8", filters=filters))


@pytest.mark.parametrize(
    "document",
    [
        v2(dtype="<f8", filters=None, shape=[2**40], chunks=[2**40]),
        v2(shape=[2**30], chunks=[2**30]),
        v2(dtype="|S99999999", filters=None),
        v3(
            shape=[2**50],
            chunk_grid={"name": "regular", "configuration": {"chunk_shape": [2**50]}},
        ),
    ],
)
async def test_a_chunk_that_declares_more_than_64_mib_is_refused(document: dict[str, Any]):
    assert "one chunk has" in await asked(document)


async def test_a_shard_with_an_endless_index_is_refused():
    document = sharded([{"name": "bytes"}], [{"name": "bytes"}])
    document["shape"] = [2**40]
    document["chunk_grid"]["configuration"]["chunk_shape"] = [2**40]
    assert "one chunk has" in await asked(document)


async def test_arrays_of_n5_are_said_to_be_such():
    store = MemoryStore()
    document = {
        "dimensions": [4],
        "blockSize": [4],
        "dataType": "uint8",
        "compression": {"type": "raw"},
    }
    await store.set("a/attributes.json", json.dumps(document).encode())
    with pytest.raises(KernelError, match="N5"):
        await Front(ArrayHarness(store)).call("slice", path="a")
