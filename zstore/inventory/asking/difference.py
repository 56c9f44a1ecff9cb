"""What differs between two snapshots, to be asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple, Self, TypeAlias, get_args

from zstore._compat import override
from zstore.errors import InvalidTypeError
from zstore.inventory.asking.database import Database
from zstore.inventory.asking.views import whole_number
from zstore.inventory.planning import KeyRange
from zstore.keys import prefix_of

__all__ = [
    "CHANGES",
    "ChangeKind",
    "Changes",
    "Difference",
    "DirectoryChange",
    "KeyChange",
]

ChangeKind: TypeAlias = Literal["added", "removed", "changed"]
"""What happened to a key; ``"changed"``: its size, or when it was written."""

CHANGES: Final = (
    "CREATE TABLE changes (key VARCHAR, kind VARCHAR, before BIGINT, after BIGINT)"
)
"""What a `Difference` asks: a row for each key that differs, and its sizes."""

_GROWN: Final = "(coalesce(after, 0)::HUGEINT - coalesce(before, 0))"


class Changes(NamedTuple):
    """How many keys, and the sizes of their values before and after, summed up."""

    nkeys: int
    before: int
    after: int


class KeyChange(NamedTuple):
    """A key that changed, and the size of its value before and after; None: not there."""

    key: str
    kind: ChangeKind
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class DirectoryChange:
    """What changed below a path.

    Attributes
    ----------
    path
        Relative to the root of the store; ``""`` is the root.
    nadded, nremoved, nchanged
        How many keys.
    grown
        By how many bytes; negative if it has shrunk.
    """

    path: str
    nadded: int
    nremoved: int
    nchanged: int
    grown: int


class Difference:
    """What changed from one snapshot to another; made by `Inventory.diff`.

    Attributes
    ----------
    prefix
        What was compared.
    added, removed, changed
        How many keys, and how large they were and are.
    left_out
        Ranges of keys that one of the two does not know, which were not compared.

    Notes
    -----
    The keys that differ lie in memory, and beyond some hundred megabytes in a temporary
    folder, until it is closed. As of an inventory, questions block and are no coroutines.
    """

    def __init__(self, database: Database, prefix: str, left: Sequence[KeyRange]) -> None:
        self._database = database
        self.prefix = prefix
        self.left_out = tuple(left)
        sums = "kind, count(*), coalesce(sum(before), 0), coalesce(sum(after), 0)"
        rows = database.rows(f"SELECT {sums} FROM changes GROUP BY kind")
        found = {kind: Changes(nkeys, int(old), int(new)) for kind, nkeys, old, new in rows}
        nothing = Changes(0, 0, 0)
        self.added = found.get("added", nothing)
        self.removed = found.get("removed", nothing)
        self.changed = found.get("changed", nothing)

    @property
    def complete(self) -> bool:
        """Whether every key was compared."""
        return not self.left_out

    @property
    def grown(self) -> int:
        """By how many bytes all has grown; negative if it has shrunk."""
        return sum(
            one.after - one.before for one in (self.added, self.removed, self.changed)
        )

    def keys(self, kind: ChangeKind | None = None, *, limit: int = 100) -> list[KeyChange]:
        """Return keys that changed, those first whose size changed most.

        Parameters
        ----------
        kind
            Only these; all by default.
        limit
            Return so many at most.

        Raises
        ------
        InvalidTypeError
            If `kind` is none, or `limit` no number.
        """
        if kind is not None and kind not in get_args(ChangeKind):
            msg = f"kind must be one of {get_args(ChangeKind)} or None, got {kind!r}"
            raise InvalidTypeError(msg)
        rows = self._database.rows(
            "SELECT key, kind, before, after FROM changes"
            " WHERE $kind::VARCHAR IS NULL OR kind = $kind"
            f" ORDER BY abs({_GROWN}) DESC, key LIMIT $limit",
            {"kind": kind, "limit": whole_number("limit", limit)},
        )
        return [KeyChange(*row) for row in rows]

    def per_directory(self, depth: int = 1, *, limit: int = 100) -> list[DirectoryChange]:
        """Return what changed below each directory, those first that changed most.

        Parameters
        ----------
        depth
            How many levels below the prefix are told apart. Keys above are counted in the
            directory that they lie in.
        limit
            Return so many at most.

        Raises
        ------
        InvalidTypeError
            If `depth` or `limit` is no number.
        """
        above = prefix_of(self.prefix).count("/")
        rows = self._database.rows(
            # The last segment is the name of the key.
            "SELECT array_to_string(string_split(key, '/')[:-2][:$depth], '/') AS path,"
            " count(*) FILTER (kind = 'added'), count(*) FILTER (kind = 'removed'),"
            f" count(*) FILTER (kind = 'changed'), sum({_GROWN}) AS grown"
            " FROM changes GROUP BY path ORDER BY abs(grown) DESC, path LIMIT $limit",
            {
                "depth": above + whole_number("depth", depth),
                "limit": whole_number("limit", limit),
            },
        )
        return [
            DirectoryChange(path, nadded, nremoved, nchanged, int(grown))
            for path, nadded, nremoved, nchanged, grown in rows
        ]

    def to_arrow(self) -> Any:
        """Return all that changed, as a ``pyarrow.Table``."""
        return self._database.select("FROM changes ORDER BY key", {})

    def close(self) -> None:
        """Let go of it. Closing twice is no error."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @override
    def __repr__(self) -> str:
        said = (
            f"{self.added.nkeys:,} added, {self.removed.nkeys:,} removed, "
            f"{self.changed.nkeys:,} changed, {self.grown:+,} bytes"
        )
        left = f", {len(self.left_out)} ranges NOT compared" if self.left_out else ""
        return f"<Difference: {said}{left}>"
