"""A store that lists the same, and says at once what was refused."""

from collections.abc import Iterator

import pytest

from tests.inventory.planning.key_spaces import shape
from tests.servers.listing import ListingServer
from zstore import LoggingStore, MemoryStore, ObjectStore, Store
from zstore.errors import BackendError
from zstore.inventory.scanning.impatient import impatient


@pytest.fixture(scope="module")
def server() -> Iterator[ListingServer]:
    with ListingServer({"few": shape("nested", 2_500)}) as found:
        yield found


async def names(store: Store) -> list[str]:
    return [str(key) async for page in store.scan_pages() for key in page.keys]


async def test_it_lists_the_same_with_the_same_credentials(server: ListingServer):
    store = server.obstore_store("few", "array_0000", retries=3)
    other = impatient(store)
    assert isinstance(other, ObjectStore)
    assert str(other) == str(store)
    assert await names(other) == await names(store)
    assert await names(other)


def test_all_else_stays_as_it_was_asked_for(server: ListingServer):
    client = server.obstore_store("few").store
    store = ObjectStore(client, read_only=True, timeout=7, verify=True)
    other = impatient(store)
    assert isinstance(other, ObjectStore)
    assert (other.read_only, other.timeout, other.verify) == (True, 7, True)


async def test_it_asks_once(server: ListingServer):
    server.reset()
    server.fail("503", times=1)
    with pytest.raises(BackendError, match="503"):
        await names(impatient(server.obstore_store("few", retries=3)))
    assert (server.nlist, server.n503) == (1, 1)


def test_other_stores_stay_as_they_are(server: ListingServer):
    obstore = pytest.importorskip("obstore.store")
    for store in (
        MemoryStore(),
        ObjectStore(obstore.MemoryStore()),
        LoggingStore(server.obstore_store("few")),
    ):
        assert impatient(store) is store
