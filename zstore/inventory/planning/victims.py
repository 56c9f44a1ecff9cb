"""Which of the ranges that are being listed has most left to list."""

from collections.abc import Callable
from heapq import heapify, heappop, heappush

from zstore.inventory.planning.lease import Lease

__all__ = ["Victims"]


class Victims:
    """Leases, of which the one with most left is taken first.

    Parameters
    ----------
    left
        Returns how many pages are about left of a lease; None if it is not to be taken.

    Notes
    -----
    What is left is only estimated of leases that changed, and only when one is asked for:
    a page costs one estimate at most, however many leases there are.
    """

    def __init__(self, left: Callable[[Lease], float | None]) -> None:
        self._left = left
        self._changed: dict[Lease, None] = {}
        # Entries of the heap are not taken out of its middle: a lease is of one entry.
        self._heap: list[tuple[float, int, Lease]] = []
        self._entries: dict[Lease, int] = {}
        self._nentries = 0

    def change(self, lease: Lease) -> None:
        """Note that more or less is left of `lease`, which may be new."""
        self._changed[lease] = None

    def remove(self, lease: Lease) -> None:
        """Forget `lease`, if it is known."""
        self._changed.pop(lease, None)
        self._entries.pop(lease, None)

    def pop(self) -> tuple[Lease, float] | None:
        """Return the lease with most left, and how much that is; forget it."""
        self._estimate()
        while self._heap:
            left, entry, lease = heappop(self._heap)
            if self._entries.get(lease) == entry:
                del self._entries[lease]
                return lease, -left
        return None

    def _estimate(self) -> None:
        for lease in self._changed:
            self._entries.pop(lease, None)
            left = self._left(lease)
            if left is not None:
                self._nentries += 1
                self._entries[lease] = self._nentries
                heappush(self._heap, (-left, self._nentries, lease))
        self._changed.clear()
        if len(self._heap) > 4 * len(self._entries) + 64:
            valid = self._entries
            self._heap = [one for one in self._heap if valid.get(one[2]) == one[1]]
            heapify(self._heap)
