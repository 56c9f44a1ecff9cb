"""Which prefixes are groups and arrays: read once, and remembered."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from zstore.display import format_shape, sentence, visible
from zstore.errors import ZStoreError
from zstore.hierarchy import Format, Node, read_consolidated, read_node, read_nodes
from zstore_widgets.channel import BadRequestError, Job, request
from zstore_widgets.root import Root

__all__ = ["Nodes", "summary"]

MAX_ASKED: Final = 64
"""Prefixes of one request: about as many as a screen has rows."""

_MAX_KNOWN: Final = 100_000
_LONGEST: Final = 60
_MAX_EXACT: Final = 2**53


class Nodes:
    """Reads the metadata of prefixes, and answers the request for those on screen.

    Parameters
    ----------
    root
        What is shown.
    """

    def __init__(self, root: Root) -> None:
        self._root = root
        self._known: dict[str, Node | None] = {}
        # Where one document said what all nodes below are.
        self._learned: set[str] = set()

    def forget(self, path: str) -> None:
        """Read what is at and below `path` again when it is next asked for."""
        below = f"{path}/" if path else ""
        for known in list(self._known):
            if known == path or known.startswith(below):
                del self._known[known]
                self._learned.discard(known)

    def known_below(self, path: str) -> list[Node]:
        """Return the nodes below `path` that were read already."""
        below = f"{path}/" if path else ""
        nodes = list(self._known.values())
        return [
            node for node in nodes if node and node.path and node.path.startswith(below)
        ]

    async def at(self, path: str, parent: Format | None = None) -> Node | None:
        """Return the node at `path`, and learn all below it if its metadata say them.

        Raises
        ------
        ZStoreError
            As `zstore.hierarchy.read_node` does; a failure is not remembered.
        """
        if path not in self._known:
            store = await self._root.store()
            self._keep({path: await read_node(store, path, format=parent)})
        node = self._known.get(path)
        if node is not None and node.consolidated and path not in self._learned:
            self._learned.add(path)
            self._keep(await read_consolidated(await self._root.store(), path) or {})
        return node

    @request
    async def nodes(
        self,
        job: Job,  # noqa: ARG002 -- as all requests have
        prefixes: list[str],
        parent: Literal["zarr2", "zarr3", "n5"] | None = None,
    ) -> list[dict[str, Any] | None]:
        """Say what each of some prefixes is; None where it is no node.

        Notes
        -----
        As `zstore.hierarchy.read_nodes`, for those that are not known.
        """
        if len(prefixes) > MAX_ASKED:
            msg = f"'nodes' takes {MAX_ASKED} prefixes at a time, got {len(prefixes)}"
            raise BadRequestError(msg)
        paths = [prefix.removesuffix("/") for prefix in prefixes]
        problems = await self._read(
            [path for path in paths if path not in self._known], parent
        )
        return [problems.get(path) or summary(self._known.get(path)) for path in paths]

    async def _read(
        self, paths: Sequence[str], parent: Format | None
    ) -> dict[str, dict[str, Any]]:
        """Read what is not known; return what failed, as summaries."""
        if not paths:
            return {}
        store = await self._root.store()
        try:
            self._keep(await read_nodes(store, paths, format=parent))
        except ZStoreError:
            # Once more one by one: a folder that is refused must not hide the others.
            return await self._read_apart(paths, parent)
        return {}

    async def _read_apart(
        self, paths: Sequence[str], parent: Format | None
    ) -> dict[str, dict[str, Any]]:
        store = await self._root.store()
        tasks = [read_node(store, path, format=parent) for path in paths]
        found = await asyncio.gather(*tasks, return_exceptions=True)
        problems: dict[str, dict[str, Any]] = {}
        for path, node in zip(paths, found, strict=True):
            if isinstance(node, Exception):
                problems[path] = {"kind": "unknown", "problem": sentence(node)}
            elif not isinstance(node, BaseException):
                self._keep({path: node})
        return problems

    def _keep(self, nodes: Mapping[str, Node | None]) -> None:
        self._known.update(nodes)
        excess = len(self._known) - _MAX_KNOWN
        # The oldest go first; a dictionary keeps the order.
        for path in list(self._known)[:excess] if excess > 0 else ():
            del self._known[path]


def summary(node: Node | None) -> dict[str, Any] | None:
    """Return what a row of the tree says about a node, as JSON; texts fit to be shown."""
    if node is None:
        return None
    told: dict[str, Any] = {"kind": node.kind, "format": node.format}
    if node.problem is not None:
        told["problem"] = node.problem
    if node.array is not None:
        grid = node.array.grid
        told["shape"] = visible(format_shape(node.array.shape), _LONGEST)
        told["dtype"] = visible(node.array.dtype, _LONGEST)
        told["sharded"] = node.array.shard_shape is not None
        told["nchunks"] = grid.nchunks if grid.nchunks <= _MAX_EXACT else None
    return told
