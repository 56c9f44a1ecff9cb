"""How much memory a store, or the process, holds on a device."""

from collections.abc import Sequence
from typing import Any

from zstore.buffer import Buffer, gpu
from zstore.concurrency import run_in_thread
from zstore.gpu.driver import Driver, PoolFigures
from zstore.gpu.engines import open_engine
from zstore.inspection.records import PoolInfo
from zstore.inspection.residents import Held, batches, held_by
from zstore.store import Store
from zstore.stores.gpu_memory import GpuMemoryStore

__all__ = ["pool_info"]

_OWN_POOL = "pool of the store"


async def pool_info(store: Store | None = None) -> PoolInfo:
    """Say how much memory a store holds, and how much of it its values use.

    Parameters
    ----------
    store
        One that holds its values in memory, or a wrapper around one; None for the memory
        that CuPy holds on the current device for all of the process.

    Raises
    ------
    InvalidTypeError
        If `store` is no `Store`.
    UnsupportedError
        If the store does not hold its values in memory.
    GpuUnavailable
        If no store is given and there is no device, or it fails.

    Notes
    -----
    Reads the sizes of all values, in steps of a worker thread: under a second for a
    million. Asks the pool, and copies nothing. A store that wrote nothing to a device yet
    has no pool; the host has none either, and its figures are the bytes of the values.
    """
    if store is None:
        engine = await open_engine()
        figures = await engine.run(_of_cupy, engine.driver)
        return _told(engine.name, "pool of CuPy", figures, engine.pinned_nbytes, None)
    inner = held_by(store, "pool_info").store
    use = _Use()
    # The memory is that of the whole store, whatever part of it a wrapper shows.
    async for _, buffers in batches(Held(inner, "")):
        await run_in_thread(use.add, buffers)
    if not isinstance(inner, GpuMemoryStore):
        figures = PoolFigures(use.payload_nbytes, use.payload_nbytes, 0, None)
        return _told("cpu", "memory of the process", figures, 0, use)
    if inner.engine is None:
        device = "cuda" if inner.device is None else f"cuda:{inner.device}"
        return _told(device, _OWN_POOL, PoolFigures(0, 0, 0, None), 0, use)
    engine = inner.engine
    figures = await engine.run(engine.driver.figures, inner.pool)
    return _told(engine.name, _OWN_POOL, figures, engine.pinned_nbytes, use)


def _of_cupy(driver: Driver) -> PoolFigures:
    return driver.figures(driver.xp.get_default_memory_pool())


def _told(
    device: str, kind: str, figures: PoolFigures, pinned_nbytes: int, use: "_Use | None"
) -> PoolInfo:
    return PoolInfo(
        device=device,
        kind=kind,
        used_nbytes=figures.used_nbytes,
        total_nbytes=figures.total_nbytes,
        free_blocks=figures.free_blocks,
        limit_nbytes=figures.limit_nbytes,
        pinned_nbytes=pinned_nbytes,
        payload_nbytes=None if use is None else use.payload_nbytes,
        slabs=0 if use is None else len(use.slabs()),
        dead_nbytes=0 if use is None else sum(max(0, n) for n in use.slabs()),
    )


class _Use:
    """What the values of a store use of the memory that they lie in."""

    def __init__(self) -> None:
        self.payload_nbytes = 0
        # Of each piece of device memory: the array, bytes in use, number of values.
        self._pieces: dict[int, list[Any]] = {}

    def add(self, buffers: Sequence[Buffer]) -> None:
        self.payload_nbytes += sum(map(len, buffers))
        for buffer in buffers:
            if isinstance(buffer, gpu.Buffer):
                piece = self._pieces.setdefault(id(buffer.base), [buffer.base, 0, 0])
                piece[1] += len(buffer)
                piece[2] += 1

    def slabs(self) -> list[int]:
        """Return the bytes that no value uses, of each piece that values share or did."""
        dead = [(int(base.nbytes) - live, n) for base, live, n in self._pieces.values()]
        return [nbytes for nbytes, n in dead if n > 1 or nbytes]
