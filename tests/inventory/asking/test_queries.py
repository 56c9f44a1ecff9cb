"""What a snapshot answers is what one would count by hand."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.inventory.rows import ODD_KEYS, Row, ranges, sorted_rows
from tests.inventory.written import brute_below, opened, unfinished
from zstore.errors import InvalidTypeError
from zstore.inventory.asking.queries import Age, Child, SizedKey, Total
from zstore.inventory.inventory import Inventory

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PREFIXES = ("", "a", "a/", "a/a", "a/-", "a-", "-/a/", "0", "é", "é/")
HOSTILE = [
    "'; DROP VIEW keys; --",
    '"',
    "$low",
    "%",
    "_",
    "*",
    "[a]",
    "?",
    "foo",
    "foo-",
    "foo.",
    "foobar",
    "föö",
    "\N{GRINNING FACE}",
    "{condition}",
    "$prefix",
]


def moment(microseconds: int | None) -> datetime | None:
    return None if microseconds is None else EPOCH + timedelta(microseconds=microseconds)


def newest(rows: Sequence[Row]) -> datetime | None:
    return moment(max((row[2] for row in rows if row[2] is not None), default=None))


def brute_children(rows: Sequence[Row], prefix: str) -> list[Child]:
    below = prefix if not prefix or prefix.endswith("/") else f"{prefix}/"
    groups: dict[tuple[str, Any], list[Row]] = {}
    for row in rows:
        if row[0].startswith(below):
            name, slash, _ = row[0][len(below) :].partition("/")
            kind = "prefix" if slash else "key"
            groups.setdefault((name, kind), []).append(row)
    return [
        Child(name, kind, len(group), sum(row[1] for row in group), newest(group))
        for (name, kind), group in groups.items()
    ]


def check_everything(inventory: Inventory, rows: Sequence[Row], prefix: str) -> None:
    selected = brute_below(rows, prefix)
    nbytes = sum(row[1] for row in selected)
    assert inventory.total(prefix) == Total(
        len(selected), nbytes, newest(selected), complete=inventory.complete
    )
    children = sorted(
        brute_children(rows, prefix),
        key=lambda child: (-child.nbytes, child.name, child.kind),
    )
    assert inventory.children(prefix) == children
    by_size = sorted(selected, key=lambda row: (-row[1], row[0]))
    assert inventory.largest(3, prefix) == [
        SizedKey(key, size, moment(time)) for key, size, time in by_size[:3]
    ]
    ages = inventory.by_age(prefix, period="year")
    assert sum(age.nkeys for age in ages) == len(selected)
    assert sum(age.nbytes for age in ages) == nbytes


@settings(max_examples=30)
@given(
    rows=sorted_rows(ODD_KEYS), nparts=st.integers(1, 4), prefix=st.sampled_from(PREFIXES)
)
def test_a_finished_snapshot_answers_what_counting_by_hand_gives(
    rows: list[Row], nparts: int, prefix: str
):
    inventory = asyncio.run(opened(rows, nparts=nparts))
    with inventory:
        assert inventory.complete
        check_everything(inventory, rows, prefix)


@settings(max_examples=30)
@given(
    rows=sorted_rows(ODD_KEYS),
    cuts=st.sets(ODD_KEYS, min_size=1, max_size=4),
    prefix=st.sampled_from(PREFIXES),
)
def test_an_unfinished_snapshot_answers_of_the_keys_that_it_has(
    rows: list[Row], cuts: set[str], prefix: str
):
    known = list(ranges(*sorted(cuts)))[::2]
    kept = [row for row in rows if any(row[0] in one for one in known)]

    async def open_it() -> Inventory:
        return await Inventory.open(await unfinished(rows, known))

    with asyncio.run(open_it()) as inventory:
        total = inventory.total(prefix)
        selected = brute_below(kept, prefix)
        assert (total.nkeys, total.nbytes) == (
            len(selected),
            sum(row[1] for row in selected),
        )
        # Never told complete where a key could be missing.
        if total.complete:
            assert selected == brute_below(rows, prefix)
        found = inventory.children(prefix, order="name")
        expected = sorted(
            brute_children(kept, prefix), key=lambda one: (one.name, one.kind)
        )
        assert found == expected


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_name_is_only_a_name(name: str):
    rows = [
        (key, size, size)
        for size, key in enumerate(
            sorted([*HOSTILE, *(f"{one}/x/y" for one in HOSTILE), "z/" + name + "/k"])
        )
    ]
    with await opened(rows) as inventory:
        check_everything(inventory, rows, name)
        check_everything(inventory, rows, name + "/")
        check_everything(inventory, rows, f"z/{name}")
        table = inventory.sql("SELECT count(*) AS n FROM keys WHERE key = $key", key=name)
        assert table.to_pylist() == [{"n": 1}]


async def test_a_prefix_does_not_count_its_neighbours():
    names = ["foo", "foo/a", "foo/b/c", "foo-", "foo-/x", "foo.", "foo0", "foobar/x"]
    rows = [(key, 1, None) for key in sorted(names)]
    with await opened(rows) as inventory:
        assert inventory.total("foo").nkeys == 3
        assert inventory.total("foo/").nkeys == 2
        assert inventory.total("f").nkeys == 0
        assert [child.name for child in inventory.children("foo", order="name")] == [
            "a",
            "b",
        ]


async def test_children_come_in_the_order_that_was_asked_for():
    rows = [("a/1", 5, None), ("a/2", 5, None), ("b", 20, None), ("c/1", 7, None)]
    with await opened(rows) as inventory:
        orders: dict[Any, str] = {"nbytes": "bac", "nkeys": "abc", "name": "abc"}
        for order, names in orders.items():
            found = inventory.children(order=order)
            assert "".join(child.name for child in found) == names
        assert [child.name for child in inventory.children(limit=2)] == ["b", "a"]
        assert inventory.children(limit=0) == []


@pytest.mark.parametrize("own", [".z", "b", "n", "z", ".z n", ".z b z", "a-", "b0 n0"])
async def test_a_key_is_found_wherever_it_lies_among_directories(own: str):
    names = ["b/1", "b/2", "m/1/2", "n/1", "o-/3", *own.split()]
    keys = sorted(f"{top}{name}" for name in names for top in ("", "g/"))
    rows = [(key, 1, None) for key in keys]
    with await opened(rows) as inventory:
        for prefix in ("", "g"):
            expected = brute_children(rows, prefix)
            expected.sort(key=lambda one: (one.name, one.kind))
            assert inventory.children(prefix, order="name") == expected
            found = inventory.children(prefix, order="name", limit=2)
            assert found == expected[:2]


async def test_ages_are_periods_in_utc_and_keys_without_a_time_come_last():
    def at(year: int, month: int, day: int, hour: int = 0) -> int:
        moment = datetime(year, month, day, hour, tzinfo=UTC)
        return int(moment.timestamp()) * 10**6

    rows = [
        ("a", 1, at(2025, 12, 31, 23)),
        ("b", 2, at(2026, 1, 1)),
        ("c", 4, at(2026, 1, 31)),
        ("d", 8, None),
    ]
    with await opened(rows) as inventory:
        assert inventory.by_age() == [
            Age(datetime(2025, 12, 1, tzinfo=UTC), 1, 1),
            Age(datetime(2026, 1, 1, tzinfo=UTC), 2, 6),
            Age(None, 1, 8),
        ]
        assert [age.nkeys for age in inventory.by_age(period="day")] == [1, 1, 1, 1]
        assert [age.nkeys for age in inventory.by_age(period="year")] == [1, 2, 1]
        assert inventory.by_age("c") == [Age(datetime(2026, 1, 1, tzinfo=UTC), 1, 4)]


async def test_a_time_beyond_the_calendar_is_not_known():
    rows = [("a", 1, 2**62)]
    with await opened(rows) as inventory:
        assert inventory.total().newest is None
        assert inventory.largest(1) == [SizedKey("a", 1, None)]


async def test_sums_go_beyond_64_bits():
    rows = [(f"a/{number}", 2**62, None) for number in range(4)]
    with await Inventory.open(await unfinished(rows, list(ranges()))) as inventory:
        assert inventory.total().nbytes == 2**64
        assert inventory.children()[0].nbytes == 2**64


async def test_a_question_that_is_none_is_refused():
    wrong: Any = "size"
    with await opened([]) as inventory:
        with pytest.raises(InvalidTypeError, match="'size'"):
            inventory.children(order=wrong)
        with pytest.raises(InvalidTypeError, match="'size'"):
            inventory.by_age(period=wrong)
        with pytest.raises(InvalidTypeError, match="-1"):
            inventory.largest(-1)
        with pytest.raises(InvalidTypeError, match="'size'"):
            inventory.children(limit=wrong)


async def test_nothing_is_counted_as_nothing():
    with await opened([]) as inventory:
        assert inventory.total() == Total(0, 0, None, complete=True)
        assert inventory.children() == []
        assert inventory.largest() == []
        assert inventory.by_age() == []
        assert inventory.by_array() == []


async def test_a_name_that_begins_with_a_slash_is_not_lost():
    rows = [("/b", 1, None), ("/c/d", 2, None), ("a", 4, None)]
    with await opened(rows) as inventory:
        assert inventory.total().nkeys == 3
        assert inventory.children() == [
            Child("a", "key", 1, 4, None),
            Child("", "prefix", 2, 3, None),
        ]
