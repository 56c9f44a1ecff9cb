"""Doing several things at once: bounded tasks, and work off the event loop."""

from zstore.concurrency.limits import map_limited
from zstore.concurrency.threads import (
    Workers,
    batches_in_thread,
    run_in_thread,
    run_to_the_end,
)
from zstore.concurrency.turns import TURN, in_turns

__all__ = [
    "TURN",
    "Workers",
    "batches_in_thread",
    "in_turns",
    "map_limited",
    "run_in_thread",
    "run_to_the_end",
]
