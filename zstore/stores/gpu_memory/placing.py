"""Sorting values by where they lie, and by what goes to the device together."""

from collections.abc import Iterator, Sequence

from zstore.buffer import Buffer, gpu
from zstore.errors import InvalidTypeError
from zstore.gpu.slab import MAX_SLAB_NBYTES

__all__ = ["apart", "batches", "on_device"]

# Of 16 bytes or more they fill 512 KiB, which compaction takes care of; to sort them takes
# the event loop some milliseconds.
_MAX_VALUES = 32_768


def on_device(value: Buffer) -> gpu.Buffer:
    """Return a value of the store, once it is known to lie on a device."""
    if not isinstance(value, gpu.Buffer):
        msg = (
            f"a GpuMemoryStore holds gpu.Buffer, somebody put {type(value).__name__} there"
        )
        raise InvalidTypeError(msg)
    return value


def apart(values: Sequence[Buffer]) -> tuple[list[int], list[int]]:
    """Return the positions of what lies on the host, and of what lies on a device."""
    there = [i for i, value in enumerate(values) if isinstance(value, gpu.Buffer)]
    known = set(there)
    return [i for i in range(len(values)) if i not in known], there


def batches(items: Sequence[tuple[str, Buffer]]) -> Iterator[list[tuple[str, Buffer]]]:
    """Iterate over runs of values that are as long as a slab, or a single longer one."""
    batch: list[tuple[str, Buffer]] = []
    nbytes = 0
    for item in items:
        length = len(item[1])
        if batch and (nbytes + length > MAX_SLAB_NBYTES or len(batch) == _MAX_VALUES):
            yield batch
            batch, nbytes = [], 0
        batch.append(item)
        nbytes += length
    if batch:
        yield batch
