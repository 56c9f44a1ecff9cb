"""A snapshot, opened: its manifest, its files on this machine, and a database over them."""

import os
from collections.abc import Mapping, Sequence
from typing import Any, Self

from zstore.concurrency import run_in_thread
from zstore.errors import BackendError, CorruptStoreError, SnapshotError
from zstore.inventory.asking.database import Database
from zstore.inventory.asking.views import Column, views_of
from zstore.inventory.engines import pa
from zstore.inventory.snapshot.arrays import SCHEMA
from zstore.inventory.snapshot.manifest import FINISHED, UNFINISHED, Manifest
from zstore.inventory.snapshot.places import LocalFiles, local_files
from zstore.keys import is_key
from zstore.opening import StoreLike, open_store
from zstore.store import Store

__all__ = ["Snapshot"]

# A scan that ends while its snapshot is opened replaces files.
_ATTEMPTS = 3


class Snapshot:
    """A snapshot whose files lie on this machine; made by `Snapshot.open`.

    Attributes
    ----------
    manifest
        What it says of itself.
    files
        Paths by the keys of the files in the snapshot.
    database
        Views of them: see `zstore.inventory.asking.views`.
    closed
        Whether it was closed.
    """

    def __init__(
        self, place: Store, manifest: Manifest, local: LocalFiles, database: Database
    ) -> None:
        # A temporary folder is removed with the store on it.
        self._place = place
        self._local = local
        self.manifest = manifest
        self.files: Mapping[str, str] = dict(zip(_names(manifest), local, strict=True))
        self.database = database
        self.closed = False

    @classmethod
    async def open(cls, where: StoreLike) -> Self:
        """Open a snapshot; see `zstore.inventory.Inventory.open`."""
        is_place = isinstance(where, str | os.PathLike)
        # A path that was misspelt is not to become a folder.
        place = await open_store(where, mode="r" if is_place else None)
        try:
            return await cls._open(place)
        finally:
            # Files of other places were fetched: nothing is asked of the store any more.
            if is_place:
                await place.aclose()

    @classmethod
    async def _open(cls, place: Store) -> Self:
        manifest = await _manifest(place)
        for attempt in range(_ATTEMPTS):
            try:
                local = await local_files(place, _checked_names(manifest, place))
                return await run_in_thread(cls._of, place, manifest, local)
            except (CorruptStoreError, BackendError):
                again = await _manifest(place)
                if again == manifest or attempt == _ATTEMPTS - 1:
                    raise
                manifest = again
        raise AssertionError  # pragma: no cover -- the last attempt returns or raises

    @classmethod
    def _of(cls, place: Store, manifest: Manifest, local: LocalFiles) -> Self:
        try:
            return cls(place, manifest, local, _database(manifest, local))
        except BaseException:
            local.close()
            raise

    def close(self) -> None:
        """Let go of the files, and remove temporary ones."""
        self.closed = True
        self.database.close()
        self._local.close()


async def _manifest(place: Store) -> Manifest:
    for name in (FINISHED, UNFINISHED):
        found = await place.get(name)
        if found is not None:
            return await run_in_thread(Manifest.from_json, found.to_bytes(), str(place))
    msg = f"there is no inventory in {place}: neither {FINISHED} nor {UNFINISHED}"
    raise SnapshotError(msg)


def _names(manifest: Manifest) -> list[str]:
    others = [name for name in (manifest.dirs, manifest.arrays) if name is not None]
    return [*(part.name for part in manifest.parts), *others]


def _checked_names(manifest: Manifest, place: Store) -> list[str]:
    names = _names(manifest)
    for name in names:
        if not is_key(name):
            msg = f"the inventory in {place} is damaged: it has a file named {name!r}"
            raise CorruptStoreError(msg)
    return names


def _database(manifest: Manifest, paths: Sequence[str]) -> Database:
    files = dict(zip(_names(manifest), paths, strict=True))
    keys = [files[part.name] for part in manifest.parts]
    dirs = None if manifest.dirs is None else files[manifest.dirs]
    arrays = None if manifest.arrays is None else files[manifest.arrays]
    columns = [Column(field.name, _sql_type(field.type)) for field in SCHEMA]
    return Database(manifest.store, paths, views_of(keys, dirs, (arrays, columns)))


def _sql_type(kind: Any) -> str:
    if pa.types.is_list(kind):
        return f"{_sql_type(kind.value_type)}[]"
    return {"string": "VARCHAR", "int64": "BIGINT", "bool": "BOOLEAN"}[str(kind)]
