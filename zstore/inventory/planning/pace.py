"""How many requests may be in flight."""

from bisect import bisect_left, insort
from collections import deque
from typing import Final

__all__ = ["Pace"]

_START: Final = 4
_WINDOW: Final = 64

# An answer is slow if it took so many times as long as most. Some are, on every network:
# it is throttling that shows when a larger share of the last few answers is slow.
_SLOW: Final = 4.0
_TOO_MANY: Final = 0.25
_MEMORY: Final = 16

# Less is kept by halving: on average 19/20, not 3/4, of what the server permits.
_BACK_OFF: Final = 0.9

# So many more a round trip, and with a server that refuses: each attempt to get more may
# cost a request.
_STEP: Final = 1.0
_CAREFUL_STEP: Final = 0.5


class Pace:
    """Finds out how many requests a server takes at once.

    It starts with a few and asks for more with every fourth page, since a small store is
    listed before many could help. Where answers come late or say "slow down" it backs off
    by a tenth, once for all the requests that were in flight by then; otherwise it goes
    up by one a round trip, or in two if the server ever said "slow down".

    Parameters
    ----------
    most
        It never allows more.

    Examples
    --------
    >>> pace = Pace(16)
    >>> pace.limit
    4
    >>> for _ in range(48):
    ...     pace.answered(0.1)
    >>> pace.limit
    16
    >>> pace.throttled()
    >>> pace.limit
    14
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._allowed = float(most)
        self._step = _STEP
        self._npages = 0
        self._in_order: deque[float] = deque(maxlen=_WINDOW)
        self._sorted: list[float] = []
        self._slow = 0.0
        # So many answers belong to requests from before the last step back.
        self._late = 0

    @property
    def limit(self) -> int:
        """How many requests may be in flight now, at least 1."""
        return max(1, int(self._wanted()))

    def answered(self, seconds: float) -> None:
        """Note that a page came, and how long after it was asked for."""
        self._npages += 1
        self._late = max(0, self._late - 1)
        is_slow = self._npages > _START and seconds > _SLOW * self._median()
        self._slow += (is_slow - self._slow) / _MEMORY
        self._remember(seconds)
        if self._slow > _TOO_MANY:
            self._slow = 0.0
            self._step_back()
        elif self._allowed < self._most:
            self._allowed = min(self._most, self._allowed + self._step / self._allowed)

    def throttled(self) -> None:
        """Note that the server refused a request, since there were too many."""
        self._late = max(0, self._late - 1)
        self._step = _CAREFUL_STEP
        self._step_back()

    def _step_back(self) -> None:
        if not self._late:
            self._late = self.limit
            # Not of the whole number: of three requests that would be one.
            self._allowed = max(1.0, self._wanted() * _BACK_OFF)

    def _wanted(self) -> float:
        return min(self._allowed, _START + self._npages // 4)

    def _median(self) -> float:
        return self._sorted[len(self._sorted) // 2]

    def _remember(self, seconds: float) -> None:
        if len(self._in_order) == _WINDOW:
            del self._sorted[bisect_left(self._sorted, self._in_order[0])]
        self._in_order.append(seconds)
        insort(self._sorted, seconds)
