"""Zip archives: writers that die (Z1 to Z5), and archives that lie (Z6, Z7)."""

from tests.reliability.archives.crashes import CRASHES
from tests.reliability.archives.flips import FLIPPED, turn_bits
from tests.reliability.archives.hostile import read_hostile
from tests.reliability.archives.readers import READERS
from tests.reliability.measures import Measure

__all__ = ["MEASURES"]

MEASURES = (
    *CRASHES,
    Measure(
        name="archives.hostile",
        promises=("Z6",),
        systems=tuple(READERS),
        run=read_hostile,
        jailed=True,
    ),
    Measure(name="archives.flips", promises=("Z7",), systems=tuple(FLIPPED), run=turn_bits),
)
"""All of this kind."""
