"""How far a scan is."""

from dataclasses import dataclass, field

from zstore._compat import override
from zstore.display.numbers import format_count, format_nbytes
from zstore.inventory.snapshot.rollup import LiveTree

__all__ = ["ScanProgress"]

_MINUTE = 60


@dataclass(frozen=True, slots=True)
class ScanProgress:
    """How far a scan is.

    Attributes
    ----------
    nkeys, nbytes
        What was found so far, with what an interrupted scan had found before.
    nrequests
        Pages that were asked for in this run: requests, where the store is a server.
    nactive
        Ranges of keys that are being listed.
    nretries
        Ranges that failed and were tried again.
    seconds
        How long this run takes so far.
    fraction
        Estimated share of the work that is done, 0 to 1; None until something is known.
    nkeys_here
        Keys found in this run.
    tree
        Totals by prefix: ``tree.usage()`` gives a `zstore.entries.Usage`.
    complete
        Whether every key was listed.
    """

    nkeys: int
    nbytes: int
    nrequests: int
    nactive: int
    nretries: int
    seconds: float
    fraction: float | None
    nkeys_here: int
    tree: LiveTree = field(repr=False, compare=False)
    complete: bool = False

    @property
    def keys_per_second(self) -> float:
        """Keys found a second, in this run."""
        return self.nkeys_here / self.seconds if self.seconds else 0.0

    @property
    def seconds_left(self) -> float | None:
        """Estimate of the time that the rest takes; None until something is known."""
        if self.complete:
            return 0.0
        if not self.fraction or not self.nkeys_here:
            return None
        rest = self.nkeys / self.fraction - self.nkeys
        return max(0.0, rest) / self.keys_per_second

    @override
    def __str__(self) -> str:
        """Return it as people read it, in one line."""
        told = [
            f"{format_count(self.nkeys)} keys",
            format_nbytes(self.nbytes),
            f"{format_count(round(self.keys_per_second))} keys/s",
            f"{format_count(self.nrequests)} requests",
        ]
        if self.nretries:
            told.append(f"{format_count(self.nretries)} tried again")
        if self.seconds_left is not None and not self.complete:
            told.append(_rest(self.seconds_left))
        return ", ".join(told)


def _rest(seconds: float) -> str:
    # An estimate: seconds are said of the last minute only.
    if seconds < _MINUTE:
        return f"about {seconds:.0f} s left"
    return f"about {format_count(round(seconds / _MINUTE))} min left"
