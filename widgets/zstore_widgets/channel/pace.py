"""How often progress is told."""

import time
from typing import Final

__all__ = ["Pace"]

SECONDS: Final = 0.15


class Pace:
    """Says when it is time for the next part: at once, and then a few times a second.

    Parameters
    ----------
    seconds
        From one part to the next.
    """

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._next = 0.0

    def is_due(self) -> bool:
        """Tell whether to send a part now; the next is due some time later."""
        now = time.monotonic()
        if now < self._next:
            return False
        self._next = now + self._seconds
        return True
