"""Files to device memory: through pinned blocks, or by kvikio."""

from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from zstore.buffer import Buffer
from zstore.buffer.gpu import Buffer as DeviceBuffer
from zstore.concurrency import run_in_thread
from zstore.errors import GpuUnavailable, InvalidTypeError, ZStoreError
from zstore.gpu.engines import open_engine
from zstore.gpu.span import SMALL_NBYTES, Span
from zstore.ranges import ByteRequest
from zstore.stores.local.beneath import Root, WouldWait
from zstore.stores.local.kvikio_reading import KvikioReader
from zstore.stores.local.reading import OpenFile, open_file, read_now, size

if TYPE_CHECKING:
    from zstore.gpu.engine import Engine

__all__ = ["DeviceReader", "GpuReader"]

GpuReader: TypeAlias = Literal["pinned", "kvikio", "auto"]
"""How files get to a device; see `LocalStore`."""


class DeviceReader:
    """Reads files to a device.

    Parameters
    ----------
    how
        Whether by kvikio.

    Raises
    ------
    InvalidTypeError
        If `how` is none of these.
    """

    def __init__(self, how: GpuReader) -> None:
        if how not in get_args(GpuReader):
            known = ", ".join(map(repr, get_args(GpuReader)))
            msg = f"gpu_reader is one of {known}, got {how!r}"
            raise InvalidTypeError(msg)
        self.how: GpuReader = how
        self._kvikio = None if how == "pinned" else KvikioReader(required=how == "kvikio")

    async def read(
        self, kind: type[DeviceBuffer], root: Root, key: str, request: ByteRequest | None
    ) -> Buffer | None:
        """Return the bytes, on the device unless they are few; None if there is no file.

        Notes
        -----
        One copy on the host, by `preadv` into pinned memory, several blocks at once. Less
        than 256 KiB is returned in host memory: the caller brings it to the device, and
        many such values in one copy, which is faster than a copy for each file.

        Raises
        ------
        GpuUnavailable
            If there is no device, and the file exists.
        DeviceMemoryError
            If the value does not fit on it.
        MissingDependencyError
            If kvikio is required and does not import.
        OSError
            As `Root.open` and `os.preadv` do.
        """
        kvikio = self._kvikio
        if kvikio is not None and kvikio.required and not kvikio.is_loaded:
            await run_in_thread(kvikio.load)
        try:
            return read_now(root, key, request)
        except WouldWait:
            pass
        try:
            # Here, since the current device is that of the calling thread.
            engine = await open_engine()
        except GpuUnavailable:
            if await run_in_thread(size, root, key) is None:
                return None
            raise
        return await run_in_thread(self._read, engine, kind, root, key, request)

    def _read(
        self,
        engine: "Engine",
        kind: type[DeviceBuffer],
        root: Root,
        key: str,
        request: ByteRequest | None,
    ) -> Buffer | None:
        with open_file(root, key, request) as file:
            if file is None:
                return None
            if file.nbytes < SMALL_NBYTES:
                return file.read()
            return kind.of(self._stage(engine, file), readonly=True)

    def _stage(self, engine: "Engine", file: OpenFile) -> Span:
        if self._kvikio is None or not self._kvikio.takes(file.nbytes):
            return engine.stage(file.nbytes, file.fill)
        try:
            return self._kvikio.read(engine, file)
        except ZStoreError:
            # Of the device: another way to it is none.
            raise
        except Exception as error:  # noqa: BLE001 -- told in the warning
            reason = f"{type(error).__name__}: {error}"
        # No longer below `except`: the error keeps the memory that kvikio was to fill.
        span = engine.stage(file.nbytes, file.fill)
        # Only now is it known that the file is not to blame.
        self._kvikio.give_up(file.key, reason)
        return span
