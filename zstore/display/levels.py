"""One level of a store: its entries in bounded time, and what they are."""

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, TypeVar

from zstore.display.rows import Row
from zstore.display.sentences import sentence
from zstore.entries import Entry
from zstore.hierarchy import METADATA_NAMES, ChunkGrid, Node
from zstore.keys import is_key, prefix_of
from zstore.store import Store

__all__ = ["PAGE", "Deadline", "Level", "list_level", "rows_of"]

T = TypeVar("T")

PAGE = 1000
"""How many entries of a level are looked at: those of one answer of S3."""

# Cancelled, and perhaps not ended: a loop itself holds its tasks by weak references only.
_left_behind: set[asyncio.Task[Any]] = set()


class Deadline:
    """A moment on the running loop; what is not ready by then is left behind.

    Parameters
    ----------
    seconds
        From now on.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._loop = asyncio.get_running_loop()
        self._end = self._loop.time() + seconds

    @property
    def is_over(self) -> bool:
        """Whether the moment has passed."""
        return self._loop.time() >= self._end

    @property
    def left(self) -> float:
        """Seconds until then."""
        return max(0.0, self._end - self._loop.time())

    async def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Return the result of `coroutine`.

        Raises
        ------
        TimeoutError
            If it is not there in time. It was cancelled then, and not waited for: a
            backend that hangs in a thread does not end because somebody asks it to.
        """
        task = asyncio.ensure_future(coroutine)
        _left_behind.add(task)
        task.add_done_callback(_ended)
        try:
            await asyncio.wait([task], timeout=self.left)
        finally:
            if not task.done():
                task.cancel()
        if not task.done():
            raise TimeoutError(self.seconds)
        return task.result()


def _ended(task: asyncio.Task[Any]) -> None:
    _left_behind.discard(task)
    if not task.cancelled():
        task.exception()  # seen: nobody may be waiting for it any more


@dataclass(slots=True)
class Level:
    """What lies directly below a prefix, as far as it is known.

    Attributes
    ----------
    path
        The prefix, without a final ``/``.
    node
        What its metadata say.
    entries
        In the order of `Entry.cursor`, at most `PAGE`.
    has_more
        Whether there are or may be more.
    problem
        Why it could not be listed, as a sentence.
    """

    path: str
    node: Node | None = None
    entries: list[Entry] = field(default_factory=list[Entry])
    has_more: bool = True
    problem: str | None = None


async def list_level(store: Store, level: Level, deadline: Deadline) -> None:
    """Fill `level` with its entries, or say why that is not possible.

    Notes
    -----
    One listing of at most `PAGE` entries; it raises nothing. What had arrived when time
    was over is kept.
    """
    if deadline.is_over:
        return
    try:
        await deadline.run(_fill(store, level))
    except TimeoutError as error:
        late = f"the listing did not end within {deadline.seconds:g} s"
        level.problem = late if type(error) is TimeoutError else sentence(error)
    except Exception as error:  # noqa: BLE001 -- shown in its place, not lost
        level.problem = sentence(error)


async def _fill(store: Store, level: Level) -> None:
    async with aclosing(store.list_entries(prefix_of(level.path), limit=PAGE)) as batches:
        async for batch in batches:
            level.entries += batch
    level.has_more = len(level.entries) >= PAGE


def rows_of(level: Level, nodes: Mapping[str, Node]) -> list[Row]:
    """Return the rows of a level: chunks as one, metadata within what they describe.

    Parameters
    ----------
    level
        That was listed; or not, and then its rows come from `nodes`.
    nodes
        Nodes by path that are known already, as from consolidated metadata.
    """
    array = None if level.node is None else level.node.array
    chunks: list[Entry] = []
    rows: list[Row] = []
    for entry in level.entries or _entries_from(level, nodes):
        if array is not None and _is_of_grid(entry, array.grid):
            chunks.append(entry)
        elif level.node is None or entry.name not in METADATA_NAMES:
            rows.append(_row(entry, level.path))
    if array is not None:
        rows.insert(0, _folded(level, chunks))
    return rows


def _entries_from(level: Level, nodes: Mapping[str, Node]) -> list[Entry]:
    below = prefix_of(level.path)
    paths = [path for path in nodes if path.startswith(below) and path != level.path]
    names = {path[len(below) :].partition("/")[0] for path in paths}
    return [Entry(name, "prefix") for name in sorted(names)]


def _row(entry: Entry, path: str) -> Row:
    full = prefix_of(path) + entry.name
    # A store of others may say what is none; below it nothing is asked for.
    is_odd = not is_key(full) or not entry.name
    return Row(
        name=entry.name,
        path=full,
        kind=entry.kind,
        nbytes=entry.nbytes,
        hidden=None if entry.kind == "prefix" else 0,
        problem="this name is no key" if is_odd else None,
    )


def _is_of_grid(entry: Entry, grid: ChunkGrid) -> bool:
    """Tell whether an entry of an array is a chunk, or a folder of chunks."""
    if entry.kind == "key":
        return grid.index_of(entry.name) is not None
    head, slash, _ = grid.key_of((0,) * len(grid.counts)).partition("/")
    is_number = entry.name.isascii() and entry.name.isdigit()
    return bool(slash) and (entry.name == head or (head == "0" and is_number))


def _folded(level: Level, chunks: Sequence[Entry]) -> Row:
    """Return the row that stands for all chunks of an array."""
    # Folders of chunks are not looked into: that is a listing of all keys.
    counted = not level.has_more and all(entry.kind == "key" for entry in chunks)
    return Row(
        name="",
        path=level.path,
        kind="chunks",
        node=level.node,
        nchunks=len(chunks) if counted else None,
        nbytes=sum([entry.nbytes or 0 for entry in chunks]) if counted else None,
    )
