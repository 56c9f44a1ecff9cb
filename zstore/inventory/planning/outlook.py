"""About how much is left to list, of one range and of all."""

from collections.abc import Collection
from math import isfinite

from zstore.inventory.planning.alphabets import Alphabets
from zstore.inventory.planning.lease import Lease

__all__ = ["Outlook"]


class Outlook:
    """Guesses in pages, from the keys that were seen so far.

    Attributes
    ----------
    alphabets
        Of the keys.
    npages, nfinished
        How many pages were listed, and how many ranges until their end.
    """

    def __init__(self) -> None:
        self.alphabets = Alphabets()
        self.npages = 0
        self.nfinished = 0
        # How many pages were left, and how many were listed when that was counted.
        self._nleft = 0.0
        self._counted_at = 0

    def listed(self, first: str, last: str, npages: int) -> None:
        """Note pages from key `first` to key `last`."""
        self.npages += npages
        self.alphabets.learn(first)
        self.alphabets.learn(last)

    def left(self, lease: Lease) -> float | None:
        """Return how many pages are left of a lease, as `Track.left` does."""
        return lease.track.left(self.alphabets, lease.after, lease.until)

    def left_of_all(self, leases: Collection[Lease]) -> float:
        """Return how many pages are left of leases; those of no guess do not count.

        Notes
        -----
        A few estimates for each page that was listed, however many leases there are.
        """
        since = self.npages - self._counted_at
        if 4 * since >= len(leases):
            self._counted_at, since = self.npages, 0
            self._nleft = sum(self.left(lease) or 0.0 for lease in leases)
        return self._nleft - since

    def fraction(self, leases: Collection[Lease]) -> float | None:
        """Return which share of the pages was listed; None if there is no guess.

        Ranges of no guess are taken to be as long as the others.
        """
        lefts = [self.left(lease) for lease in leases]
        known = [left for left in lefts if left is not None and isfinite(left)]
        ncounted = self.nfinished + len(known)
        if not self.npages or not ncounted:
            return None
        total = (self.npages + sum(known)) * (1 + (len(lefts) - len(known)) / ncounted)
        return self.npages / total
