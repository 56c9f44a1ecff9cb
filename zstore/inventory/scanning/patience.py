"""When a range that failed is tried again, and when it is given up."""

import asyncio
from collections import Counter

from zstore.errors import AccessDeniedError, ZStoreError
from zstore.inventory.planning import Lease, Planner
from zstore.inventory.snapshot.manifest import Hole

__all__ = ["Patience"]

# A range is tried so often, with growing pauses; if nothing at all was listed meanwhile,
# the backend is taken for down.
_ATTEMPTS = 3
_FIRST_PAUSE = 0.5


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
        # once by a server that has too much to do. Refusals of any range for None.
        self._in_a_row: Counter[str | None] = Counter()
        self.holes: list[Hole] = []
        self.nretries = 0
        self.last: ZStoreError | None = None

    @property
    def is_at_its_end(self) -> bool:
        """Whether the backend is taken for down."""
        return any(count >= _ATTEMPTS for count in self._in_a_row.values())

    def succeeded(self) -> None:
        """Take note of a page that came."""
        self._in_a_row.clear()

    def failed(self, lease: Lease, error: ZStoreError) -> float | None:
        """Return after how many seconds to try again; None if the range is given up."""
        self.last = error
        is_refused = isinstance(error, AccessDeniedError)
        self._in_a_row[None if is_refused else lease.after] += 1
        self._attempts[lease.after] += 1
        attempts = self._attempts[lease.after]
        if attempts >= _ATTEMPTS or is_refused:
            self.holes.append(Hole(self._planner.drop(lease), str(error)))
            return None
        self.nretries += 1
        return _FIRST_PAUSE * 2.0 ** (attempts - 1)

    async def rest(self, lease: Lease, seconds: float) -> None:
        """Leave a range to be tried again, after a pause."""
        try:
            await asyncio.sleep(seconds)
        finally:
            self._planner.give_back(lease)

    def give_up_the_rest(self) -> None:
        """Take all that is left for holes."""
        self.holes += [Hole(one, str(self.last)) for one in self._planner.remaining()]
