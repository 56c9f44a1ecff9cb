"""Data types that zarr-python does not write by itself, and others may."""

from typing import Any

import pytest

from zstore.hierarchy.data_types import v2_data_type, v3_data_type


@pytest.mark.parametrize(
    ("dtype", "filters", "name", "itemsize"),
    [
        ("|O", (), "object", None),
        ("|O", ("vlen-utf8",), "string", None),
        ("|O", ("vlen-bytes",), "bytes", None),
        ("|O", ("pickle",), "object", None),
        ("|b1", (), "bool", 1),
        ("?", (), "bool", 1),
        ("<f16", (), "float128", 16),
        ("<M8[25us]", (), "datetime64[25us]", 8),
        ("<U0", (), "U0", 0),
        ("bfloat16", (), "bfloat16", None),
        ("<f4,<f4", (), "<f4,<f4", None),
        ([["a", "<f4", [2, 3]]], (), "{a: float32[2, 3]}", 24),
        ([["a", "<f4"], ["b", "|O"]], (), "{a: float32, b: object}", None),
        ([["a", "V999999999", [99999, 99999]]], (), "{a: V999999999[99999, 99999]}", None),
        ([], (), "{}", 0),
    ],
)
def test_a_type_of_zarr_v2(
    dtype: Any, filters: tuple[str, ...], name: str, itemsize: int | None
):
    assert v2_data_type(dtype, filters) == (name, itemsize)


@pytest.mark.parametrize(
    ("dtype", "name", "itemsize"),
    [
        ("bool", "bool", 1),
        ("bfloat16", "bfloat16", 2),
        ("int4", "int4", None),
        ("r24", "r24", 3),
        ("r0", "r0", None),
        ("bytes", "bytes", None),
        ({"name": "variable_length_bytes"}, "bytes", None),
        ({"name": "float32", "configuration": {}}, "float32", 4),
        ({"name": "numpy.datetime64"}, "datetime64", 8),
        ({"name": "raw_bytes"}, "raw_bytes", None),
        ({"name": "raw_bytes", "configuration": {"length_bytes": True}}, "raw_bytes", None),
        (
            {"name": "raw_bytes", "configuration": {"length_bytes": 2**60}},
            "raw_bytes",
            None,
        ),
        ({"name": "structured", "configuration": {}}, "structured", None),
        (
            {
                "name": "struct",
                "configuration": {"fields": [{"name": "a", "data_type": "int8"}]},
            },
            "{a: int8}",
            1,
        ),
        ("x" * 1000, "x" * 199 + "…", None),
    ],
)
def test_a_type_of_zarr_v3(dtype: Any, name: str, itemsize: int | None):
    assert v3_data_type(dtype) == (name, itemsize)
