"""What becomes of writes: killed, cut off, raced, cancelled, and where the disk fails."""

from tests.reliability.measures import Measure
from tests.reliability.writes.cancelling import cancellation
from tests.reliability.writes.failing_calls import failing_calls
from tests.reliability.writes.full_disk import full_disk, limited_files
from tests.reliability.writes.kills import kills
from tests.reliability.writes.power_cut import power_cuts
from tests.reliability.writes.races import (
    races_of_processes,
    races_of_tasks,
    races_of_threads,
)
from tests.reliability.writes.readers import readers
from tests.reliability.writes.syncs import syncs

__all__ = ["MEASURES"]

_LOCAL = ("zstore Local", "zstore Local durable", "zstore Object(local)")
_MEMORY = ("zstore Zip", "zstore Memory")
_PEERS = ("zarr Local", "zarr Fsspec(local)", "obstore Local", "tensorstore file")
# Its handle is one connection, of one loop.
_CONTROL = ("SQLite",)
_FILES = (*_LOCAL, "zstore Fsspec(local)", *_PEERS, *_CONTROL)

MEASURES = (
    Measure(name="writes.kills", promises=("W1", "W2", "W3"), systems=_FILES, run=kills),
    Measure(
        name="writes.readers",
        promises=("W1",),
        systems=("zstore Local", "zstore Object(local)", *_PEERS, *_CONTROL),
        run=readers,
    ),
    Measure(
        name="writes.power_cuts",
        promises=("W4", "W5"),
        systems=("zstore Local durable", "zstore Local", *_PEERS, *_CONTROL),
        run=power_cuts,
    ),
    Measure(
        name="writes.syncs", promises=("W4",), systems=("zstore Local durable",), run=syncs
    ),
    Measure(
        name="writes.races of processes",
        promises=("W6",),
        systems=_FILES,
        run=races_of_processes,
    ),
    Measure(
        name="writes.races of tasks",
        promises=("W6",),
        systems=(*_MEMORY, *_FILES),
        run=races_of_tasks,
    ),
    Measure(
        name="writes.races of threads",
        promises=("W6",),
        systems=(*_MEMORY, *_LOCAL, "zarr Memory", *_PEERS),
        run=races_of_threads,
    ),
    Measure(
        name="writes.cancellation",
        promises=("W8",),
        systems=(*_MEMORY, *_FILES),
        run=cancellation,
    ),
    Measure(
        name="writes.failing calls",
        promises=("W9",),
        systems=("zstore Local", "zstore Local durable"),
        run=failing_calls,
    ),
    Measure(
        name="writes.limited files",
        promises=("W9",),
        systems=("zstore Zip", "zstore Object(local)", "zstore Local", "zarr Zip", *_PEERS),
        run=limited_files,
    ),
    Measure(
        name="writes.full disk",
        promises=("W9",),
        systems=("zstore Zip", "zstore Local", "zarr Zip", *_PEERS),
        run=full_disk,
    ),
)
"""Every measure of writes."""
