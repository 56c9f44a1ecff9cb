"""Where snapshots lie, and their files as DuckDB reads them."""

import shutil
import tempfile
import weakref
from collections.abc import Iterable
from pathlib import Path

from zstore.concurrency import map_limited, run_in_thread, run_to_the_end
from zstore.errors import BackendError, CorruptStoreError, KeyNotFoundError
from zstore.inventory.snapshot.reading import read_file
from zstore.opening import StoreLike, open_store
from zstore.store import Store
from zstore.stores.local import LocalStore

__all__ = ["LocalFiles", "local_files", "open_place"]

# A file of some MB lies in memory while it is fetched.
_FETCHED_AT_ONCE = 4


class LocalFiles(list[str]):
    """Paths of files, in the order in which they were asked for.

    Files that were fetched from elsewhere are deleted with this object, or by `close`; a
    copy of the list does not keep them.
    """

    def __init__(self, paths: Iterable[str], folder: str | None = None) -> None:
        super().__init__(paths)
        self._remove = None if folder is None else weakref.finalize(self, _remove, folder)

    def close(self) -> None:
        """Delete what was fetched."""
        if self._remove is not None:
            self._remove()


async def local_files(place: Store, names: Iterable[str]) -> LocalFiles:
    """Return paths of files of a snapshot.

    Parameters
    ----------
    place
        Where the snapshot lies.
    names
        Keys of files in it.

    Returns
    -------
    LocalFiles
        Of a `LocalStore` its own files; of any other store copies of them in a temporary
        folder.

    Raises
    ------
    CorruptStoreError
        If one of them is missing.
    AccessDeniedError, BackendError
        If the place refuses or fails, or the disk for temporary files is full.

    Notes
    -----
    A request for each name: of a `LocalStore` for the size, of others for the file.
    """
    names = list(names)
    if isinstance(place, LocalStore):
        await map_limited(lambda name: _require(place, name), names, limit=_FETCHED_AT_ONCE)
        root = await run_in_thread(place.root.resolve)
        return LocalFiles(str(Path(root, name)) for name in names)
    folder = await run_to_the_end(_make_folder)
    paths = [str(Path(folder, f"{index}.parquet")) for index in range(len(names))]
    files = LocalFiles(paths, folder)
    try:
        await map_limited(
            lambda pair: _fetch(place, *pair),
            zip(names, files, strict=True),
            limit=_FETCHED_AT_ONCE,
        )
    except BaseException:
        await run_to_the_end(files.close)
        raise
    return files


async def _require(place: LocalStore, name: str) -> None:
    # This also refuses a name whose path leaves the folder through a symbolic link.
    try:
        await place.getsize(name)
    except KeyNotFoundError as error:
        msg = f"the snapshot in {place} has lost its file {name!r}"
        raise CorruptStoreError(msg) from error


async def _fetch(place: Store, name: str, path: str) -> None:
    file = await read_file(place, name)
    try:
        await run_to_the_end(Path(path).write_bytes, file)
    except OSError as error:
        raise BackendError(path, error) from error


async def open_place(where: StoreLike | None) -> Store:
    """Open the place of a snapshot.

    Parameters
    ----------
    where
        As in `zstore.open_store`; None for a temporary folder, which is deleted with the
        store that is returned.

    Raises
    ------
    ZStoreError
        As in `zstore.open_store`.
    """
    if where is not None:
        return await open_store(where)
    folder = await run_to_the_end(_make_folder)
    place = LocalStore(folder)
    weakref.finalize(place, _remove, folder)
    return place


def _make_folder() -> str:
    where = "temporary files"
    try:
        return tempfile.mkdtemp(prefix="zstore-")
    except OSError as error:
        raise BackendError(where, error) from error


def _remove(folder: str) -> None:
    shutil.rmtree(folder, ignore_errors=True)
