"""Snapshots that tests ask: of rows, in as many parts as they like."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from tests.inventory.rows import Row, batch_of_rows
from zstore import MemoryStore, Store
from zstore.inventory.inventory import Inventory
from zstore.inventory.planning import KeyRange
from zstore.inventory.planning.gaps import gaps
from zstore.inventory.snapshot.manifest import FINISHED, UNFINISHED, Hole, Manifest, Part
from zstore.inventory.snapshot.parts import PartWriter, new_name, table_file
from zstore.inventory.snapshot.writing import SnapshotWriter

__all__ = ["BEGUN", "ENDED", "brute_below", "opened", "unfinished", "written"]

BEGUN = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
ENDED = datetime(2026, 1, 2, 3, 5, tzinfo=UTC)


async def written(
    rows: Sequence[Row],
    *,
    place: Store | None = None,
    nparts: int = 1,
    prefix: str = "",
    arrays: Any = None,
) -> Store:
    """Write a finished snapshot of rows that are sorted; return its place."""
    place = MemoryStore() if place is None else place
    writer = await SnapshotWriter.begin(
        place, store="s3://bucket", prefix=prefix, restart=True
    )
    size = max(1, -(-len(rows) // nparts))
    pieces = [rows[start : start + size] for start in range(0, len(rows), size)]
    after = ""
    for number, piece in enumerate(pieces):
        until = None if number == len(pieces) - 1 else piece[-1][0]
        part = PartWriter()
        part.add(batch_of_rows(piece))
        await writer.add_part(part, KeyRange(after, until))
        after = until or ""
    await writer.checkpoint([], len(pieces), at_once=True)
    await writer.finish(nrequests=len(pieces), arrays=arrays, finished=ENDED)
    return place


async def unfinished(
    rows: Sequence[Row],
    known: Sequence[KeyRange],
    *,
    place: Store | None = None,
    holes: Sequence[Hole] = (),
    arrays: Any = None,
    finished: bool = False,
) -> Store:
    """Write a snapshot of those rows that lie in some ranges; the rest is pending."""
    place = MemoryStore() if place is None else place
    parts: list[Part] = []
    for one in known:
        found = [row for row in rows if row[0] in one]
        if found:
            part = PartWriter()
            part.add(batch_of_rows(found))
            saved = await part.save(place, one)
            assert saved is not None
            parts.append(saved)
    name = None
    if arrays is not None:
        name = new_name("arrays")
        await place.set(name, table_file(arrays))
    manifest = Manifest(
        store="s3://bucket",
        prefix="",
        source="scan",
        started=BEGUN,
        finished=ENDED if finished else None,
        parts=tuple(parts),
        pending=tuple(gaps([*known, *(hole.range for hole in holes)])),
        holes=tuple(holes),
        arrays=name,
    )
    await place.set(FINISHED if finished else UNFINISHED, manifest.to_json())
    return place


async def opened(rows: Sequence[Row], **options: Any) -> Inventory:
    """Write a finished snapshot and open it."""
    return await Inventory.open(await written(rows, **options))


def brute_below(rows: Sequence[Row], prefix: str) -> list[Row]:
    """Return the rows whose keys a prefix selects, looked at one by one."""
    if not prefix:
        return list(rows)
    below = prefix if prefix.endswith("/") else f"{prefix}/"
    return [row for row in rows if row[0] == prefix or row[0].startswith(below)]
