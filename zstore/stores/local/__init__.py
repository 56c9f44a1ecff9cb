"""Values in the files of a folder."""

import os
from collections.abc import Mapping, Sequence
from contextlib import aclosing, suppress
from functools import partial
from pathlib import Path
from typing import Any

from zstore._compat import override
from zstore.buffer import Buffer
from zstore.buffer.gpu import Buffer as DeviceBuffer
from zstore.concurrency import run_in_thread, run_to_the_end
from zstore.errors import (
    InvalidTypeError,
    KeyNotFoundError,
    StoreExistsError,
    StoreNotFoundError,
    ZStoreError,
)
from zstore.keys import check_prefix, prefix_of
from zstore.ranges import ByteRequest
from zstore.stores.failures import from_os_error
from zstore.stores.hooks import Part
from zstore.stores.local import reading, writing
from zstore.stores.local.beneath import Root, WouldWait
from zstore.stores.local.device_reading import DeviceReader, GpuReader
from zstore.stores.local.explaining import MISSING, explain, explained
from zstore.stores.local.listing import LocalListing
from zstore.stores.local.syncing import Disk, make_root
from zstore.stores.local.unfinished import LEFT_AFTER, remove_unfinished

__all__ = ["LocalStore"]


class LocalStore(LocalListing):
    """Values in the files of a folder.

    Parameters
    ----------
    root
        The folder. It is made at the first use, unless the store is read-only.
    read_only
        Whether calls that would change the store raise `ReadOnlyError`.
    durable
        Whether every call that changes the store waits until the disk has it: then a power
        cut takes nothing that was acknowledged, deletions among it, and a value that was
        being written is old or new, whole. If the disk fails there, the call raises, and
        of the old and the new value one is left.
    follow_symlinks
        Whether symbolic links below the root are followed, wherever they lead. By
        default none is: a key whose path has one raises `OutsideRootError`, listings
        leave them out and say so once (`ZStoreWarning`). The root itself may be a link;
        it is resolved once, when the store is opened.
    gpu_reader
        How values of 256 KiB and more get to a device (`get` with `buffer.gpu`):
        ``"pinned"``: each read goes straight into memory that the device fetches from.
        ``"kvikio"``: by the package kvikio (extra ``gds``), which lets the disk write to
        the device where the system has GPUDirect Storage. ``"auto"``: by kvikio if it is
        installed, finds that, and the read has at least 1 MiB. If kvikio fails the store
        says so once (`ZStoreWarning`) and goes the first way.

    Notes
    -----
    `set` writes a new file and gives it the name in one step: readers, and programs that
    die, leave the old value or the new one. Unless the store is durable, a power cut can
    take the last values or leave new ones empty. `set_if_not_exists` is atomic among
    processes on file systems with hard links. `set_partial_values` writes in place: readers
    can see some parts.

    A durable write costs two syncs, of the file and of its folder, a deletion one; the
    first write into a folder one more for it and for each folder above. Measured on ext4
    on a virtual disk, a value of 100 kB took 0.8 ms, and 9 ms while others kept the disk
    busy, or 1 ms where 16 were written at once; not durable 0.5 to 0.8 ms.

    A folder is no value, nor are devices, sockets and FIFOs. `delete` removes one file
    and the folders it leaves empty; the seed's LocalStore removes whole folders there.
    An empty folder made by others is listed as a prefix.

    Reading a file that the kernel has cached costs no thread (5 to 15 us); all else runs
    in worker threads.

    Source: seed ``zarr.storage.LocalStore``.
    """

    _can_write_parts = True
    # Reading a gap costs more than another call.
    _max_gap_nbytes = 4096

    def __init__(
        self,
        root: Path | str,
        *,
        read_only: bool = False,
        durable: bool = False,
        follow_symlinks: bool = False,
        gpu_reader: GpuReader = "pinned",
    ) -> None:
        super().__init__(read_only=read_only)
        if not isinstance(root, (str, Path)):
            msg = (
                f"'root' must be a string or Path instance. Got an instance of {type(root)}"
            )
            raise InvalidTypeError(msg + " instead.")
        self.root = Path(root)
        self._durable = durable
        self._follow_symlinks = follow_symlinks
        self._device_reader = DeviceReader(gpu_reader)

    @override
    def _arguments(self) -> dict[str, Any]:
        return {
            "root": self.root,
            "durable": self._durable,
            "follow_symlinks": self._follow_symlinks,
            "gpu_reader": self._device_reader.how,
        }

    @override
    def __str__(self) -> str:
        return f"file://{self.root.as_posix()}"

    @override
    async def _open(self) -> None:
        root = await run_to_the_end(self._open_root)
        self._disk = Disk(root, durable=self._durable)
        self._begin_at(root)

    def _open_root(self) -> Root:
        if not self.read_only:
            try:
                make_root(self.root, durable=self._durable)
            except FileExistsError as error:
                where = f"{self.root} (a file, where the folder of a store was to be)"
                raise StoreExistsError(where) from error
            except OSError as error:
                raise from_os_error(str(self.root), error) from error
        elif not self.root.is_dir():
            where = f"the folder {self.root}"
            raise StoreNotFoundError(where)
        return Root(os.path.realpath(self.root), follow_symlinks=self._follow_symlinks)

    @override
    async def _read(self, key: str, request: ByteRequest | None) -> Buffer | None:
        try:
            try:
                return reading.read_now(self._at, key, request)
            except WouldWait:
                return await run_in_thread(reading.read, self._at, key, request)
        except MISSING:
            return None
        except OSError as error:
            raise explain(key, error) from error

    @override
    async def _read_as(
        self, kind: type[Buffer], key: str, request: ByteRequest | None
    ) -> Buffer | None:
        if not issubclass(kind, DeviceBuffer):
            return await self._read(key, request)
        try:
            return await self._device_reader.read(kind, self._at, key, request)
        except MISSING:
            return None
        except ZStoreError:
            raise
        except OSError as error:
            raise explain(key, error) from error

    @override
    async def _size(self, key: str) -> int | None:
        try:
            try:
                return reading.size_now(self._at, key)
            except WouldWait:
                return await run_in_thread(reading.size, self._at, key)
        except MISSING:
            return None
        except OSError as error:
            raise explain(key, error) from error

    @override
    async def _write(self, key: str, value: Buffer, *, overwrite: bool) -> bool:
        data = value.as_buffer_like()
        with explained(key):
            return await run_to_the_end(
                partial(writing.write, self._disk, key, data, overwrite=overwrite)
            )

    @override
    async def _write_parts(self, parts: Mapping[str, Sequence[Part]]) -> None:
        todo = [(writing.write_parts, key, pieces) for key, pieces in parts.items()]
        if len(parts) > 1:
            # All files are looked at before the first is written.
            todo = [(writing.check_parts, key, v) for key, v in parts.items()] + todo
        for act, key, pieces in todo:
            try:
                with explained(key):
                    await run_to_the_end(act, self._disk, key, pieces)
            except MISSING as error:
                raise KeyNotFoundError(key) from error

    async def remove_unfinished(
        self, prefix: str = "", *, older_than: float = LEFT_AFTER
    ) -> int:
        """Remove the files that writers left which died, and return how many there were.

        Nothing else needs it: these files are no keys, are in nobody's way, and go with
        `delete_dir` and `clear`. On Linux only a writer that replaces a value leaves one.

        Parameters
        ----------
        prefix
            As for `list_prefix`; a value of that name itself is left out.
        older_than
            How long, in seconds, nobody must have written to them: their writer may be
            alive, on another machine too.

        Raises
        ------
        ReadOnlyError
            If the store is read-only.

        Notes
        -----
        Costs a listing of all below the prefix, in a worker thread.
        """
        prefix = prefix_of(check_prefix(prefix))
        await self._ready_to_write("remove_unfinished", supported=True)
        removed = 0
        steps = self._steps(prefix, remove_unfinished, self._at, prefix, older_than)
        async with aclosing(steps) as counts:
            async for count in counts:
                removed += count
        return removed

    @override
    async def _remove(self, key: str) -> None:
        with suppress(*MISSING), explained(key):
            await run_to_the_end(writing.remove, self._disk, key)

    @override
    async def _remove_prefix(self, prefix: str) -> None:
        with suppress(*MISSING), explained(prefix):
            await run_to_the_end(writing.remove_below, self._disk, prefix)
