"""Bringing values into the memory that a caller asks for, off the event loop."""

from collections.abc import Sequence
from typing import cast

from zstore.buffer.core import Buffer
from zstore.buffer.cpu import Buffer as HostBuffer
from zstore.buffer.gpu import Buffer as DeviceBuffer
from zstore.gpu.engines import open_engine

__all__ = ["move", "move_all"]

# Values that are moved together: enough to share the cost of a copy, and few enough for
# the event loop to turn to others after them.
_TOGETHER = 2048


async def move(buffer: Buffer, kind: type[Buffer]) -> Buffer:
    """Return `buffer` as a `kind`; a copy only if the bytes change between memories.

    Raises
    ------
    GpuUnavailable
        If they have to, and there is no device.
    DeviceMemoryError
        If they do not fit on it.
    """
    return (await move_all([buffer], kind))[0]


async def move_all(buffers: Sequence[Buffer], kind: type[Buffer]) -> list[Buffer]:
    """Return the buffers as a `kind`, in the same order; see `move`.

    Notes
    -----
    One copy for each 2,048 of them where they are small and go to, or come from, one
    device.
    """
    moved: list[Buffer] = []
    for first in range(0, len(buffers), _TOGETHER):
        moved += await _move_together(buffers[first : first + _TOGETHER], kind)
    return moved


async def _move_together(buffers: Sequence[Buffer], kind: type[Buffer]) -> list[Buffer]:
    moved = list(buffers)
    if issubclass(kind, DeviceBuffer):
        places = [i for i, each in enumerate(buffers) if not isinstance(each, DeviceBuffer)]
        await _upload(moved, places, kind)
    else:
        devices: dict[int, list[int]] = {}
        for i, each in enumerate(buffers):
            if isinstance(each, DeviceBuffer):
                devices.setdefault(each.device_id, []).append(i)
        for device, places in devices.items():
            await _download(moved, places, device)
    return [each if type(each) is kind else kind.from_buffer(each) for each in moved]


async def _upload(
    buffers: list[Buffer], places: list[int], kind: type[DeviceBuffer]
) -> None:
    if places:
        engine = await open_engine()
        spans = await engine.upload([buffers[i].as_buffer_like() for i in places])
        for i, span in zip(places, spans, strict=True):
            buffers[i] = kind.of(span, readonly=True)


async def _download(buffers: list[Buffer], places: list[int], device: int) -> None:
    engine = await open_engine(device)
    parts = [cast("DeviceBuffer", buffers[i]) for i in places]
    for i, array in zip(places, await engine.download(parts), strict=True):
        buffers[i] = HostBuffer.of(array.data.toreadonly())
