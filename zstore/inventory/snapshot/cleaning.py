"""Deleting files of a snapshot that no manifest names any more."""

import re
import warnings
from collections.abc import AsyncGenerator

from zstore.concurrency import map_limited
from zstore.errors import ZStoreError, ZStoreWarning
from zstore.inventory.snapshot.manifest import UNFINISHED, Manifest
from zstore.store import Store

__all__ = ["clean"]

# Files of ours. The place may hold others, which are not ours to delete.
_FOLDERS = ("keys", "dirs", "arrays", "folders")
_OURS = re.compile(rf"(?:{'|'.join(_FOLDERS)})/[0-9a-f]{{32}}\.parquet")
_DELETED_AT_ONCE = 16


async def clean(place: Store, finished: Manifest) -> None:
    """Delete what was there before a scan was finished.

    Parameters
    ----------
    place
        Where the snapshot lies.
    finished
        The manifest that was written last. What it names stays, and what is no file of a
        snapshot.

    Notes
    -----
    A listing of the files, and a request for each that is deleted. Failures are a
    `ZStoreWarning`: the snapshot is complete without this.
    """
    if not (place.supports_deletes and place.supports_listing):
        return
    try:
        await place.delete(UNFINISHED)
        unnamed = [key async for key in _unnamed(place, finished)]
        await map_limited(place.delete, unnamed, limit=_DELETED_AT_ONCE)
    except ZStoreError as error:
        msg = f"files of earlier scans are left in {place}: {error}"
        warnings.warn(msg, ZStoreWarning, stacklevel=2)


async def _unnamed(place: Store, finished: Manifest) -> AsyncGenerator[str, None]:
    named = {finished.dirs, finished.arrays, finished.folders}
    named |= {part.name for part in finished.parts}
    for folder in _FOLDERS:
        async for key in place.list_prefix(f"{folder}/"):
            if _OURS.fullmatch(key) and key not in named:
                yield key
