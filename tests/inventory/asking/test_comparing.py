"""Two snapshots differ by what a comparison of all keys by hand gives."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.inventory.rows import ODD_KEYS, Row, ranges, sorted_rows
from tests.inventory.written import brute_below, opened, unfinished
from zstore.errors import SnapshotError
from zstore.inventory.asking import comparing
from zstore.inventory.asking.comparing import compare
from zstore.inventory.asking.difference import Difference
from zstore.inventory.inventory import Inventory
from zstore.inventory.planning import KeyRange

FEW_KEYS = st.text("a-/", min_size=1, max_size=3) | ODD_KEYS
Found = set[tuple[str, str, int | None, int | None]]


def brute(a: list[Row], b: list[Row]) -> Found:
    """Return what changed, looked at key by key."""
    old = {key: (nbytes, modified) for key, nbytes, modified in a}
    new = {key: (nbytes, modified) for key, nbytes, modified in b}
    found: Found = {(key, "added", None, new[key][0]) for key in new.keys() - old.keys()}
    found |= {(key, "removed", old[key][0], None) for key in old.keys() - new.keys()}
    for key in old.keys() & new.keys():
        (before, then), (after, now) = old[key], new[key]
        rewritten = then is not None and now is not None and then != now
        if before != after or rewritten:
            found.add((key, "changed", before, after))
    return found


async def diff(a: Inventory, b: Inventory, prefix: str = "") -> Difference:
    return await asyncio.to_thread(compare, a, b, prefix=prefix)


def check(difference: Difference, expected: Found) -> None:
    assert set(difference.keys(limit=1000)) == expected
    for kind in ("added", "removed", "changed"):
        mine = [one for one in expected if one[1] == kind]
        said = {
            "added": difference.added,
            "removed": difference.removed,
            "changed": difference.changed,
        }[kind]
        assert said == (
            len(mine),
            sum(one[2] or 0 for one in mine),
            sum(one[3] or 0 for one in mine),
        )
    assert difference.grown == sum((one[3] or 0) - (one[2] or 0) for one in expected)


@settings(max_examples=30)
@given(
    a=sorted_rows(FEW_KEYS),
    b=sorted_rows(FEW_KEYS),
    nparts=st.integers(1, 3),
    prefix=st.sampled_from(["", "a", "a/", "-"]),
    piece=st.sampled_from([1, 5, 2**21]),
)
def test_a_difference_is_what_comparing_by_hand_gives(
    a: list[Row], b: list[Row], nparts: int, prefix: str, piece: int
):
    async def both() -> tuple[Inventory, Inventory]:
        return await opened(a, nparts=nparts), await opened(b, nparts=4 - nparts)

    one, other = asyncio.run(both())
    with pytest.MonkeyPatch.context() as patch, one, other:
        patch.setattr(comparing, "_PIECE_NKEYS", piece)
        with one.diff(other, prefix=prefix) as difference:
            check(difference, brute(brute_below(a, prefix), brute_below(b, prefix)))
            assert difference.complete


@settings(max_examples=30)
@given(
    a=sorted_rows(FEW_KEYS),
    b=sorted_rows(FEW_KEYS),
    cuts=st.sets(FEW_KEYS, min_size=1, max_size=3),
    others=st.sets(FEW_KEYS, min_size=1, max_size=3),
)
def test_only_what_both_know_is_compared(
    a: list[Row], b: list[Row], cuts: set[str], others: set[str]
):
    known_a = list(ranges(*sorted(cuts)))[::2]
    known_b = list(ranges(*sorted(others)))[1::2]

    async def both() -> tuple[Inventory, Inventory]:
        return (
            await Inventory.open(await unfinished(a, known_a)),
            await Inventory.open(await unfinished(b, known_b)),
        )

    def in_both(key: str) -> bool:
        return any(key in one for one in known_a) and any(key in one for one in known_b)

    one, other = asyncio.run(both())
    with one, other, one.diff(other) as difference:
        kept = [[row for row in rows if in_both(row[0])] for rows in (a, b)]
        check(difference, brute(*kept))
        assert not difference.complete
        for key in {row[0] for row in (*a, *b)}:
            assert any(key in left for left in difference.left_out) != in_both(key)


async def test_times_are_compared_where_both_know_them():
    a = [("a", 1, 5), ("b", 1, None), ("c", 1, 5)]
    b = [("a", 1, 6), ("b", 1, 6), ("c", 1, None)]
    with (
        await opened(a) as one,
        await opened(b) as other,
        await diff(one, other) as difference,
    ):
        assert [change.key for change in difference.keys(limit=9)] == ["a"]


async def test_snapshots_of_two_prefixes_are_compared_where_both_looked():
    rows = [("a/b/c", 1, None), ("a/x", 2, None)]
    whole = await opened(rows, prefix="a")
    inner = await opened(rows[:1], prefix="a/b")
    with whole, inner:
        with await diff(whole, inner) as difference:
            assert difference.prefix == "a/b"
            assert not difference.keys()
        with await diff(inner, whole) as difference:
            assert difference.prefix == "a/b"
        with pytest.raises(SnapshotError, match=r"of 'a/b' only.*below 'a/x'"):
            await diff(whole, inner, prefix="a/x")
        beside = await opened([], prefix="z")
        with beside, pytest.raises(SnapshotError, match="only"):
            await diff(whole, beside)


async def test_a_snapshot_does_not_differ_from_itself():
    rows = [(f"a/{number:03}", number, number) for number in range(500)]
    with await opened(rows) as one, await opened(rows, nparts=7) as other:
        with await diff(one, other) as difference:
            assert not difference.keys()
            assert difference.grown == 0
            assert repr(difference) == (
                "<Difference: 0 added, 0 removed, 0 changed, +0 bytes>"
            )
        with await diff(one, one) as difference:
            assert not difference.keys()


async def test_the_difference_outlives_the_snapshots():
    with await opened([("a", 1, None)]) as one, await opened([("b", 3, None)]) as other:
        difference = await diff(one, other)
    assert difference.added.after == 3
    assert difference.grown == 2
    assert len(difference.keys()) == 2
    difference.close()


async def test_what_was_left_out_is_said():
    rows = [("a", 1, None), ("z", 1, None)]
    place = await unfinished(rows, [KeyRange("", "m")])
    with await opened(rows) as one, await Inventory.open(place) as other:
        with await diff(one, other) as difference:
            assert difference.left_out == (KeyRange("m", None),)
            assert "1 ranges NOT compared" in repr(difference)
        with await diff(one, other, prefix="a") as difference:
            assert difference.complete
