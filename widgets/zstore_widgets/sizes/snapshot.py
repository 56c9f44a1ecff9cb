"""What a snapshot says of the sizes below a path, without a request to the store."""

import asyncio
import importlib
import os
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from zstore import Store, StoreLike, Usage, open_store
from zstore.errors import SnapshotError, StoreNotFoundError
from zstore.hierarchy import METADATA_NAMES
from zstore.keys import check_prefix, prefix_of

if TYPE_CHECKING:
    from zstore.inventory import Inventory

__all__ = ["MAX_KEYS", "Known", "KnownLevel", "SizeSnapshot", "part_of"]

MAX_KEYS = 100_000
"""Keys that are told apart, the largest; what has no entry is counted in its folder."""

# To find the largest takes about a second a million; of more, only folders are told apart.
_MAX_SEARCHED = 3_000_000
_MAX_FOLDERS = 400_000
_MAX_LEVEL = 100_000

# Folders by their level, so that none is there without those that it lies in.
_FOLDERS = """
SELECT substr(path, $start) AS below, nkeys, nbytes FROM dirs
WHERE path >= $low AND path < $high AND len(string_split(below, '/')) <= $depth
ORDER BY depth, nbytes DESC LIMIT $limit
"""
# Of a snapshot that is not complete nobody has summed them up. The bounds of the keys leave
# most of the file unread.
_SUMMED_FOLDERS = """
WITH known AS (
    SELECT string_split(substr(directory, $start), '/')[:$depth] AS names,
        count(*) AS nkeys, sum(nbytes) AS nbytes
    FROM keys WHERE directory >= $low AND directory < $high AND key >= $low AND key < $high
    GROUP BY names
)
SELECT array_to_string(names[:level], '/') AS below,
    sum(nkeys)::BIGINT, sum(nbytes)::BIGINT AS total
FROM known, range(1, $depth + 1) AS levels(level) WHERE len(names) >= level
GROUP BY below, level ORDER BY level, total DESC LIMIT $limit
"""
# Documents tell what an array and a group is, however small they are.
_KEYS = """
SELECT substr(key, $start) AS below, nbytes FROM keys
WHERE key >= $low AND key < $high AND split_part(below, '/', $depth + 1) = ''
ORDER BY list_contains($documents, name) DESC, nbytes DESC LIMIT $limit
"""
_LEVEL = """
SELECT substr(path, $start) AS name, nkeys, nbytes FROM dirs
WHERE parent = $parent AND path >= $low AND path < $high
ORDER BY nbytes DESC LIMIT $limit
"""
_SUMMED_LEVEL = """
SELECT split_part(substr(directory, $start), '/', 1) AS child,
    count(*), sum(nbytes)::BIGINT AS total
FROM keys WHERE directory >= $low AND directory < $high AND key >= $low AND key < $high
GROUP BY child ORDER BY total DESC LIMIT $limit
"""
# Behind every key: no character of a key is larger.
_LAST = "\U0010ffff"


class Known(NamedTuple):
    """What a snapshot knows of a path: how much, and the moment that this is of."""

    usage: Usage
    as_of: datetime


class KnownLevel(NamedTuple):
    """What a snapshot knows of one level: its total, and each folder in it."""

    nkeys: int
    nbytes: int
    complete: bool
    as_of: datetime
    folders: list[tuple[str, tuple[int, int]]]


