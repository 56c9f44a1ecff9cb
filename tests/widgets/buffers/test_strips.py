import json
import random

import numpy as np
import pytest

from tests.widgets.recorded_device import SLABS
from zstore.inspection import MemoryMap, Region, Resident
from zstore_widgets.buffers.strips import Cell, Strip, cells_of, shortened, strips_of

MIB = 1024**2


def slab(nbytes: int, *places: tuple[int, int]) -> Strip:
    """Return a strip with values at some offsets, each with its length."""
    residents = tuple(
        Resident(f"k{number}", offset, length)
        for number, (offset, length) in enumerate(places)
    )
    live = sum(length for _, length in places)
    region = Region("cuda:0", 4096, nbytes, live, residents)
    return Strip("shared", (region,), residents, [offset for offset, _ in places])


def shapes(cells: list[Cell]) -> list[tuple[int, int, int, int]]:
    return [(each.start, each.nbytes, each.live_nbytes, each.count) for each in cells]


def test_values_and_the_bytes_between_them_are_cells():
    cells = cells_of(slab(1000, (0, 400), (600, 400)))
    assert shapes(cells) == [(0, 400, 400, 1), (400, 200, 0, 0), (600, 400, 400, 1)]
    assert [each.first for each in cells if each.count] == [0, 1]


def test_memory_without_values_is_one_dead_cell():
    assert shapes(cells_of(slab(1000))) == [(0, 1000, 0, 0)]


def test_small_values_are_gathered_and_large_ones_stay_alone():
    small = [(at * 10, 10) for at in range(100)]
    cells = cells_of(slab(100_000, *small, (1000, 99_000)))
    assert shapes(cells) == [(0, 1000, 1000, 100), (1000, 99_000, 99_000, 1)]


def test_values_that_share_their_bytes_are_drawn_once_and_counted_twice():
    cells = cells_of(slab(1000, (0, 1000), (0, 1000), (500, 500)))
    assert shapes(cells) == [(0, 1000, 1000, 3)]


def test_what_lies_beyond_the_end_is_cut_off():
    cells = cells_of(slab(100, (0, 10), (90, 10**9), (10**12, 5)))
    assert sum(each.nbytes for each in cells) == 100
    assert sum(each.count for each in cells) == 3


@pytest.mark.parametrize("seed", range(20))
def test_cells_cover_a_strip_and_hold_every_value_once(seed: int):
    draw = random.Random(seed)
    places = sorted(
        (draw.randrange(MIB), draw.choice([1, 100, 5000, 90_000]))
        for _ in range(draw.choice([1, 10, 3000]))
    )
    strip = slab(MIB, *places)
    cells = cells_of(strip)
    assert len(cells) <= 130
    ends = [0, *(each.start + each.nbytes for each in cells)]
    assert [each.start for each in cells] == ends[:-1]
    assert ends[-1] == MIB
    held = [each.first + at for each in cells for at in range(each.count)]
    assert held == list(range(len(places)))
    covered = np.zeros(MIB, bool)
    for offset, length in places:
        covered[offset : offset + length] = True
    assert sum(each.live_nbytes for each in cells) == covered.sum()


def test_values_with_memory_of_their_own_stand_in_one_strip():
    regions = tuple(
        Region("cpu", 100 * at, 10 * at, 10 * at, (Resident(f"k{at}", 0, 10 * at),))
        for at in (3, 2, 1)
    )
    [strip] = strips_of(MemoryMap(regions, 3, 60, 60, complete=True))
    assert strip.kind == "own"
    assert shapes(cells_of(strip)) == [(0, 30, 30, 1), (30, 20, 20, 1), (50, 10, 10, 1)]


def test_a_view_of_a_large_piece_of_memory_shows_what_it_keeps_alive():
    region = Region("cpu", 64, 1000, 100, (Resident("part", 300, 100),))
    [strip] = strips_of(MemoryMap((region,), 1, 100, 1000, complete=True))
    assert shapes(cells_of(strip)) == [
        (0, 300, 0, 0),
        (300, 100, 100, 1),
        (400, 600, 0, 0),
    ]


def test_recorded_slabs_are_strips_of_their_own():
    kinds = [(strip.kind, len(strip.residents)) for strip in strips_of(SLABS)]
    assert kinds == [("shared", 48), ("shared", 20_000), ("own", 1)]


@pytest.mark.parametrize("key", ["a" * 5000, "ö" * 5000, "😀" * 5000, '"\\' * 5000])
def test_a_long_key_is_cut_to_what_a_message_has_room_for(key: str):
    cut = shortened(key, 96)
    assert cut.endswith("…")
    assert key.startswith(cut[:-1])
    assert 48 <= len(json.dumps(cut, ensure_ascii=False).encode()) - 2 <= 96


def test_a_short_key_stays_as_it_is():
    assert shortened("ocean/temp/c/0/0") == "ocean/temp/c/0/0"
    assert shortened("a" * 96, 96) == "a" * 96
