"""Reading parts: all keys, or only where to cut them; damage is an error that says so."""

from itertools import pairwise

import pytest

from tests.inventory.rows import Row, ranges, rows_of, saved
from zstore import LoggingStore, MemoryStore
from zstore.errors import CorruptStoreError
from zstore.inventory.snapshot import parts, reading
from zstore.inventory.snapshot.manifest import Part
from zstore.inventory.snapshot.reading import batches_of, cut_points, read_file, read_keys

ROWS: list[Row] = [(f"a/{n:06}/é", n, None if n % 3 else n) for n in range(10_000)]


async def two_parts(place: MemoryStore) -> list[Part]:
    first, second = ranges(ROWS[2999][0])
    return [await saved(place, ROWS[:3000], first), await saved(place, ROWS[3000:], second)]


async def test_keys_come_back_in_their_order():
    place = MemoryStore()
    found = [batch async for batch in read_keys(place, await two_parts(place))]
    assert [row for batch in found for row in rows_of(batch)] == ROWS


async def test_a_part_that_is_gone_is_told():
    place = MemoryStore()
    first, _ = await two_parts(place)
    await place.delete(first.name)
    with pytest.raises(CorruptStoreError, match=f"lost its file '{first.name}'"):
        await read_file(place, first.name)


@pytest.mark.parametrize("damage", ["cut", "changed", "other"])
async def test_a_damaged_part_is_told(damage: str):
    place = MemoryStore()
    first, second = await two_parts(place)
    file = await place.get_bytes(first.name)
    if damage == "cut":
        file = file[:-100]
    elif damage == "changed":
        file = file[:100] + bytes(200) + file[300:]
    else:
        file = await place.get_bytes(second.name)
    with pytest.raises(CorruptStoreError, match=f"'{first.name}' of a snapshot is damaged"):
        list(batches_of(memoryview(file), first))


@pytest.mark.parametrize("footer_nbytes", [2**15, 64])
async def test_cuts_make_pieces_of_about_equal_size(
    monkeypatch: pytest.MonkeyPatch, footer_nbytes: int
):
    monkeypatch.setattr(parts, "_ROW_GROUP_NKEYS", 100)
    monkeypatch.setattr(reading, "_FOOTER_NBYTES", footer_nbytes)
    place = MemoryStore()
    found = await two_parts(place)
    for npieces in (2, 3, 7, 16):
        cuts = await cut_points(place, found, npieces)
        assert len(cuts) == npieces - 1
        places = [-1, *([row[0] for row in ROWS].index(cut) for cut in cuts), len(ROWS) - 1]
        assert all(
            abs(after - before - len(ROWS) / npieces) <= 100
            for before, after in pairwise(places)
        )


async def test_finding_cuts_reads_footers_only():
    place = MemoryStore()
    found = await two_parts(place)
    watched = LoggingStore(place)
    await cut_points(watched, found, 2)
    # One cut, in the middle, which lies in the second part.
    assert watched.counter == {"get": 1}


async def test_there_are_no_more_cuts_than_row_groups():
    place = MemoryStore()
    assert await cut_points(place, [], 9) == []
    first, second = ranges("b")
    both = [
        await saved(place, [("a", 1, None), ("b", 2, None)], first),
        await saved(place, [("c", 1, None), ("d", 2, None)], second),
    ]
    assert await cut_points(place, both, 9) == ["b"]
    assert await cut_points(place, both, 1) == []


async def test_a_name_that_is_no_key_is_no_cut():
    place = MemoryStore()
    first, second = ranges("a//b")
    both = [
        await saved(place, [("a//b", 1, None)], first),
        await saved(place, [("c", 1, None)], second),
    ]
    assert await cut_points(place, both, 2) == []


async def test_a_damaged_footer_is_told():
    place = MemoryStore()
    first, second = await two_parts(place)
    await place.set(second.name, b"PAR1" + bytes(20_000) + b"PAR1")
    with pytest.raises(CorruptStoreError, match="is damaged"):
        await cut_points(place, [first, second], 2)
