import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zstore.hierarchy import Node, parse_node
from zstore_widgets.details.previews.nodes import node_facts

ARRAY = {
    "zarr_format": 2,
    "shape": [24, 90],
    "chunks": [12, 45],
    "dtype": "<f4",
    "compressor": {"id": "zstd", "level": 3},
    "filters": None,
    "fill_value": "NaN",
    "order": "C",
}


def node_of(**changes: object) -> Node:
    node = parse_node("a/b", {".zarray": json.dumps({**ARRAY, **changes}).encode()})
    assert node is not None
    return node


def test_the_facts_are_what_people_read():
    facts = node_facts(node_of())
    assert (facts["kind"], facts["format"], facts["documents"]) == (
        "array",
        "Zarr v2",
        [".zarray"],
    )
    array = facts["array"]
    assert array["shape"] == ["24", "90"]
    assert array["codecs"] == ["zstd(3)"]
    assert array["fill_value"] == "NaN"
    assert (array["nchunks"], array["nbytes"], array["chunk_nbytes"]) == (4, 8640, 2160)


@pytest.mark.parametrize(
    ("fill_value", "shown"),
    [(None, None), (0, "0"), (1.5, "1.5"), ("Infinity", "Infinity"), (True, "true")],
)
def test_fill_values_are_shown_as_json_but_for_what_json_has_not(
    fill_value: object, shown: str | None
):
    assert node_facts(node_of(fill_value=fill_value))["array"]["fill_value"] == shown


def test_a_fill_value_of_any_length_is_short():
    facts = node_facts(node_of(fill_value=[1] * 100_000))
    assert len(facts["array"]["fill_value"]) <= 200


@given(
    st.lists(st.integers(1, 10**900), min_size=1, max_size=64),
    st.integers(1, 10**900),
)
def test_numbers_beyond_all_machines_can_be_sent(shape: list[int], chunk: int):
    facts = node_facts(node_of(shape=shape, chunks=[chunk] * len(shape)))
    assert len(json.dumps(facts, allow_nan=False)) < 30_000


def test_a_node_that_is_not_understood_is_a_problem_and_no_array():
    facts = node_facts(node_of(shape="x"))
    assert facts["array"] is None
    assert "shape" in facts["problem"]
