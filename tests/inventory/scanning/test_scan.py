"""A scan finds every key once, whatever happens to it, and keeps what it found."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.inventory.paged import Fault, PagedStore, filled
from zstore import FsspecStore, LatencyStore, LocalStore, LoggingStore, MemoryStore
from zstore._compat import override
from zstore.buffer import Buffer, cpu
from zstore.entries import KeyPage
from zstore.errors import (
    AccessDeniedError,
    BackendError,
    InvalidTypeError,
    SnapshotError,
    ZStoreWarning,
)
from zstore.inventory import Inventory, ScanProgress

FLAT = [f"a/c/0.{i}" for i in range(700)]
NESTED = [f"g{i % 7}/a{i % 3}/c/{i}/{i % 4}" for i in range(700)]
SKEWED = [*(f"big/c/{i}" for i in range(600)), *(f"small/{i}/zarr.json" for i in range(60))]
HASHED = [f"{i * 2654435761 % 2**32:08x}" for i in range(700)]
SHAPES = {"flat": FLAT, "nested": NESTED, "skewed": SKEWED, "hashed": HASHED}


async def digest_of(store: PagedStore) -> str:
    with await Inventory.scan(store, max_concurrency=1) as inventory:
        assert inventory.complete
        return inventory.digest()


def keys_of(inventory: Inventory) -> list[str]:
    keys: list[str] = inventory.sql("SELECT key FROM keys ORDER BY key")["key"].to_pylist()
    return keys


@pytest.mark.parametrize("shape", SHAPES)
async def test_one_request_a_page_if_they_come_one_by_one(shape: str):
    keys = SHAPES[shape]
    store = await filled(keys)
    with await Inventory.scan(store, max_concurrency=1) as inventory:
        assert inventory.nrequests == store.npages == -(-len(keys) // 10)
        assert store.most == 1
        assert keys_of(inventory) == sorted(keys)
        assert inventory.nbytes == await store.getsize_prefix("")


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("most", [2, 16])
async def test_ranges_listed_at_once_find_the_same(shape: str, most: int):
    store = await filled(SHAPES[shape])
    expected = await digest_of(store)
    store.npages = 0
    with await Inventory.scan(store, max_concurrency=most) as inventory:
        assert inventory.complete
        assert inventory.digest() == expected
        assert keys_of(inventory) == sorted(SHAPES[shape])
    assert 1 < store.most <= most
    assert store.npages <= 1.1 * len(SHAPES[shape]) / 10 + 5 * most


@given(
    keys=st.sets(st.text("ab/.-0é", min_size=1, max_size=6), max_size=80),
    most=st.sampled_from([1, 3, 8]),
    page_nkeys=st.integers(1, 7),
)
@settings(max_examples=40, deadline=None)
async def test_any_names_are_found_once(keys: set[str], most: int, page_nkeys: int):
    class Anything(PagedStore):
        """A server has names that are no keys."""

        @override
        async def _pages(
            self, prefix: str, after: str, until: str | None
        ) -> AsyncGenerator[KeyPage, None]:
            found = sorted(key for key in keys if key > after)
            for start in range(0, len(found), page_nkeys):
                await asyncio.sleep(0)
                page = found[start : start + page_nkeys]
                yield KeyPage(page, [1] * len(page))

    with await Inventory.scan(Anything(), max_concurrency=most) as inventory:
        assert inventory.complete
        assert keys_of(inventory) == sorted(keys)
        assert (inventory.nkeys, inventory.nbytes) == (len(keys), len(keys))


async def test_a_prefix_ends_at_a_segment():
    store = await filled(["a", "a-", "a/0", "a/1/x", "ab", "b"])
    for prefix, keys in {
        "a": ["a", "a/0", "a/1/x"],
        "a/": ["a/0", "a/1/x"],
        "b/": [],
    }.items():
        with await Inventory.scan(store, prefix) as inventory:
            assert keys_of(inventory) == keys
            assert inventory.complete


@pytest.mark.parametrize("most", [1, 8])
@pytest.mark.parametrize("npages", [5, 16, 27, 38, 49, 60])
async def test_a_scan_that_is_cancelled_keeps_what_it_found_and_goes_on(
    tmp_path: Path, most: int, npages: int
):
    store = await filled(NESTED)
    expected = await digest_of(store)
    undisturbed, store.npages = store.npages, 0
    seen: list[int] = []

    def stop(progress: ScanProgress) -> None:
        seen.append(progress.nkeys)
        if store.npages >= npages:
            task.cancel()

    scan = Inventory.scan(store, snapshot=tmp_path, max_concurrency=most, on_progress=stop)
    task = asyncio.ensure_future(scan)
    with pytest.raises(asyncio.CancelledError):
        await task
    with await Inventory.open(tmp_path) as partial:
        assert not partial.complete
        assert partial.finished is None
        assert partial.pending
        assert partial.nkeys >= seen[-1]
        assert set(keys_of(partial)) <= set(NESTED)
        assert len(keys_of(partial)) == partial.nkeys
    with await Inventory.scan(store, snapshot=tmp_path, max_concurrency=most) as whole:
        assert whole.complete
        assert whole.digest() == expected
        assert keys_of(whole) == sorted(NESTED)
    assert store.npages <= 1.1 * undisturbed + 9 * most


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tell of every page, however fast they come."""
    monkeypatch.setattr("zstore.inventory.scanning.telling._SECONDS", 0.0)
    monkeypatch.setattr("zstore.inventory.scanning.patience._FIRST_PAUSE", 0.001)


