"""What reading nodes costs, and what it makes of stores that hold something else."""

import json
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from tests.servers import HttpServer
from zstore import LocalStore, LoggingStore, MemoryStore, Store, ZipStore, open_store
from zstore._compat import override
from zstore.buffer import Buffer
from zstore.errors import AccessDeniedError, InvalidKeyError, InvalidTypeError
from zstore.hierarchy import (
    MAX_METADATA_NBYTES,
    Format,
    parse_node,
    read_consolidated,
    read_node,
    read_nodes,
    scan_chunks,
)
from zstore.ranges import ByteRequest

GROUP_V2 = b'{"zarr_format": 2}'
GROUP_V3 = b'{"zarr_format": 3, "node_type": "group", "attributes": {"a": 1}}'
N5_GROUP = b'{"n5": "2.0.0"}'


async def store_of(values: dict[str, bytes]) -> LoggingStore[MemoryStore]:
    store = MemoryStore()
    for key, value in values.items():
        await store.set(key, value)
    return LoggingStore(store)


async def test_nothing_is_no_node():
    store = await store_of({"other/file": b"x", "only/.zattrs": b"{}"})
    assert await read_node(store) is None
    assert await read_nodes(store, ["other", "only"]) == {"other": None, "only": None}


@pytest.mark.parametrize(
    ("key", "content", "format_"),
    [
        ("zarr.json", GROUP_V3, "zarr3"),
        (".zgroup", GROUP_V2, "zarr2"),
        (".zmetadata", b"{}", "zarr2"),
        ("attributes.json", N5_GROUP, "n5"),
    ],
)
@pytest.mark.parametrize("hint", [None, "zarr2", "zarr3", "n5"])
@pytest.mark.parametrize("path", ["", "a", "a/b", "a/b/"])
async def test_a_group_is_found_whatever_its_parent_is(
    key: str, content: bytes, format_: Format, hint: Format | None, path: str
):
    place = path.removesuffix("/")
    full = f"{place}/{key}".lstrip("/")
    store = await store_of({full: content})
    node = await read_node(store, path, format=hint)
    assert node is not None
    assert (node.path, node.kind, node.format) == (place, "group", format_)
    assert node.documents == (full,)
    assert node.problem is None


async def test_with_the_right_format_a_v3_node_is_one_request():
    store = await store_of({f"g{n}/zarr.json": GROUP_V3 for n in range(100)})
    nodes = await read_nodes(store, [f"g{n}" for n in range(100)], format="zarr3")
    assert all(node is not None and node.attributes == {"a": 1} for node in nodes.values())
    (call,) = store.trace
    assert (call.method, len(call.keys)) == ("get_partial_values", 100)


async def test_zarr_v3_comes_before_v2_and_n5():
    documents = {"zarr.json": GROUP_V3, ".zgroup": GROUP_V2, "attributes.json": N5_GROUP}
    formats = []
    while documents:
        node = parse_node("", documents)
        assert node is not None
        formats.append(node.format)
        del documents[next(iter(documents))]
    assert formats == ["zarr3", "zarr2", "n5"]


async def test_an_empty_document_is_a_problem_and_spoils_no_other():
    store = await store_of({"a/zarr.json": b"", "b/zarr.json": GROUP_V3})
    nodes = await read_nodes(store, ["a", "b"])
    assert nodes["a"] is not None
    assert nodes["b"] is not None
    assert "'a/zarr.json' is not understood: it is no JSON" in str(nodes["a"].problem)
    assert nodes["b"].problem is None


async def test_no_more_than_the_limit_is_read_of_a_document():
    large = GROUP_V3 + b" " * MAX_METADATA_NBYTES
    store = await store_of({"zarr.json": large + b" " * 1000})
    node = await read_node(store)
    assert node is not None
    assert f"more than the {MAX_METADATA_NBYTES} bytes" in str(node.problem)


async def test_large_documents_are_parsed_off_the_event_loop():
    attributes = {str(n): "x" * 100 for n in range(10_000)}
    document = {"zarr_format": 3, "node_type": "group", "attributes": attributes}
    store = await store_of({"zarr.json": json.dumps(document).encode()})
    node = await read_node(store)
    assert node is not None
    assert node.attributes == attributes


