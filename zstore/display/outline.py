"""The first levels of any store, in bounded rows, requests and time."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from zstore.concurrency import map_limited
from zstore.display.levels import Deadline, Level, list_level, rows_of
from zstore.display.rows import Outline, Row
from zstore.display.sentences import place_line, sentence
from zstore.hierarchy import Format, Node, read_consolidated, read_node, read_nodes
from zstore.keys import check_prefix
from zstore.store import Store

__all__ = ["outline"]

_CONCURRENCY = 8
# Paths whose metadata are asked for at once: a store that is slow shows the first of them.
_BATCH = 32
_FEWEST = 5


async def outline(
    store: Store,
    prefix: str = "",
    *,
    depth: int = 2,
    max_rows: int = 200,
    seconds: float = 2.0,
) -> Outline:
    """Look at the first levels below a prefix.

    Parameters
    ----------
    store
        Any store. What it raises stands in the outline, at its place.
    prefix
        Where to begin; ``""`` is the root.
    depth
        How many levels.
    max_rows
        How many rows at most: half of them for the first level, an eighth for each other.
    seconds
        How long to look. What the store still does then is cancelled and left behind.

    Returns
    -------
    Outline
        Breadth first, each level in the order of names. What is not in it is counted, or
        said to be there.

    Raises
    ------
    InvalidKeyError
        If `prefix` is no prefix.

    Notes
    -----
    One listing of at most 1,000 entries for each prefix above the last level, and the
    metadata of each prefix that has a row: one request for each in Zarr v3, about four in
    a tree of another kind, none below consolidated metadata. So at most about `max_rows`
    listings and four times as many small reads; no value of an array is read.
    """
    root = Level(check_prefix(prefix).removesuffix("/"))
    looking = _Looking(store, Deadline(seconds), max_rows)
    await looking.begin(root)
    tier: Sequence[Level] = [root]
    for step in range(depth):
        if step:
            await map_limited(looking.list, tier, limit=_CONCURRENCY)
        most = max(_FEWEST, max_rows // (8 if step else 2))
        tier = await looking.descend(tier, most)
    top = replace(looking.frozen(root, Row("", root.path, "prefix")), path=root.path)
    is_late = looking.deadline.is_over
    return Outline(place_line(store), top, depth=depth, is_late=is_late)


@dataclass(slots=True)
class _Looking:
    """One look at a store: what was found so far, and what is left to spend."""

    store: Store
    deadline: Deadline
    rows_left: int
    nodes: dict[str, Node] = field(default_factory=dict[str, Node])
    # By path: the rows of each level that was looked at, and what was cut of it.
    levels: dict[str, Level] = field(default_factory=dict[str, Level])
    rows: dict[str, list[Row]] = field(default_factory=dict[str, list[Row]])
    hidden: dict[str, int | None] = field(default_factory=dict[str, int | None])
    problems: dict[str, str] = field(default_factory=dict[str, str])

    async def begin(self, root: Level) -> None:
        """List the first level and read its metadata, at the same time."""
        await asyncio.gather(self.list(root), self.learn([root.path], None))
        root.node = self.nodes.get(root.path)
        if root.node is not None and root.node.consolidated:
            await self._learn_all(root.path)

    async def list(self, level: Level) -> None:
        self.levels[level.path] = level
        if not self.store.supports_listing:
            level.problem = "this store cannot list its keys"
        else:
            await list_level(self.store, level, self.deadline)

    async def descend(self, tier: Sequence[Level], most: int) -> Sequence[Level]:
        """Make the rows of each level of a tier; return the levels below."""
        wanted: dict[Format | None, list[str]] = {}
        for level in tier:
            found = rows_of(level, self.nodes)
            kept = found[: min(most, self.rows_left)]
            self.rows_left -= len(kept)
            self.rows[level.path] = kept
            uncounted = level.has_more and bool(level.entries or not level.problem)
            self.hidden[level.path] = None if uncounted else len(found) - len(kept)
            paths = [row.path for row in kept if _opens(row)]
            unknown = [path for path in paths if path not in self.nodes]
            parent = None if level.node is None else level.node.format
            wanted.setdefault(parent, []).extend(unknown)
        for parent, paths in wanted.items():
            await self.learn(paths, parent)
        rows = [row for level in tier for row in self.rows[level.path]]
        paths = [row.path for row in rows if _opens(row)]
        return [Level(path, self.nodes.get(path)) for path in paths]

    async def learn(self, paths: Sequence[str], parent: Format | None) -> None:
        """Read the metadata of `paths`; each failure stands at its path."""
        for start in range(0, len(paths), _BATCH):
            batch = paths[start : start + _BATCH]
            if self.deadline.is_over:
                return
            try:
                found = await self.deadline.run(
                    read_nodes(self.store, batch, format=parent)
                )
            except TimeoutError:
                return
            except Exception:  # noqa: BLE001 -- asked again, one by one
                await map_limited(self._learn_one, batch, limit=_CONCURRENCY)
            else:
                self.nodes |= {path: node for path, node in found.items() if node}

    async def _learn_one(self, path: str) -> None:
        try:
            node = await self.deadline.run(read_node(self.store, path))
        except TimeoutError:
            return
        except Exception as error:  # noqa: BLE001 -- shown at its row, not lost
            self.problems[path] = sentence(error)
        else:
            self.nodes |= {path: node} if node else {}

    async def _learn_all(self, path: str) -> None:
        try:
            found = await self.deadline.run(read_consolidated(self.store, path))
        except Exception:  # noqa: BLE001 -- what is not consolidated is read by itself
            return
        self.nodes |= found or {}

    def frozen(self, level: Level, row: Row) -> Row:
        """Return `row` with all that was found below it."""
        node = self.nodes.get(row.path)
        problem = level.problem or self.problems.get(row.path)
        children = [self._child(child) for child in self.rows.get(row.path, [])]
        return replace(
            row,
            kind=row.kind if node is None else node.kind,
            node=node,
            children=tuple(children),
            hidden=self.hidden.get(row.path, row.hidden),
            problem=problem or (None if node is None else node.problem),
        )

    def _child(self, row: Row) -> Row:
        if not _opens(row):
            return row
        return self.frozen(self.levels.get(row.path, Level(row.path)), row)


def _opens(row: Row) -> bool:
    """Tell whether there may be something below a row that a store can be asked for."""
    return row.kind == "prefix" and row.problem is None
