"""The demo store in the cache folder of the user."""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Final

from zstore.concurrency import run_to_the_end
from zstore.demo.writing import EDITION, write_demo
from zstore.stores.failures import from_os_error
from zstore.stores.local import LocalStore

__all__ = ["demo_store"]

_NAME: Final = f"demo-{EDITION}.zarr"


async def demo_store() -> LocalStore:
    """Return the demo store, read-only; it is written when it is first asked for.

    It lies in ``zstore`` in the cache folder of the user: ``$XDG_CACHE_HOME``, or
    ``~/.cache``. Delete it at any time.

    Raises
    ------
    MissingDependencyError
        If it has to be written and zarr is not installed.
    AccessDeniedError, BackendError
        If the cache folder cannot be written.

    Notes
    -----
    Some megabytes and a few seconds, once. Written to a folder of its own and renamed, so
    two processes at once do no harm.

    Source: XDG Base Directory Specification, ``XDG_CACHE_HOME``.
    """
    place = _cache_folder() / _NAME
    try:
        if not await run_to_the_end(place.is_dir):
            await _make(place)
    except OSError as error:
        raise from_os_error(_NAME, error) from error
    return LocalStore(place, read_only=True)


def _cache_folder() -> Path:
    folder = Path(os.environ.get("XDG_CACHE_HOME", ""))
    # The specification: a path that is not absolute is ignored.
    return (folder if folder.is_absolute() else Path.home() / ".cache") / "zstore"


async def _make(place: Path) -> None:
    unfinished = await run_to_the_end(_folder_beside, place)
    try:
        store = await write_demo(LocalStore(unfinished / _NAME))
        store.close()
        await run_to_the_end(_move, unfinished / _NAME, place)
    finally:
        await run_to_the_end(shutil.rmtree, unfinished, True)


def _folder_beside(place: Path) -> Path:
    place.parent.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix="unfinished-", dir=place.parent))


def _move(source: Path, target: Path) -> None:
    try:
        source.rename(target)
    except OSError:
        # Another process was quicker, and its store is as good.
        if not target.is_dir():
            raise