class SizeSnapshot:
    """A snapshot that a view shows sizes from.

    Parameters
    ----------
    where
        Where it lies, or will lie; see `zstore.inventory.Inventory.open`.
    path
        What of the scanned store the view shows.

    Raises
    ------
    MissingDependencyError
        If the extra ``inventory`` is not installed.
    """

    def __init__(self, where: StoreLike, path: str = "") -> None:
        # Now, and not when the page asks: to import takes half a second.
        self.inventory_class: type[Inventory]
        self.inventory_class = importlib.import_module("zstore.inventory").Inventory
        self.where = where
        self.path = check_prefix(path).removesuffix("/")
        self.inventory: Inventory | None = None
        self._opening: dict[asyncio.AbstractEventLoop, asyncio.Lock] = {}

    async def load(self) -> "Inventory | None":
        """Return the snapshot, opened once; None if there is none yet.

        Raises
        ------
        SnapshotError
            If it is of a later version of zstore, or of another part of the store.
        CorruptStoreError
            If it is damaged.
        ZStoreError
            If it cannot be read; the next call tries again.
        """
        lock = self._opening.setdefault(asyncio.get_running_loop(), asyncio.Lock())
        async with lock:
            if self.inventory is None:
                await self._open()
        return self.inventory

    async def take(self, inventory: "Inventory", depth: int) -> Known:
        """Answer from now on from another one, and return what it knows, as `usage` does.

        Raises
        ------
        SnapshotError
            If it does not have what the view shows.
        """
        self._keep(inventory)
        return await asyncio.to_thread(self._usage, inventory, depth)

    async def _open(self) -> None:
        # To look makes no folder.
        named = isinstance(self.where, str | os.PathLike)
        try:
            place = await open_store(self.where, mode="r" if named else None)
        except StoreNotFoundError:
            return
        try:
            if await _is_there(place):
                self._keep(await self.inventory_class.open(place))
        finally:
            if named:
                await place.aclose()

    def _keep(self, inventory: "Inventory") -> None:
        scanned = prefix_of(inventory.prefix)
        if not prefix_of(self.path).startswith(scanned):
            inventory.close()
            msg = (
                f"the snapshot is of {inventory.prefix!r} only, and the view shows "
                f"{self.path!r}"
            )
            raise SnapshotError(msg)
        self.close()
        self.inventory = inventory

    def close(self) -> None:
        """Let go of the files."""
        if self.inventory is not None:
            self.inventory.close()

    async def usage(self, depth: int) -> Known | None:
        """Return all that is known down to some levels; None if there is no snapshot.

        Raises
        ------
        ZStoreError
            As `load` does.

        Notes
        -----
        No request to the store. About a second where there are a million keys.
        """
        inventory = await self.load()
        if inventory is None:
            return None
        return await asyncio.to_thread(self._usage, inventory, depth)

    async def level(self, prefix: str) -> KnownLevel | None:
        """Return the sizes of what lies in a prefix of the view, largest first.

        Raises
        ------
        ZStoreError
            As `load` does.

        Notes
        -----
        No request to the store; some milliseconds.
        """
        inventory = await self.load()
        if inventory is None:
            return None
        return await asyncio.to_thread(self._level, inventory, self._whole(prefix))

    def _whole(self, prefix: str) -> str:
        path = prefix.removesuffix("/")
        return f"{self.path}/{path}" if self.path and path else path or self.path

    def _usage(self, inventory: "Inventory", depth: int) -> Known:
        below = prefix_of(self.path)
        where = {**_bounds(below), "depth": depth}
        folders = _FOLDERS if inventory.knows_directories else _SUMMED_FOLDERS
        children: dict[str, tuple[int, int]] = {}
        for name, nkeys, nbytes in _rows(inventory, folders, where, _MAX_FOLDERS):
            children[name] = (nkeys, nbytes)
        total = inventory.total(below)
        limit = MAX_KEYS if total.nkeys <= _MAX_SEARCHED else 0
        where["documents"] = sorted(METADATA_NAMES)
        for name, size in _rows(inventory, _KEYS, where, limit) if limit else ():
            # A key can have the name of a folder.
            nkeys, nbytes = children.get(name, (0, 0))
            children[name] = (nkeys + 1, nbytes + size)
        usage = Usage(total.nkeys, total.nbytes, children, complete=total.complete)
        return Known(usage, inventory.as_of)

    def _level(self, inventory: "Inventory", path: str) -> KnownLevel:
        below = prefix_of(path)
        total = inventory.total(below)
        if inventory.knows_directories:
            rows = _rows(inventory, _LEVEL, {**_bounds(below), "parent": path}, _MAX_LEVEL)
        else:
            rows = _rows(inventory, _SUMMED_LEVEL, _bounds(below), _MAX_LEVEL)
        folders = [(name, (nkeys, nbytes)) for name, nkeys, nbytes in rows if name]
        return KnownLevel(
            total.nkeys, total.nbytes, total.complete, inventory.as_of, folders
        )


def part_of(usage: Usage, path: str) -> Usage:
    """Return the part of a total that lies below a path of it."""
    if not path:
        return usage
    start = prefix_of(path)
    nkeys, nbytes = usage.children.get(path, (0, 0))
    inside = {
        each[len(start) :]: counts
        for each, counts in usage.children.items()
        if each.startswith(start)
    }
    return Usage(nkeys, nbytes, inside, complete=usage.complete)


def _bounds(below: str) -> dict[str, Any]:
    # The root itself is below nothing, and has no name.
    low = below or "\x01"
    return {"low": low, "high": below + _LAST, "start": len(below) + 1}


def _rows(
    inventory: "Inventory", query: str, where: dict[str, Any], limit: int
) -> list[tuple[Any, ...]]:
    table = inventory.sql(query, **where, limit=limit)
    columns = [column.to_pylist() for column in table.columns]
    return list(zip(*columns, strict=True))


async def _is_there(place: Store) -> bool:
    names = importlib.import_module("zstore.inventory.snapshot.manifest")
    return await place.exists(names.FINISHED) or await place.exists(names.UNFINISHED)
