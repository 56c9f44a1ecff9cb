import asyncio
from pathlib import Path

import pytest

import zstore
from zstore.errors import ReadOnlyError, StoreNotFoundError
from zstore.sync import SyncStore
from zstore_widgets.root import Root


@pytest.mark.parametrize(
    ("place", "title"),
    [
        (zstore.MemoryStore(), "memory://"),
        (SyncStore(zstore.MemoryStore()), "memory://"),
        ({}, "a dictionary of 0 keys"),
        (None, "an empty MemoryStore"),
        (Path("a/b"), "a/b"),
        ("s3://me:word@bucket/a?token=abc", "s3://...@bucket/a?token=..."),
        (f"{Path.home()}/ocean.zarr", "~/ocean.zarr"),
        ("a\u202eb", "a\\u202eb"),
        (5, "builtins.int"),
    ],
)
def test_a_title_says_what_is_shown_and_no_secret(place: object, title: str):
    assert Root(place).title == title


def test_a_title_names_the_prefix():
    assert Root({}, "ocean").title == "a dictionary of 0 keys/ocean"


async def test_no_key_outside_of_the_prefix_is_reached():
    store = zstore.MemoryStore()
    await store.set("a/b", b"inside")
    await store.set("secret", b"outside")
    shown = await Root(store, "a").store()
    assert [key async for key in shown.list()] == ["b"]
    assert await shown.get("secret") is None


async def test_nothing_can_be_written_unless_it_may_be_edited():
    store = zstore.MemoryStore()
    with pytest.raises(ReadOnlyError):
        await (await Root(store).store()).set("a", b"")
    await (await Root(store, edit=True).store()).set("a", b"")
    assert await store.exists("a")


async def test_what_could_not_be_opened_is_tried_again(tmp_path: Path):
    root = Root(str(tmp_path / "later.zip"))
    with pytest.raises(StoreNotFoundError):
        await (await root.store()).ensure_open()
    async with await zstore.open_store(tmp_path / "later.zip", mode="w") as archive:
        await archive.set("a", b"1")
    assert await (await root.store()).get_bytes("a") == b"1"


async def test_many_requests_open_it_once():
    root = Root({})
    stores = await asyncio.gather(*[root.store() for _ in range(8)])
    assert len({id(store) for store in stores}) == 1
