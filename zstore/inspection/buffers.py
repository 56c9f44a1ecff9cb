"""Where a buffer lies, and whose memory it is."""

from typing import Any

import numpy as np

from zstore.buffer import Buffer, gpu
from zstore.gpu.driver import Driver
from zstore.gpu.engines import open_engine
from zstore.inspection.lenses import fitting
from zstore.inspection.records import BufferInfo

__all__ = ["address", "buffer_info"]

# cudaMemoryType
_MEMORY_KINDS = {0: "host", 1: "pinned", 2: "device", 3: "managed"}
_MAX_ALIGNMENT = 4096
# What holds memory may be held by something else in turn, but not for ever.
_MAX_OWNERS = 100


async def buffer_info(buffer: Buffer) -> BufferInfo:
    """Say where a buffer lies.

    Parameters
    ----------
    buffer
        Of any kind.

    Raises
    ------
    GpuUnavailable
        If the buffer lies on a device that fails.

    Notes
    -----
    Copies nothing. Of a device buffer the driver is asked which kind of memory it is,
    and whether the copy that fills it has ended.
    """
    if not isinstance(buffer, gpu.Buffer):
        return _on_host(buffer)
    nbytes, pointer = len(buffer), int(buffer.ptr) if len(buffer) else 0
    memory, pending = "device", False
    if nbytes:
        engine = await open_engine(buffer.device_id)
        memory, pending = await engine.run(_asked, engine.driver, buffer)
    owner: Any = getattr(getattr(buffer.base, "data", None), "mem", buffer.base)
    return BufferInfo(
        device=f"cuda:{buffer.device_id}",
        pointer=pointer,
        nbytes=nbytes,
        readonly=buffer.readonly,
        owner=type(owner).__name__,
        owner_nbytes=int(buffer.base_nbytes),
        offset=pointer - int(buffer.base_ptr) if nbytes else 0,
        alignment=_alignment(pointer),
        memory=memory,
        pending=pending,
        fitting=fitting(pointer, nbytes),
    )


def _asked(driver: Driver, buffer: gpu.Buffer) -> tuple[str, bool]:
    ready = buffer.ready
    pending = ready is not None and not ready.done
    runtime = getattr(getattr(driver.xp, "cuda", None), "runtime", None)
    if runtime is None:
        return "unknown", pending
    kind = int(runtime.pointerGetAttributes(buffer.ptr).type)
    return _MEMORY_KINDS.get(kind, "unknown"), pending


def _on_host(buffer: Buffer) -> BufferInfo:
    view = buffer.as_buffer_like()
    pointer = address(view)
    whole = None if view.obj is None else memoryview(view.obj)
    offset = pointer - (pointer if whole is None else address(whole)) if len(buffer) else 0
    inside = whole is not None and 0 <= offset <= whole.nbytes - len(buffer)
    return BufferInfo(
        device="cpu",
        pointer=pointer,
        nbytes=len(buffer),
        readonly=buffer.readonly,
        owner="nothing" if view.obj is None else type(view.obj).__name__,
        owner_nbytes=None if whole is None else whole.nbytes,
        offset=offset if inside else None,
        alignment=_alignment(pointer),
        memory="pinned" if _is_pinned(view.obj) else "host",
        pending=False,
        fitting=fitting(pointer, len(buffer)),
    )


def address(view: memoryview) -> int:
    """Return where the first byte of a view is; 0 if there is none."""
    if not view.nbytes:
        return 0
    # From a view without its shape: it may have any format.
    flat = view.cast("B") if view.contiguous and view.format != "B" else view
    return int(np.frombuffer(flat, np.uint8).__array_interface__["data"][0])


def _alignment(pointer: int) -> int:
    return min(pointer & -pointer, _MAX_ALIGNMENT) if pointer else 1


def _is_pinned(owner: object) -> bool:
    """Whether the memory is CuPy's pinned one, which is told without asking the driver."""
    for _ in range(_MAX_OWNERS):
        if type(owner).__name__ in {"PinnedMemory", "PinnedMemoryPointer"}:
            return True
        owner = owner.obj if isinstance(owner, memoryview) else getattr(owner, "base", None)
        if owner is None:
            return False
    return False
