"""How much lies below a prefix, counted where it can be seen."""

import json
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from typing import Any, Final

import numpy as np

from zstore.errors import SnapshotError
from zstore.opening.nearness import without_observers
from zstore.stores.failures import redact
from zstore_widgets.channel import Job, request
from zstore_widgets.channel.pace import Pace
from zstore_widgets.root import Root
from zstore_widgets.sizes.snapshot import SizeSnapshot

__all__ = ["Sizing"]

# Children that are told again and again while they grow; all of them come at the end.
_MAX_WHILE_COUNTING: Final = 1_000
_CHILDREN_AT_ONCE: Final = 4_096
_MAX_NAMES_NBYTES: Final = 120_000
_LONGEST_NAME: Final = 8_000


class Sizing:
    """Answers how large a prefix and each of its children is.

    Parameters
    ----------
    root
        What is shown.
    snapshot
        What is known without counting; None for nothing.
    """

    def __init__(self, root: Root, snapshot: SizeSnapshot | None = None) -> None:
        self._root = root
        self._snapshot = snapshot

    @request
    async def sizes(self, job: Job, prefix: str) -> dict[str, Any]:
        """Count keys and bytes below a prefix.

        Each part has ``nkeys`` and ``nbytes`` so far, and perhaps ``names`` of children
        with the columns nkeys and nbytes (float64).

        Notes
        -----
        One `Store.usage`.
        """
        pace = Pace()
        total: dict[str, Any] = {"nkeys": 0, "nbytes": 0}
        children: Mapping[str, tuple[int, int]] = {}
        store = await self._root.store()
        async with aclosing(store.usage(prefix)) as totals:
            async for usage in totals:
                total = {"nkeys": usage.nkeys, "nbytes": usage.nbytes}
                children = usage.children
                if pace.is_due():
                    few = len(children) <= _MAX_WHILE_COUNTING
                    await _send(job, total, list(children.items()) if few else [])
        rows = list(children.items())
        for start in range(0, len(rows), _CHILDREN_AT_ONCE):
            await _send(job, total, rows[start : start + _CHILDREN_AT_ONCE])
        return total

    @request
    async def known_sizes(self, job: Job, prefix: str) -> dict[str, Any] | None:
        """Tell what the snapshot knows of a prefix and of the folders in it.

        Parts are as those of `sizes`. The result has ``complete``, and ``as_of`` in
        milliseconds since 1970; it is None where nothing is known.

        Notes
        -----
        No request to the store.
        """
        if self._snapshot is None:
            return None
        known = await self._snapshot.level(prefix)
        if known is None:
            return None
        await self._check_same(self._snapshot)
        total = {"nkeys": known.nkeys, "nbytes": known.nbytes}
        for start in range(0, len(known.folders), _CHILDREN_AT_ONCE):
            await _send(job, total, known.folders[start : start + _CHILDREN_AT_ONCE])
        as_of = 1000 * known.as_of.timestamp()
        return {**total, "complete": known.complete, "as_of": as_of}

    async def _check_same(self, snapshot: SizeSnapshot) -> None:
        inventory = await snapshot.load()
        shown = redact(str(without_observers(await self._root.store())))
        if inventory is None or inventory.manifest.source != "scan":
            return  # a report of S3 has a name of its own for the bucket
        path = snapshot.path
        if shown != (f"{inventory.store}/{path}" if path else inventory.store):
            msg = f"the snapshot is of {inventory.store}, not of {shown}"
            raise SnapshotError(msg)


async def _send(
    job: Job, total: Mapping[str, Any], rows: Sequence[tuple[str, tuple[int, int]]]
) -> None:
    # Longer names are in no row of the tree.
    rows = [row for row in rows if len(row[0]) <= _LONGEST_NAME]
    names = [name for name, _ in rows]
    if len(rows) > 1 and len(json.dumps(names)) > _MAX_NAMES_NBYTES:
        half = len(rows) // 2
        await _send(job, total, rows[:half])
        await _send(job, total, rows[half:])
        return
    numbers = np.array([counts for _, counts in rows], dtype="<f8").reshape(-1, 2)
    await job.part(
        {**total, "names": names}, [numbers[:, 0].tobytes(), numbers[:, 1].tobytes()]
    )
