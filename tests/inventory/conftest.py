"""A server of S3 with buckets of every shape of keys."""

from collections.abc import Iterator

import pytest

from tests.inventory.buckets import Truth, truths
from tests.inventory.planning.key_spaces import SHAPES
from tests.servers.listing import ListingServer


@pytest.fixture(scope="module")
def listing() -> Iterator[ListingServer]:
    with ListingServer({}) as server:
        yield server


@pytest.fixture(scope="module")
def buckets(request: pytest.FixtureRequest, listing: ListingServer) -> dict[str, Truth]:
    """Return what is in a bucket of each shape: as many keys as the module says."""
    return truths(listing, SHAPES, request.module.NKEYS)


@pytest.fixture
def server(listing: ListingServer) -> ListingServer:
    listing.heal()
    listing.reset()
    return listing
