"""How far a scan is."""

from dataclasses import dataclass, field

from zstore.inventory.snapshot.rollup import LiveTree

__all__ = ["ScanProgress"]


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
