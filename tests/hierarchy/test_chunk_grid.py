import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zstore.hierarchy import ChunkGrid, ChunkKeyEncoding

ENCODINGS = {
    "v3": ChunkKeyEncoding("/", "c"),
    "v3 with dots": ChunkKeyEncoding(".", "c"),
    "v2": ChunkKeyEncoding("."),
    "v2 nested": ChunkKeyEncoding("/"),
    "n5": ChunkKeyEncoding("/", reverses=True),
}


@pytest.mark.parametrize("encoding", ENCODINGS.values(), ids=ENCODINGS)
@given(data=st.data())
def test_keys_and_indices_are_the_same_thing(
    encoding: ChunkKeyEncoding, data: st.DataObject
):
    axis = st.tuples(st.integers(1, 2**63 - 1), st.integers(1, 2**62))
    axes = data.draw(st.lists(axis, max_size=5))
    grid = ChunkGrid(tuple(n for n, _ in axes), tuple(c for _, c in axes), encoding)
    index = tuple(data.draw(st.integers(0, count - 1)) for count in grid.counts)
    key = grid.key_of(index)
    assert grid.index_of(key) == index
    assert key.startswith(grid.prefix)
    outside = tuple(count for count in grid.counts)
    if axes:
        assert grid.index_of(grid.key_of(outside)) is None


@pytest.mark.parametrize("encoding", ENCODINGS.values(), ids=ENCODINGS)
def test_keys_that_no_writer_makes_are_no_chunks(encoding: ChunkKeyEncoding):
    grid = ChunkGrid((20, 30), (1, 1), encoding)
    good = grid.key_of((12, 7))
    assert grid.index_of(good) == (12, 7)
    wrong = [
        "", "c", "0", "c/", "x", "zarr.json", ".zarray",
        good.replace("7", "07"), good.replace("7", "+7"), good.replace("7", "-7"),
        good.replace("7", "7.0"), good.replace("7", " 7"), good.replace("7", "\u0667"),
        good.replace("7", "7\n"), good.replace("7", "9" * 40), f"{good}/0", f"/{good}",
        good + "\n", f"{good}.0", good.upper() if "c" in good else f"c/{good}",
    ]  # fmt: skip
    assert [key for key in wrong if grid.index_of(key) is not None] == []


@pytest.mark.parametrize(
    ("name", "key", "prefix"),
    [
        ("v3", "c", ""),
        ("v3 with dots", "c", ""),
        ("v2", "0", ""),
        ("v2 nested", "0", ""),
        ("n5", "0", ""),
    ],
)
def test_an_array_without_axes_has_one_chunk(name: str, key: str, prefix: str):
    grid = ChunkGrid((), (), ENCODINGS[name])
    assert (grid.nchunks, grid.counts, grid.prefix) == (1, (), prefix)
    assert grid.key_of(()) == key
    assert grid.index_of(key) == ()
    assert grid.index_of(f"{key}/0") is None


def test_an_empty_array_has_no_chunks():
    grid = ChunkGrid((0, 5), (2, 2), ENCODINGS["v3"])
    assert (grid.counts, grid.nchunks) == ((0, 3), 0)
    indices = itertools.product(range(2), range(3))
    assert {grid.index_of(grid.key_of(index)) for index in indices} == {None}


def test_only_chunks_in_a_folder_of_their_own_have_a_prefix():
    prefixes = {name: ChunkGrid((4,), (2,), e).prefix for name, e in ENCODINGS.items()}
    assert prefixes == {
        "v3": "c/", "v3 with dots": "", "v2": "", "v2 nested": "", "n5": ""
    }  # fmt: skip


def test_n5_counts_the_fastest_axis_first():
    grid = ChunkGrid((40, 30), (10, 10), ENCODINGS["n5"])
    assert grid.key_of((3, 2)) == "2/3"
    assert grid.index_of("2/3") == (3, 2)
    assert grid.index_of("3/2") is None
