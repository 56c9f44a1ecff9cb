"""Files of earlier scans go; those of others, and those that are named, stay."""

from datetime import UTC, datetime

import pytest

from zstore import MemoryStore
from zstore._compat import override
from zstore.errors import AccessDeniedError, ZStoreWarning
from zstore.inventory.planning import KeyRange
from zstore.inventory.snapshot.cleaning import clean
from zstore.inventory.snapshot.manifest import Manifest, Part
from zstore.inventory.snapshot.parts import new_name

PART = Part(new_name("keys"), KeyRange(), 1, 1, 1)
MANIFEST = Manifest(
    store="memory://",
    prefix="",
    source="scan",
    started=datetime.now(UTC),
    parts=(PART,),
    dirs=new_name("dirs"),
    arrays=new_name("arrays"),
)
NAMED = {PART.name, MANIFEST.dirs, MANIFEST.arrays, "manifest.json"}
FOREIGN = {"keys/mine.parquet", "keys/README", f"other/{new_name('keys')}", "dirs"}


async def filled(place: MemoryStore) -> MemoryStore:
    unnamed = {new_name(folder) for folder in ("keys", "keys", "dirs", "arrays", "folders")}
    for key in NAMED | FOREIGN | unnamed | {"unfinished.json"}:
        assert key is not None
        await place.set(key, b"x")
    return place


async def test_what_nobody_names_is_deleted_and_no_more():
    place = await filled(MemoryStore())
    await clean(place, MANIFEST)
    assert {key async for key in place.list()} == NAMED | FOREIGN


class Guarded(MemoryStore):
    """Lets nothing be deleted."""

    @override
    async def _remove(self, key: str) -> None:
        reason = "403"
        raise AccessDeniedError(key, reason)


async def test_what_cannot_be_deleted_is_a_warning():
    place = await filled(Guarded())
    with pytest.warns(ZStoreWarning, match="earlier scans are left in .*403"):
        await clean(place, MANIFEST)


class Written(MemoryStore):
    """A store that takes values for good."""

    @property
    @override
    def supports_deletes(self) -> bool:
        return False


async def test_a_store_that_cannot_delete_is_left_as_it_is():
    place = await filled(Written())
    before = {key async for key in place.list()}
    await clean(place, MANIFEST)
    assert {key async for key in place.list()} == before
