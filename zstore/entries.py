"""What a listing says: one child of a level, and a running total."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

__all__ = ["Entry", "EntryBatch", "SizeBatch", "Usage"]


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
