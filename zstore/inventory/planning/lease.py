"""A range that is being listed, and how it went so far."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from zstore.inventory.planning.alphabets import Alphabets
from zstore.inventory.planning.key_range import KeyRange

__all__ = ["Lease", "Track"]

# After so many useless cuts in a row a range is left in peace for so many pages.
_PATIENCE = 5
_LONG_REST = 8

# After so many pages the size of the rest is no longer a mere guess.
_EXPERIENCE = 8


@dataclass(eq=False, slots=True)
class Track:
    """How the listing of a range went so far; from that, how long it will go on.

    Attributes
    ----------
    npages
        How many pages were listed.
    expected
        How many were expected when the range was made; None for no guess.
    origin
        Of the range that this one was cut from, until it is known whether it holds a key.
    nuseless
        How many ranges in a row that were cut from this one held no key.
    rests_until
        The number of pages at which it may be cut again.
    """

    expected: float | None = None
    origin: "Track | None" = field(default=None, repr=False)
    npages: int = 0
    nuseless: int = 0
    rests_until: int = 1
    # A key and how many pages were listed until there. What is left is guessed from the
    # pages since the first mark, half of all or more: before, the tree may have been of
    # another shape.
    _first: tuple[str, int] = field(default=("", 0), init=False, repr=False)
    _second: tuple[str, int] = field(default=("", 0), init=False, repr=False)

    def listed(self, first: str, last: str, npages: int) -> None:
        """Note pages from key `first` to key `last`."""
        start = (first, self.npages)
        self.npages += npages
        if self.npages >= 2 * self._second[1]:
            self._first = self._second if self._second[1] else start
            self._second = (last, self.npages)

    def judge(self, *, useful: bool) -> None:
        """Note whether it was of use to cut this range from another."""
        if self.origin is not None:
            self.origin.nuseless = 0 if useful else self.origin.nuseless + 1
            self.origin = None

    def left(self, alphabets: Alphabets, after: str, until: str | None) -> float | None:
        """Return about how many pages there are from `after` until `until`.

        None if nothing is known, infinite if nothing was listed in comparison.
        """
        if not self.npages:
            return self.expected
        start, npages = self._first
        begin, now, end = alphabets.places([start, after], until)
        if now <= begin:
            return float("inf")
        return (self.npages - npages) * (end - now) / (now - begin)

    def shares(self, ncuts: int) -> list[float]:
        """Return which shares of the rest may lie before up to `ncuts` cuts, ascending.

        Half of it; and much less after each cut behind which there was nothing: the keys
        may end anywhere, so it is the size of the rest that is searched for. More than
        one cut looks for it in several places at once, until enough pages were seen to
        trust in pieces of the same size.
        """
        if ncuts > 1 and not self.nuseless and self.npages >= _EXPERIENCE:
            return [i / (ncuts + 1) for i in range(1, ncuts + 1)]
        least = min(self.nuseless, _PATIENCE)
        most = min(least + ncuts - 1, _PATIENCE)
        return [2.0 ** -(1 << power) for power in range(most, least - 1, -1)]

    def was_cut(self) -> None:
        """Note that the range was cut."""
        tired = self.nuseless > _PATIENCE
        self.rests_until = self.npages + (_LONG_REST if tired else 1)


@dataclass(eq=False, slots=True)
class Lease:
    """A range that one driver lists, page by page; equal to nothing but itself.

    Attributes
    ----------
    after
        Exclusive: the last key that was listed, or where the range starts.
    until
        Inclusive, None for the end of the order. It comes closer when the planner cuts
        the range: look at it when a page has come, not when it was asked for.
    track
        The planner's.
    """

    after: str
    until: str | None
    track: Track = field(default_factory=Track, repr=False)

    @property
    def npages(self) -> int:
        """How many pages were listed of the range, also by leases that were given back."""
        return self.track.npages

    @property
    def range(self) -> KeyRange:
        """What is left to list."""
        return KeyRange(self.after, self.until)

    def cut(self, cuts: Sequence[str], expected: float) -> list["Lease"]:
        """End at the first of some cuts, and return leases of what lies between them.

        Parameters
        ----------
        cuts
            Keys inside of the range, ascending, at least one.
        expected
            How many pages each of the new leases may have.
        """
        ends = [*cuts[1:], self.until]
        leases = [
            Lease(after, until, Track(expected))
            for after, until in zip(cuts, ends, strict=True)
        ]
        self.until = cuts[0]
        # If nothing lies behind the first cut, there is hardly anything behind the others.
        leases[0].track.origin = self.track
        return leases
