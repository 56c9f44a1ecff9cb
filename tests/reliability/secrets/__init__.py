"""Secrets that a store was given, and every text in which they could show."""

from tests.reliability.measures import Measure
from tests.reliability.secrets.leaking import SYSTEMS, leaks

__all__ = ["MEASURES"]

MEASURES: tuple[Measure, ...] = (
    Measure(name="secrets.leaks", promises=("P5",), systems=tuple(SYSTEMS), run=leaks),
)
"""What is measured here."""
