"""The kernel's side of the sizes in the explorer: what a snapshot knows of them."""

import struct

import pytest

from tests.fakes import RecordingStore
from tests.widgets.front import Front, KernelError
from tests.widgets.listings import OrderedStore
from zstore import MemoryStore, StorePath
from zstore.inventory import Inventory
from zstore_widgets import explore

TREE = {"a/b/x": b"12", "a/b/y": b"345", "a/z": b"6", "c/x": b"7", "top": b"8"}


async def kept(store, prefix: str = "") -> MemoryStore:
    place = MemoryStore()
    (await Inventory.scan(store, prefix, snapshot=place)).close()
    return place


def folders(answer) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    for part, (nkeys, nbytes) in zip(answer.parts, answer.buffers, strict=True):
        count = len(part["names"])
        columns = [struct.unpack(f"<{count}d", column) for column in (nkeys, nbytes)]
        found |= dict(zip(part["names"], zip(*columns, strict=True), strict=True))
    return found


async def test_folders_have_the_sizes_that_the_snapshot_knows_without_a_request():
    store = RecordingStore(dict(TREE))
    place = await kept(store)
    store.hooks.clear()
    view = explore(store, snapshot=place)
    assert view.has_snapshot
    front = Front(view)
    answer = await front.call("known_sizes", prefix="")
    assert folders(answer) == {"a": (3, 6), "c": (1, 1)}
    told = answer.result
    assert (told["nkeys"], told["nbytes"], told["complete"]) == (5, 8, True)
    with await Inventory.open(place) as inventory:
        assert told["as_of"] == pytest.approx(1000 * inventory.as_of.timestamp())
    inner = await front.call("known_sizes", prefix="a/")
    assert folders(inner) == {"b": (2, 5)}
    assert store.hooks == []
    view.close()


async def test_without_a_snapshot_nothing_is_known():
    view = explore(dict(TREE))
    assert not view.has_snapshot
    assert (await Front(view).call("known_sizes", prefix="")).result is None
    view.close()


async def test_a_snapshot_may_be_written_later():
    store, place = MemoryStore(), MemoryStore()
    await store.set_many(TREE)
    view = explore(store, snapshot=place)
    front = Front(view)
    assert (await front.call("known_sizes", prefix="")).result is None
    (await Inventory.scan(store, snapshot=place)).close()
    assert (await front.call("known_sizes", prefix="")).result["nkeys"] == 5
    view.close()


@pytest.mark.parametrize("way", ["path", "store path"])
async def test_below_a_path_the_snapshot_of_the_whole_is_used(way: str):
    store = MemoryStore()
    await store.set_many(TREE)
    place = await kept(store)
    if way == "path":
        view = explore(store, "a", snapshot=place)
    else:
        place = await kept(StorePath(store, "a"))
        view = explore(StorePath(store, "a"), snapshot=place)
    answer = await Front(view).call("known_sizes", prefix="")
    assert folders(answer) == {"b": (2, 5)}
    assert answer.result["nkeys"] == 3
    view.close()


async def test_a_snapshot_of_another_store_is_refused():
    place = await kept(OrderedStore([("a/b", 1)]))
    view = explore(dict(TREE), snapshot=place)
    with pytest.raises(KernelError, match="is of listed://here, not of memory://") as told:
        await Front(view).call("known_sizes", prefix="")
    assert told.value.kind == "SnapshotError"
    view.close()


async def test_many_folders_come_in_parts():
    store = OrderedStore([(f"{i:05}{'x' * 100}/a", i) for i in range(6000)])
    view = explore(store, snapshot=await kept(store))
    answer = await Front(view).call("known_sizes", prefix="")
    assert len(answer.parts) > 1
    assert len(folders(answer)) == 6000
    assert sum(nbytes for _, nbytes in folders(answer).values()) == sum(range(6000))
    view.close()
