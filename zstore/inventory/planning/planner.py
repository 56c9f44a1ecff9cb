"""Which range of keys is listed next; no I/O, no clock and no threads."""

from bisect import insort
from collections.abc import Sequence
from typing import Final

from zstore.inventory.planning.key_range import KeyRange, in_order
from zstore.inventory.planning.lease import Lease
from zstore.inventory.planning.outlook import Outlook
from zstore.inventory.planning.victims import Victims
from zstore.keys import is_key

__all__ = ["Lease", "Planner"]

# A range with less left is not cut: each cut costs about half a request, or a task.
_MIN_NPAGES: Final = 4.0
_MIN_NPAGES_OF_TASKS: Final = 8.0

# A budget is chosen so that each slot comes back so often for the rest of the listing.
_ROUNDS: Final = 1.25


class Planner:
    """Shares out the order of keys among those that list it at the same time.

    Every key of the ranges is in exactly one range at any time: pending, on a lease, or
    listed. How evenly they are shared is a guess, and only speed depends on it.

    Parameters
    ----------
    ranges
        What to list; they may touch but not overlap.
    cut_points
        Where to cut the ranges at the start: keys about evenly far from each other, as of
        an earlier snapshot. Those that are no keys, or in no range, are passed over.
    page_nkeys
        How many keys a full page has.
    steals
        Whether a range may be cut while it is on a lease: it can be if the driver looks
        at `Lease.until` after every page. Otherwise only pending ranges are cut.

    Raises
    ------
    ValueError
        If two of `ranges` overlap.

    Notes
    -----
    About 10 us a page, or 20 s for 10^9 keys, and a few kB a lease.

    Examples
    --------
    >>> planner = Planner()
    >>> lease = planner.take()
    >>> planner.page(lease, "a/0", "a/1899", 1000)
    True
    >>> other = planner.take()
    >>> lease.until == other.after, other.until
    (True, None)
    """

    def __init__(
        self,
        ranges: Sequence[KeyRange] = (KeyRange(),),
        *,
        cut_points: Sequence[str] = (),
        page_nkeys: int = 1000,
        steals: bool = True,
    ) -> None:
        self._page_nkeys = page_nkeys
        self._steals = steals
        self._min_npages = _MIN_NPAGES if steals else _MIN_NPAGES_OF_TASKS
        self._outlook = Outlook()
        self._active: dict[Lease, None] = {}
        # Of those that may be cut: on a lease, or pending if the planner does not steal.
        self._victims = Victims(self._worth)
        points = sorted({point for point in cut_points if is_key(point)})
        # In the order of keys.
        self._pending: list[Lease] = []
        for one in in_order(ranges):
            for piece in one.pieces(points):
                self._pending.append(Lease(piece.after, piece.until))
                self._outlook.alphabets.learn(piece.after)

    def take(self, idle: int = 1) -> Lease | None:
        """Return a range to list now, or None if there is nothing to share out now.

        Parameters
        ----------
        idle
            How many could list at once, this one included: ranges are cut for so many.

        Notes
        -----
        After None, ask again when a page was listed or a lease came back.
        """
        if not self._steals:
            self._cut_pending(idle)
        lease = None
        if self._pending:
            lease = self._pending.pop(0)
            self._victims.remove(lease)
        elif self._steals:
            lease = self._steal(idle)
        if lease is not None:
            self._active[lease] = None
        return lease

    def budget(self, lease: Lease, nslots: int, most: int = 64) -> int:
        """Return how many pages of a lease to list before it is given back.

        Twice as many as were listed of its range, or by each slot so far; and few when
        little is left of all: then no slot waits long for a share.

        Parameters
        ----------
        lease
            That was just taken.
        nslots
            How many list at the same time.
        most
            It is never more.

        Returns
        -------
        int
            From 1 to `most`.

        Notes
        -----
        Some estimates for each page that was listed, however many leases are out.
        """
        known = min(self._outlook.left(lease) or 0, 2 * self._outlook.npages / nslots)
        fair = self._outlook.left_of_all(self._all()) / (_ROUNDS * nslots)
        return max(1, int(min(max(2 * lease.npages, known), fair, most)))

    def page(self, lease: Lease, first: str, last: str, nkeys: int) -> bool:
        """Note that a page, or some pages, of a lease were listed.

        Parameters
        ----------
        lease
            Of this planner.
        first, last
            The first and the last key of the page, also if they lie outside of the range.
        nkeys
            How many keys of the page lie in the range: after ``lease.after``, as it was
            before this call, and not after ``lease.until``.

        Returns
        -------
        bool
            False if the range was listed until its end; then the lease is finished.

        Raises
        ------
        ValueError
            If the lease is not out.
        """
        self._check(lease)
        npages = max(1, -(-nkeys // self._page_nkeys))
        self._outlook.listed(first, last, npages)
        if lease.until is not None and last >= lease.until:
            lease.after = lease.until
            self._end(lease, useful=nkeys > 0)
            return False
        if nkeys:
            lease.track.judge(useful=True)
        last = max(last, lease.after)
        lease.track.listed(max(first, lease.after), last, npages)
        lease.after = last
        if self._steals:
            self._victims.change(lease)
        return True

    def finish(self, lease: Lease) -> None:
        """Note that no key is left in the range of a lease.

        Raises
        ------
        ValueError
            If the lease is not out.
        """
        self._end(lease, useful=False)

    def give_back(self, lease: Lease) -> None:
        """Let another list what is left of a lease.

        Raises
        ------
        ValueError
            If the lease is not out.
        """
        self._close(lease)
        # Another object: what is still told of the old one is refused.
        self._put(Lease(lease.after, lease.until, lease.track))

    def drop(self, lease: Lease) -> KeyRange:
        """Give up what is left of a lease, and return it.

        Raises
        ------
        ValueError
            If the lease is not out.
        """
        self._close(lease)
        return lease.range

    @property
    def is_done(self) -> bool:
        """Whether nothing is pending and no lease is out."""
        return not self._pending and not self._active

    @property
    def nactive(self) -> int:
        """How many leases are out."""
        return len(self._active)

    @property
    def npending(self) -> int:
        """How many ranges wait to be listed."""
        return len(self._pending)

    def remaining(self) -> list[KeyRange]:
        """Return all that is not listed yet and not dropped, in order, without overlaps."""
        ranges = [lease.range for lease in self._all()]
        return sorted(ranges, key=lambda one: one.after)

    def fraction(self) -> float | None:
        """Return about which share of the pages was listed, from 0 to 1.

        None until something is known. It may fall, when the guess gets better.
        """
        return 1.0 if self.is_done else self._outlook.fraction(self._all())

    def _all(self) -> list[Lease]:
        return [*self._pending, *self._active]

    def _worth(self, lease: Lease) -> float | None:
        """Return how many pages are left of a range, or None if it is not to be cut now."""
        if lease.npages < lease.track.rests_until:
            return None
        left = self._outlook.left(lease)
        return left if left is not None and left >= self._min_npages else None

    def _steal(self, idle: int) -> Lease | None:
        """Cut the lease with most left, and return what lies after the first cut."""
        while (victim := self._victims.pop()) is not None:
            lease, left = victim
            ncuts = int(min(idle, left / self._min_npages))
            pieces = self._split(lease, left, lease.track.shares(ncuts))
            if pieces:
                self._victims.change(lease)
                for piece in pieces[1:]:
                    self._put(piece)
                return pieces[0]
        return None

    def _cut_pending(self, wanted: int) -> None:
        """Cut pending ranges until there are `wanted`, or none is long enough."""
        while 0 < len(self._pending) < wanted:
            if (victim := self._victims.pop()) is None:
                return
            lease, left = victim
            # Pieces shorter than what each can have of the rest only make more tasks.
            fair = self._outlook.left_of_all(self._all()) / (self.nactive + wanted)
            fair = max(fair, 2 * self._min_npages)
            most = 1 + left / fair if left > fair else 1
            ncuts = int(min(wanted - len(self._pending), most))
            for piece in self._split(lease, left, lease.track.shares(ncuts)):
                self._put(piece)

    def _split(self, lease: Lease, left: float, shares: Sequence[float]) -> list[Lease]:
        """Cut a range at some shares of its rest; return what lies after the cuts."""
        cuts = self._outlook.alphabets.cuts(lease.after, lease.until, shares)
        lease.track.was_cut()
        if not cuts:
            return []
        return lease.cut(cuts, left * (1 - shares[0]) / len(cuts))

    def _put(self, lease: Lease) -> None:
        insort(self._pending, lease, key=lambda other: other.after)
        if not self._steals:
            self._victims.change(lease)

    def _end(self, lease: Lease, *, useful: bool) -> None:
        self._close(lease)
        self._outlook.nfinished += 1
        lease.track.judge(useful=useful)

    def _close(self, lease: Lease) -> None:
        self._check(lease)
        del self._active[lease]
        self._victims.remove(lease)

    def _check(self, lease: Lease) -> None:
        if lease not in self._active:
            msg = f"{lease} is not out: it was finished, given back or dropped before"
            raise ValueError(msg)
