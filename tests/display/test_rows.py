"""What is said of a row, and of a whole outline."""

import json

import pytest

from zstore.display import Outline, Row, about, caption
from zstore.hierarchy import Node, parse_node


def array_node(**changes: object) -> Node:
    metadata = {
        "zarr_format": 2,
        "shape": [100, 200],
        "chunks": [10, 20],
        "dtype": "<f4",
        "compressor": None,
        "fill_value": 0,
        "filters": None,
        "order": "C",
    }
    node = parse_node("a", {".zarray": json.dumps({**metadata, **changes}).encode()})
    assert node is not None
    return node


def test_a_value_is_told_by_its_size():
    assert about(Row("a", "a", "key", nbytes=2048)) == "2.0 KiB"
    assert about(Row("a", "a", "key")) == ""


def test_an_array_is_told_by_its_shape_and_kind():
    row = Row("a", "a", "array", node=array_node())
    assert about(row) == "array 100 x 200 float32, chunks 10 x 20".replace(
        " x ", " \N{MULTIPLICATION SIGN} "
    )
    single = array_node(shape=[], chunks=[])
    assert about(Row("a", "a", "array", node=single)) == "array one value float32"


def test_an_array_that_nobody_understands_has_its_problem():
    node = array_node(shape="large")
    said = about(Row("a", "a", "array", node=node, problem=node.problem))
    assert said.startswith("array")
    assert "⚠ " in said


def test_chunks_are_counted_or_said_not_to_be():
    node = array_node()
    assert about(Row("", "a", "chunks", node=node)) == "up to 100, not counted"
    counted = Row("", "a", "chunks", node=node, nchunks=3, nbytes=2400)
    assert about(counted) == "3 of 100, 2.3 KiB"


def test_an_enormous_array_stays_one_short_line():
    node = array_node(shape=[10**30] * 60, chunks=[1] * 60)
    assert len(about(Row("a", "a", "array", node=node))) < 300


@pytest.mark.parametrize("kind", ["prefix", "group", "key"])
def test_a_problem_is_said_after_all_else_and_harmless(kind: str):
    row = Row("a", "a", kind, problem="access \x1b denied")  # type: ignore[arg-type]
    assert about(row).endswith("⚠ access \\x1b denied")


def rows(*kinds: str) -> tuple[Row, ...]:
    return tuple(Row("a", "a", kind) for kind in kinds)  # type: ignore[arg-type]


def test_a_caption_counts_what_is_shown():
    deep = Row("g", "g", "group", children=rows("key", "array", "chunks"))
    root = Row("", "", "prefix", children=(deep, *rows("key", "key", "prefix")))
    outline = Outline("x", root, depth=2)
    assert caption(outline) == "1 group, 1 array, 1 folder, 3 keys in the first 2 levels"
    assert caption(outline, 1) == "1 group, 1 folder, 2 keys in the first level"
    assert caption(outline, 9) == caption(outline)


def test_a_caption_tells_empty_from_unreadable():
    assert caption(Outline("x", Row("", "", "prefix"), depth=2)) == "no keys"
    broken = Row("", "", "prefix", problem="access denied")
    assert caption(Outline("x", broken, depth=2)) == "nothing to show"
