"""Running totals of a listing: of all keys, and of the paths that they lie below."""

from zstore.entries import SizeBatch, Usage

__all__ = ["Totals"]

# A copy is made for each `Usage`. Of many children it is made so seldom that all copies
# together stay of the order of the number of keys.
_CHILDREN_COPIED_A_KEY = 32


class Totals:
    """What was counted so far.

    Parameters
    ----------
    below
        The prefix of the children: empty, or ends in ``/``.
    depth
        How many levels of children are told apart.
    max_children
        How many of them at most; None for all.
    """

    def __init__(self, below: str, depth: int, max_children: int | None) -> None:
        self._below = below
        self._depth = depth
        self._max_children = max_children
        self._nkeys = self._nbytes = self._nkeys_told = 0
        self._children: dict[str, tuple[int, int]] = {}

    def add(self, batch: SizeBatch) -> None:
        """Count some keys."""
        if self._depth == 1 and self._max_children is None:
            self._add_to_one_level(batch)
        else:
            self._add_to_levels(batch)
        self._nkeys += len(batch)

    @property
    def is_due(self) -> bool:
        """Whether enough was counted since `so_far` for another copy."""
        keys = self._nkeys - self._nkeys_told
        return self._depth == 1 or keys * _CHILDREN_COPIED_A_KEY >= len(self._children)

    def so_far(self) -> Usage:
        """Return a copy that will not change."""
        self._nkeys_told = self._nkeys
        return Usage(self._nkeys, self._nbytes, dict(self._children))

    def at_the_end(self) -> Usage:
        """Return what was counted; nothing is added any more."""
        return Usage(self._nkeys, self._nbytes, self._children, complete=True)

    def _add_to_one_level(self, batch: SizeBatch) -> None:
        below, children, nbytes = self._below, self._children, 0
        for key, size in batch:
            nbytes += size
            # The key `prefix` itself is below nothing, so no child has it.
            if key.startswith(below):
                child = key[len(below) :].partition("/")[0]
                count, total = children.get(child, (0, 0))
                children[child] = (count + 1, total + size)
        self._nbytes += nbytes

    def _add_to_levels(self, batch: SizeBatch) -> None:
        # Most keys of a batch lie in few folders: those above are added to once for each.
        folders: dict[str, tuple[int, int]] = {}
        leaves: list[tuple[str, int]] = []
        start = len(self._below)
        for key, size in batch:
            self._nbytes += size
            if key.startswith(self._below):
                path = key[start:]
                folder = path.rpartition("/")[0]
                count, total = folders.get(folder, (0, 0))
                folders[folder] = (count + 1, total + size)
                if path.count("/") < self._depth:
                    leaves.append((path, size))
        for folder, (count, total) in folders.items():
            self._add_above(folder, count, total)
        for path, size in leaves:
            self._add_child(path, 1, size)

    def _add_above(self, folder: str, nkeys: int, nbytes: int) -> None:
        """Add to a folder and to those it lies in, from the top, `depth` of them."""
        stop = -1
        for _ in range(self._depth if folder else 0):
            stop = folder.find("/", stop + 1)
            if stop < 0:
                return self._add_child(folder, nkeys, nbytes)
            self._add_child(folder[:stop], nkeys, nbytes)
        return None

    def _add_child(self, path: str, nkeys: int, nbytes: int) -> None:
        known = self._children.get(path)
        if known is not None:
            self._children[path] = (known[0] + nkeys, known[1] + nbytes)
        elif self._max_children is None or len(self._children) < self._max_children:
            self._children[path] = (nkeys, nbytes)