async def test_what_on_progress_raises_stops_the_scan_and_keeps_what_was_found(
    tmp_path: Path,
):
    def stop(progress: ScanProgress) -> None:
        if progress.nkeys >= 100:
            raise InterruptedError

    store = await filled(FLAT)
    with pytest.raises(InterruptedError):
        await Inventory.scan(store, snapshot=tmp_path, max_concurrency=1, on_progress=stop)
    with await Inventory.open(tmp_path) as partial:
        assert 100 <= partial.nkeys < 200
        assert keys_of(partial) == sorted(FLAT)[: partial.nkeys]


async def test_progress_grows_and_ends_with_everything():
    told: list[ScanProgress] = []
    store = await filled(NESTED)
    with await Inventory.scan(store, on_progress=told.append, max_concurrency=4):
        pass
    assert [one.nkeys for one in told] == sorted(one.nkeys for one in told)
    assert all(not one.complete for one in told[:-1])
    last = told[-1]
    assert last.complete
    assert (last.nkeys, last.fraction, last.seconds_left) == (len(NESTED), 1.0, 0.0)
    *_, usage = [usage async for usage in store.usage(depth=4)]
    assert last.tree.usage(complete=True) == usage


async def test_a_second_scan_replaces_the_first_and_knows_how_much_to_expect(
    tmp_path: Path,
):
    store = await filled(NESTED)
    with await Inventory.scan(store, snapshot=tmp_path):
        pass
    await store.set("new/key", b"12345")
    await store.delete(NESTED[0])
    told: list[ScanProgress] = []
    with await Inventory.scan(store, snapshot=tmp_path, on_progress=told.append) as again:
        assert keys_of(again) == sorted([*NESTED[1:], "new/key"])
        assert again.complete
    assert told[0].fraction == pytest.approx(told[0].nkeys / len(NESTED))
    kept = {path.parent.name for path in tmp_path.rglob("*") if path.is_file()}
    assert kept == {tmp_path.name, "keys", "dirs", "arrays"}


def failing(times: int, error: Exception, *, at: str) -> Fault:
    """Return a fault: the page with key `at` fails so many times."""
    left = [times]

    def fault(page: KeyPage) -> KeyPage:
        if at in page.keys and left[0]:
            left[0] -= 1
            raise error
        return page

    return fault


@pytest.mark.parametrize("most", [1, 8])
async def test_a_page_that_fails_is_asked_for_again(most: int):
    store = await filled(NESTED)
    expected = await digest_of(store)
    store.fault = failing(2, BackendError("", "503"), at=sorted(NESTED)[333])
    told: list[ScanProgress] = []
    with await Inventory.scan(
        store, max_concurrency=most, on_progress=told.append
    ) as inventory:
        assert inventory.complete
        assert inventory.digest() == expected
    assert told[-1].nretries == 2


