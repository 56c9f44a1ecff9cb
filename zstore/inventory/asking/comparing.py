"""What changed from one snapshot to another."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Protocol

from zstore.errors import SnapshotError
from zstore.inventory.asking.coverage import left_out, selects_all_of
from zstore.inventory.asking.database import Database
from zstore.inventory.asking.difference import CHANGES, Difference
from zstore.inventory.asking.views import keys_of, selects
from zstore.inventory.planning import KeyRange
from zstore.inventory.planning.gaps import gaps
from zstore.inventory.snapshot.manifest import Manifest
from zstore.keys import check_prefix

__all__ = ["Compared", "compare"]

_MEMORY: Final = "384MiB"
# So many keys of both are joined at once.
_PIECE_NKEYS: Final = 2**21


class Compared(Protocol):
    """What is compared: an `Inventory`."""

    @property
    def manifest(self) -> Manifest:
        """What the snapshot says of itself."""
        ...

    @property
    def files(self) -> Mapping[str, str]:
        """Paths on this machine by the names of the files."""
        ...


def compare(a: Compared, b: Compared, *, prefix: str = "") -> Difference:
    """Return what changed from one snapshot to another.

    Parameters
    ----------
    a, b
        The earlier and the later; of one store or of two, as after a copy.
    prefix
        What is compared; by default what both were scanned for.

    Raises
    ------
    SnapshotError
        If one of the two was not scanned for `prefix`.
    InvalidKeyError
        If `prefix` is none.
    CorruptStoreError, BackendError
        If a file is damaged, or cannot be read.

    Notes
    -----
    Where one of the two is not complete, that part is left out, and `Difference.left_out`
    says so. Blocks for about a second a million keys of each; memory is bounded. Times
    are compared only where both snapshots have them.
    """
    check_prefix(prefix)
    prefix = _common_prefix(a.manifest, b.manifest, prefix)
    left = gaps(gaps([*left_out(a.manifest, prefix), *left_out(b.manifest, prefix)]))
    files = [*a.files.values(), *b.files.values()]
    database = Database(a.manifest.store, files, {}, memory=_MEMORY)
    try:
        database.execute(CHANGES)
        for piece in _pieces(gaps(left), a.manifest, b.manifest):
            _compare_piece(database, piece, prefix, (a, b))
        return Difference(database, prefix, left)
    except BaseException:
        database.close()
        raise


def _common_prefix(a: Manifest, b: Manifest, prefix: str) -> str:
    if not prefix:
        inner, outer = (a, b) if selects_all_of(b.prefix, a.prefix) else (b, a)
        prefix = inner.prefix
    else:
        inner, outer = a, b
    for one in (inner, outer):
        if not selects_all_of(one.prefix, prefix):
            msg = (
                f"the inventory of {one.store} is of {one.prefix!r} only, and cannot be "
                f"compared below {prefix!r}"
            )
            raise SnapshotError(msg)
    return prefix


def _pieces(covered: Sequence[KeyRange], a: Manifest, b: Manifest) -> Iterator[KeyRange]:
    """Divide ranges of keys so that none has many keys of the two."""
    ends = [
        (part.range.until, part.nkeys)
        for part in (*a.parts, *b.parts)
        if part.range.until is not None
    ]
    cuts: list[str] = []
    nkeys = 0
    for until, more in sorted(ends):
        nkeys += more
        if nkeys >= _PIECE_NKEYS and cuts[-1:] != [until]:
            cuts.append(until)
            nkeys = 0
    for one in covered:
        after = one.after
        for cut in cuts:
            if after < cut and (one.until is None or cut < one.until):
                yield KeyRange(after, cut)
                after = cut
        yield KeyRange(after, one.until)


def _compare_piece(
    database: Database, piece: KeyRange, prefix: str, pair: tuple[Compared, Compared]
) -> None:
    condition, parameters = selects(prefix)
    if piece.after:
        condition += " AND key > $after"
        parameters["after"] = piece.after
    if piece.until is not None:
        condition += " AND key <= $until"
        parameters["until"] = piece.until
    a, b = (
        f"(SELECT key, nbytes, epoch_us(modified) AS modified"
        f" FROM {keys_of(_paths(one, piece))} WHERE {condition})"
        for one in pair
    )
    database.execute(_INSERT.format(a=a, b=b), parameters)


def _paths(one: Compared, piece: KeyRange) -> list[str]:
    return [
        one.files[part.name]
        for part in one.manifest.parts
        if (piece.until is None or part.range.after < piece.until)
        and (part.range.until is None or part.range.until > piece.after)
    ]


_INSERT: Final = """
INSERT INTO changes
SELECT coalesce(a.key, b.key),
    CASE WHEN a.key IS NULL THEN 'added' WHEN b.key IS NULL THEN 'removed'
        ELSE 'changed' END,
    a.nbytes, b.nbytes
FROM {a} AS a FULL JOIN {b} AS b ON a.key = b.key
WHERE a.key IS NULL OR b.key IS NULL OR a.nbytes <> b.nbytes OR a.modified <> b.modified
"""
