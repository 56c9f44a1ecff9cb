"""A size map with a snapshot: known at once, scanned while somebody watches, kept."""

import asyncio
from pathlib import Path

import pytest

from tests.fakes import RecordingStore
from tests.waiting import until
from tests.widgets.front import Front, KernelError
from tests.widgets.listings import Gate, OrderedStore
from zstore import MemoryStore
from zstore.errors import BackendError, CorruptStoreError, SnapshotError
from zstore.inventory import Inventory
from zstore.inventory.snapshot.manifest import FINISHED
from zstore_widgets.size_map import SizeMap
from zstore_widgets.sizes.snapshot_scan import SnapshotScan
from zstore_widgets.sizes.tree import KINDS


def numbered(count: int, start: int = 0) -> list[tuple[str, int]]:
    return [(f"{i % 10}/{i:06}", i) for i in range(start, start + count)]


async def kept(store, place) -> None:
    (await Inventory.scan(store, snapshot=place)).close()


async def status_of(front: Front):
    return (await front.call("size_status")).result


async def names_of(front: Front, path: str = "") -> dict[str, tuple[str, int, int]]:
    answer = await front.call("boxes", path=path, limit=2000, by="bytes")
    return {
        name: (KINDS[kind], nkeys, nbytes)
        for part in answer.parts
        for parent, name, kind, nkeys, nbytes, _ in part
        if parent < 0
    }


async def found_in(place: MemoryStore) -> dict[str, bytes]:
    keys = sorted([key async for key in place.list()])
    values = await place.get_many(keys)
    return {
        key: value.to_bytes()
        for key, value in zip(keys, values, strict=True)
        if value is not None
    }


def ended(view: SizeMap) -> bool:
    """Tell whether nothing writes to the snapshot any more."""
    assert isinstance(view._scan, SnapshotScan)
    return view._scan._before is None or view._scan._before.done()


async def test_what_is_known_is_shown_without_a_request():
    place = MemoryStore()
    store = RecordingStore(
        {"a/.zarray": b"{}", "a/0.0": bytes(70), "b/x": bytes(20), "c": b"1"}
    )
    await kept(store, place)
    store.hooks.clear()
    view = SizeMap(store, snapshot=place)
    front = Front(view)
    view._repr_mimebundle_()
    status = await status_of(front)
    assert (status["state"], status["starts"], status["whole"]) == ("complete", False, True)
    assert (status["nkeys"], status["nbytes"], status["kept"]) == (4, 93, True)
    with await Inventory.open(place) as inventory:
        assert status["as_of"] == pytest.approx(1000 * inventory.as_of.timestamp())
    assert await names_of(front) == {
        "a": ("array", 2, 72),
        "b": ("other", 1, 20),
        "c": ("other", 1, 1),
    }
    assert list(await names_of(front, "a")) == ["0.0", ".zarray"]
    assert " as of 20" in view.text()
    assert "partial" not in view.text()
    assert " as of 20" in view.html()
    assert store.hooks == []
    view.close()


async def test_a_part_of_a_store_is_shown_from_the_snapshot_of_the_whole():
    place = MemoryStore()
    store = OrderedStore(numbered(100))
    await kept(store, place)
    view = SizeMap(store, "3", snapshot=place)
    front = Front(view)
    assert (await status_of(front))["nkeys"] == 10
    assert store.nscans == 1
    # To scan brings the whole snapshot up to date.
    store.items = sorted(numbered(200))
    assert (await view.scan()).nkeys == 20
    with await Inventory.open(place) as inventory:
        assert (inventory.nkeys, inventory.prefix) == (200, "")
    view.close()


async def test_a_first_scan_is_kept_for_the_next_view(tmp_path: Path):
    store = OrderedStore(numbered(3000))
    view = SizeMap(store, snapshot=tmp_path / "sizes")
    front = Front(view)
    status = await status_of(front)
    # A server is asked when the reader says so.
    assert (status["state"], status["starts"], status["as_of"]) == ("new", False, None)
    assert list(tmp_path.iterdir()) == []
    answer = await front.call("scan")
    assert (answer.result["state"], answer.result["nkeys"]) == ("complete", 3000)
    assert view.usage.complete
    assert view.usage.children["7/000007"] == (1, 7)
    view.close()
    nscans = store.nscans
    again = SizeMap(store, snapshot=tmp_path / "sizes")
    assert (await status_of(Front(again)))["nkeys"] == 3000
    assert again.usage == view.usage
    assert store.nscans == nscans
    again.close()


