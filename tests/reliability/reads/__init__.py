"""What reads say: parts of values, and listings of what vanishes."""

from tests.reliability.measures import Measure
from tests.reliability.names.scene import WRAPPERS
from tests.reliability.reads.denied import denied
from tests.reliability.reads.ranges import ranges
from tests.reliability.reads.vanishing import vanishing
from tests.reliability.systems import OURS, PEERS

__all__ = ["MEASURES"]

_FILES = (
    *("zstore Local", "zstore Local durable"),
    *("zstore Fsspec(local)", "zstore Object(local)"),
    *("zarr Local", "zarr Fsspec(local)", "obstore Local", "tensorstore file"),
)
_DENIED = tuple(name for name in _FILES if name != "zstore Local durable")
# TensorStore and SQLite read whole values; a GpuMemoryStore needs a GPU, and
# `tests/contract` tries its ranges in simulation.
_WITH_RANGES = tuple(
    name
    for name in (*OURS, *WRAPPERS, *PEERS)
    if name not in {"tensorstore file", "SQLite"}
)

MEASURES = (
    Measure(name="reads.ranges", promises=("R1",), systems=_WITH_RANGES, run=ranges),
    Measure(
        name="reads.denied", promises=("R4",), systems=_DENIED, run=denied, jailed=True
    ),
    Measure(name="reads.vanishing", promises=("R7",), systems=_FILES, run=vanishing),
)
"""Every measure of reads."""
