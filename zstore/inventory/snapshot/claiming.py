"""Writing manifests, and noticing that another scan writes them too."""

import asyncio

from zstore.errors import SnapshotError
from zstore.inventory.snapshot.manifest import UNFINISHED, Manifest
from zstore.inventory.snapshot.resuming import read_manifest
from zstore.ranges import RangeByteRequest
from zstore.store import Store

__all__ = ["ManifestWriter"]

# The name of the run stands at the beginning; a manifest of 10^9 keys is large.
_HEAD = RangeByteRequest(0, 200)


class ManifestWriter:
    """Writes the manifests of one run to a place, as long as no other does.

    The first manifest claims the place, also from a scan that was interrupted: a program
    that died locks nobody out. If that scan is alive after all, it finds the name of
    another run, and stops.

    Parameters
    ----------
    place
        Where the snapshot lies.

    Notes
    -----
    Between looking and writing another scan may claim the place; then both look again
    when they write the next time, and all but the last stop.
    """

    def __init__(self, place: Store) -> None:
        self._place = place
        self._is_claimed = False
        # A manifest must not be overtaken by an older one.
        self._lock = asyncio.Lock()

    async def write(self, name: str, manifest: Manifest) -> None:
        """Replace one of the two manifests.

        Raises
        ------
        SnapshotError
            If another scan has claimed the place since the last call.
        AccessDeniedError, BackendError
            If the place refuses or fails.

        Notes
        -----
        Two requests, the first one less.
        """
        async with self._lock:
            if self._is_claimed:
                await self._require_own(manifest.run)
            await self._place.set(name, manifest.to_json())
            self._is_claimed = True

    async def _require_own(self, run: str) -> None:
        head = await self._place.get(UNFINISHED, byte_range=_HEAD)
        if head is not None and f'"run": "{run}"'.encode() in head.to_bytes():
            return
        other = await read_manifest(self._place, UNFINISHED)
        when = "" if other is None else f" (begun {other.started:%Y-%m-%d %H:%M:%S} UTC)"
        msg = (
            f"another scan{when} writes its snapshot to {self._place}, so this one stops; "
            "what it found so far may be lost"
        )
        raise SnapshotError(msg)
