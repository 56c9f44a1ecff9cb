"""Files of keys: what goes in comes out, in few bytes, and a failure loses nothing."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.inventory.planning.key_spaces import Shape, shape
from tests.inventory.rows import ODD_KEYS, Row, pieces, rows_of, sorted_rows
from zstore import MemoryStore
from zstore._compat import override
from zstore.buffer import Buffer
from zstore.errors import BackendError
from zstore.inventory.planning import KeyRange
from zstore.inventory.snapshot import parts
from zstore.inventory.snapshot.key_batches import SCHEMA
from zstore.inventory.snapshot.manifest import Part
from zstore.inventory.snapshot.parts import PartWriter, table_file
from zstore.sync import run

ROWS: list[Row] = [(f"a/{n:05}", n, None if n % 3 else n) for n in range(1000)]


@settings(deadline=None)
@given(sorted_rows(ODD_KEYS, max_size=60), st.integers(1, 20), st.integers(1, 20))
def test_what_was_added_is_in_the_file(rows: list[Row], nkeys: int, group: int):
    place = MemoryStore()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "_ROW_GROUP_NKEYS", group)
        writer = PartWriter()
        for batch in pieces(rows, nkeys):
            writer.add(batch)
        part = run(writer.save(place, KeyRange("", "z")))
    if not rows:
        assert part is None
        return
    assert part is not None
    file = run(place.get_bytes(part.name))
    assert rows_of(file) == rows
    total = sum(row[1] for row in rows)
    assert part == Part(part.name, KeyRange("", "z"), len(rows), total, len(file))
    # Only the last group is smaller, however the keys came.
    footer = pq.read_metadata(pa.BufferReader(file))
    sizes = [footer.row_group(n).num_rows for n in range(footer.num_row_groups)]
    assert sizes[:-1] == [group] * (len(rows) // group - (len(rows) % group == 0))


async def test_a_part_without_keys_is_no_file():
    place = MemoryStore()
    assert await PartWriter().save(place, KeyRange()) is None
    assert [key async for key in place.list()] == []


def test_a_part_is_full_when_it_has_a_million_keys(monkeypatch: pytest.MonkeyPatch):
    assert parts.MAX_PART_NKEYS == 2**20
    monkeypatch.setattr(parts, "MAX_PART_NKEYS", 1000)
    writer = PartWriter()
    *first, last = pieces(ROWS, 100)
    for batch in first:
        writer.add(batch)
    assert (writer.nkeys, writer.is_full) == (900, False)
    writer.add(last)
    assert (writer.nkeys, writer.is_full) == (1000, True)


def test_keys_that_wait_hold_no_page_that_they_were_cut_from():
    before = pa.total_allocated_bytes()
    page = pa.RecordBatch.from_arrays(
        [
            pa.array([f"a/{n:06}" for n in range(100_000)]),
            pa.array(range(100_000), pa.int64()),
            pa.nulls(100_000, SCHEMA.field("modified").type),
        ],
        schema=SCHEMA,
    )
    nbytes = pa.total_allocated_bytes() - before
    writer = PartWriter()
    writer.add(page.slice(50_000, 10))
    del page
    assert writer.nkeys == 10
    assert pa.total_allocated_bytes() - before < nbytes / 100


class FailingOnce(MemoryStore):
    """Fails at the first write."""

    failed = ""

    @override
    async def _write(self, key: str, value: Buffer, *, overwrite: bool) -> bool:
        if not self.failed:
            self.failed = key
            reason = "no space left on device"
            raise BackendError(key, reason)
        return await super()._write(key, value, overwrite=overwrite)


async def test_a_write_that_failed_can_be_tried_again_under_the_same_name():
    place, writer = FailingOnce(), PartWriter()
    for batch in pieces(ROWS, 300):
        writer.add(batch)
    with pytest.raises(BackendError, match="no space left"):
        await writer.save(place, KeyRange())
    part = await writer.save(place, KeyRange())
    assert part is not None
    assert part.name == place.failed
    assert rows_of(await place.get_bytes(part.name)) == ROWS


async def test_a_file_says_which_keys_its_groups_hold(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(parts, "_ROW_GROUP_NKEYS", 400)
    place, writer = MemoryStore(), PartWriter()
    for batch in pieces(ROWS, 1000):
        writer.add(batch)
    part = await writer.save(place, KeyRange())
    assert part is not None
    footer = pq.read_metadata(pa.BufferReader(await place.get_bytes(part.name)))
    ends = [
        (keys.statistics.min, keys.statistics.max)
        for keys in (footer.row_group(n).column(0) for n in range(3))
    ]
    assert ends == [("a/00000", "a/00399"), ("a/00400", "a/00799"), ("a/00800", "a/00999")]


# The bar is for a million keys. Values that were compressed, written within one day.
@pytest.mark.parametrize("name", ["nested", "flat"])
async def test_a_key_takes_at_most_seven_bytes(name: Shape):
    nkeys, random = 300_000, np.random.default_rng(7)
    keys = shape(name, nkeys)
    nbytes = random.integers(600_000, 1_000_000, nkeys)
    modified = 1_700_000_000 + np.sort(random.integers(0, 86_400, nkeys))
    writer = PartWriter()
    for start in range(0, nkeys, 1000):
        part = slice(start, start + 1000)
        columns = [
            pa.array(keys.keys(start, start + 1000)),
            pa.array(nbytes[part]),
            pa.array(modified[part] * 1_000_000).cast(SCHEMA.field("modified").type),
        ]
        writer.add(pa.RecordBatch.from_arrays(columns, schema=SCHEMA))
    saved = await writer.save(MemoryStore(), KeyRange())
    assert saved is not None
    assert saved.file_nbytes <= 7 * nkeys


def test_a_table_is_a_file_like_any():
    table = pa.table({"path": ["a", "b"], "nbytes": [1, 2]})
    assert pq.read_table(pa.BufferReader(pa.py_buffer(table_file(table)))).equals(table)