async def test_a_stop_keeps_what_was_found_and_another_view_goes_on(tmp_path: Path):
    gate = Gate(5)
    store = OrderedStore(numbered(20_000), gate=gate, batch=500)
    view = SizeMap(store, snapshot=tmp_path)
    front = Front(view)
    call = asyncio.ensure_future(front.call("scan"))
    await until(lambda: view.usage.nkeys > 0)
    await front.call("pause_scan")
    assert (await call).result["state"] == "stopped"
    await until(lambda: store.nopen == 0)
    view.close()
    found = view.usage.nkeys
    assert 0 < found < 20_000
    # The first ends in a moment; a writer at a time.
    await until(lambda: ended(view))
    gate.let(10_000)
    again = SizeMap(store, snapshot=tmp_path)
    front = Front(again)
    status = await status_of(front)
    assert (status["state"], status["whole"], status["starts"]) == ("stopped", False, False)
    assert found <= status["nkeys"] < 20_000
    assert "≥" in again.text()
    assert "partial" in again.text()
    answer = await front.call("scan")
    assert (answer.result["state"], answer.result["nkeys"]) == ("complete", 20_000)
    assert again.usage.nbytes == sum(range(20_000))
    again.close()


async def test_it_is_stopped_and_gone_on_with_at_once(tmp_path: Path):
    gate = Gate(3)
    store = OrderedStore(numbered(20_000), gate=gate, batch=500)
    view = SizeMap(store, snapshot=tmp_path)
    front = Front(view)
    first = asyncio.ensure_future(front.call("scan"))
    await until(lambda: view.usage.nkeys > 0)
    await front.call("pause_scan")
    second = asyncio.ensure_future(front.call("scan"))
    gate.let(10_000)
    assert (await first).result["nkeys"] <= 20_000
    assert (await second).result["nkeys"] == 20_000
    assert view.usage.nbytes == sum(range(20_000))
    view.close()


async def test_what_is_known_stays_until_a_new_scan_has_passed_it_or_ended():
    place = MemoryStore()
    gate = Gate(1000)
    store = OrderedStore(numbered(5000), gate=gate, batch=500)
    await kept(store, place)
    store.items = sorted(numbered(2000))
    gate._left = 2
    view = SizeMap(store, snapshot=place)
    front = Front(view)
    before = await status_of(front)
    call = asyncio.ensure_future(front.call("scan"))
    await until(lambda: view._scan._ncounted > 0)
    status = await status_of(front)
    assert (status["state"], status["nkeys"], status["whole"]) == ("scanning", 5000, True)
    assert status["as_of"] == before["as_of"]
    assert 0 < status["counted"] <= 2000
    assert status["fraction"] == pytest.approx(status["counted"] / 5000)
    gate.let(1000)
    after = (await call).result
    assert (after["state"], after["nkeys"]) == ("complete", 2000)
    assert after["as_of"] > before["as_of"]
    assert sum(nkeys for _, nkeys, _ in (await names_of(front)).values()) == 2000
    view.close()


async def test_a_scan_that_nobody_watches_ends_and_goes_on_when_somebody_looks():
    gate = Gate(2)
    store = OrderedStore(numbered(20_000), gate=gate, batch=500)
    view = SizeMap(store, snapshot=MemoryStore())
    front = Front(view)
    number = front.send("scan", restart=False)
    await until(lambda: view.usage.nkeys > 0)
    front.cancel(number)
    await until(lambda: view._scan.state == "stopped")
    await until(lambda: store.nopen == 0)
    assert (await status_of(front))["starts"]
    view.close()


async def test_restart_forgets_what_an_interrupted_scan_has_found():
    gate = Gate(4)
    store = OrderedStore(numbered(5000), gate=gate, batch=500)
    place = MemoryStore()
    view = SizeMap(store, snapshot=place)
    front = Front(view)
    call = asyncio.ensure_future(front.call("scan"))
    await until(lambda: view.usage.nkeys > 0)
    await front.call("pause_scan")
    await call
    store.items = sorted(numbered(700, start=9000))
    gate.let(10_000)
    answer = await front.call("scan", restart=True)
    assert (answer.result["state"], answer.result["nkeys"]) == ("complete", 700)
    view.close()


