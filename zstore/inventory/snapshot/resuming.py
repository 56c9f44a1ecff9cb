"""What a new scan finds at the place of its snapshot, and goes on with."""

from dataclasses import replace

from zstore.errors import CorruptStoreError, SnapshotError
from zstore.inventory.planning.gaps import gaps
from zstore.inventory.snapshot.manifest import FINISHED, UNFINISHED, Manifest
from zstore.store import Store

__all__ = ["read_manifest", "resume"]


async def read_manifest(place: Store, name: str) -> Manifest | None:
    """Return one of the manifests at a place; None if it is not there.

    Raises
    ------
    CorruptStoreError
        If it is damaged.
    SnapshotError
        If a later version of zstore has written it.
    AccessDeniedError, BackendError
        If the place refuses or fails.
    """
    found = await place.get(name)
    if found is None:
        return None
    return Manifest.from_json(found.to_bytes(), f"{name!r} in {place}")


async def resume(
    place: Store, new: Manifest, *, restart: bool
) -> tuple[Manifest, Manifest | None]:
    """Return the scan to go on with, and the finished one that it will replace.

    Parameters
    ----------
    place
        Where the snapshot lies.
    new
        Of a scan that begins.
    restart
        Begin anew, whatever is there.

    Returns
    -------
    tuple
        `new`, or the interrupted scan with its holes to be listed again; and the last
        finished scan of the same keys, or None.

    Raises
    ------
    SnapshotError
        If there is a snapshot of another store or prefix and `restart` is False, or one of
        a later version of zstore.
    CorruptStoreError
        If a manifest is damaged and `restart` is False.
    AccessDeniedError, BackendError
        If the place refuses or fails.
    """
    finished, unfinished = [
        await _read(place, name, restart=restart) for name in (FINISHED, UNFINISHED)
    ]
    if unfinished is not None and finished is not None:
        # The program died when the scan was finished, before this file was deleted.
        unfinished = None if unfinished.started == finished.started else unfinished
    if restart:
        unfinished = None
    elif (found := unfinished or finished) is not None:
        _require_same(found, new, place)
    if finished is not None and not _is_same(finished, new):
        finished = None
    begun = new if unfinished is None else replace(_resumed(unfinished), run=new.run)
    return begun, finished


async def _read(place: Store, name: str, *, restart: bool) -> Manifest | None:
    try:
        return await read_manifest(place, name)
    except CorruptStoreError:
        if restart:
            return None
        raise


def _is_same(one: Manifest, other: Manifest) -> bool:
    return (one.store, one.prefix) == (other.store, other.prefix)


def _require_same(found: Manifest, new: Manifest, place: Store) -> None:
    if not _is_same(found, new):
        msg = (
            f"the snapshot in {place} is of {found.store} below {found.prefix!r}, not of "
            f"{new.store} below {new.prefix!r}; restart=True replaces it"
        )
        raise SnapshotError(msg)


def _resumed(manifest: Manifest) -> Manifest:
    """Return an interrupted scan with its holes to be listed again."""
    holes = [hole.range for hole in manifest.holes]
    pending = gaps(gaps([*manifest.pending, *holes]))
    # Of a store that does not list in order there may be some keys of what is pending.
    parts = [
        part
        for part in manifest.parts
        if not any(part.range.overlaps(one) for one in pending)
    ]
    return replace(manifest, parts=tuple(parts), pending=tuple(pending), holes=())