async def test_a_path_that_is_no_prefix_is_refused():
    with pytest.raises(InvalidKeyError):
        await read_node(MemoryStore(), "a/../b")


async def test_only_arrays_have_chunks():
    store = await store_of({"zarr.json": GROUP_V3})
    node = await read_node(store)
    assert node is not None
    with pytest.raises(InvalidTypeError, match="'' is none"):
        await anext(scan_chunks(store, node))


async def test_a_document_that_only_mentions_consolidation_has_none():
    text = GROUP_V3.replace(b'"a": 1', b'"consolidated_metadata": 1')
    null = GROUP_V3.replace(b'"attributes"', b'"consolidated_metadata": null, "attributes"')
    store = await store_of({"a/zarr.json": text, "b/zarr.json": null})
    assert await read_consolidated(store, "a") is None
    assert await read_consolidated(store, "b") is None
    assert await read_consolidated(store) is None


async def test_broken_consolidated_metadata_are_a_problem():
    broken = b'{"consolidated_metadata": '
    store = await store_of(
        {"a/zarr.json": broken, "b/.zmetadata": b"[]", "c/.zmetadata": b""}
    )
    for path in "abc":
        nodes = await read_consolidated(store, path)
        assert nodes is not None
        assert list(nodes) == [path]
        assert nodes[path].problem


class Unlistable(MemoryStore):
    """Refuses what it does not have, as S3 does for those who may not list."""

    @override
    async def _read(self, key: str, request: ByteRequest | None) -> Buffer | None:
        value = await super()._read(key, request)
        if value is None:
            raise AccessDeniedError(key, "403")
        return value


@pytest.mark.parametrize("hint", [None, "zarr2", "zarr3"])
async def test_a_refusal_is_no_answer_where_another_document_is_one(hint: Format | None):
    store = Unlistable()
    await store.set("a/zarr.json", GROUP_V3)
    node = await read_node(store, "a", format=hint)
    assert node is not None
    assert node.attributes == {"a": 1}
    assert await read_consolidated(store, "a") is None
    with pytest.raises(AccessDeniedError):
        await read_nodes(store, ["a", "b"], format=hint)
    with pytest.raises(AccessDeniedError):
        await read_consolidated(store, "b")


VALUES = {
    "zarr.json": GROUP_V3,
    "old/.zgroup": GROUP_V2,
    "old/empty/.zgroup": b"",
    "old/file": b"no folder",
    "n5/attributes.json": N5_GROUP,
}


@pytest.fixture(params=["local", "zip", "http"])
async def backend(
    request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncGenerator[Store, None]:
    if request.param == "http":
        server: HttpServer = request.getfixturevalue("http_server")
        server.values.update(VALUES)
        store: Store = await open_store(server.url)
    else:
        zipped = request.param == "zip"
        root = tmp_path / "root"
        store = ZipStore(f"{root}.zip", mode="w") if zipped else LocalStore(root)
        for key, value in VALUES.items():
            await store.set(key, value)
    async with store:
        yield store


async def test_real_backends_give_the_same_nodes(backend: Store):
    nodes = await read_nodes(backend, ["", "old", "old/empty", "old/file", "n5", "none"])
    kinds = {path: node and (node.kind, node.format) for path, node in nodes.items()}
    assert kinds == {
        "": ("group", "zarr3"),
        "old": ("group", "zarr2"),
        "old/empty": ("group", "zarr2"),
        "old/file": None,
        "n5": ("group", "n5"),
        "none": None,
    }
    problems = {path for path, node in nodes.items() if node is not None and node.problem}
    assert problems == {"old/empty"}


async def test_a_v3_node_is_one_request_to_a_server(http_server: HttpServer):
    http_server.values["a/zarr.json"] = GROUP_V3
    async with await open_store(http_server.url) as store:
        assert await read_node(store, "a", format="zarr3") is not None
        asked = [(request.method, request.path) for request in http_server.faults.requests]
        assert asked == [("GET", "/a/zarr.json")]
        http_server.faults.clear()
        assert await read_node(store, "a") is not None
        assert http_server.faults.counts == {"GET": 6}
