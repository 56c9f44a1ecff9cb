"""The last pass: larger parts with the same keys, and totals of all directories."""

from itertools import pairwise

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.inventory.rows import ODD_KEYS, Row, ranges, rows_of, saved, sorted_rows
from zstore import MemoryStore
from zstore.errors import CorruptStoreError
from zstore.inventory.planning import KeyRange
from zstore.inventory.snapshot import finishing
from zstore.inventory.snapshot.finishing import groups_of, rewrite
from zstore.inventory.snapshot.manifest import Part
from zstore.sync import run


@settings(deadline=None)
@given(sorted_rows(ODD_KEYS, max_size=60), st.sets(st.integers(1, 59)), st.integers(1, 30))
def test_joined_parts_hold_the_same_keys(rows: list[Row], cuts: set[int], most: int):
    place = MemoryStore()
    ends = sorted(cut for cut in cuts if cut < len(rows))
    starts = [0, *ends]
    parts = [
        run(saved(place, rows[start:stop], one))
        for start, stop, one in zip(
            starts,
            [*ends, len(rows)],
            ranges(*(rows[end - 1][0] for end in ends)),
            strict=True,
        )
        if start < stop
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(finishing, "MAX_PART_NKEYS", most)
        joined, dirs = run(rewrite(place, parts))
    found = [rows_of(run(place.get_bytes(part.name))) for part in joined]
    assert [row for one in found for row in one] == rows
    for part, one in zip(joined, found, strict=True):
        assert (part.nkeys, part.nbytes) == (len(one), sum(row[1] for row in one))
        assert all(row[0] in part.range for row in one)
    # No two neighbours would have fitted into one.
    assert all(a.nkeys + b.nkeys > most for a, b in pairwise(joined))
    table = pq.read_table(pa.BufferReader(run(place.get_bytes(dirs))))
    assert table.column("path")[0].as_py() == ""
    assert table.column("nkeys")[0].as_py() == len(rows)


def part_of(nkeys: int, after: str) -> Part:
    return Part(f"keys/{after}", KeyRange(after), nkeys, 1, 1)


def test_a_large_part_stays_as_it_is(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(finishing, "MAX_PART_NKEYS", 10)
    parts = [
        part_of(n, after) for n, after in zip((4, 6, 1, 30, 2, 2), "abcdef", strict=True)
    ]
    sizes = [[part.nkeys for part in group] for group in groups_of(parts)]
    assert sizes == [[4, 6], [1], [30], [2, 2]]
    assert list(groups_of([])) == []


async def test_a_part_that_is_not_joined_is_not_written_again():
    place = MemoryStore()
    part = await saved(place, [("a", 1, None)])
    joined, dirs = await rewrite(place, [part])
    assert joined == [part]
    assert {key async for key in place.list()} == {part.name, dirs}


async def test_a_part_that_is_gone_is_told():
    with pytest.raises(CorruptStoreError, match="lost its file"):
        await rewrite(MemoryStore(), [part_of(1, "a")])
