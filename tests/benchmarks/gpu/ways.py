"""The two stores that are compared, under the same names."""

from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import zstore
from tests.benchmarks.gpu.devices import Device
from zstore._compat import override
from zstore.buffer import cpu, gpu

__all__ = ["Way", "ZarrWay", "ZstoreWay"]


class Way:
    """A store in device memory, with its buffers.

    Parameters
    ----------
    device
        Where the values go.

    Attributes
    ----------
    name, version
        Of the package.
    store, local
        The classes of the stores in device memory and in files.
    host_prototype, device_prototype
        Where what is read shall lie.
    between, last
        The classes of the byte ranges.
    """

    name: str
    version: str
    store: Any
    local: Any
    host_prototype: Any
    device_prototype: Any
    between: Any
    last: Any

    def __init__(self, device: Device) -> None:
        self.device = device

    def on_host(self, values: Any) -> Any:
        """Wrap an array of the host."""
        return self.host_prototype.buffer.from_array_like(values)

    def on_device(self, values: Any) -> Any:
        """Wrap an array of the device."""
        return self.device_prototype.buffer.from_array_like(values)

    async def set_many(self, store: Any, items: Iterable[tuple[str, Any]]) -> None:
        """Store several values."""
        await store.set_many(items)

    def open_local(self, folder: Path) -> Any:
        """Return a store of a folder."""
        return self.local(folder)

    def pool_nbytes(self, store: Any) -> tuple[int, int]:
        """Return the bytes on the device that the store's pool gave out, and reserved."""
        del store
        return self.device.pool_nbytes()

    def pinned_nbytes(self, store: Any, before: int) -> int:
        """Return the bytes of pinned memory kept for copies; `before` were pinned first."""
        del store
        return self.device.pinned_nbytes() - before

    def values(self, store: Any) -> dict[str, Any]:
        """Return the buffers that a store holds."""
        return dict(store._store_dict)


class ZarrWay(Way):
    """zarr-python; in a rehearsal its store of the host, as it has no simulation."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        # Not installed everywhere where our part can be measured.
        import zarr.storage  # noqa: PLC0415
        from zarr.abc import store as requests  # noqa: PLC0415
        from zarr.core import buffer as buffers  # noqa: PLC0415

        self.name, self.version = "zarr", version("zarr")
        self.store, self.local = zarr.storage.GpuMemoryStore, zarr.storage.LocalStore
        self.host_prototype = buffers.cpu.buffer_prototype
        self.device_prototype = buffers.gpu.buffer_prototype
        if device.rehearsal:
            self.store = zarr.storage.MemoryStore
            self.device_prototype = self.host_prototype
        self.between, self.last = requests.RangeByteRequest, requests.SuffixByteRequest

    @override
    def on_device(self, values: Any) -> Any:
        return super().on_device(values.get() if self.device.rehearsal else values)

    @override
    async def set_many(self, store: Any, items: Iterable[tuple[str, Any]]) -> None:
        await store._set_many(items)


class ZstoreWay(Way):
    """zstore."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.name, self.version = "zstore", _version()
        self.store, self.local = zstore.GpuMemoryStore, zstore.LocalStore
        self.host_prototype = cpu.buffer_prototype
        self.device_prototype = gpu.buffer_prototype
        self.between = zstore.RangeByteRequest
        self.last = zstore.SuffixByteRequest

    @override
    def pool_nbytes(self, store: Any) -> tuple[int, int]:
        figures = store.engine.driver.figures(store.pool)
        return figures.used_nbytes, figures.total_nbytes

    @override
    def pinned_nbytes(self, store: Any, before: int) -> int:
        del before  # of the process, whichever store needed it first
        return int(store.engine.pinned_nbytes)

    @override
    def values(self, store: Any) -> dict[str, Any]:
        return dict(store.store_dict)


def _version() -> str:
    try:
        return version("zstore")
    except PackageNotFoundError:
        return "not installed"  # run from its sources; the report has the git id