@pytest.mark.filterwarnings("ignore:.*is not complete:zstore.errors.ZStoreWarning")
async def test_a_failure_is_said_and_what_was_found_stays():
    place = MemoryStore()
    store = OrderedStore(numbered(3000), fail_at=1500, batch=500)
    view = SizeMap(store, snapshot=place)
    front = Front(view)
    with pytest.raises(KernelError, match="500 Internal Server Error"):
        await front.call("scan")
    status = await status_of(front)
    assert (status["state"], status["whole"]) == ("failed", False)
    assert 0 < status["nkeys"] < 3000
    assert "500 Internal Server Error" in status["problem"]
    with pytest.raises(BackendError, match="500"):
        await view.scan()
    store.fail_at = None
    assert (await view.scan()).nkeys == 3000
    assert view.usage.complete
    view.close()


async def test_to_cancel_it_in_the_kernel_keeps_what_was_found(tmp_path: Path):
    gate = Gate(3)
    store = OrderedStore(numbered(5000), gate=gate, batch=500)
    view = SizeMap(store, snapshot=tmp_path)
    scan = asyncio.ensure_future(view.scan())
    await until(lambda: view.usage.nkeys > 0)
    scan.cancel()
    with pytest.raises(asyncio.CancelledError):
        await scan
    await until(lambda: view._scan.state == "stopped")
    await until(lambda: ended(view))
    with await Inventory.open(tmp_path) as inventory:
        assert not inventory.complete
        assert inventory.nkeys > 0
    gate.let(10_000)
    assert (await view.scan()).nkeys == 5000
    view.close()


async def test_a_snapshot_of_another_store_is_not_written_over():
    place = MemoryStore()
    await kept({"a": b"1"}, place)
    before = await found_in(place)
    view = SizeMap(OrderedStore(numbered(10)), snapshot=place)
    with pytest.raises(SnapshotError, match="not of listed://here"):
        await view.scan()
    assert await found_in(place) == before
    view.close()


async def test_a_damaged_snapshot_is_an_error_that_is_said():
    place = MemoryStore()
    await place.set(FINISHED, b"{}")
    before = await found_in(place)
    view = SizeMap({"a": b"1"}, snapshot=place)
    assert view.text().endswith("not counted yet")
    front = Front(view)
    status = await status_of(front)
    assert (status["state"], status["damaged"], status["starts"]) == ("failed", True, False)
    assert "is no manifest" in status["problem"]
    with pytest.raises(CorruptStoreError):
        await view.scan()
    assert (await status_of(front))["damaged"]
    # It is not written over unless somebody says so.
    assert await found_in(place) == before
    view.close()


@pytest.mark.parametrize("damaged", [FINISHED, "keys"])
async def test_a_damaged_snapshot_is_replaced_by_a_scan_that_begins_anew(damaged: str):
    place = MemoryStore()
    store = RecordingStore({"a": b"1", "b/c": b"22"})
    await kept(store, place)
    [name] = [key async for key in place.list_prefix(damaged)]
    await place.set(name, b"{}")
    view = SizeMap(store, snapshot=place)
    front = Front(view)
    assert (await status_of(front))["damaged"]
    found = (await front.call("scan", restart=True)).result
    assert (found["state"], found["damaged"]) == ("complete", False)
    assert (found["nkeys"], found["nbytes"]) == (2, 3)
    with await Inventory.open(place) as inventory:
        assert inventory.complete
    view.close()


async def test_a_damaged_snapshot_that_was_mended_is_shown():
    place = MemoryStore()
    store = RecordingStore({"a": b"1"})
    await kept(store, place)
    whole = await found_in(place)
    await place.set(FINISHED, b"{}")
    view = SizeMap(store, snapshot=place)
    front = Front(view)
    assert (await status_of(front))["damaged"]
    await place.set(FINISHED, whole[FINISHED])
    status = await status_of(front)
    assert (status["state"], status["damaged"]) == ("complete", False)
    assert (status["nkeys"], status["problem"]) == (1, None)
    view.close()
