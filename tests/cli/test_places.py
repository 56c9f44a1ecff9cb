"""The store that an argument names is opened for reading, and closed."""

from pathlib import Path

import pytest

from zstore import MemoryStore, Store, sync
from zstore.cli import places
from zstore.cli.places import with_store
from zstore.errors import ReadOnlyError, StoreClosedError


def test_a_store_is_only_read(sea: Path):
    async def write(store: Store) -> None:
        await store.set("a", b"1")

    with pytest.raises(ReadOnlyError):
        with_store(str(sea), write)


def test_a_store_is_closed_whatever_happens(monkeypatch: pytest.MonkeyPatch):
    store = MemoryStore()

    async def open_store(place: str, *, mode: str) -> Store:
        assert (place, mode) == ("here", "r")
        return store

    async def fail(_: Store) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(places, "open_store", open_store)
    with pytest.raises(KeyboardInterrupt):
        with_store("here", fail)
    with pytest.raises(StoreClosedError):
        sync.run(store.get("a"))
