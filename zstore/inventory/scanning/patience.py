"""When a range that failed is tried again, and when it is given up."""

import asyncio
from collections import Counter

from zstore.errors import AccessDeniedError, ZStoreError
from zstore.inventory.planning import Lease, Planner
from zstore.inventory.snapshot.manifest import Hole

__all__ = ["Patience"]

# A server that lists others meanwhile has too much to do: a range that it refuses is tried
# for half a minute, soon and again soon, since a range that rests is in the way of others.
_ATTEMPTS = 30
_FIRST_PAUSE, _GROWTH, _MOST_TIMES = 0.1, 1.5, 10.0
# If nothing was listed meanwhile it is tried so often, after pauses each so many times as
# long, some seconds together; then the backend is taken for down.
_ATTEMPTS_IN_A_ROW = 5
_LONGER = 4.0
# Permissions do not come back.
_REFUSALS = 3
# Its multiples, without their whole part, lie evenly apart however many there are.
_GOLDEN_RATIO = 0.618034


class Patience:
    """Counts failures, and keeps what is given up.

    Parameters
    ----------
    planner
        Whose ranges they are.

    Attributes
    ----------
    holes
        Ranges that were given up.
    nretries
        How often a range was tried again.
    last
        The last failure; None while there was none.
    """

    def __init__(self, planner: Planner) -> None:
        self._planner = planner
        self._attempts: Counter[str] = Counter()
        # Since the last page: by range, since many that are listed at once are refused at
        # once by a server that has too much to do. Permissions are refused to any range.
        self._in_a_row: Counter[str] = Counter()
        self._nrefusals = 0
        self._npauses = 0
        self.holes: list[Hole] = []
        self.nretries = 0
        self.last: ZStoreError | None = None

    @property
    def is_at_its_end(self) -> bool:
        """Whether the backend is taken for down."""
        return self._nrefusals >= _REFUSALS or any(
            count >= _ATTEMPTS_IN_A_ROW for count in self._in_a_row.values()
        )

    def succeeded(self) -> None:
        """Take note of a page that came."""
        self._in_a_row.clear()
        self._nrefusals = 0

    def failed(self, lease: Lease, error: ZStoreError) -> float | None:
        """Return after how many seconds to try again; None if the range is given up."""
        self.last = error
        if isinstance(error, AccessDeniedError):
            self._nrefusals += 1
            self._give_up(lease)
            return None
        self._attempts[lease.after] += 1
        self._in_a_row[lease.after] += 1
        attempts, in_a_row = self._attempts[lease.after], self._in_a_row[lease.after]
        if attempts >= _ATTEMPTS or in_a_row >= _ATTEMPTS_IN_A_ROW:
            self._give_up(lease)
            return None
        self.nretries += 1
        return self._pause(attempts, in_a_row)

    def _give_up(self, lease: Lease) -> None:
        self.holes.append(Hole(self._planner.drop(lease), str(self.last)))

    def _pause(self, attempts: int, in_a_row: int) -> float:
        times = min(_MOST_TIMES, _GROWTH ** (attempts - 1))
        times = max(times, _LONGER ** (in_a_row - 1))
        # Those that were refused together must not come back together.
        self._npauses += 1
        spread = 0.5 + self._npauses * _GOLDEN_RATIO % 1
        return _FIRST_PAUSE * times * spread

    async def rest(self, lease: Lease, seconds: float) -> None:
        """Leave a range to be tried again, after a pause."""
        try:
            await asyncio.sleep(seconds)
        finally:
            self._planner.give_back(lease)

    def give_up_the_rest(self) -> None:
        """Take all that is left for holes."""
        self.holes += [Hole(one, str(self.last)) for one in self._planner.remaining()]
