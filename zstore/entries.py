"""What a listing says: one child of a level, a page of keys, and a running total."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeAlias

__all__ = ["Entry", "EntryBatch", "KeyPage", "SizeBatch", "Usage"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One child of a level of the tree.

    Attributes
    ----------
    name
        One segment, without ``/``.
    kind
        ``"key"`` for a value, ``"prefix"`` for a name that keys lie below. A store that
        is no file system can hold both under one name; then there are two entries.
    nbytes
        Size of the value; None for a prefix.
    last_modified
        When the value was written, with its time zone; None where it is not known.
    """

    name: str
    kind: Literal["key", "prefix"]
    nbytes: int | None = None
    last_modified: datetime | None = None

    @property
    def cursor(self) -> str:
        """Where the entry stands in the order of its level.

        Keys sort before the prefix of the same name, as in an object store: the order
        is that of full keys. Pass it as `after` to `Store.list_entries`.
        """
        return f"{self.name}/" if self.kind == "prefix" else self.name


@dataclass(frozen=True, slots=True)
class KeyPage:
    """Some names of a listing, with what it says of each: columns of one length.

    Each column is a list, or an Arrow array (of pyarrow or arro3) where the backend has
    one: then there is no Python object for a key.

    Attributes
    ----------
    keys
        The names, as str. In a store that lists in order, strictly increasing in the order
        of code points, which is that of their UTF-8 bytes.
    nbytes
        The sizes of the values, as int.
    modified
        When each value was written, as int: microseconds since 1970 in UTC. None where the
        listing does not say.
    """

    keys: Any
    nbytes: Any
    modified: Any = None

    def __len__(self) -> int:
        return len(self.keys)

    @classmethod
    def of(cls, pairs: Sequence[tuple[str, int]]) -> "KeyPage":
        """Return a page of (key, nbytes), without times."""
        return cls([key for key, _ in pairs], [nbytes for _, nbytes in pairs])

    def names(self) -> list[str]:
        """Return the column `keys` as strings of Python."""
        names: list[str] = getattr(self.keys, "to_pylist", lambda: self.keys)()
        return names


@dataclass(frozen=True, slots=True)
class Usage:
    """How much lies below a prefix, as far as it was counted.

    Attributes
    ----------
    nkeys, nbytes
        Number of keys and sum of their sizes.
    children
        The same for each child of the prefix: name to (nkeys, nbytes), in the order in
        which they were first seen. With `depth` above 1 also of what lies deeper, by its
        path below the prefix: ``"a"``, ``"a/b"``.
    complete
        False until every key was counted.
    """

    nkeys: int = 0
    nbytes: int = 0
    children: dict[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])
    complete: bool = False


# Named here, because in a class with a method `list` the builtin has no name.
EntryBatch: TypeAlias = list[Entry]
"""Some entries of one level."""

SizeBatch: TypeAlias = list[tuple[str, int]]
"""Some keys, each with the size of its value in bytes."""
