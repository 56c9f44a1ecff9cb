"""A snapshot that is damaged, or replaced meanwhile, is never half of another."""

import json
from typing import Any

import pytest

from tests.inventory.rows import Row
from tests.inventory.written import written
from zstore import MemoryStore, Store
from zstore._compat import override
from zstore.errors import CorruptStoreError
from zstore.inventory.asking.snapshots import Snapshot
from zstore.inventory.snapshot.manifest import FINISHED
from zstore.wrappers.base import WrapperStore

ROWS: list[Row] = [("a/b", 1, 5), ("a/c", 2, None), ("d", 3, 7)]


async def document_of(place: Store) -> dict[str, Any]:
    text = await place.get(FINISHED)
    assert text is not None
    document: dict[str, Any] = json.loads(text.to_bytes())
    return document


async def test_a_snapshot_that_has_lost_a_part_is_damaged():
    place = await written(ROWS)
    document = await document_of(place)
    name = document["parts"][0]["name"]
    await place.delete(name)
    with pytest.raises(CorruptStoreError, match=name):
        await Snapshot.open(place)


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "", "a//b", "a\\b"])
@pytest.mark.parametrize("field", ["parts", "dirs"])
async def test_a_manifest_names_no_file_outside(name: str, field: str):
    place = await written(ROWS)
    document = await document_of(place)
    if field == "parts":
        document["parts"][0]["name"] = name
    else:
        document["dirs"] = name
    await place.set(FINISHED, json.dumps(document).encode())
    with pytest.raises(CorruptStoreError, match="damaged"):
        await Snapshot.open(place)


async def test_a_file_without_the_columns_of_a_snapshot_is_damaged():
    place = await written(ROWS)
    document = await document_of(place)
    document["parts"][0]["name"] = document["dirs"]
    await place.set(FINISHED, json.dumps(document).encode())
    with pytest.raises(CorruptStoreError, match="s3://bucket"):
        await Snapshot.open(place)


class _Replaced(WrapperStore[Store]):
    """A place where another scan ends as soon as the manifest was read."""

    rows: tuple[Row, ...] = ()

    @override
    async def get(self, key: str, *args: Any, **kwargs: Any) -> Any:
        value = await super().get(key, *args, **kwargs)
        if key == FINISHED and self.rows:
            rows, self.rows = self.rows, ()
            await written(rows, place=self.store)
        return value


async def test_a_snapshot_that_is_replaced_meanwhile_is_read_as_the_new_one():
    place = _Replaced(await written(ROWS))
    place.rows = (("new", 9, None),)
    snapshot = await Snapshot.open(place)
    assert snapshot.manifest.nkeys == 1
    assert snapshot.database.rows("SELECT key FROM keys") == [("new",)]
    snapshot.close()
    assert snapshot.closed


async def test_a_place_that_was_opened_here_is_closed_and_others_are_not():
    place = await written(ROWS)
    assert isinstance(place, MemoryStore)
    (await Snapshot.open(place)).close()
    assert await place.exists(FINISHED)