async def test_a_range_that_keeps_failing_is_a_hole_and_is_listed_next_time(
    tmp_path: Path,
):
    store = await filled(HASHED)
    expected = await digest_of(store)
    bad = sorted(HASHED)[650]
    store.fault = failing(10**6, BackendError("", "cannot do it"), at=bad)
    with pytest.warns(ZStoreWarning, match=r"not complete: 1 ranges .* cannot do it"):
        partial = await Inventory.scan(store, snapshot=tmp_path, max_concurrency=4)
    with partial:
        assert not partial.complete
        assert bad in partial.holes[0].range
        assert "cannot do it" in partial.holes[0].reason
        assert bad not in keys_of(partial)
        assert not partial.total().complete
        missing = set(HASHED) - set(keys_of(partial))
        assert missing == {key for key in HASHED if key in partial.holes[0].range}
    store.fault = None
    with await Inventory.scan(store, snapshot=tmp_path, max_concurrency=4) as whole:
        assert whole.complete
        assert whole.digest() == expected


async def test_a_backend_that_is_down_at_once_is_an_error():
    store = await filled(FLAT)
    store.fault = failing(10**6, BackendError("", "it is down"), at=min(FLAT))
    with pytest.raises(BackendError, match="it is down"):
        await Inventory.scan(store)
    assert store.npages == 5


async def test_a_refusal_is_not_asked_for_again():
    store = await filled(FLAT)
    store.fault = failing(10**6, AccessDeniedError("", "no"), at=min(FLAT))
    with pytest.raises(AccessDeniedError):
        await Inventory.scan(store)
    assert store.npages == 1


async def test_a_backend_that_goes_down_leaves_a_partial_result(tmp_path: Path):
    store = await filled(FLAT)

    def fault(page: KeyPage) -> KeyPage:
        if store.npages > 20:
            raise BackendError("", "it went away")
        return page

    store.fault = fault
    with pytest.warns(ZStoreWarning, match="it went away"):
        partial = await Inventory.scan(store, snapshot=tmp_path, max_concurrency=4)
    with partial:
        assert 0 < partial.nkeys < len(FLAT)
        holes = [hole.range for hole in partial.holes]
        found = set(keys_of(partial))
        assert all((key in found) != any(key in one for one in holes) for key in FLAT)
    store.fault = None
    with await Inventory.scan(store, snapshot=tmp_path) as whole:
        assert keys_of(whole) == sorted(FLAT)


@pytest.mark.parametrize("lie", ["repeats", "sorts backwards"])
async def test_a_listing_that_lies_is_told_and_counted_once(lie: str):
    store = await filled(FLAT)
    sent: list[KeyPage] = []

    def fault(page: KeyPage) -> KeyPage:
        sent.append(page)
        if len(sent) < 20:
            return page
        return sent[10] if lie == "repeats" else KeyPage(page.keys[::-1], page.nbytes[::-1])

    store.fault = fault
    with pytest.warns(ZStoreWarning, match="out of order"):
        partial = await Inventory.scan(store, max_concurrency=1)
    with partial:
        assert keys_of(partial) == sorted(FLAT)[: partial.nkeys]
        assert not partial.complete


async def test_keys_that_come_and_go_are_counted_once_or_not():
    store = await filled(NESTED)

    def fault(page: KeyPage) -> KeyPage:
        store._contents.drop(page.keys[0])
        for key in (f"{page.keys[-1]}x", f"new/{store.npages}"):
            store._contents.put(key, cpu.Buffer.from_bytes(b"xyz"))
        return page

    store.fault = fault
    with await Inventory.scan(store, max_concurrency=4) as inventory:
        found = keys_of(inventory)
        assert len(found) == len(set(found))
        assert set(NESTED) <= set(found)


async def test_a_store_that_lists_in_any_order_is_sorted(tmp_path: Path):
    fsspec = pytest.importorskip("fsspec")
    store = FsspecStore(fsspec.filesystem("memory"), path=f"/{tmp_path.name}")
    await store.set_many({key: bytes(len(key) * 7 % 13) for key in NESTED})
    assert not store.lists_in_order
    with await Inventory.scan(store, snapshot=tmp_path) as inventory:
        assert inventory.complete
        assert inventory.digest() == await digest_of(await filled(NESTED))
        assert keys_of(inventory) == sorted(NESTED)


