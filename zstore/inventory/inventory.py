"""What is in a store, as a snapshot says: opened, asked, compared, shown."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Self

from zstore._compat import override
from zstore.inventory.asking.comparing import compare
from zstore.inventory.asking.difference import Difference
from zstore.inventory.asking.queries import Child
from zstore.inventory.asking.questions import Questions
from zstore.inventory.asking.showing import inventory_html, inventory_line, inventory_text
from zstore.inventory.asking.snapshots import Snapshot
from zstore.inventory.making import Making
from zstore.inventory.planning import KeyRange
from zstore.inventory.snapshot.manifest import Hole

__all__ = ["Inventory"]

# Of a display; what is more is asked for.
_MAX_ROWS = 10


class Inventory(Questions, Making):
    """What is in a store, as a snapshot of it says: finished, or as far as it came.

    Made by `Inventory.open`, `Inventory.scan` and `Inventory.from_s3_inventory`.

    Attributes
    ----------
    store
        What was scanned, without secrets.
    prefix
        The prefix that was scanned.
    started, finished
        When the scan began, and ended; `finished` is None if it has not.
    as_of
        The moment that the answers are of: `finished`, or when the scan began.
    complete
        Whether every key is in it. If not, answers are about those that are.
    nkeys, nbytes
        How many keys, and the sum of the sizes of their values.
    nrequests
        Pages that the scan asked for: requests, where the store is a server.
    holes, pending
        Ranges of keys that could not be listed, and that were not listed yet.

    Notes
    -----
    It is asked by the methods of `Questions`, which block for milliseconds.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        manifest = snapshot.manifest
        super().__init__(snapshot)
        self.store: str = manifest.store
        self.prefix: str = manifest.prefix
        self.started: datetime = manifest.started
        self.finished: datetime | None = manifest.finished
        self.as_of: datetime = manifest.finished or manifest.started
        self.complete: bool = manifest.complete
        self.nkeys: int = manifest.nkeys
        self.nbytes: int = manifest.nbytes
        self.nrequests: int = manifest.nrequests
        self.holes: tuple[Hole, ...] = manifest.holes
        self.pending: tuple[KeyRange, ...] = manifest.pending

    def close(self) -> None:
        """Let go of the files; temporary ones are removed. Closing twice is no error."""
        self._snapshot.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def files(self) -> Mapping[str, str]:
        """The files of the snapshot on this machine: paths by their keys in it."""
        return self._snapshot.files

    def diff(self, other: "Inventory", *, prefix: str = "") -> Difference:
        """Return what changed from this inventory to `other`; see `comparing.compare`."""
        return compare(self, other, prefix=prefix)

    @override
    def __repr__(self) -> str:
        return f"<Inventory of {inventory_line(self.manifest)}>"

    def _repr_mimebundle_(
        self,
        include: Collection[str] | None = None,
        exclude: Collection[str] | None = None,
    ) -> dict[str, str]:
        children: list[Child] = []
        # Only what is known without going through all keys.
        if self.knows_directories and not self._snapshot.closed:
            children = self.children(self.prefix, limit=_MAX_ROWS)
        shown = {
            "text/plain": inventory_text(repr(self), children),
            "text/html": inventory_html(repr(self), children),
        }
        wanted = set(include or shown) - set(exclude or ())
        return {kind: text for kind, text in shown.items() if kind in wanted}
