"""Plans of shared memory, compared with a dict of bytes: pure numbers, no device."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zstore.gpu.slab import MAX_SLAB_NBYTES, compacted, is_sparse, plan
from zstore.gpu.span import SMALL_NBYTES

MIB = 1 << 20
ONE = st.one_of(
    st.integers(0, 600),
    st.integers(0, 3 * SMALL_NBYTES),
    st.sampled_from([15, 16, 255, 256, SMALL_NBYTES - 1, SMALL_NBYTES]),
)
# Enough to share memory, or not.
SIZES = st.lists(ONE, min_size=20, max_size=40) | st.lists(ONE, max_size=20)


@given(SIZES)
def test_every_value_lies_in_one_group_without_overlap(sizes: list[int]):
    groups = plan(sizes)

    assert sorted(i for group in groups for i in group.members) == list(range(len(sizes)))
    for group in groups:
        ends = [at + sizes[i] for i, at in zip(group.members, group.offsets, strict=True)]
        assert all(
            end <= start for end, start in zip(ends, group.offsets[1:], strict=False)
        )
        assert group.nbytes == ends[-1]


@given(SIZES)
def test_values_lie_where_kernels_can_load_them(sizes: list[int]):
    for group in plan(sizes):
        for i, offset in zip(group.members, group.offsets, strict=True):
            assert offset % (256 if sizes[i] >= 256 else 16) == 0


@given(SIZES)
def test_only_small_values_share_memory_and_only_if_there_are_many(sizes: list[int]):
    small = sum(size < SMALL_NBYTES for size in sizes)
    for group in plan(sizes):
        if len(group.members) > 1:
            assert small >= 16
            assert all(sizes[i] < SMALL_NBYTES for i in group.members)


@given(st.integers(0, 1000))
def test_a_slab_has_a_largest_size_and_is_filled_up_to_it(seed: int):
    sizes = np.random.default_rng(seed).integers(1000, SMALL_NBYTES, 1200).tolist()
    slabs = plan(sizes)
    assert len(slabs) > 1
    assert all(slab.nbytes <= MAX_SLAB_NBYTES for slab in slabs)
    for slab, following in pairwise(slabs):
        assert slab.nbytes + 256 + sizes[following.members[0]] > MAX_SLAB_NBYTES


def test_small_values_cost_little_more_than_their_bytes():
    (slab,) = plan([1000] * 5000)
    assert slab.nbytes <= 1.03 * 5000 * 1000
    (slab,) = plan([13] * 5000)
    assert slab.nbytes <= 16 * 5000


def test_nothing_needs_no_memory():
    assert plan([]) == []
    group, moves = compacted([], [])
    assert (group.nbytes, moves) == (0, [])


@given(st.lists(st.tuples(st.integers(0, 3000), st.booleans()), min_size=16, max_size=80))
def test_compaction_keeps_every_value_that_is_left(values: list[tuple[int, bool]]):
    sizes = [nbytes for nbytes, _ in values]
    contents = {i: bytes([i % 251]) * nbytes for i, nbytes in enumerate(sizes)}
    (slab,) = plan(sizes)
    memory = bytearray(b"\xa5" * slab.nbytes)
    for i, offset in zip(slab.members, slab.offsets, strict=True):
        memory[offset : offset + sizes[i]] = contents[i]
    left = [i for i, (_, kept) in enumerate(values) if kept]

    group, moves = compacted([slab.offsets[i] for i in left], [sizes[i] for i in left])
    smaller = bytearray(b"\x5a" * group.nbytes)
    for move in moves:
        assert move.to + move.nbytes <= group.nbytes
        smaller[move.to : move.to + move.nbytes] = memory[
            move.start : move.start + move.nbytes
        ]

    found = {
        i: bytes(smaller[offset : offset + sizes[i]])
        for i, offset in zip(left, group.offsets, strict=True)
    }
    assert found == {i: contents[i] for i in left}
    assert group.nbytes <= slab.nbytes
    for i, offset in zip(left, group.offsets, strict=True):
        assert offset % 256 == slab.offsets[i] % 256
    assert all(one.to + one.nbytes <= two.to for one, two in pairwise(moves))


@given(st.lists(st.integers(1, 3000), min_size=16, max_size=80), st.data())
def test_what_was_next_to_each_other_is_moved_together(
    sizes: list[int], data: st.DataObject
):
    (slab,) = plan(sizes)
    first = data.draw(st.integers(0, len(sizes) - 1))
    last = data.draw(st.integers(first, len(sizes) - 1))
    kept = slice(first, last + 1)

    _, moves = compacted(slab.offsets[kept], sizes[kept])

    assert len(moves) == 1


def test_compaction_gives_dead_bytes_back():
    sizes = [4096] * 1000
    (slab,) = plan(sizes)
    kept = slice(0, 1000, 10)
    group, moves = compacted(slab.offsets[kept], sizes[kept])

    assert group.nbytes == 100 * 4096
    assert len(moves) == 100


@pytest.mark.parametrize(
    ("live", "nbytes", "sparse"),
    [
        (0, 4 * MIB, True),
        (3 * MIB, 4 * MIB, False),
        (3 * MIB - 1, 4 * MIB, True),
        (0, MIB // 4, False),
        (0, MIB // 4 + 1, True),
        (0, 0, False),
    ],
)
def test_a_slab_is_sparse_when_over_a_quarter_of_it_is_dead(
    *, live: int, nbytes: int, sparse: bool
):
    assert is_sparse(live, nbytes) is sparse