async def test_what_a_store_in_any_order_had_given_is_kept_and_listed_anew(tmp_path: Path):
    class Shuffled(PagedStore):
        _lists_in_order = False

        @override
        async def _pages(
            self, prefix: str, after: str, until: str | None
        ) -> AsyncGenerator[KeyPage, None]:
            for start in range(0, len(HASHED), 10):
                yield await self._page(HASHED[start : start + 10])

    def stop(progress: ScanProgress) -> None:
        if progress.nkeys >= 300:
            raise InterruptedError

    store = Shuffled()
    await store.set_many(dict.fromkeys(HASHED, b"x"))
    with pytest.raises(InterruptedError):
        await Inventory.scan(store, snapshot=tmp_path, on_progress=stop)
    with await Inventory.open(tmp_path) as partial:
        assert not partial.complete
        assert keys_of(partial) == sorted(HASHED[:300])
    with await Inventory.scan(store, snapshot=tmp_path) as whole:
        assert whole.complete
        assert keys_of(whole) == sorted(HASHED)


async def test_a_snapshot_of_another_store_is_not_touched(tmp_path: Path):
    one, other = tmp_path / "one", tmp_path / "other"
    for root in (one, other):
        await LocalStore(root).set("a/b", b"12")
    with await Inventory.scan(one, snapshot=tmp_path / "s") as inventory:
        expected = inventory.digest()
    with pytest.raises(SnapshotError, match="is of file:"):
        await Inventory.scan(other, snapshot=tmp_path / "s")
    with pytest.raises(SnapshotError, match="below ''"):
        await Inventory.scan(one, "a", snapshot=tmp_path / "s")
    with await Inventory.open(tmp_path / "s") as inventory:
        assert inventory.digest() == expected
    with await Inventory.scan(other, snapshot=tmp_path / "s", restart=True) as inventory:
        assert inventory.store.endswith("other")


async def test_a_snapshot_does_not_lie_in_what_it_is_of(tmp_path: Path):
    store = LocalStore(tmp_path)
    await store.set("a/b", b"1")
    for place in (tmp_path, tmp_path / "snapshots" / "s"):
        with pytest.raises(InvalidTypeError, match="lies in the store that is scanned"):
            await Inventory.scan(store, snapshot=place)
    memory = MemoryStore()
    with pytest.raises(InvalidTypeError, match="lies in the store"):
        await Inventory.scan(LoggingStore(memory), snapshot=memory)


class FullStore(LocalStore):
    """Has room for so many values."""

    room = 2

    @override
    async def _write(self, key: str, value: Buffer, *, overwrite: bool) -> bool:
        if self.room <= 0:
            raise BackendError(key, "no space left on device")
        self.room -= 1
        return await super()._write(key, value, overwrite=overwrite)


async def test_a_full_disk_is_told_and_leaves_what_was_kept(tmp_path: Path):
    store = await filled(NESTED)
    place = FullStore(tmp_path)
    with pytest.raises(BackendError, match="no space left"):
        await Inventory.scan(store, snapshot=place, max_concurrency=1)
    place.room = 100
    with await Inventory.scan(store, snapshot=place) as whole:
        assert keys_of(whole) == sorted(NESTED)


@pytest.mark.parametrize("most", [0, -1, 1.5, True, "3"])
async def test_max_concurrency_is_a_positive_number(most: object):
    with pytest.raises(InvalidTypeError, match="max_concurrency"):
        await Inventory.scan(MemoryStore(), max_concurrency=most)  # type: ignore[arg-type]


async def test_an_empty_store_has_a_complete_inventory():
    with await Inventory.scan(MemoryStore()) as inventory:
        assert inventory.complete
        assert (inventory.nkeys, inventory.nbytes) == (0, 0)
        assert inventory.children() == []


async def test_wrappers_are_scanned_as_what_they_wrap(tmp_path: Path):
    store = await filled(NESTED)
    logged = LoggingStore(LatencyStore(store, latency=0))
    with await Inventory.scan(logged, snapshot=tmp_path) as inventory:
        assert keys_of(inventory) == sorted(NESTED)
