"""What stores cost a process: descriptors, threads, memory, and turns of the loop."""

from tests.reliability.measures import Measure
from tests.reliability.resources.kernel import kernel
from tests.reliability.resources.opens import opens
from tests.reliability.resources.processes import loops, processes
from tests.reliability.resources.shapes import deep, wide
from tests.reliability.resources.waits import waits
from tests.reliability.systems import OURS, PEERS

__all__ = ["MEASURES"]

# SQLite is no peer in what a process costs.
_PEERS = tuple(name for name in PEERS if name != "SQLite")
_ALL = (*OURS, *_PEERS)

MEASURES = (
    Measure(name="resources.opens", promises=("P1",), systems=_ALL, run=opens),
    Measure(name="resources.processes", promises=("P2",), systems=_ALL, run=processes),
    Measure(name="resources.loops", promises=("P2",), systems=_ALL, run=loops),
    Measure(name="resources.waits", promises=("P3",), systems=_ALL, run=waits),
    Measure(
        name="resources.kernel",
        promises=("P3",),
        systems=("zstore Memory", "zstore Zip", "zstore Local", "zarr Memory", "zarr Zip"),
        run=kernel,
    ),
    Measure(name="resources.wide", promises=("P4",), systems=_ALL, run=wide),
    Measure(name="resources.deep", promises=("P4",), systems=_ALL, run=deep),
)
"""Every measure of what stores cost."""
