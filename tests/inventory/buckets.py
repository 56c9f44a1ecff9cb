"""Buckets of the four shapes on the fake server, and what a scan of them must say."""

from typing import Any

from tests.inventory.planning.key_spaces import KeySpace, Shape, shape
from tests.servers.listing import ListingServer, modified
from zstore.inventory import Inventory

__all__ = ["Truth", "ceil_pages", "rows_in", "truths"]


def ceil_pages(nkeys: int) -> int:
    """Return how many pages of 1,000 keys there are."""
    return -(-nkeys // 1000)


def rows_in(inventory: Inventory) -> list[tuple[Any, ...]]:
    """Return all rows (key, nbytes, modified) of a snapshot, in order."""
    query = "SELECT key, nbytes, epoch_us(modified) AS at FROM keys ORDER BY key"
    table = inventory.sql(query)
    return list(zip(*(table[name].to_pylist() for name in table.column_names), strict=True))


class Truth:
    """What is in a bucket, as the formula says.

    Attributes
    ----------
    space
        The keys.
    npages
        Of a listing one by one.
    """

    def __init__(self, space: KeySpace) -> None:
        self.space = space
        self.npages = ceil_pages(len(space))
        self._rows: list[tuple[Any, ...]] = []
        self._digest = ""

    @property
    def rows(self) -> list[tuple[Any, ...]]:
        """All rows, as `rows_in` returns them."""
        if not self._rows:
            keys = self.space.keys(0, len(self.space))
            self._rows = [
                (key, self.space.nbytes(i), int(modified(i).timestamp()) * 1_000_000)
                for i, key in enumerate(keys)
            ]
        return self._rows

    def require(self, inventory: Inventory) -> None:
        """Fail unless a scan found all of it, once, and adds it up as all others do."""
        assert inventory.complete
        assert not inventory.holes
        assert not inventory.pending
        assert inventory.nkeys == len(self.space)
        assert rows_in(inventory) == self.rows
        assert inventory.nbytes == sum(row[1] for row in self.rows)
        self._digest = self._digest or inventory.digest()
        assert inventory.digest() == self._digest


def truths(
    server: ListingServer, shapes: tuple[Shape, ...], nkeys: int
) -> dict[str, Truth]:
    """Put a bucket of each shape on a server, and return what is in them."""
    found: dict[str, Truth] = {name: Truth(shape(name, nkeys)) for name in shapes}
    server.buckets.update({name: truth.space for name, truth in found.items()})
    return found
