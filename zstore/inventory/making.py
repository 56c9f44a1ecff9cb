"""Ways to an inventory: scan a store, bring a snapshot up to date, open one, import one."""

import os
from abc import ABC, abstractmethod
from contextlib import AsyncExitStack
from typing import Any, Self

from zstore.inventory.asking.snapshots import Snapshot
from zstore.inventory.s3_inventory import import_report
from zstore.inventory.scanning.refreshing import run_refresh
from zstore.inventory.scanning.scan import ScanOptions, run_scan
from zstore.inventory.scanning.telling import OnProgress
from zstore.inventory.snapshot.places import open_place
from zstore.opening import StoreLike, open_store

__all__ = ["Making"]


class Making(ABC):
    """Makes inventories of snapshots."""

    @abstractmethod
    def __init__(self, snapshot: Snapshot) -> None: ...

    @classmethod
    async def open(cls, where: StoreLike) -> Self:
        """Open a snapshot: the last that was finished, or else one that is not.

        Parameters
        ----------
        where
            Where it lies; see `zstore.opening.open_store`.

        Raises
        ------
        SnapshotError
            If there is none, or it was written by a later version of zstore.
        CorruptStoreError
            If it is damaged, or a file of it is missing.
        ZStoreError
            As `zstore.opening.open_store` and `Store.get` do.

        Notes
        -----
        Files that are not on this machine are fetched at once, about 7 bytes a key, into
        a temporary folder that `close` removes.
        """
        return cls(await Snapshot.open(where))

    @classmethod
    async def scan(  # noqa: PLR0913 -- what a caller may choose
        cls,
        store: StoreLike,
        prefix: str = "",
        *,
        snapshot: StoreLike = None,
        depth: int = 4,
        on_progress: OnProgress | None = None,
        max_concurrency: int | None = None,
        client: Any = None,
        restart: bool = False,
    ) -> Self:
        """List all keys that `prefix` selects, with their sizes, and keep what is found.

        Parameters
        ----------
        store
            What `zstore.open_store` takes; a path or URL is closed at the end.
        prefix
            By whole segments: ``"ab"`` is the key ``ab`` and all below ``ab/``.
        snapshot
            Where to keep it, as for `open`: a folder, a URL, a store. If it holds an
            interrupted scan of the same keys, that one goes on; if it holds a finished
            one, that is replaced when this one is finished. By default a temporary
            folder, which goes with the `Inventory`.
        depth
            How many levels of prefixes the totals in `on_progress` tell apart.
        on_progress
            Called with a `ScanProgress` after the first page, ten times a second and at
            the end; see also `zstore.inventory.progress_bar`. What it raises stops the
            scan.
        max_concurrency
            How many requests may be in flight at once. By default 1 for what is near
            (files, memory, archives), up to 32 a processor for servers: few at first,
            fewer again if the server slows down.
        client
            Who lists, if not this process: a ``dask.distributed.Client``, the address of
            a scheduler of Dask, or a ``concurrent.futures.Executor`` (threads, or
            processes that were spawned). The store is pickled for them. Give a `snapshot`
            that all of them can write to, or what they find is sent back.
        restart
            Forget an interrupted scan, and whatever else `snapshot` holds.

        Returns
        -------
        Inventory
            If ranges of keys could not be listed, even when tried again, it is not
            `complete`, `holes` says why, and a `ZStoreWarning` is given; call again to
            go on.

        Raises
        ------
        asyncio.CancelledError
            If it was cancelled, at any moment: what was found is in `snapshot`.
        SnapshotError
            If `snapshot` is of another store or prefix, and `restart` is False.
        InvalidTypeError, InvalidKeyError
            If an argument makes no sense; also a `snapshot` inside of `store`.
        UnsupportedError
            If the store cannot list.
        AccessDeniedError, BackendError
            If the listing fails before it gives anything, or the place of the snapshot
            refuses or fails, as a full disk does; what was kept by then stays.

        Notes
        -----
        One listing of the store, no request a key. On S3: a request for each 1,000 keys,
        about one more for each range that is listed at the same time, and one for each
        document of metadata (10,000 at most). Ranges are cut while they are listed, so
        it does not matter how the keys are spread over prefixes. A store that does not
        list in order (`Store.lists_in_order`) is listed in one go, starts anew after an
        interruption, and is in memory meanwhile: 80 bytes a key, twice that at the end.
        Otherwise memory is some MB, and 300 bytes for each prefix down to `depth`.
        """
        async with AsyncExitStack() as stack:
            opened = await open_store(store)
            if isinstance(store, str | os.PathLike):
                stack.push_async_callback(opened.aclose)
            place = await open_place(snapshot)
            options = ScanOptions(
                depth=depth,
                on_progress=on_progress,
                max_concurrency=max_concurrency,
                client=client,
                # Memory of this process is written to by nobody else.
                shared_place=place if isinstance(snapshot, str | os.PathLike) else None,
                restart=restart,
            )
            await run_scan(opened, prefix, place, options)
            return cls(await Snapshot.open(place))

    @classmethod
    async def refresh(
        cls, store: StoreLike, snapshot: StoreLike, prefix: str | None = None
    ) -> Self:
        """Bring a finished snapshot up to date, listing only what may have changed.

        Parameters
        ----------
        store
            What the snapshot is of.
        snapshot
            Where it lies; replaced when this is finished. If it holds no finished scan of
            `store`, all of it is scanned, or all that `prefix` selects.
        prefix
            List what this prefix selects, and keep the rest as it is. By default the
            folders of a `LocalStore` that changed since; of other stores, everything.

        Returns
        -------
        Inventory
            As of now.

        Raises
        ------
        ZStoreError
            As for `scan`. If it fails or is cancelled, the snapshot stays as it was.

        Notes
        -----
        A folder is listed again if a name in it came, went or was replaced since it was
        listed: zstore and zarr write so. Files that others overwrite in place
        (`set_partial_values`) are noticed by `scan` only. Of a `LocalStore` a system call
        for each folder that did not change; of others one listing of `prefix`, held in
        memory. If anything changed the parts are written anew, 0.5 us a key.
        """
        async with AsyncExitStack() as stack:
            opened = await open_store(store)
            if isinstance(store, str | os.PathLike):
                stack.push_async_callback(opened.aclose)
            place = await open_place(snapshot)
            await run_refresh(opened, place, prefix)
            return cls(await Snapshot.open(place))

    @classmethod
    async def from_s3_inventory(
        cls,
        source: StoreLike,
        manifest_key: str,
        *,
        snapshot: StoreLike = None,
        prefix: str = "",
    ) -> Self:
        """Read a report that S3 Inventory has written, and open it as a snapshot.

        Parameters
        ----------
        source
            The bucket that the report was delivered to.
        manifest_key
            The key of its ``manifest.json`` there.
        snapshot
            Where the snapshot is written; by default into a temporary folder.
        prefix
            Take only the keys that it selects.

        Raises
        ------
        CorruptStoreError
            If the report, or a file of it, is damaged, missing or of no kind that is
            known.
        KeyNotFoundError
            If there is no manifest.
        ZStoreError
            As `zstore.opening.open_store`, `Store.get` and `Store.set` do.

        Notes
        -----
        One request a file, two for the manifest. The keys are those of the moment
        `as_of`; objects that came or went shortly before may be missing. Of versions
        only the latest count, and no delete markers. About 1 us a key.

        Source: Amazon S3 user guide, "Locating your inventory list".
        """
        place = await import_report(source, manifest_key, where=snapshot, prefix=prefix)
        return cls(await Snapshot.open(place))
