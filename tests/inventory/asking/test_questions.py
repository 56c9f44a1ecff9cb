"""Questions that go beyond sums: SQL, digests, and what is refused."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.inventory.rows import ODD_KEYS, Row, ranges, sorted_rows
from tests.inventory.written import opened, unfinished
from zstore.errors import InvalidKeyError, InvalidTypeError, SnapshotError
from zstore.inventory.inventory import Inventory

ROWS: list[Row] = [("a/b", 1, 5), ("a/c", 2, None), ("d", 3, 7)]


async def test_sql_gives_a_table_of_arrow():
    with await opened(ROWS) as inventory:
        table = inventory.sql(
            "SELECT directory, sum(nbytes)::BIGINT AS n FROM keys WHERE nbytes > $least"
            " GROUP BY ALL ORDER BY ALL",
            least=1,
        )
        assert table.to_pylist() == [{"directory": "", "n": 3}, {"directory": "a", "n": 2}]
        paths = inventory.sql("SELECT path, nkeys FROM dirs ORDER BY path").to_pylist()
        assert paths == [{"path": "", "nkeys": 3}, {"path": "a", "nkeys": 2}]
        assert inventory.sql("FROM arrays").num_rows == 0


async def test_sql_cannot_change_the_snapshot_and_says_what_duckdb_says():
    with await opened(ROWS) as inventory:
        with pytest.raises(InvalidTypeError, match="CREATE"):
            inventory.sql("CREATE TABLE x (n INT)")
        with pytest.raises(duckdb.Error, match="nonsense"):
            inventory.sql("SELECT nonsense FROM keys")
        with pytest.raises(duckdb.Error, match="count"):
            inventory.sql("SELECT 1", more=2)
        assert inventory.total().nkeys == 3


async def test_all_keys_come_in_order():
    rows = [(f"k{number:04}", number, number) for number in range(3000)]
    with await opened(rows, nparts=7) as inventory:
        table = inventory.to_arrow()
        assert table.column_names == ["key", "nbytes", "modified"]
        assert table.column("key").to_pylist() == [row[0] for row in rows]


@settings(max_examples=15)
@given(rows=sorted_rows(ODD_KEYS), data=st.data())
def test_the_digest_knows_sizes_and_no_parts(rows: list[Row], data: st.DataObject):
    nparts = data.draw(st.integers(2, 5))

    async def digest(rows: list[Row], nparts: int) -> str:
        with await opened(rows, nparts=nparts) as inventory:
            return inventory.digest()

    one = asyncio.run(digest(rows, 1))
    assert asyncio.run(digest(rows, nparts)) == one
    if rows:
        place = data.draw(st.integers(0, len(rows) - 1))
        key, nbytes, modified = rows[place]
        later = [*rows[:place], (key, nbytes, (modified or 0) + 1), *rows[place + 1 :]]
        assert asyncio.run(digest(later, 1)) == one
        larger = [*rows[:place], (key, nbytes + 1, modified), *rows[place + 1 :]]
        assert asyncio.run(digest(larger, 1)) != one
        fewer = [*rows[:place], *rows[place + 1 :]]
        assert asyncio.run(digest(fewer, 1)) != one


async def test_a_prefix_that_is_none_is_refused():
    with await opened(ROWS) as inventory:
        for prefix in ("..", "/", "a//b", "a\0"):
            for ask in (inventory.total, inventory.children, inventory.by_age):
                with pytest.raises(InvalidKeyError):
                    ask(prefix)
            with pytest.raises(InvalidKeyError):
                inventory.largest(1, prefix)
            with pytest.raises(InvalidKeyError):
                inventory.missing_chunks(prefix)


async def test_threads_may_ask_at_the_same_time():
    rows = [(f"{number % 7}/k{number:04}", number, number) for number in range(3000)]
    rows.sort()
    with await opened(rows, nparts=3) as inventory, ThreadPoolExecutor(8) as pool:
        prefixes = [str(number % 7) for number in range(40)]
        totals = list(pool.map(inventory.total, prefixes))
        assert [total.nkeys for total in totals] == [
            sum(row[0].startswith(f"{prefix}/") for row in rows) for prefix in prefixes
        ]


async def test_a_closed_inventory_answers_nothing():
    inventory = await opened(ROWS)
    inventory.close()
    inventory.close()
    for ask in (inventory.total, inventory.children, inventory.digest, inventory.to_arrow):
        with pytest.raises(SnapshotError, match="s3://bucket was closed"):
            ask()


async def test_an_unfinished_scan_knows_no_directories_and_answers_all_the_same():
    with await Inventory.open(await unfinished(ROWS, list(ranges("a/b"))[:1])) as inventory:
        assert not inventory.knows_directories
        assert inventory.sql("FROM dirs").num_rows == 0
        assert inventory.total().nkeys == 1
        assert [child.name for child in inventory.children("a")] == ["b"]


async def test_missing_chunks_are_asked_of_an_array():
    with await opened(ROWS) as inventory:
        with pytest.raises(SnapshotError, match="no array at 'a'"):
            inventory.missing_chunks("a")
        with pytest.raises(InvalidTypeError, match="limit"):
            inventory.missing_chunks("a", limit=-1)
