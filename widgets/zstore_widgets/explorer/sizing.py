"""How much lies below a prefix, counted where it can be seen."""

import json
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from typing import Any, Final

import numpy as np

from zstore_widgets.channel import Job, request
from zstore_widgets.channel.pace import Pace
from zstore_widgets.root import Root

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
    """

    def __init__(self, root: Root) -> None:
        self._root = root

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
