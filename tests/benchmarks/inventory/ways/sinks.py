"""What a scan does with keys, without a listing: keys come from a formula."""

from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from tests.inventory.planning.key_spaces import Shape, shape
from tests.servers.listing.spaces import mixed, seconds_of
from zstore import LocalStore, MemoryStore
from zstore.inventory.planning import KeyRange
from zstore.inventory.snapshot.key_batches import SCHEMA, ends_of
from zstore.inventory.snapshot.parts import PartWriter
from zstore.inventory.snapshot.rollup import LiveTree, runs_of
from zstore.inventory.snapshot.writing import SnapshotWriter

__all__ = ["batches", "parts", "write"]

Action = Callable[[], Awaitable[dict[str, Any]]]

_BATCH_NKEYS = 10_000
# 2026-01-01, in microseconds since 1970.
_START_US = 1_767_225_600_000_000


def batches(name: Shape, nkeys: int, *, changed: int = 0) -> Iterator[Any]:
    """Iterate over sorted keys as batches of a snapshot.

    Parameters
    ----------
    name
        The shape of the keys.
    nkeys
        How many there are.
    changed
        One key in so many is larger by a byte; none if 0.
    """
    space = shape(name, nkeys)
    for start in range(0, nkeys, _BATCH_NKEYS):
        keys = space.keys(start, min(nkeys, start + _BATCH_NKEYS))
        numbers = np.arange(start, start + len(keys), dtype=np.int64)
        nbytes = 1 + mixed(numbers) % 2**20
        if changed:
            nbytes += numbers % changed == 0
        times = _START_US + seconds_of(numbers) * 1_000_000
        columns = [pa.array(keys), pa.array(nbytes), pa.array(times)]
        yield pa.RecordBatch.from_arrays(
            [one.cast(field.type) for one, field in zip(columns, SCHEMA, strict=True)],
            schema=SCHEMA,
        )


def write(
    *, folder: str, nkeys: int, name: Shape = "nested", changed: int = 0, url: str = ""
) -> Action:
    """Write a snapshot: totals of prefixes, parts, and totals of directories."""
    del url

    async def action() -> dict[str, Any]:
        writer = await SnapshotWriter.begin(LocalStore(folder), store="keys", prefix="")
        tree, part, after = LiveTree("", 4), PartWriter(), ""
        last = after
        for batch in batches(name, nkeys, changed=changed):
            tree.add(runs_of(batch), batch)
            part.add(batch)
            last = ends_of(batch)[1]
            if part.is_full:
                await writer.add_part(part, KeyRange(after, last))
                part, after = PartWriter(), last
        if part.nkeys:
            await writer.add_part(part, KeyRange(after, last))
        await writer.checkpoint((), 0, at_once=True)
        manifest = await writer.finish()
        return {"nkeys": manifest.nkeys, "complete": manifest.complete}

    return action


def parts(*, nkeys: int, name: Shape = "nested", url: str = "") -> Action:
    """Write keys that are there already into files in memory."""
    del url
    ready = list(batches(name, nkeys))

    async def action() -> dict[str, Any]:
        place, part = MemoryStore(), PartWriter()
        for batch in ready:
            part.add(batch)
        saved = await part.save(place, KeyRange())
        return {"nbytes": 0 if saved is None else saved.file_nbytes}

    return action
