"""What the page of a `SizeMap` asks."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Literal

from zstore.opening.nearness import is_near
from zstore_widgets.channel import Job, request
from zstore_widgets.root import Root
from zstore_widgets.sizes.scan import SizeScan
from zstore_widgets.sizes.tree import KINDS, Box, SizeTree

__all__ = ["MAX_BOXES", "SizeRequests"]

MAX_BOXES = 2000
MAX_NAME = 1024
"""Longer names are cut, and cannot be entered; no file system and no S3 has them."""

_TELL_SECONDS = 0.2
# Text of a part, as characters: of four bytes at most, in a message of 256 KiB.
_PART_LENGTH = 48 * 1024
# Of a row beside its name.
_ROW_LENGTH = 64


class SizeRequests:
    """Answers by a scan, and by a tree that follows it."""

    def __init__(self, root: Root, scan: SizeScan) -> None:
        self._root = root
        self._scan = scan
        self._tree = SizeTree()
        self._listing = 0
        self._one_at_a_time: asyncio.Lock | None = None

    @request
    async def size_status(self, job: Job) -> Mapping[str, object]:  # noqa: ARG002 -- as all
        """Return how far the scan is, and whether it may start without being asked."""
        scan = self._scan
        await scan.load()
        starts = scan.starts_by_itself
        # What was kept is shown without a request to the store.
        if scan.as_of is None:
            near = is_near(await self._root.store())
            starts = starts or (scan.state == "new" and near)
        return {**scan.status(), "starts": starts}

    @request
    async def scan(self, job: Job, *, restart: bool = False) -> Mapping[str, object]:
        """Count until it ends or is stopped, and tell how far it is."""
        scan = self._scan
        await scan.load()
        with scan.watched():
            scan.start(restart=restart)
            version = -1 if scan.usage.nkeys else scan.version
            while scan.state == "scanning":
                await scan.change(version)
                version = scan.version
                await job.part(scan.status())
                await scan.end(_TELL_SECONDS)
        if scan.problem is not None:
            raise scan.problem
        return scan.status()

    @request
    async def pause_scan(self, job: Job) -> Mapping[str, object]:  # noqa: ARG002 -- as all
        """Stop counting for everybody who watches; `scan` goes on from there."""
        self._scan.pause()
        return self._scan.status()

    @request
    async def boxes(
        self, job: Job, *, path: str, limit: int, by: Literal["bytes", "keys"] = "bytes"
    ) -> Mapping[str, object]:
        """Send the largest boxes of two levels in parts; return what has no box."""
        if self._one_at_a_time is None:
            self._one_at_a_time = asyncio.Lock()
        usage, listing = self._scan.usage, self._scan.listing
        limit = max(2, min(limit, MAX_BOXES))
        async with self._one_at_a_time:
            if listing != self._listing:
                self._tree, self._listing = SizeTree(), listing
            await asyncio.to_thread(self._tree.take, usage)
            level = await asyncio.to_thread(self._tree.level, path, limit=limit, by=by)
        await _send(job, level.boxes)
        rests = [[r.parent, r.count, r.nkeys, r.nbytes] for r in level.rests]
        kind = KINDS.index(level.kind)
        # A rest for each box of the upper level: 1,000 rows of numbers at most.
        return {
            "kind": kind,
            "nkeys": level.nkeys,
            "nbytes": level.nbytes,
            "rests": rests,
            "complete": usage.complete,
        }


async def _send(job: Job, boxes: Sequence[Box]) -> None:
    rows: list[list[object]] = []
    length = 0
    for box in boxes:
        is_cut = len(box.name) > MAX_NAME
        name = f"{box.name[:MAX_NAME]}…" if is_cut else box.name
        opens = int(box.opens and not is_cut)
        kind = KINDS.index(box.kind)
        rows.append([box.parent, name, kind, box.nkeys, box.nbytes, opens])
        length += len(name) + _ROW_LENGTH
        if length > _PART_LENGTH:
            await job.part(rows)
            rows, length = [], 0
    if rows:
        await job.part(rows)
