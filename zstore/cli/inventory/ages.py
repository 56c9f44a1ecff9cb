"""How old a snapshot is, in words."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zstore.inventory import Inventory

__all__ = ["age", "as_of_text"]

_UNITS = (("day", 86_400), ("hour", 3600), ("minute", 60))


def age(passed: timedelta) -> str:
    """Return how long ago that was, in its largest unit.

    Examples
    --------
    >>> age(timedelta(hours=50)), age(timedelta(minutes=61)), age(timedelta(seconds=59))
    ('2 days ago', '1 hour ago', 'just now')
    """
    seconds = passed.total_seconds()
    for unit, length in _UNITS:
        count = int(seconds // length)
        if count >= 1:
            return f"{count:,} {unit}{'s' * (count > 1)} ago"
    return "just now"


def as_of_text(inventory: "Inventory") -> str:
    """Return the moment that the answers of a snapshot are of."""
    moment = inventory.as_of.astimezone(UTC)
    return f"as of {moment:%Y-%m-%d %H:%M} UTC, {age(datetime.now(UTC) - moment)}"
