"""Moving bytes to, from and within one device, off the event loop."""

import os
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from zstore.concurrency import Workers, run_in_thread
from zstore.errors import GpuUnavailable
from zstore.gpu import downloads, uploads
from zstore.gpu.downloads import SmallDownload
from zstore.gpu.driver import BytesArray, Driver
from zstore.gpu.open_device import OpenDevice, broken
from zstore.gpu.packing import Fill, Part
from zstore.gpu.span import Span

__all__ = ["Engine"]

T = TypeVar("T")

# A device copies this much within itself in less time than a thread is woken.
_INLINE_DEVICE_NBYTES = 16 * 1024 * 1024
# Each takes a call of the driver, some microseconds.
_INLINE_DEVICE_VALUES = 64


class Engine:
    """Moves bytes to, from and within one device.

    Parameters
    ----------
    name
        Of the device.
    make_driver
        Opens the device; called by `start`, on the engine's thread.

    Attributes
    ----------
    name, pid
        Of the device, and of the process that may use it.

    Notes
    -----
    Small values (256 KiB) are copied where the caller is, since a change of threads takes
    longer; all else by a thread of the engine and some that fill and empty pinned memory.

    Belongs to no event loop and to no store. What takes `pool` allocates from that pool,
    or else from one of the engine. Only `run`, `start` and `start_now` may be called
    before it was started. The ``_now`` twins wait, so they are not for event loops.

    Copies raise `DeviceMemoryError` if something does not fit, `GpuUnavailable` if the
    device fails.
    """

    def __init__(self, name: str, make_driver: Callable[[], Driver]) -> None:
        self.name = name
        self.pid = os.getpid()
        self._make_driver = make_driver
        self._worker = Workers(f"zstore-{name}", 1)
        self._device: OpenDevice | None = None

    @property
    def started(self) -> bool:
        """Whether the device is open."""
        return self._device is not None

    def check_process(self) -> None:
        """Refuse to work for a child process, which has neither threads nor device.

        Raises
        ------
        GpuUnavailable
            If this process was forked from the one that made the engine.
        """
        if self.pid != os.getpid():
            reason = "this process was forked from one that used CUDA, which does not work"
            raise GpuUnavailable(reason, "start processes by the method 'spawn'")

    @property
    def device(self) -> OpenDevice:
        """The open device."""
        self.check_process()
        assert self._device is not None, f"{self.name} was not started"  # noqa: S101 -- ours
        return self._device

    @property
    def driver(self) -> Driver:
        """Of the open device."""
        return self.device.driver

    @property
    def pool(self) -> Any:
        """The pool for what belongs to no store."""
        return self.device.pool

    @property
    def pinned_nbytes(self) -> int:
        """Host memory that is pinned for copies."""
        return self.device.ring.nbytes + self.device.small_ring.nbytes

    async def start(self) -> None:
        """Open the device: seconds, at the first time of a process.

        Raises
        ------
        GpuUnavailable
            If the device fails.
        """
        self.check_process()
        if self._device is None:
            await self._worker.run_to_the_end(self._start)

    def start_now(self) -> None:
        """Do as `start` does, and wait."""
        self.check_process()
        if self._device is None:
            self._worker.begin(self._start).result()

    def _start(self) -> None:
        if self._device is None:
            try:
                self._device = OpenDevice(self._make_driver())
            except Exception as error:
                raise broken(self.name, error) from error

    async def run(self, function: Callable[..., T], *args: Any) -> T:
        """Call `function` on the engine's thread, its device and stream current."""
        await self.start()
        return await self._worker.run(self._active, function, *args)

    def begin(self, function: Callable[..., object], *args: Any) -> None:
        """Have `function` called as `run` does, once all else is done; do not wait."""
        self._worker.begin(self._active, function, *args)

    def _active(self, function: Callable[..., T], *args: Any) -> T:
        with self.device.explained(), self.driver.active():
            return function(*args)

    async def upload(self, views: Sequence[memoryview], pool: Any = None) -> list[Span]:
        """Copy host memory to the device; the views may change when this returns.

        Parameters
        ----------
        views
            Contiguous bytes. Small ones may come to share memory (`zstore.gpu.slab`).
        pool
            Where to allocate.
        """
        spans = uploads.upload_small(self.device, views, pool)
        if spans is None:
            spans = await self._worker.run(uploads.upload, self.device, views, pool)
        return spans

    def upload_now(self, views: Sequence[memoryview], pool: Any = None) -> list[Span]:
        """Do as `upload` does, and wait."""
        spans = uploads.upload_small(self.device, views, pool)
        if spans is None:
            spans = self._worker.begin(uploads.upload, self.device, views, pool).result()
        return spans

    def stage(self, nbytes: int, fill: Fill, pool: Any = None) -> Span:
        """Copy to the device what `fill` writes, through pinned blocks of 4 MiB.

        Parameters
        ----------
        nbytes
            How many bytes in all.
        fill
            Called for each block, maybe in several threads at once, with the memory to
            fill and where in the whole it starts.
        pool
            Where to allocate.

        Notes
        -----
        For worker threads: it waits. If `fill` raises, nothing stays allocated.
        """
        return uploads.stage(self.device, nbytes, fill, pool)

    async def download(self, parts: Sequence[Part]) -> list[BytesArray]:
        """Copy device memory to the host.

        Notes
        -----
        Many small parts are put together on the device, take one copy and share the array
        that it fills.
        """
        device = self.device
        with device.explained():
            device.driver.follow_caller()
            small = SmallDownload.begin(device, parts)
            if small is None:
                return await self._worker.run(downloads.download, device, parts)
            try:
                if not small.ends_soon():
                    await run_in_thread(small.event.synchronize)
                return small.results()
            finally:
                small.release()

    def download_now(self, parts: Sequence[Part]) -> list[BytesArray]:
        """Do as `download` does, and wait."""
        device = self.device
        with device.explained():
            device.driver.follow_caller()
            small = SmallDownload.begin(device, parts)
            if small is None:
                return self._worker.begin(downloads.download, device, parts).result()
            try:
                small.event.synchronize()
                return small.results()
            finally:
                small.release()

    async def duplicate(self, parts: Sequence[Part], pool: Any = None) -> list[Span]:
        """Copy device memory; the parts may change when this returns.

        Comes after what the calling thread's stream was given before, and before what it
        is given next.
        """
        nbytes = sum([part.nbytes for part in parts])
        if len(parts) <= _INLINE_DEVICE_VALUES and nbytes <= _INLINE_DEVICE_NBYTES:
            return self.duplicate_now(parts, pool)
        with self._in_callers_order():
            return await self._worker.run(uploads.duplicate, self.device, parts, pool)

    def duplicate_now(self, parts: Sequence[Part], pool: Any = None) -> list[Span]:
        """Do as `duplicate` does, without a thread."""
        with self._in_callers_order():
            return uploads.duplicate(self.device, parts, pool)

    async def join(self, parts: Sequence[Part], pool: Any = None) -> Span:
        """Return a copy of the parts, one after the other; see `duplicate`."""
        with self._in_callers_order():
            return await self._worker.run(uploads.join, self.device, parts, pool)

    def join_now(self, parts: Sequence[Part], pool: Any = None) -> Span:
        """Do as `join` does, without a thread."""
        with self._in_callers_order():
            return uploads.join(self.device, parts, pool)

    @contextmanager
    def _in_callers_order(self) -> Generator[None]:
        """Come after what the caller's stream was given, and before what it is given."""
        driver = self.driver
        with self.device.explained():
            driver.follow_caller()
            yield
            driver.lead_caller(driver.record())
