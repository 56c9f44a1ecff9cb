"""Whatever a store holds where metadata belong, a sentence comes out and no exception."""

import json
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zstore.hierarchy import (
    MAX_METADATA_NBYTES,
    METADATA_NAMES,
    Node,
    consolidated_nodes,
    parse_node,
)

V2: dict[str, Any] = {
    "zarr_format": 2,
    "shape": [4, 6],
    "chunks": [2, 3],
    "dtype": "<f4",
    "compressor": None,
    "fill_value": 0,
    "order": "C",
    "filters": None,
}
V3: dict[str, Any] = {
    "zarr_format": 3,
    "node_type": "array",
    "shape": [4, 6],
    "data_type": "float32",
    "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": [2, 3]}},
    "chunk_key_encoding": {"name": "default"},
    "fill_value": 0,
    "codecs": [{"name": "bytes", "configuration": {"endian": "little"}}],
    "attributes": {},
}
N5: dict[str, Any] = {
    "dimensions": [6, 4],
    "blockSize": [3, 2],
    "dataType": "float32",
    "compression": {"type": "raw"},
}
GOOD = {".zarray": V2, "zarr.json": V3, "attributes.json": N5}


def grid(shape: Any) -> Any:
    return {"name": "regular", "configuration": {"chunk_shape": shape}}


def sharding(shape: Any, codecs: Any = ()) -> Any:
    inner = {"chunk_shape": shape, "codecs": list(codecs)}
    return [{"name": "sharding_indexed", "configuration": inner}]


BAD_SHAPES: list[Any] = [
    None,
    4,
    "46",
    {},
    [4],
    [4, -6],
    [4, 6.0],
    [4, True],
    [4, None],
    [4, "6"],
    [4, 2**63],
    [2**62, 2**62, 2**62],
    [1] * 65,
    [[4, 6]],
]
BAD_FIELDS = [
    *((".zarray", "shape", value) for value in BAD_SHAPES),
    *(("zarr.json", "shape", value) for value in BAD_SHAPES),
    *(("attributes.json", "dimensions", value) for value in [*BAD_SHAPES, []]),
    *((".zarray", "chunks", value) for value in [*BAD_SHAPES, [0, 3]]),
    *(("zarr.json", "chunk_grid", grid(value)) for value in [*BAD_SHAPES, [0, 3]]),
    *(("attributes.json", "blockSize", value) for value in [*BAD_SHAPES, [0, 3]]),
    (".zarray", "zarr_format", 1),
    (".zarray", "dtype", 4),
    (".zarray", "dtype", [["a"]]),
    (".zarray", "dtype", [["a", "<f4", [-1]]]),
    (".zarray", "dtype", [[1, "<f4"]]),
    (".zarray", "order", "A"),
    (".zarray", "filters", "delta"),
    (".zarray", "filters", [{"name": "delta"}]),
    (".zarray", "compressor", "zstd"),
    (".zarray", "compressor", {"id": 1}),
    (".zarray", "dimension_separator", "-"),
    ("zarr.json", "zarr_format", 4),
    ("zarr.json", "node_type", "table"),
    ("zarr.json", "node_type", ["array"]),
    ("zarr.json", "data_type", None),
    ("zarr.json", "data_type", {"configuration": {}}),
    ("zarr.json", "data_type", {"name": "structured", "configuration": {"fields": [1]}}),
    ("zarr.json", "data_type", {"name": "r8", "configuration": []}),
    ("zarr.json", "chunk_grid", None),
    ("zarr.json", "chunk_grid", {"name": "rectilinear"}),
    ("zarr.json", "chunk_grid", {"name": "regular", "configuration": 3}),
    ("zarr.json", "chunk_key_encoding", {"name": "hashed"}),
    (
        "zarr.json",
        "chunk_key_encoding",
        {"name": "v2", "configuration": {"separator": "_"}},
    ),
    ("zarr.json", "codecs", {"name": "bytes"}),
    ("zarr.json", "codecs", [3]),
    ("zarr.json", "codecs", [{"name": "transpose"}]),
    ("zarr.json", "codecs", [{"name": "transpose", "configuration": {"order": [0, 0]}}]),
    (
        "zarr.json",
        "codecs",
        [{"name": "transpose", "configuration": {"order": [False, 1]}}],
    ),
    ("zarr.json", "codecs", sharding([2, 2])),
    ("zarr.json", "codecs", sharding([0, 1])),
    ("zarr.json", "codecs", sharding([1])),
    ("zarr.json", "codecs", sharding([1, 1], sharding([2, 1]))),
    ("zarr.json", "codecs", [{"name": "sharding_indexed", "configuration": None}]),
    ("zarr.json", "attributes", []),
    ("zarr.json", "dimension_names", ["y"]),
    ("zarr.json", "dimension_names", "yx"),
    ("zarr.json", "dimension_names", ["y", 1]),
    ("attributes.json", "dataType", 7),
    ("attributes.json", "compression", None),
    ("attributes.json", "compression", {"type": None}),
]


