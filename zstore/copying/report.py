"""How far a copy has come, and what it did."""

from dataclasses import dataclass

__all__ = ["CopyProgress", "CopyReport"]


@dataclass(frozen=True, slots=True)
class CopyProgress:
    """How far a copy has come; how far it has to go is not known while it lists.

    Attributes
    ----------
    nkeys, nbytes
        Values that were written, and the sum of their sizes.
    skipped
        Values that were not, because the destination had their keys.
    """

    nkeys: int = 0
    nbytes: int = 0
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class CopyReport:
    """What a copy did, or would do.

    Attributes
    ----------
    nkeys, nbytes
        Values that were written, those that replaced others included, and the sum of
        their sizes.
    skipped, skipped_nbytes
        The same of values that were left out, because the destination had their keys.
    replaced, replaced_nbytes
        The same of values that were written in place of others.
    vanished
        Keys that were listed, and gone when they were to be read.
    dry_run
        Whether nothing was written; then all of this is what would be.
    """

    nkeys: int = 0
    nbytes: int = 0
    skipped: int = 0
    skipped_nbytes: int = 0
    replaced: int = 0
    replaced_nbytes: int = 0
    vanished: int = 0
    dry_run: bool = False
