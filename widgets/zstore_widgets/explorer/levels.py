"""One level of the tree: its entries in columns, and the chunks of an array."""

import asyncio
import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Any, Final

import numpy as np

from zstore import Store
from zstore.display import sentence
from zstore.entries import Entry
from zstore.errors import InvalidTypeError, UnsupportedError, ZStoreError
from zstore.hierarchy import ChunkGrid, Node, scan_chunks
from zstore.keys import prefix_of
from zstore_widgets.channel import BadRequestError, Job, request
from zstore_widgets.channel.pace import Pace
from zstore_widgets.explorer.nodes import Nodes, summary
from zstore_widgets.root import Root

__all__ = ["Levels"]

MAX_PAGE: Final = 200_000
"""Entries of one request."""

KEY, PREFIX, CHUNK, CHUNK_PREFIX = range(4)
"""What an entry is, in the column ``kinds``."""

# Names of one part, as JSON; with three numbers for each it stays below the limit.
_MAX_NAMES_NBYTES: Final = 120_000
_ENTRIES_AT_ONCE: Final = 4_096
# No request could name a longer one.
_MAX_NAME: Final = 8_000


class Levels:
    """Answers what lies in a level, and how many chunks an array has.

    Parameters
    ----------
    root
        What is shown.
    nodes
        What its metadata say.
    """

    def __init__(self, root: Root, nodes: Nodes) -> None:
        self._root = root
        self._nodes = nodes

    @request
    async def level(
        self,
        job: Job,
        prefix: str,
        after: str,
        limit: int,
        *,
        in_chunks: bool = False,
        fresh: bool = False,
    ) -> dict[str, Any]:
        """List one level, or the next page of it.

        Each part has ``names`` and the columns kinds (uint8), nbytes and modified
        (float64; milliseconds; NaN where not known).

        Notes
        -----
        One `Store.list_entries`, and the metadata of the prefix at the same time, unless
        it is a folder of chunks.
        """
        if not 1 <= limit <= MAX_PAGE:
            msg = f"limit is {limit}, and a page has 1 to {MAX_PAGE:,} entries"
            raise BadRequestError(msg)
        path = prefix.removesuffix("/")
        if fresh:
            self._nodes.forget(path)
        store = await self._root.store()
        reading = asyncio.create_task(self._node_at(path, in_chunks=in_chunks))
        try:
            count, cursor, more = 0, after, False
            entries = self._entries(store, path, reading, limit=limit + 1, after=after)
            async with aclosing(entries) as batches:
                async for batch in batches:
                    shown = batch[: limit - count]
                    more = len(shown) < len(batch)
                    count += len(shown)
                    cursor = shown[-1].cursor if shown else cursor
                    node, _ = await reading
                    await _send(job, shown, node)
            node, problem = await reading
        finally:
            reading.cancel()
        found = summary(node) or (
            {"kind": "unknown", "problem": problem} if problem else None
        )
        return {"more": more, "cursor": cursor[:_MAX_NAME], "node": found}

    @request
    async def chunk_count(self, job: Job, path: str) -> dict[str, Any]:
        """Count the chunks of an array that are stored.

        Notes
        -----
        One listing of them; parts say how many there are so far.
        """
        node = await self._nodes.at(path)
        if node is None or node.array is None:
            msg = f"there is no array at {path!r}, so it has no chunks"
            raise InvalidTypeError(msg)
        present = nbytes = 0
        pace = Pace()
        async with aclosing(scan_chunks(await self._root.store(), node)) as batches:
            async for chunks in batches:
                present += len(chunks)
                nbytes += int(chunks.nbytes.sum())
                if pace.is_due():
                    await job.part({"present": present, "nbytes": nbytes})
        return {"present": present, "nbytes": nbytes}

    async def _node_at(self, path: str, *, in_chunks: bool) -> tuple[Node | None, str]:
        """Return the node at `path`, or why it could not be read: the level is shown."""
        if in_chunks:
            return None, ""
        try:
            return await self._nodes.at(path), ""
        except ZStoreError as error:
            return None, sentence(error)

    async def _entries(
        self,
        store: Store,
        path: str,
        reading: asyncio.Task[tuple[Node | None, str]],
        *,
        limit: int,
        after: str,
    ) -> AsyncGenerator[Sequence[Entry], None]:
        if store.supports_listing:
            listing = store.list_entries(prefix_of(path), limit=limit, after=after)
            async with aclosing(listing) as batches:
                async for batch in batches:
                    yield batch
            return
        # What one document of metadata says about all nodes can be shown nevertheless.
        node, problem = await reading
        below = [each.path for each in self._nodes.known_below(path)]
        if not below and node is None:
            reason = problem or "type the name of a key instead"
            raise UnsupportedError(str(self._root.title), "listing", reason)
        start = len(prefix_of(path))
        names = {each[start:].partition("/")[0] for each in below}
        documents = [key[start:] for key in (node.documents if node else ())]
        yield [Entry(name, "prefix") for name in sorted(names)]
        yield [Entry(name, "key") for name in documents if "/" not in name]


async def _send(job: Job, entries: Sequence[Entry], node: Node | None) -> None:
    grid = None if node is None or node.array is None else node.array.grid
    for start in range(0, len(entries), _ENTRIES_AT_ONCE):
        await _send_some(job, entries[start : start + _ENTRIES_AT_ONCE], grid)


async def _send_some(job: Job, entries: Sequence[Entry], grid: ChunkGrid | None) -> None:
    names = [_sendable(entry.name) for entry in entries]
    if len(names) > 1 and len(json.dumps(names)) > _MAX_NAMES_NBYTES:
        half = len(names) // 2
        await _send_some(job, entries[:half], grid)
        await _send_some(job, entries[half:], grid)
        return
    kinds = bytes([_kind_of(entry, grid) for entry in entries])
    nan = float("nan")
    sizes = [nan if entry.nbytes is None else entry.nbytes for entry in entries]
    times = [entry.last_modified for entry in entries]
    modified = [nan if time is None else time.timestamp() * 1000 for time in times]
    columns = [np.array(column, dtype="<f8").tobytes() for column in (sizes, modified)]
    await job.part({"names": names}, [kinds, *columns])


def _sendable(name: str) -> str:
    """Return a name that is no key as one that can at least be sent and shown."""
    if len(name) > _MAX_NAME:
        name = f"{name[:_MAX_NAME]}…"
    if name.isascii():
        return name
    return name.encode("utf-8", "backslashreplace").decode()


def _kind_of(entry: Entry, grid: ChunkGrid | None) -> int:
    if entry.kind == "key":
        return CHUNK if grid and grid.index_of(entry.name) is not None else KEY
    return CHUNK_PREFIX if grid and _is_of_grid(entry.name, grid) else PREFIX


def _is_of_grid(name: str, grid: ChunkGrid) -> bool:
    """Tell whether the folder `name` of an array holds chunks."""
    head, slash, _ = grid.key_of((0,) * len(grid.counts)).partition("/")
    is_number = name.isascii() and name.isdigit()
    return bool(slash) and (name == head or (head == "0" and is_number))