def check(node: Node | None) -> Node:
    """Check that nothing of `node` surprises those who show it or send it on."""
    assert node is not None
    json.dumps(
        [node.attributes, node.problem], allow_nan=False, ensure_ascii=False
    ).encode()
    assert pickle.loads(pickle.dumps(node)) == node  # noqa: S301 -- ours
    if node.array is not None:
        assert float(node.array.nbytes or 0) >= 0
        assert node.array.grid.nchunks >= 0
        json.dumps(node.array.fill_value, allow_nan=False)
        assert all(len(codec.text) < 400 for codec in node.array.codecs)
    return node


@pytest.mark.parametrize("name", GOOD)
def test_the_documents_that_are_broken_below_are_good_before(name: str):
    node = check(parse_node("a", {name: json.dumps(GOOD[name]).encode()}))
    assert (node.kind, node.problem) == ("array", None)
    assert node.array is not None
    assert node.array.grid.counts == (2, 2)


@pytest.mark.parametrize(("name", "field", "value"), BAD_FIELDS)
def test_a_bad_field_is_a_problem_that_names_the_document(
    name: str, field: str, value: Any
):
    document = {**GOOD[name], field: value}
    node = check(parse_node("a", {name: json.dumps(document).encode()}))
    assert node.kind == "array"
    assert node.problem is not None
    assert f"'a/{name}'" in node.problem
    assert len(node.problem) < 400


@pytest.mark.parametrize("name", ["zarr.json", ".zarray", ".zgroup"])
def test_an_empty_object_is_no_node_of_zarr(name: str):
    assert "zarr_format" in str(check(parse_node("", {name: b"{}"})).problem)


def test_documents_of_another_format_are_no_problem():
    good = json.dumps(V3).encode()
    node = check(parse_node("", {"zarr.json": good, ".zarray": b"{", ".zattrs": b"["}))
    assert (node.format, node.problem) == ("zarr3", None)


@pytest.mark.parametrize(("name", "field"), [(n, f) for n in GOOD for f in GOOD[n]])
def test_a_missing_field_is_no_exception(name: str, field: str):
    document = {key: value for key, value in GOOD[name].items() if key != field}
    check(parse_node("a", {name: json.dumps(document).encode()}))


CONTENTS = {
    "nothing": b"",
    "no JSON": b"{]",
    "no UTF-8": b'{"a": "\xff\xfe"}',
    "another encoding": '{"a": 1}'.encode("utf-16"),
    "deep lists": b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "deep objects": b'{"a": ' * 2_000 + b"1" + b"}" * 2_000,
    "rather deep lists": b'{"a": ' + b"[" * 200 + b"]" * 200 + b"}",
    "a list": b"[]",
    "null": b"null",
    "a number": b"1" * 999,
    "too large": b'{"a": "' + b"x" * MAX_METADATA_NBYTES + b'"}',
}


@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)
@pytest.mark.parametrize("name", sorted(METADATA_NAMES - {".zmetadata", ".zattrs"}))
def test_what_is_no_metadata_document_is_a_problem(name: str, content: bytes):
    node = check(parse_node("a", {name: content}))
    assert node.problem is not None
    assert f"'a/{name}'" in node.problem
    assert len(node.problem) < 400
    assert node.kind == ("array" if name == ".zarray" else "group")


@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)
def test_unreadable_attributes_leave_the_array(content: bytes):
    good = json.dumps(V2).encode()
    node = check(parse_node("", {".zarray": good, ".zattrs": content}))
    assert node.array is not None
    assert node.attributes == {}
    assert "'.zattrs'" in str(node.problem)


