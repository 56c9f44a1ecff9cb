"""A server that fails: what is read, listed and written then, and how long it takes."""

from tests.reliability.measures import Measure
from tests.reliability.remote.listing import S3, lists
from tests.reliability.remote.reading import defaults, heals, ranges, verified, wholes
from tests.reliability.remote.sites import SYSTEMS
from tests.reliability.remote.writing import lost_answers

__all__ = ["MEASURES"]

_ALL = tuple(SYSTEMS)
_VERIFYING = ("zstore Fsspec(S3)", "zstore Object(S3)")

MEASURES: tuple[Measure, ...] = (
    Measure(name="remote.gets", promises=("R2", "R3", "R4"), systems=_ALL, run=wholes),
    Measure(name="remote.ranges", promises=("R2", "R4"), systems=_ALL, run=ranges),
    Measure(name="remote.heals", promises=("R5",), systems=_ALL, run=heals),
    Measure(name="remote.defaults", promises=("R5",), systems=_ALL, run=defaults),
    Measure(name="remote.lists", promises=("R6",), systems=S3, run=lists),
    Measure(name="remote.lost", promises=("W7",), systems=S3, run=lost_answers),
    Measure(name="remote.verify", promises=("R3",), systems=_VERIFYING, run=verified),
)
"""What is measured here."""
