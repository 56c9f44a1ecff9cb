"""Telling how far a scan is, not too often."""

import time
from collections.abc import Callable

from zstore.inventory.planning import Planner
from zstore.inventory.scanning.found import Found
from zstore.inventory.scanning.patience import Patience
from zstore.inventory.scanning.progress import ScanProgress

__all__ = ["OnProgress", "Teller"]

OnProgress = Callable[[ScanProgress], object]
"""What is called with the progress of a scan, on its event loop."""

# Often enough for the eye, and too seldom to cost anything.
_SECONDS = 0.1


class Teller:
    """Tells how far a scan is: at once, ten times a second, and at the end.

    Parameters
    ----------
    found, planner, patience
        What was found, what is left, and what failed.
    expected
        How many keys there may be, from an earlier scan; None if there was none.
    listener
        Whom to tell; None for nobody.
    """

    def __init__(
        self,
        found: Found,
        planner: Planner,
        patience: Patience,
        expected: int | None,
        listener: OnProgress | None,
    ) -> None:
        self._found = found
        self._planner = planner
        self._patience = patience
        self._expected = expected
        self._listener = listener
        self._started = time.monotonic()
        self._next = 0.0

    def tell(self) -> None:
        """Tell if it is time to."""
        if self._listener is not None and time.monotonic() >= self._next:
            self._next = time.monotonic() + _SECONDS
            self._listener(self.progress())

    def tell_the_end(self, *, complete: bool) -> None:
        """Tell how it ended."""
        if self._listener is not None:
            self._listener(self.progress(complete=complete))

    def progress(self, *, complete: bool = False) -> ScanProgress:
        """Return how far it is."""
        found = self._found
        return ScanProgress(
            nkeys=found.nkeys,
            nbytes=found.nbytes,
            nrequests=found.nrequests,
            nactive=self._planner.nactive,
            nretries=self._patience.nretries,
            seconds=time.monotonic() - self._started,
            fraction=1.0 if complete else self._fraction(),
            nkeys_here=found.nkeys_here,
            tree=found.tree,
            complete=complete,
        )

    def _fraction(self) -> float | None:
        # What was there last time is the best guess, until there is more of it.
        if self._expected and self._found.nkeys < self._expected:
            return self._found.nkeys / self._expected
        return self._planner.fraction()