def test_numbers_that_json_has_not_are_texts():
    text = (
        b'{"zarr_format": 3, "node_type": "group", "attributes": {"a": NaN, "b": -Infinity,'
        b' "c": 1e999, "d": ' + b"9" * 5000 + b', "e": "\\ud83d", "f": "\\ud83d\\ude00"}}'
    )
    node = check(parse_node("", {"zarr.json": text}))
    assert node.problem is None
    assert dict(node.attributes) == {
        "a": "NaN",
        "b": "-Infinity",
        "c": "1e999",
        "d": "9" * 5000,
        "e": "?",
        "f": "\N{GRINNING FACE}",
    }


def test_what_nobody_knows_yet_is_shown_by_its_name():
    new = {"name": "new.codec", "configuration": {"strength": "high", "table": [1, 2]}}
    document = {**V3, "data_type": {"name": "posit16"}, "codecs": [new, "other"]}
    node = check(parse_node("", {"zarr.json": json.dumps(document).encode()}))
    assert node.problem is None
    assert node.array is not None
    assert node.array.dtype == "posit16"
    assert (node.array.itemsize, node.array.nbytes) == (None, None)
    texts = [codec.text for codec in node.array.codecs]
    assert texts == ["new.codec(strength=high)", "other"]


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text("ab/.\x00\ud800\u202e", max_size=8)
    | st.sampled_from(["regular", "default", "v2", "sharding_indexed", "C", "/", "<f4"]),
    lambda children: (
        st.lists(children, max_size=4)
        | st.dictionaries(
            st.sampled_from(["name", "configuration", "chunk_shape", "codecs", "id", "x"]),
            children,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(data=st.data())
def test_no_value_in_any_field_gets_through(data: st.DataObject):
    name = data.draw(st.sampled_from(sorted(GOOD)))
    fields = st.sampled_from(sorted({*GOOD[name], "dimension_names", "axes", "attributes"}))
    document = {**GOOD[name], **data.draw(st.dictionaries(fields, VALUES, max_size=3))}
    content = json.dumps(document).encode()
    node = check(parse_node("a", {name: content}))
    assert node.array is not None or node.problem is not None or node.kind == "group"


@given(content=st.binary(max_size=40), name=st.sampled_from(sorted(METADATA_NAMES)))
def test_no_bytes_get_through(content: bytes, name: str):
    node = parse_node("a", {name: content, ".zattrs": content})
    assert node is None or check(node) is node


@given(
    metadata=VALUES
    | st.dictionaries(
        st.sampled_from(["", ".zgroup", "a/.zarray", "../x/.zgroup", "/b", "a//b", "c"]),
        VALUES | st.sampled_from([V2, V3]),
    ),
    inline=st.booleans(),
)
def test_consolidated_metadata_name_no_place_outside(metadata: Any, *, inline: bool):
    document = {"metadata": metadata}
    if inline:
        document = {**V3, "node_type": "group", "consolidated_metadata": document}
    nodes = consolidated_nodes(json.dumps(document).encode(), "top")
    assert next(iter(nodes)) == "top"
    for path, node in nodes.items():
        assert check(node).path == path
        assert path == "top" or path.startswith("top/")
        assert ".." not in path
        assert "//" not in path


@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)
def test_an_unreadable_document_of_consolidated_metadata_is_a_problem(content: bytes):
    if content == CONTENTS["too large"]:
        content = content[:-2] + b"x" * 32 * 2**20 + b'"}'
    nodes = consolidated_nodes(content, "top")
    assert list(nodes) == ["top"]
    assert check(nodes["top"]).problem


def test_places_that_are_no_keys_are_counted_and_left_out():
    bad = ["../up/.zgroup", "/abs/.zgroup", "a//b/.zgroup", "a\\b/.zgroup", "ok/.zgroup"]
    document = {"metadata": {".zgroup": V2, **{key: {"zarr_format": 2} for key in bad}}}
    nodes = consolidated_nodes(json.dumps(document).encode())
    assert list(nodes) == ["", "ok"]
    assert nodes[""].problem == "4 nodes of its consolidated metadata were left out"
