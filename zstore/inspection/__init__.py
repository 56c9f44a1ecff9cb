"""What a buffer holds and where it lies, on the host or a device; without a copy of it."""

from zstore.inspection.buffers import buffer_info
from zstore.inspection.contents import MAX_PEEK_NBYTES, peek, values
from zstore.inspection.counting import statistics, stats
from zstore.inspection.devices import device_info
from zstore.inspection.lenses import LENSES
from zstore.inspection.pools import pool_info
from zstore.inspection.records import (
    BufferInfo,
    DeviceInfo,
    MemoryMap,
    PoolInfo,
    Region,
    Resident,
    Statistics,
)
from zstore.inspection.regions import memory_map

__all__ = [
    "LENSES",
    "MAX_PEEK_NBYTES",
    "BufferInfo",
    "DeviceInfo",
    "MemoryMap",
    "PoolInfo",
    "Region",
    "Resident",
    "Statistics",
    "buffer_info",
    "device_info",
    "memory_map",
    "peek",
    "pool_info",
    "statistics",
    "stats",
    "values",
]
