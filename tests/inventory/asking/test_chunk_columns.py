"""Columns of keys are understood as each key by itself is."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zstore.hierarchy import ChunkGrid, ChunkKeyEncoding
from zstore.inventory.asking.chunk_columns import chunks_in, index_at, places_of

ENCODINGS = st.builds(
    ChunkKeyEncoding, st.sampled_from("/."), st.sampled_from(["", "c"]), st.booleans()
)


@st.composite
def grids(draw: st.DrawFn) -> ChunkGrid:
    shape = draw(st.lists(st.integers(0, 120), max_size=3))
    chunks = draw(st.lists(st.integers(1, 40), min_size=len(shape), max_size=len(shape)))
    return ChunkGrid(tuple(shape), tuple(chunks), draw(ENCODINGS))


KEYS = st.text("c./0123459é", max_size=8) | st.builds(
    lambda lead, numbers, separator: separator.join([*lead, *map(str, numbers)]),
    st.sampled_from([[], ["c"]]),
    st.lists(st.integers(0, 130), max_size=4),
    st.sampled_from("/."),
)


@given(grid=grids(), keys=st.lists(KEYS), before=st.sampled_from(["", "a/", "é/b.c/"]))
def test_a_column_is_understood_as_each_key_is(
    grid: ChunkGrid, keys: list[str], before: str
):
    column = pa.array([before + key for key in keys], pa.string())
    expected = [index for key in keys if (index := grid.index_of(key)) is not None]
    found = chunks_in(column, grid, len(before))
    assert found.shape == (len(expected), len(grid.shape))
    assert [tuple(index) for index in found.tolist()] == expected


@given(grid=grids())
def test_every_chunk_has_a_place_and_is_found_by_its_key(grid: ChunkGrid):
    places = range(min(grid.nchunks, 50))
    indices = [index_at(grid, place) for place in places]
    assert sorted(indices) == indices
    if indices:
        array = np.array(indices, dtype=np.int64).reshape(len(indices), len(grid.shape))
        assert places_of(grid, array).tolist() == list(places)
    column = pa.array([grid.key_of(index) for index in indices], pa.string())
    assert len(chunks_in(column, grid, 0)) == len(indices)


@pytest.mark.parametrize(
    "key", ["c/99999999999999999999", "c/00", "c/-1", "c/1e3", "c/1\n"]
)
def test_what_no_writer_makes_is_no_chunk(key: str):
    grid = ChunkGrid((10**18,), (1,), ChunkKeyEncoding("/", "c"))
    assert len(chunks_in(pa.array([key]), grid, 0)) == 0
    assert chunks_in(pa.array([f"c/{10**18 - 1}"]), grid, 0).tolist() == [[10**18 - 1]]
